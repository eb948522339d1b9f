"""What the sandbox planted, what the reports found, and what they claimed falsely.

    python benchmarks/planted_truths.py --seeds 0-19

Runs the code of every notebook, up to its findings, against each scenario and seed, from each
source that the notebook knows. Exits 1 when anything planted was missed or anything else claimed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from opslib.analysis.cost import CostReport
from opslib.findings import Severity, Verdict
from opslib.sandbox.process import running_sandbox
from opslib.sandbox.scenario import plan_scenario
from opslib.sandbox.truths import Claim, PlantedTruth

ROOT = Path(__file__).parents[1]
SCENARIOS = ("steady", "troubled", "denied", "empty")
SOURCES = ("export", "cost_explorer")
UP_TO_FINDINGS = ("parameters", "imports", "load")


@dataclass(kw_only=True)
class Score:
    """What one run planted, found, missed and claimed falsely."""

    planted: int = 0
    found: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    amount_errors: list[float] = field(default_factory=list)


def run_notebook(name: str, parameters: dict[str, Any]) -> CostReport:
    """Run the cells of a notebook up to its findings, with ``parameters``; return its report."""
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())["cells"]
    namespace: dict[str, Any] = {}
    for cell in cells:
        if cell["id"] in UP_TO_FINDINGS:
            exec("".join(cell["source"]), namespace)  # noqa: S102  our own notebook
        if cell["id"] == "parameters":
            namespace |= parameters
    report: CostReport = namespace["report"]
    return report


def parameters_of(name: str, source: str) -> dict[str, Any]:
    """Return the sandbox's parameters of a notebook, for one source."""
    text = (ROOT / "parameters" / "sandbox" / f"{name}.yaml").read_text()
    values: dict[str, Any] = yaml.safe_load(text)
    return values if source == "export" else {**values, "source": source, "path": ""}


def claims_of(truth: PlantedTruth, source: str) -> tuple[Claim, ...]:
    """Return the findings of which one must name ``truth``."""
    if source == "cost_explorer":
        return truth.by_cost_explorer
    return (truth.by_export,) if truth.by_export else ()


def judge(report: CostReport, truths: tuple[PlantedTruth, ...], source: str) -> Score:
    """Hold a report against what was planted."""
    score = Score(planted=len(truths))
    for truth in truths:
        if _is_found(report, truth, source, score):
            score.found += 1
        else:
            score.missed.append(f"{truth.name} {truth.coverage or claims_of(truth, source)}")
    expected = [claim for t in truths for claim in (*claims_of(t, source), *t.follows)]
    for finding in report.findings:
        known = any(claim.matches(finding.kind, finding.subject) for claim in expected)
        if finding.severity is not Severity.INFO and not known:
            score.false.append(f"{finding.kind} {finding.subject} {finding.sentence}")
    return score


def _is_found(report: CostReport, truth: PlantedTruth, source: str, score: Score) -> bool:
    if truth.coverage is not None:
        seen = {(c.table, c.account, c.status.value) for c in report.coverage}
        return truth.coverage in seen
    claims = claims_of(truth, source)
    named = [f for f in report.findings if any(c.matches(f.kind, f.subject) for c in claims)]
    if named and truth.amount and named[0].amount:
        error = abs(named[0].amount.mid - truth.amount) / abs(truth.amount)
        score.amount_errors.append(float(error))
    return len(named) == 1 and set(truth.days) <= set(report.periods.unsettled)


def check_verdicts(report: CostReport, scenario: str) -> list[str]:
    """Return what a scenario's conclusions must not be."""
    verdicts = [conclusion.verdict for conclusion in report.conclusions]
    if scenario == "steady" and set(verdicts) != {Verdict.PASS}:
        return [f"steady concludes {verdicts}"]
    if scenario == "empty" and set(verdicts) != {Verdict.INCONCLUSIVE}:
        return [f"empty concludes {verdicts}"]
    denied_budgets = any(c.table == "budgets" and c.status.is_gap for c in report.coverage)
    if denied_budgets and report.conclusions[2].verdict is not Verdict.INCONCLUSIVE:
        return ["budgets conclude though some could not be read"]
    return []


def examine(case: tuple[str, str, int]) -> dict[tuple[str, str, str], Score]:
    """Run one scenario and seed from every source."""
    name, scenario, seed = case
    scores = {}
    planted = plan_scenario(scenario, seed).truths
    truths = tuple(truth for truth in planted if name.startswith(truth.part))
    with running_sandbox(scenario=scenario, seed=seed) as sandbox:
        os.environ.update(sandbox.environ)
        for source in SOURCES:
            with tempfile.TemporaryDirectory() as folder:
                os.environ |= {"OPSLIB_RUN_FOLDER": folder, "OPSLIB_HEADLESS": "1"}
                os.environ["OPSLIB_CACHE"] = f"{folder}/cache"
                report = run_notebook(name, parameters_of(name, source))
            score = judge(report, truths, source)
            score.false += check_verdicts(report, scenario)
            score.missed = [f"seed {seed}: {line}" for line in score.missed]
            score.false = [f"seed {seed}: {line}" for line in score.false]
            scores[name, scenario, source] = score
    return scores


def add_up(parts: list[dict[tuple[str, str, str], Score]]) -> dict[tuple[str, str, str], Score]:
    """Return the scores of all seeds together."""
    sums: dict[tuple[str, str, str], Score] = defaultdict(Score)
    for part in parts:
        for key, score in part.items():
            held = sums[key]
            held.planted += score.planted
            held.found += score.found
            held.missed += score.missed
            held.false += score.false
            held.amount_errors += score.amount_errors
    return sums


def print_scores(scores: dict[tuple[str, str, str], Score]) -> None:
    """Print one line per notebook, scenario and source, then every miss and false claim."""
    print(
        f"{'notebook':<16}{'scenario':<10}{'source':<15}{'planted':>8}{'found':>7}{'false':>7}",
        end="",
    )
    print(f"{'median and largest error of amounts':>38}")
    for (name, scenario, source), score in sorted(scores.items()):
        errors = sorted(score.amount_errors)
        spread = f"{errors[len(errors) // 2]:.1%} {errors[-1]:.1%}" if errors else "-"
        counts = f"{score.planted:>8}{score.found:>7}{len(score.false):>7}"
        print(f"{name:<16}{scenario:<10}{source:<15}{counts}{spread:>38}")
    for score in scores.values():
        for line in score.missed:
            print("MISSED", line)
        for line in score.false:
            print("FALSE ", line)


def main() -> int:
    """Read the command line, run, print; 1 on any miss or false claim."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default="0-19", help="such as 0-19 or 7")
    parser.add_argument("--notebook", default="cost_analysis")
    parser.add_argument("--scenario", choices=SCENARIOS, action="append")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    cases = [
        (options.notebook, scenario, seed)
        for scenario in options.scenario or SCENARIOS
        for seed in seeds
    ]
    with ProcessPoolExecutor(options.workers) as pool:
        scores = add_up(list(pool.map(examine, cases)))
    print_scores(scores)
    return int(any(score.missed or score.false for score in scores.values()))


if __name__ == "__main__":
    sys.exit(main())
