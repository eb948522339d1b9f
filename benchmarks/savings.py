"""How long the savings notebook takes on a large bill, beside the cost report on the same files.

Both notebooks' own code, from parameters to findings, each in a process of its own, in turn; the
export is of this machine, everything else is the sandbox's. The aim is twice the cost report's
time at the most; it exits 1 above that.

    python -m benchmarks.savings --millions 10 --repeat 3
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from benchmarks.cost_export import DAYS, write_export
from benchmarks.notebook_cells import run_up_to_findings

NOTEBOOKS = ("cost_analysis", "cost_savings")
MOST = 2.0
ROOT = Path(__file__).parents[1]
OF_THE_BILL = {"cost_analysis": ("path",), "cost_savings": ("path", "hourly_path")}


def main() -> int:
    """Measure both, print a table; 1 where the ratio is above the aim."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--millions", type=float, default=10)
    asked.add_argument("--repeat", type=int, default=3)
    asked.add_argument("--run", choices=NOTEBOOKS, help=argparse.SUPPRESS)
    asked.add_argument("--export", help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.run:
        print(json.dumps(_run(options.run, options.export)))
        return 0
    from opslib.sandbox.process import running_sandbox  # noqa: PLC0415  of the parent alone

    with (
        tempfile.TemporaryDirectory(prefix="opslib-savings-") as folder,
        running_sandbox(scenario="troubled", seed=1) as sandbox,
    ):
        write_export(Path(folder) / "export", int(options.millions * 10**6), computers=True)
        measured: dict[str, list[dict[str, float]]] = {name: [] for name in NOTEBOOKS}
        for _ in range(options.repeat):
            for name in NOTEBOOKS:
                measured[name].append(_measure(name, folder, sandbox.environ))
    return _report(options.millions, measured)


def _measure(name: str, folder: str, environ: Mapping[str, str]) -> dict[str, float]:
    own = tempfile.mkdtemp(dir=folder)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.savings", "--run", name, "--export", f"{folder}/export"],
        cwd=ROOT,
        env={
            **os.environ,
            **environ,
            "PYTHONPATH": str(ROOT),
            "OPSLIB_RUN_FOLDER": own,
            "OPSLIB_CACHE": f"{own}/cache",
            "OPSLIB_HEADLESS": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name} failed: {done.stderr.strip()[-800:]}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _run(name: str, export: str) -> dict[str, float]:
    """Run a notebook up to its findings."""
    as_of = f"{DAYS[-1].isoformat()}T06:00:00Z"
    begun = time.perf_counter()
    run_up_to_findings(name, {"as_of": as_of, **dict.fromkeys(OF_THE_BILL[name], export)})
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": time.perf_counter() - begun,
        "cpu": used.ru_utime + used.ru_stime,
        "mib": used.ru_maxrss / 1024,
    }


def _report(millions: float, measured: Mapping[str, list[dict[str, float]]]) -> int:
    print("| million rows | notebook | s | CPU s | to the cost report (s) | peak MiB |")
    print("|---:|---|---:|---:|---:|---:|")
    middle = {
        name: {key: median(run[key] for run in runs) for key in runs[0]}
        for name, runs in measured.items()
    }
    base = middle[NOTEBOOKS[0]]["seconds"]
    for name, one in middle.items():
        figures = f"{one['seconds']:.2f} | {one['cpu']:.2f} | {one['seconds'] / base:.2f}"
        print(f"| {millions:g} | {name} | {figures} | {one['mib']:.0f} |")
    return int(middle[NOTEBOOKS[1]]["seconds"] > MOST * base)


if __name__ == "__main__":
    sys.exit(main())
