"""What the sandbox planted, what the reports found, and what they claimed falsely.

    python -m benchmarks.planted_truths --seeds 0-19 --notebook cost_analysis

Exits 1 when anything planted was missed or anything else claimed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from io import StringIO

from benchmarks.planted_capacity_truths import examine_capacity
from benchmarks.planted_cost_truths import examine_cost
from benchmarks.planted_drill_truths import examine_drill
from benchmarks.planted_incident_truths import examine_incident
from benchmarks.planted_savings_truths import examine_savings
from benchmarks.planted_score import SCENARIOS, Key, Score, add_up, print_scores

__all__ = ["NOTEBOOKS", "examine", "parse_seeds"]

NOTEBOOKS = (
    "capacity_planning",
    "cost_analysis",
    "cost_savings",
    "dr_restore_validation",
    "incident_timeline",
)


def examine(case: tuple[str, str, int, bool]) -> dict[Key, Score]:
    """Run a notebook on one scenario and seed; a drill with its negative controls if told to."""
    name, scenario, seed, controls = case
    with redirect_stdout(StringIO()):
        if name == "cost_analysis":
            scores = examine_cost(scenario, seed)
        elif name == "cost_savings":
            scores = examine_savings(scenario, seed)
        elif name == "capacity_planning":
            scores = examine_capacity(scenario, seed)
        elif name == "incident_timeline":
            scores = examine_incident(scenario, seed)
        else:
            scores = examine_drill(scenario, seed, controls=controls)
    for score in scores.values():
        score.missed = [f"{scenario} {seed}: {line}" for line in score.missed]
        score.false = [f"{scenario} {seed}: {line}" for line in score.false]
    return scores


def main() -> int:
    """Read the command line, run, print; 1 on any miss or false claim."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default="0-19", help="such as 0-19 or 7,31,4005")
    parser.add_argument("--notebook", choices=NOTEBOOKS, action="append", help="default: all")
    parser.add_argument("--scenario", choices=SCENARIOS, action="append", help="default: all")
    parser.add_argument("--controls", action="store_true", help="drills make negative controls")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    cases = [
        (name, scenario, seed, options.controls)
        for name in options.notebook or NOTEBOOKS
        for scenario in options.scenario or SCENARIOS
        for seed in parse_seeds(options.seeds)
    ]
    with ProcessPoolExecutor(options.workers) as pool:
        scores = add_up(_told(pool.map(examine, cases), cases))
    print_scores(scores)
    return int(any(score.missed or score.false for score in scores.values()))


def _told(
    scores: Iterable[dict[Key, Score]], cases: list[tuple[str, str, int, bool]]
) -> Iterator[dict[Key, Score]]:
    """Give scores on, and say how far it is."""
    for number, (score, case) in enumerate(zip(scores, cases, strict=True), start=1):
        missed = sum(len(one.missed) for one in score.values())
        false = sum(len(one.false) for one in score.values())
        sys.stderr.write(
            f"{number:>4}/{len(cases)}  {' '.join(str(part) for part in case[:3])}: "
            f"{missed} missed, {false} false\n"
        )
        yield score


def parse_seeds(text: str) -> list[int]:
    """Return the seeds of a text such as ``0-19`` or ``7,31``."""
    seeds: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return seeds


if __name__ == "__main__":
    sys.exit(main())
