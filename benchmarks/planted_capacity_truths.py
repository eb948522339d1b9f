"""What a capacity report finds of what the sandbox planted, and what it claims falsely.

Reads a whole scenario by the readers of the notebook. Beside the truths of the scenario: the first
planted wall is the first of the ranking, its day is held against the printed intervals (counted, 80
and 95 %), and no conclusion passes on what could not be read.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from benchmarks.planted_score import Key, Score
from opslib.analysis.capacity.check_conclusions import ALERTED
from opslib.analysis.capacity.document import CapacityReport, report_capacity
from opslib.analysis.capacity.report import analyse_capacity
from opslib.analysis.capacity.walls.conclusions import RUNS_OUT
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.aws.capacity import read_capacity_tables
from opslib.aws.reads import Reads
from opslib.findings import Conclusion, Verdict
from opslib.parameters.capacity import CapacityParameters
from opslib.run_folder import RunFolder
from opslib.sandbox.estate import ACCOUNTS
from opslib.sandbox.process import running_sandbox
from opslib.sandbox.scenario import Scenario, ScenarioName, plan_scenario
from opslib.sandbox.truths import PlantedTruth

__all__ = ["examine_capacity", "judge_capacity"]

ROOT = Path(__file__).parents[1]
NOTEBOOK, PART, WALL = "capacity_planning", "capacity", "capacity.wall"
RUN = "20260302t060000z-abcdef"
CLAIMS = (
    WALL,
    "capacity.wall_possible",
    "capacity.oversized",
    "capacity.undersized",
    "capacity.zone_loss",
    "capacity.recovery_quota",
    "capacity.scaling_limit",
)
"""Findings that a report may make of what was planted only; alerts are held against nothing."""


def examine_capacity(scenario: str, seed: int) -> dict[Key, Score]:
    """Read one scenario and seed, and hold the report against what was planted."""
    planned = plan_scenario(scenario, seed)
    with (
        running_sandbox(scenario=scenario, seed=seed) as sandbox,
        tempfile.TemporaryDirectory() as folder,
    ):
        os.environ |= {**sandbox.environ, "OPSLIB_CACHE": f"{folder}/cache"}
        report = _report(Path(folder, "run"))
    return {(NOTEBOOK, scenario, "metrics"): judge_capacity(report, planned)}


def _report(folder: Path) -> CapacityReport:
    folder.mkdir()
    text = (ROOT / "parameters" / "sandbox" / f"{NOTEBOOK}.yaml").read_text(encoding="utf-8")
    values: dict[str, Any] = yaml.safe_load(text)
    parameters = CapacityParameters.parse(values)
    reads = Reads(parameters, RunFolder(path=folder, run_id=RUN), max_paid_requests=30)
    tables = read_capacity_tables(reads, parameters)
    analysis = analyse_capacity(parameters, tables, reads.coverage)
    return report_capacity(parameters, analysis, reads.coverage, tables.currency)


def judge_capacity(report: CapacityReport, planned: Scenario) -> Score:
    """Hold a report against what was planted."""
    truths = [truth for truth in planned.truths if truth.part == PART]
    hidden = _unreachable(planned)
    wanted = [
        truth
        for truth in truths
        if truth.claim or (truth.coverage and truth.coverage[1] not in hidden)
    ]
    score = Score(planted=len(wanted))
    score.missed = [
        f"{truth.name} {truth.coverage or truth.claim}"
        for truth in wanted
        if not _is_found(report, truth)
    ]
    first = _first_wall(truths)
    if first is not None:
        score.planted += 1
        _judge_first(report, first, score)
    score.found = score.planted - len(score.missed)
    score.false = [*_false_claims(report, truths), *_false_verdicts(report, planned)]
    return score


def _unreachable(planned: Scenario) -> set[str]:
    """Return the accounts whose role is refused: what else they refuse is never asked."""
    refused = [fault.needle for fault in planned.faults if fault.operation == "AssumeRole"]
    return {ACCOUNTS[needle] for needle in refused}


def _is_found(report: CapacityReport, truth: PlantedTruth) -> bool:
    if truth.coverage is not None:
        return truth.coverage in {(c.table, c.account, c.status.value) for c in report.coverage}
    claim = truth.claim
    return claim is not None and any(claim.matches(f.kind, f.subject) for f in report.findings)


def _first_wall(truths: list[PlantedTruth]) -> PlantedTruth | None:
    dated = [(truth.at, truth) for truth in truths if truth.claim and truth.claim.kind == WALL]
    known = sorted(((at, truth) for at, truth in dated if at is not None), key=lambda one: one[0])
    return known[0][1] if known else None


def _judge_first(report: CapacityReport, truth: PlantedTruth, score: Score) -> None:
    """Hold the first of the ranking against the first planted wall, and its day with intervals."""
    assert truth.claim is not None
    assert truth.at is not None
    limits = report.analysis.limits
    ranked = [one for one in limits if one.full is not None]
    subject = {"Resource": ranked[0].name, "Limit": ranked[0].limit} if ranked else {}
    if not truth.claim.matches(WALL, subject):
        score.missed.append(f"first wall {truth.claim.subject}, ranked first {subject}")
    named = [one for one in ranked if truth.claim.matches(WALL, _subject(one))]
    if named:
        for label, held in _inside(named[0], truth.at.date()):
            score.counted.setdefault(label, []).append(held)


def _subject(limit: LimitForecast) -> dict[str, str]:
    return {"Resource": limit.name, "Limit": limit.limit}


def _inside(limit: LimitForecast, day: date) -> Iterator[tuple[str, bool]]:
    """Yield whether a day lies in the intervals that are printed."""
    full = limit.full
    assert full is not None
    for label, first, last in (("80 %", full.p10, full.p90), ("95 %", full.low, full.high)):
        begin, end = limit.day(first), limit.day(last)
        held = begin is not None and begin <= day and (end is None or day <= end)
        yield f"the first wall's day lies in the {label} interval", held


def _false_claims(report: CapacityReport, truths: list[PlantedTruth]) -> Iterator[str]:
    """Yield findings of what was not planted; a planted wall may be called possible."""
    expected = [claim for t in truths for claim in (t.claim, *t.follows) if claim]
    for finding in report.findings:
        kinds = {finding.kind, WALL if finding.kind == "capacity.wall_possible" else finding.kind}
        known = any(claim.matches(kind, finding.subject) for claim in expected for kind in kinds)
        if finding.kind in CLAIMS and not known:
            yield f"{finding.kind} {finding.subject} {finding.sentence}"


def _false_verdicts(report: CapacityReport, planned: Scenario) -> Iterator[str]:
    """Yield conclusions that a scenario does not bear."""
    for told in report.conclusions:
        if not _bears(planned.name, told):
            yield f"{told.question} {told.verdict.value}: {told.sentence}"


def _bears(scenario: ScenarioName, told: Conclusion) -> bool:
    if told.question == ALERTED and scenario is ScenarioName.STEADY:
        return True  # the usual thresholds are noisy in any estate with more connections than 80
    if scenario is ScenarioName.EMPTY:
        return told.verdict is Verdict.INCONCLUSIVE
    if scenario is ScenarioName.DENIED:
        return told.question != RUNS_OUT or told.verdict is not Verdict.PASS
    return scenario is ScenarioName.TROUBLED or told.verdict is not Verdict.FAIL
