"""What the savings notebook finds of what the sandbox planted, and what it claims falsely."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from benchmarks.earlier_savings_report import hand_on, publish_report
from benchmarks.notebook_cells import run_up_to_findings
from benchmarks.planted_advice import check_declines, check_followed
from benchmarks.planted_score import Key, Score, note_false_claims
from opslib.analysis.savings import SavingsReport
from opslib.findings import Verdict
from opslib.sandbox.process import DEFAULT_EPOCH, running_sandbox
from opslib.sandbox.savings.lab import FOLLOWED, PART
from opslib.sandbox.savings.settled import BEFORE_DELETIONS
from opslib.sandbox.scenario import plan_scenario
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["examine_savings", "judge_savings"]

ROOT = Path(__file__).parents[1]
NOTEBOOK = "cost_savings"
LEVEL = Decimal("0.001")
"""An hour, by which the level of a commitment may differ."""
EXACT = 0.005
"""Money that an exact cost may differ by: a bill's doubles are rounded to cents."""


def run_notebook(parameters: dict[str, Any]) -> SavingsReport:
    """Run the notebook up to its findings, with ``parameters``; return its report."""
    report: SavingsReport = run_up_to_findings(NOTEBOOK, parameters)
    return report


def judge_savings(report: SavingsReport, truths: tuple[PlantedTruth, ...]) -> Score:
    """Hold a report against what was planted: each found once, with its exact saving."""
    score = Score(planted=len(truths))
    for truth in truths:
        if _is_found(report, truth, score):
            score.found += 1
        else:
            score.missed.append(f"{truth.name} {truth.coverage or truth.claim} {truth.amount}")
    expected = [c for t in truths for c in (*([t.claim] if t.claim else []), *t.follows)]
    note_false_claims(score, report.findings, expected)
    return score


def _is_found(report: SavingsReport, truth: PlantedTruth, score: Score) -> bool:
    if truth.coverage is not None:
        return truth.coverage in {(c.table, c.account, c.status.value) for c in report.coverage}
    claim = truth.claim
    assert claim is not None
    named = [one for one in report.findings if claim.matches(one.kind, one.subject)]
    if len(named) != 1:
        return False
    if truth.level is not None and not _is_at_level(report, truth.claim, truth.level):
        return False
    if truth.amount is None:
        return True
    if named[0].amount is None:
        return False
    error = abs(float(named[0].amount.mid - truth.amount))
    score.amount_errors.append(error / float(abs(truth.amount)))
    return error < EXACT


def _is_at_level(report: SavingsReport, claim: Claim | None, level: Decimal) -> bool:
    """Say whether the commitment that a claim is about is recommended at its best level."""
    assert claim is not None
    levels = [
        one.level
        for one in report.backtest.tried[: report.backtest.bought]
        if one.offer.id == claim.subject["ResourceId"]
    ]
    return len(levels) == 1 and abs(levels[0] - level) <= LEVEL


def _check_verdicts(report: SavingsReport, scenario: str) -> list[str]:
    verdicts = [conclusion.verdict for conclusion in report.conclusions]
    if scenario == "empty" and Verdict.FAIL in verdicts:
        return [f"empty concludes {verdicts}"]
    return []


def examine_savings(scenario: str, seed: int) -> dict[Key, Score]:
    """Run one scenario and seed; ``troubled`` twice, the second time after advice was taken."""
    followed = scenario == "troubled"
    parts = (PART, FOLLOWED) if followed else (PART,)
    truths = tuple(t for t in plan_scenario(scenario, seed).truths if t.part in parts)
    with tempfile.TemporaryDirectory() as place:
        reports = Path(place) / "reports"
        if followed:
            publish_report(reports, _run(scenario, seed, BEFORE_DELETIONS, reports))
        report = _run(scenario, seed, DEFAULT_EPOCH, reports)
    score = judge_savings(report, truths)
    score.false += _check_verdicts(report, scenario)
    if followed:
        score.false += [*check_followed(report, truths), *check_declines(report)]
    return {(NOTEBOOK, scenario, "export"): score}


def _run(scenario: str, seed: int, epoch: str, reports: Path) -> SavingsReport:
    """Return the report of a moment, which goes on with those that are published."""
    text = (ROOT / "parameters" / "sandbox" / f"{NOTEBOOK}.yaml").read_text()
    moment = datetime.fromisoformat(epoch)
    with (
        running_sandbox(scenario=scenario, seed=seed, epoch=epoch) as sandbox,
        tempfile.TemporaryDirectory() as folder,
    ):
        os.environ.update(sandbox.environ)
        os.environ |= {"OPSLIB_RUN_FOLDER": folder, "OPSLIB_HEADLESS": "1"}
        os.environ["OPSLIB_CACHE"] = f"{folder}/cache"
        hand_on(reports, Path(folder), moment)
        return run_notebook(yaml.safe_load(text) | {"as_of": moment.isoformat()})
