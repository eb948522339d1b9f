"""What the cost notebook finds of what the sandbox planted, and what it claims falsely.

Runs the notebook's code, up to its findings, from each source that it knows.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import yaml

from benchmarks.notebook_cells import run_up_to_findings
from benchmarks.planted_cost_causes import is_known, judge_causes
from benchmarks.planted_score import Key, Score, note_false_claims
from opslib.analysis.cost import CostReport
from opslib.findings import Verdict
from opslib.sandbox.damaged_export import DamagedExport, damage_export
from opslib.sandbox.export import BUCKET, PREFIX, export_periods
from opslib.sandbox.process import running_sandbox
from opslib.sandbox.scenario import plan_scenario
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["examine_cost", "ways_of"]

ROOT = Path(__file__).parents[1]
NOTEBOOK = "cost_analysis"
SOURCES = ("export", "cost_explorer")
DAMAGES = ("missing", "duplicated", "mixed")
"""Damaged forms of the export, each by a prefix of its own, in the scenarios that conclude."""
WITH_DAMAGES = ("steady", "troubled")
USE_OF_COMMITMENTS = "Are commitments used as before?"
"""The one question that the bill has no part in."""


def run_notebook(parameters: dict[str, Any]) -> CostReport:
    """Run the notebook up to its findings, with ``parameters``; return its report."""
    report: CostReport = run_up_to_findings(NOTEBOOK, parameters)
    return report


def ways_of(scenario: str) -> tuple[str, ...]:
    """Return by which ways the notebook is run in a scenario."""
    return (*SOURCES, *(DAMAGES if scenario in WITH_DAMAGES else ()))


def parameters_of(source: str) -> dict[str, Any]:
    """Return the sandbox's parameters of the notebook, for one source."""
    text = (ROOT / "parameters" / "sandbox" / f"{NOTEBOOK}.yaml").read_text()
    values: dict[str, Any] = yaml.safe_load(text)
    if source in DAMAGES:
        return {**values, "path": f"s3://{BUCKET}/{PREFIX}-{source}/"}
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
            score.missed.append(
                f"{truth.name} {truth.coverage or truth.known or claims_of(truth, source)}"
            )
    expected = [claim for t in truths for claim in (*claims_of(t, source), *t.follows)]
    note_false_claims(score, report.findings, expected)
    return score


def _is_found(report: CostReport, truth: PlantedTruth, source: str, score: Score) -> bool:
    if truth.coverage is not None:
        seen = {(c.table, c.account, c.status.value) for c in report.coverage}
        return truth.coverage in seen
    if truth.known is not None:
        return is_known(report, truth.known)
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


def judge_damaged(
    report: CostReport, truths: tuple[PlantedTruth, ...], damaged: DamagedExport, scenario: str
) -> Score:
    """Hold a report on a damaged export against the damage.

    Where the report can put it right, everything is told as of the whole export. Else what was
    planted beside it need not be told, and of days that are compared nothing may be concluded.
    """
    if damaged.harmless:
        score = judge(report, (*truths, damaged.truth), "export")
        score.false += check_verdicts(report, scenario)
        return score
    score = judge(report, (damaged.truth,), "export")
    others = [claim for t in truths for claim in (*claims_of(t, "export"), *t.follows)]
    known = [claim for t in (damaged.truth,) for claim in (*claims_of(t, "export"), *t.follows)]
    score.false = []
    note_false_claims(score, report.findings, [*others, *known])
    allowed = (Verdict.INCONCLUSIVE, Verdict.FAIL)
    complete, change, *rest = (
        conclusion.verdict
        for conclusion in report.conclusions
        if conclusion.question != USE_OF_COMMITMENTS
    )
    silent = {complete, change} == {Verdict.INCONCLUSIVE} and set(rest) <= set(allowed)
    if damaged.near and not silent:
        score.false.append(f"concludes {[complete, change, *rest]} of a damaged export")
    return score


def examine_cost(scenario: str, seed: int) -> dict[Key, Score]:
    """Run one scenario and seed from every source, and from every damaged export."""
    scores = {}
    planned = plan_scenario(scenario, seed)
    truths = tuple(truth for truth in planned.truths if truth.part == "cost")
    periods = export_periods(planned.bill)
    damaged = {one.name: one for one in damage_export(periods, planned.epoch.date(), seed)}
    with running_sandbox(scenario=scenario, seed=seed) as sandbox:
        os.environ.update(sandbox.environ)
        for way in ways_of(scenario):
            with tempfile.TemporaryDirectory() as folder:
                os.environ |= {"OPSLIB_RUN_FOLDER": folder, "OPSLIB_HEADLESS": "1"}
                os.environ["OPSLIB_CACHE"] = f"{folder}/cache"
                report = run_notebook(parameters_of(way))
            if way in DAMAGES:
                score = judge_damaged(report, truths, damaged[way], scenario)
            else:
                score = judge(report, truths, way)
                known = way == "export"
                judge_causes(report, truths, planned.cost_calls, score, knows_resources=known)
                score.false += check_verdicts(report, scenario)
            scores[NOTEBOOK, scenario, way] = score
    return scores
