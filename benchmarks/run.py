"""What opslib adds to running a notebook: time, imports, and the size of a report.

    python -m benchmarks.run

``opslib run`` against bare nbclient plus nbconvert on the same notebook, new processes with the
same kernel, in turn, both against one sandbox that is up already; median of five after one
warm-up. Exits 1 where a stated limit is passed.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import plotly

from opslib.sandbox.process import running_sandbox, write_state

ROOT = Path(__file__).parents[1]
NOTEBOOK = "cost_analysis"
PARAMETERS = ROOT / "parameters" / "sandbox" / f"{NOTEBOOK}.yaml"
RUNS = 5
MOST_RATIO = 1.15
MOST_EXTRA_MIB = 0.5
HEAVY = {"pandas", "boto3", "moto", "ibis", "duckdb", "plotly", "papermill", "nbconvert", "scipy"}
COMMAND = str(Path(sys.executable).parent / "opslib")
OPSLIB = [COMMAND, "run", NOTEBOOK, "-e", "sandbox", "--json"]


def timed(command: list[str], environ: dict[str, str]) -> tuple[float, str]:
    """Return the wall seconds of a command and what it printed."""
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return seconds, done.stdout


def compare_runs() -> tuple[float, Path]:
    """Print the times of both sides; return the median ratio and the last report."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_sandbox(scenario="troubled", seed=1) as sandbox,
    ):
        environ = {**os.environ, "OPSLIB_SANDBOX_STATE": f"{folder}/state.json"}
        os.environ["OPSLIB_SANDBOX_STATE"] = f"{folder}/state.json"
        write_state(sandbox)
        bare_environ = {**environ, **sandbox.environ, "OPSLIB_RUN_FOLDER": folder}
        bare = [sys.executable, str(ROOT / "benchmarks" / "bare_run.py")]
        bare += [str(ROOT / "notebooks" / f"{NOTEBOOK}.ipynb"), str(PARAMETERS), f"{folder}/o.html"]
        bare_environ["OPSLIB_HEADLESS"] = "1"
        pairs = []
        for number in range(RUNS + 1):
            seconds, out = timed(OPSLIB, environ)
            # What the baseline recorded would be taken for read already by its next run.
            subprocess.run(["rm", "-rf", f"{folder}/evidence"], check=True)
            other, _ = timed(bare, bare_environ)
            if number:
                pairs.append((seconds, other))
    ratio = statistics.median(a / b for a, b in pairs)
    for name, place in (("opslib run", 0), ("nbclient + nbconvert", 1)):
        values = sorted(pair[place] for pair in pairs)
        print(
            f"{name:<28}{statistics.median(values):6.2f} s  ({values[0]:.2f} to {values[-1]:.2f})"
        )
    print(f"{'ratio, median of pairs':<28}{ratio:6.2f}    (at most {MOST_RATIO})")
    return ratio, ROOT / json.loads(out)["report"]


def import_times() -> set[str]:
    """Print what importing costs; return heavy modules that came along."""
    leaked: set[str] = set()
    for module in ("opslib", "opslib.parameters", "opslib.cli"):
        code = f"import sys, {module}; print(*sys.modules)"
        seconds = []
        for _ in range(RUNS):
            taken, out = timed([sys.executable, "-c", code], dict(os.environ))
            seconds.append(taken)
        empty = statistics.median(
            timed([sys.executable, "-c", ""], dict(os.environ))[0] for _ in range(RUNS)
        )
        came = {name.partition(".")[0] for name in out.split()} & HEAVY
        leaked |= came
        extra = (statistics.median(seconds) - empty) * 1000
        print(
            f"{'import ' + module:<28}{extra:6.0f} ms  heavy modules: {', '.join(came) or 'none'}"
        )
    return leaked


def report_sizes(inline: Path) -> float:
    """Print the sizes of a report; return MiB beyond plotly.js."""
    library = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").stat().st_size
    size = inline.stat().st_size
    extra = (size - library) / 2**20
    print(f"{'report.html':<28}{size / 2**20:6.2f} MiB, {extra:.2f} beyond plotly.js")
    return extra


def shared_size() -> float:
    """Print the size of a report that shares plotly.js; return MiB."""
    _, out = timed([*OPSLIB, "--assets", "shared"], dict(os.environ))
    report = ROOT / str(json.loads(out)["report"]) / "report.html"
    size = report.stat().st_size / 2**20
    print(f"{'report.html, shared assets':<28}{size:6.2f} MiB")
    return size


def demo_time() -> None:
    """Print how long `make demo` takes once the environment is there."""
    timed(["make", "demo"], dict(os.environ))
    seconds = statistics.median(timed(["make", "demo"], dict(os.environ))[0] for _ in range(RUNS))
    print(f"{'make demo, after set-up':<28}{seconds:6.2f} s")


def main() -> int:
    """Measure, print, and hold the limits."""
    ratio, folder = compare_runs()
    report = folder / "report.html" if folder.is_dir() else folder
    extra = report_sizes(report)
    shared = shared_size()
    demo_time()
    leaked = import_times()
    too_large = max(extra, shared) > MOST_EXTRA_MIB
    return int(ratio > MOST_RATIO or too_large or bool(leaked))


if __name__ == "__main__":
    sys.exit(main())
