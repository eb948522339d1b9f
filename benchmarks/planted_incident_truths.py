"""What an incident's report finds of what the sandbox planted, and what it claims falsely.

Reads a whole scenario by the readers of the notebook: CloudTrail's log files for even seeds,
LookupEvents for odd ones and wherever the scenario refuses it. Beside the truths of the scenario:
the onset lies within one period of its metric, what several sources recorded is one row, a quiet
day shows no symptom and no confident suspect, and no conclusion passes on what could not be read.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from benchmarks.planted_score import Key, Score
from opslib.analysis.incident.change_confidence import Confidence
from opslib.analysis.incident.conclusions import SUSPECTED
from opslib.analysis.incident.document import IncidentReport, report_incident
from opslib.analysis.incident.report import IncidentAnalysis, analyse_incident
from opslib.aws.reads import Reads
from opslib.coverage import gaps
from opslib.findings import Severity, Verdict
from opslib.parameters.incident import IncidentParameters
from opslib.people.incident_scope import read_incident_scope
from opslib.people.incident_tables import read_incident_tables
from opslib.run_folder import RunFolder
from opslib.sandbox.incident_response import response_of
from opslib.sandbox.incident_truths import PART
from opslib.sandbox.process import running_sandbox
from opslib.sandbox.scenario import Scenario, ScenarioName, plan_scenario
from opslib.sandbox.truths import PlantedTruth

__all__ = ["examine_incident"]

ROOT = Path(__file__).parents[1]
NOTEBOOK = "incident_timeline"
RUN = "20260302t060000z-abcdef"
CHANGE, COMPONENT = "incident.suspect_change", "incident.suspect_component"
CLAIMS = (CHANGE, COMPONENT, "incident.goes_on")
"""Findings that a troubled day may make of the planted incident only; it bears all others."""
NEEDED = {"cloudtrail events": CHANGE, "service graph": COMPONENT}
"""Tables without which a suspect cannot be told surely."""


def examine_incident(scenario: str, seed: int) -> dict[Key, Score]:
    """Read one scenario and seed, and hold the report against what was planted."""
    planned = plan_scenario(scenario, seed)
    refused = any(fault.service == "cloudtrail" for fault in planned.faults)
    way = "lookup" if refused or seed % 2 else "log files"
    with (
        running_sandbox(scenario=scenario, seed=seed) as sandbox,
        tempfile.TemporaryDirectory() as folder,
    ):
        os.environ |= {**sandbox.environ, "OPSLIB_CACHE": f"{folder}/cache"}
        report = _report(Path(folder, "run"), way)
    return {(NOTEBOOK, scenario, way): judge_incident(report, planned)}


def _report(folder: Path, way: str) -> IncidentReport:
    folder.mkdir()
    text = (ROOT / "parameters" / "sandbox" / f"{NOTEBOOK}.yaml").read_text(encoding="utf-8")
    values: dict[str, Any] = yaml.safe_load(text)
    trail = values["trail"] if way == "log files" else ""
    parameters = IncidentParameters.parse({**values, "trail": trail})
    reads = Reads(parameters, RunFolder(path=folder, run_id=RUN))
    scope = read_incident_scope(reads, parameters)
    tables = read_incident_tables(reads, parameters, scope)
    analysis = analyse_incident(parameters, scope.window, scope.file, tables)
    return report_incident(parameters, analysis, reads.coverage)


def judge_incident(report: IncidentReport, planned: Scenario) -> Score:
    """Hold a report against what was planted."""
    lacking = {NEEDED.get(line.table) for line in gaps(report.coverage)}
    truths = [truth for truth in planned.truths if truth.part == PART]
    wanted = [truth for truth in truths if not (truth.claim and truth.claim.kind in lacking)]
    score = Score(planted=len(wanted))
    score.missed = [
        f"{truth.name} {truth.coverage or truth.claim}: {_told(report.analysis)}"
        for truth in wanted
        if not _is_found(report, truth)
    ]
    shown = dict(_shown(report.analysis, planned))
    score.planted += len(shown)
    score.missed += [
        f"{name}: {_told(report.analysis)}" for name, held in shown.items() if not held
    ]
    score.found = score.planted - len(score.missed)
    score.false = [*_false_claims(report, truths), *_false_verdicts(report, planned, lacking)]
    return score


def _is_found(report: IncidentReport, truth: PlantedTruth) -> bool:
    """Tell whether a gap is shown, or what was planted is the first of its ranking."""
    analysis = report.analysis
    if truth.coverage is not None:
        return truth.coverage in {(c.table, c.account, c.status.value) for c in report.coverage}
    if truth.claim is None:
        return False
    if truth.claim.kind == COMPONENT:
        ranked = analysis.components.suspects if analysis.components else ()
        return bool(ranked) and truth.claim.subject == {"Component": ranked[0].component}
    if not analysis.changes:
        return False
    first = analysis.changes[0]
    subject = {"Action": first.operation, "Resource": analysis.resources[first.event_id]}
    return any(claim.matches(CHANGE, subject) for claim in (truth.claim, *truth.follows))


def _shown(analysis: IncidentAnalysis, planned: Scenario) -> Iterator[tuple[str, bool]]:
    """Yield what a day with an incident must show beside its truths, and whether it does."""
    incident = planned.incident.incident
    if incident is None:
        return
    onset, symptom = analysis.times.onset, analysis.symptom
    if onset is None or symptom is None:
        yield "onset", False
    else:
        period = analysis.series[symptom.metric.name].period
        yield "onset", onset.earliest - period <= incident.onset <= onset.latest + period
    references = [json.loads(text) for text in analysis.timeline["References"]]
    told = [reference for row in references for reference in row]
    yield "a record is in one row", len(told) == len(set(told))
    response = response_of(planned.incident)
    refused = any(fault.operation == "DescribeAlarmHistory" for fault in planned.faults)
    if response is not None and response.first_alarm and not refused:
        named = analysis.timeline[analysis.timeline["Resource"] == response.first_alarm]
        joined = [{"alarms", "pagerduty"} <= {*json.loads(one)} for one in named["Sources"]]
        yield "alarm and page are one row", any(joined)


def _told(analysis: IncidentAnalysis) -> str:
    changes = [
        f"{one.operation} {one.time:%H:%M} ({one.seen_periods} of {one.past_periods} periods)"
        for one in (analysis.changes or ())[:2]
    ]
    suspects = analysis.components.suspects[:2] if analysis.components else ()
    onset = analysis.times.onset
    return (
        f"onset {onset.earliest if onset else None}, {changes}, {[s.component for s in suspects]}"
    )


def _false_claims(report: IncidentReport, truths: list[PlantedTruth]) -> Iterator[str]:
    """Yield findings that are not so, those for information aside, and confidence without cause."""
    expected = [claim for t in truths for claim in (t.claim, *t.follows) if claim]
    quiet = not expected
    for finding in report.findings:
        known = any(claim.matches(finding.kind, finding.subject) for claim in expected)
        told = finding.severity is not Severity.INFO and (quiet or finding.kind in CLAIMS)
        if told and not known:
            yield f"{finding.kind} {finding.subject} {finding.sentence}"
    changes = report.analysis.changes or ()
    if quiet and any(one.confidence is not Confidence.LOW for one in changes):
        yield "a change is suspected with confidence"
    if quiet and report.analysis.times.onset is not None:
        yield f"a symptom: {_told(report.analysis)}"


def _false_verdicts(
    report: IncidentReport, planned: Scenario, lacking: set[str | None]
) -> Iterator[str]:
    """Yield conclusions that a scenario does not bear."""
    for told in report.conclusions:
        blind = planned.name is ScenarioName.EMPTY or (
            told.question == SUSPECTED and bool(lacking - {None})
        )
        if blind and told.verdict is not Verdict.INCONCLUSIVE:
            yield f"{told.question} {told.verdict.value}: {told.sentence}"
        if planned.name is ScenarioName.STEADY and told.verdict is Verdict.FAIL:
            yield f"{told.question} {told.verdict.value}: {told.sentence}"
