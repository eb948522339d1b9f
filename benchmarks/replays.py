"""Whether every report says the same when it is made again from its evidence.

    python -m benchmarks.replays --seeds 1

Each notebook is run over each scenario of the sandbox, and replayed without it. Exits 1 on any
difference, and prints it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import chdir
from itertools import product
from pathlib import Path

from benchmarks.planted_score import SCENARIOS
from benchmarks.planted_truths import NOTEBOOKS, parse_seeds
from opslib.cli.output import print_replay
from opslib.cli.runs import build_request, replay_folder, run_request
from opslib.errors import OpsError
from opslib.sandbox.process import running_sandbox

__all__ = ["replay_notebooks"]

ROOT = Path(__file__).parents[1]
LINKED = ("notebooks", "parameters", "deploy", "pyproject.toml", "requirements.lock")


def replay_notebooks(names: list[str], scenario: str, seed: int) -> Iterator[int]:
    """Run notebooks on the sandbox and replay each; give the number of differences of each."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for name in LINKED:
            Path(name).symlink_to(ROOT / name)
        for name in names:
            begun = time.monotonic()
            try:
                with running_sandbox(scenario=scenario, seed=seed) as sandbox:
                    request = build_request(name, "sandbox", strict=False)
                    folder_of_run = run_request(request, sandbox.environ).folder
            except (
                OpsError
            ) as error:  # a drill without its source or recovery points makes no report
                print(f"{name:24}{scenario:10}{seed:>4}  no report: {error.what}", flush=True)
                continue
            took = time.monotonic() - begun
            result = replay_folder(folder_of_run)
            again = time.monotonic() - begun - took
            differing = len(result.differences) + len(result.changed_files)
            said = "equal" if result.is_equal else f"{differing:,} differences"
            print(f"{name:24}{scenario:10}{seed:>4}{took:8.1f}{again:10.1f}  {said}", flush=True)
            if not result.is_equal:
                print_replay(result, as_json=False)
            yield differing


def main() -> int:
    """Read the command line, run, replay, print; 1 on any difference."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default="1", help="such as 0-19 or 7,31,4005")
    parser.add_argument("--notebook", choices=NOTEBOOKS, action="append", help="default: all")
    parser.add_argument("--scenario", choices=SCENARIOS, action="append", help="default: all")
    options = parser.parse_args()
    print(f"{'notebook':24}{'scenario':10}{'seed':>4}{'run s':>8}{'replay s':>10}  says")
    cases = product(options.scenario or SCENARIOS, parse_seeds(options.seeds))
    counted = [
        differing
        for scenario, seed in cases
        for differing in replay_notebooks(options.notebook or list(NOTEBOOKS), scenario, seed)
    ]
    return int(any(counted))


if __name__ == "__main__":
    sys.exit(main())
