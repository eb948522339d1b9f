"""What an incident's report answers and finds, on a small one that is made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from opslib.analysis.incident.conclusions import (
    ANSWERED,
    HAPPENED,
    ROLLED_BACK,
    SUSPECTED,
    conclude,
)
from opslib.analysis.incident.document import incident_tables, report_incident
from opslib.analysis.incident.moments import Moment, Span
from opslib.analysis.incident.report import IncidentAnalysis, analyse_incident
from opslib.analysis.incident.wording import lasted, moment
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Verdict
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_file import IncidentFile
from opslib.tables.incident import IncidentTables
from opslib.tables.metrics import METRIC_SERIES, METRIC_VALUES
from opslib.tables.service_graph import CALL_COUNTS
from tests.analysis.incident.events import at, event, events
from tests.analysis.incident.test_symptoms import METRICS, PERIOD, WINDOW, measured

REQUESTS = {"statistic": "Sum", "unit": "count"}
PARAMETERS = IncidentParameters.parse(
    {
        "as_of": at(24 * 60),
        "start": WINDOW.start,
        "end": WINDOW.end,
        "metrics": [{**m, **(REQUESTS if "p95" not in m["name"] else {})} for m in METRICS],
    }
)
FILE = IncidentFile(start=WINDOW.start, end=WINDOW.end, priority="P1")
ALARM = event(125, "a", Source="alarms", Kind="detection", Resource="web-errors")
ACK = event(130, "p", Source="pagerduty", Kind="response", Action="acknowledge", Actor="ada")
BACK = event(235, "c", Summary="Rolled back web", Action="ecs:UpdateService")


def analysed(effect: float = 1.0, *rows: dict[str, Any]) -> IncidentAnalysis:
    told = measured(effect)
    series = [
        (
            m.name,
            m.component,
            m.role.value,
            "",
            "",
            m.namespace,
            m.metric,
            "{}",
            m.statistic,
            m.unit,
        )
        for m in PARAMETERS.metrics
    ]
    values = [
        (name, moment_at, float(value))
        for name, one in told.items()
        for moment_at, value in zip(one.points.index, one.points, strict=True)
    ]
    tables = IncidentTables(
        events=(events(*rows),),
        series=pd.DataFrame(
            [(*row, int(PERIOD.total_seconds())) for row in series],
            columns=list(METRIC_SERIES.columns),
        ),
        datapoints=pd.DataFrame(values, columns=list(METRIC_VALUES.columns)),
        calls=pd.DataFrame(columns=list(CALL_COUNTS.columns)),
    )
    return analyse_incident(PARAMETERS, WINDOW, FILE, tables)


@pytest.fixture(scope="module")
def incident() -> IncidentAnalysis:
    return analysed(1.0, ALARM, ACK, BACK)


def verdicts(analysis: IncidentAnalysis, *gap: Coverage) -> dict[str, Verdict]:
    return {one.question: one.verdict for one in conclude(analysis, "P1", gap)}


def test_an_incident_that_is_over_and_was_rolled_back_late(incident: IncidentAnalysis) -> None:
    found = verdicts(incident)
    assert found[HAPPENED] is Verdict.PASS
    assert found[ANSWERED] is Verdict.PASS
    assert found[ROLLED_BACK] is Verdict.FAIL
    assert found[SUSPECTED] is Verdict.INCONCLUSIVE, "nobody read the account's changes"
    report = report_incident(PARAMETERS, incident, ())
    assert {finding.kind for finding in report.findings} >= {"incident.rollback_late"}
    assert "cause" not in " ".join(f.sentence for f in report.findings)
    headlines = {line.name: line.amount for line in report.document().headlines}
    assert headlines["time_to_acknowledge_minutes"] == pytest.approx(5, abs=0.1)
    assert headlines["time_to_recover_minutes"] == pytest.approx(120, abs=15)


def test_a_late_response_fails_its_priority() -> None:
    late = {**ACK, "At": at(160)}
    assert verdicts(analysed(1.0, ALARM, late, BACK))[ANSWERED] is Verdict.FAIL


def test_an_incident_that_goes_on_fails(incident: IncidentAnalysis) -> None:
    times = replace(incident.times, recovery=None)
    found = conclude(replace(incident, times=times), "P1", ())[0]
    assert found.verdict is Verdict.FAIL
    assert found.sentence.endswith("goes on.")


def test_without_a_rollback_nothing_is_claimed(incident: IncidentAnalysis) -> None:
    assert verdicts(replace(incident, rollback=None))[ROLLED_BACK] is Verdict.INCONCLUSIVE


def test_a_quiet_day_has_no_finding() -> None:
    quiet = analysed(0.0, ALARM)
    assert set(verdicts(quiet).values()) == {Verdict.PASS}
    assert report_incident(PARAMETERS, quiet, ()).findings == ()


def test_a_quiet_day_of_metrics_with_a_gap_is_no_pass() -> None:
    gap = Coverage(
        table="incident metrics", asked="all", status=CoverageStatus.DENIED, detail="refused"
    )
    assert verdicts(analysed(0.0), gap)[HAPPENED] is Verdict.INCONCLUSIVE


def test_no_metric_at_all_is_inconclusive(incident: IncidentAnalysis) -> None:
    blind = replace(incident, shown=(), symptom=None, times=replace(incident.times, onset=None))
    assert verdicts(blind)[HAPPENED] is Verdict.INCONCLUSIVE


def test_its_tables_are_kept(incident: IncidentAnalysis) -> None:
    tables = IncidentTables(
        events=(),
        series=pd.DataFrame(),
        datapoints=pd.DataFrame({"Series": ["x"]}),
        calls=pd.DataFrame(),
    )
    kept = incident_tables(report_incident(PARAMETERS, incident, ()), tables)
    assert len(kept["timeline"]) == 3
    assert len(kept["signals"]) == len(incident.signals)
    assert kept["components"]["Rank"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0, 45, "0 to 45 s"),
        (60, 180, "1 to 3 min"),
        (180, 180, "3 min"),
        (-5, 7200, "0 to 2 hours"),
    ],
)
def test_spans_are_as_wide_as_they_are_known(low: float, high: float, said: str) -> None:
    assert lasted(Span(low=low, high=high)) == said


def test_moments_are_between_two() -> None:
    assert moment(Moment(earliest=at(0), latest=at(5))) == "between 12:00 and 12:05 UTC on 1 Mar"
    assert moment(Moment(earliest=at(0), latest=at(0))) == "at 12:00 UTC on 1 Mar"
