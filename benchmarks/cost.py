"""The tables of the cost report of large bills: opslib against SQL by hand, Polars and pandas.

In one run on the same files, each way in a process of its own, in turn, ``--repeat`` times; the
medians stand in the table, and beside them what they are to opslib's in the same run. All tables
are held against opslib's, every group of every day, to the cent.

    python -m benchmarks.cost --millions 1,10

pandas is left out beyond ten million rows: it takes more memory than small machines have.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.cost_export import write_export
from benchmarks.cost_methods import TABLES
from benchmarks.forecast_environment import make_environment

POLARS = ("polars==2.1.0",)
METHODS = ("opslib", "sql", "polars", "pandas")
MOST_OF_PANDAS = 10
ROOT = Path(__file__).parents[1]
Measured = dict[str, list[dict[str, float]]]


def main() -> int:
    """Measure, compare and print a table."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--millions", default="1,10", help="sizes of the bill, in million rows")
    asked.add_argument("--repeat", type=int, default=3, help="runs of each way")
    asked.add_argument("--decimal", action="store_true", help="money as DECIMAL, not as doubles")
    asked.add_argument("--methods", default=",".join(METHODS), help="ways to compare, opslib first")
    asked.add_argument("--folder", help="where the bills are made; default the temporary folder")
    options = asked.parse_args()
    different = 0
    print("| million rows | way | s | CPU s | to opslib (CPU) | peak MiB | groups not equal |")
    print("|---:|---|---:|---:|---:|---:|---:|")
    for millions in (float(part) for part in options.millions.split(",")):
        with tempfile.TemporaryDirectory(dir=options.folder, prefix="opslib-cost-") as folder:
            export = Path(folder) / "export"
            write_export(export, int(millions * 10**6), exact=options.decimal)
            ways = [way for way in options.methods.split(",")
                    if way != "pandas" or millions <= MOST_OF_PANDAS]  # fmt: skip
            measured = _measure(ways, export, Path(folder) / "tables", options.repeat)
            different += _report(millions, measured, Path(folder) / "tables")
    return 1 if different else 0


def _measure(ways: list[str], export: Path, tables: Path, repeat: int) -> Measured:
    measured: Measured = {way: [] for way in ways}
    for number in range(repeat):
        for way in ways:
            output = [str(tables / way)] if number == 0 else []
            measured[way].append(_run(way, [str(export), *output]))
    return measured


def _run(way: str, arguments: list[str]) -> dict[str, float]:
    python = str(make_environment("polars", POLARS)) if way == "polars" else sys.executable
    done = subprocess.run(
        [python, "-m", "benchmarks.cost_methods", way, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{way} failed: {done.stderr.strip()[-500:]}")
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _report(millions: float, measured: Measured, tables: Path) -> int:
    """Print a line a way; return how many groups differ from opslib's."""
    cpu = {way: median(one["cpu_seconds"] for one in runs) for way, runs in measured.items()}
    different = 0
    for way, runs in measured.items():
        unequal = _unequal(tables / "opslib", tables / way)
        different += unequal
        seconds = median(one["seconds"] for one in runs)
        peak = max(one["peak_mib"] for one in runs)
        print(
            f"| {millions:g} | {way} | {seconds:.2f} | {cpu[way]:.2f} "
            f"| {cpu[way] / cpu['opslib']:.2f} | {peak:.0f} | {unequal} |",
            flush=True,
        )
    return different


def _unequal(ours: Path, theirs: Path) -> int:
    """Return how many groups are in one only, or differ by a cent."""
    engine = duckdb.connect(config={"memory_limit": "1GB"})
    unequal = 0
    for name, columns in TABLES.items():
        keys = ", ".join(f'"{column}"' for column in ("ChargePeriodStart", *columns))
        differ = " OR ".join(
            f"coalesce(abs(o.{amount}::DOUBLE - t.{amount}::DOUBLE) >= 0.005, true)"
            for amount in ("BilledCost", "EffectiveCost")
        )
        (found,) = engine.execute(
            f"SELECT count(*) FROM read_parquet(?) o FULL JOIN read_parquet(?) t USING ({keys}) "  # noqa: S608
            f"WHERE {differ}",
            [str(ours / f"{name}.parquet"), str(theirs / f"{name}.parquet")],
        ).fetchone() or (0,)
        unequal += int(found)
    return unequal


if __name__ == "__main__":
    sys.exit(main())
