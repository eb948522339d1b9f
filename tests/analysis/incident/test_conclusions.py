"""What an incident's report answers and finds, on a small one that is made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
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
from opslib.analysis.incident.onset import SymptomState
from opslib.analysis.incident.report import IncidentAnalysis, analyse_incident
from opslib.analysis.incident.series import Series
from opslib.analysis.incident.wording import lasted, moment
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Verdict
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_file import IncidentFile
from opslib.parameters.incident_metrics import RollbackRule
from opslib.tables.incident import IncidentTables
from opslib.tables.metrics import METRIC_SERIES, METRIC_VALUES
from opslib.tables.service_graph import CALL_COUNTS
from opslib.timewindow import TimeWindow
from tests.analysis.incident.events import at, event, events
from tests.analysis.incident.test_symptoms import METRICS, ONSET, PERIOD, WINDOW, measured

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


CALLS = [
    (*("production", "us-east-1", at(0), 3600.0), *call, "", 100, 0, 0, 0, 1.0)
    for call in [("web", "db")]
]


def analysed(
    effect: float = 1.0,
    *rows: dict[str, Any],
    parameters: IncidentParameters = PARAMETERS,
    window: TimeWindow = WINDOW,
    file: IncidentFile = FILE,
    calls: Sequence[tuple[Any, ...]] = (),
    told: Mapping[str, Series] | None = None,
) -> IncidentAnalysis:
    told = told or measured(effect)
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
        for m in parameters.metrics
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
        calls=pd.DataFrame(list(calls), columns=list(CALL_COUNTS.columns)),
    )
    return analyse_incident(parameters, window, file, tables)


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


@pytest.mark.parametrize("late_minutes", [10, 30, 60, 100])
def test_what_was_unusual_before_the_window_is_no_calm(late_minutes: int) -> None:
    late = TimeWindow(start=ONSET + timedelta(minutes=late_minutes), end=WINDOW.end)
    analysis = analysed(1.0, ALARM, window=late)
    found = conclude(analysis, "P1", ())
    kinds = [one.kind for one in report_incident(PARAMETERS, analysis, ()).findings]
    assert kinds == ["incident.began_before"] * 2
    assert {one.verdict for one in found} == {Verdict.INCONCLUSIVE}
    assert "left the usual before the window began; begin it earlier" in found[0].sentence
    assert any("since before the window" in why for one in found for why in one.because)


def test_a_named_symptom_that_did_not_move_while_others_did_is_no_calm() -> None:
    named = PARAMETERS.model_copy(update={"symptom": "idle p95"})
    found = conclude(analysed(1.0, parameters=named), "P1", ())
    assert {one.verdict for one in found} == {Verdict.INCONCLUSIVE}
    assert "web errors of web requests and db p95 left the usual" in found[0].because[0]


def test_a_metric_that_could_not_be_judged_leaves_all_answers_open() -> None:
    told = measured(0.0)
    inside = told["idle p95"].points.index >= at(60)
    blind = replace(told["idle p95"], points=told["idle p95"].points[~inside])
    found = conclude(analysed(told={**told, "idle p95": blind}), "P1", ())
    assert {one.verdict for one in found} == {Verdict.INCONCLUSIVE}
    assert all("idle p95: " in one.because[0] for one in found)


def test_errors_that_were_never_told_are_not_taken_for_none() -> None:
    told = measured(0.0)
    silent = replace(told["web errors"], points=told["web errors"].points.iloc[:0])
    found = conclude(analysed(told={**told, "web errors": silent}), "P1", ())
    assert {one.verdict for one in found} == {Verdict.INCONCLUSIVE}
    assert any("web errors has no datapoint at all" in why for why in found[2].because)


def test_a_rule_that_missed_periods_is_not_said_to_have_kept_quiet() -> None:
    told = measured(0.0)
    points = told["web requests"].points
    gap = (points.index < at(60)) | (points.index >= at(70))
    missing = replace(told["web requests"], points=points[gap])
    unguarded = RollbackRule(name="errors", metric="web errors", per="web requests", above=1.0)
    ruled = PARAMETERS.model_copy(update={"rules": (unguarded,)})
    found = conclude(analysed(told={**told, "web requests": missing}, parameters=ruled), "P1", ())[
        2
    ]
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.because == ("errors: 2 periods without a datapoint",)


def test_a_rollback_before_a_rule_fired_is_open_where_periods_are_missing() -> None:
    early = FILE.model_copy(update={"rolled_back": ONSET})
    calm = analysed(1.0, file=early)
    assert verdicts(calm)[ROLLED_BACK] is Verdict.PASS
    holes = tuple(replace(one, missing=1) for one in calm.replays)
    assert verdicts(replace(calm, replays=holes))[ROLLED_BACK] is Verdict.INCONCLUSIVE


def test_it_is_not_over_while_another_metric_goes_on(incident: IncidentAnalysis) -> None:
    going = tuple(
        replace(one, symptom=replace(one.symptom, state=SymptomState.ONGOING))
        if one.name == "db p95"
        else one
        for one in incident.shown
    )
    found = conclude(replace(incident, shown=going), "P1", ())[0]
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.because == ("db p95 left the usual and went on",)


@pytest.mark.parametrize(
    ("table", "minute", "verdict"),
    [
        ("alarms events", 130, Verdict.INCONCLUSIVE),
        ("pagerduty events", 160, Verdict.INCONCLUSIVE),
        ("alarms events", 160, Verdict.FAIL),
        ("health events", 130, Verdict.PASS),
    ],
)
def test_a_source_that_was_refused_may_hold_an_earlier_answer(
    table: str, minute: int, verdict: Verdict
) -> None:
    gap = Coverage(table=table, asked="all", status=CoverageStatus.DENIED, detail="refused")
    answered = {**ACK, "At": at(minute)}
    assert verdicts(analysed(1.0, ALARM, answered, BACK), gap)[ANSWERED] is verdict


def test_rules_of_the_component_that_users_reach_may_have_fired() -> None:
    """Without calls nobody knows that users reach web, not the database that shows it most."""
    named = PARAMETERS.model_copy(update={"symptom": "db p95"})
    worst = [m for m in PARAMETERS.metrics if m.component != "web"]
    slow = {"statistic": "p95", "unit": "s"}
    metrics = (*PARAMETERS.metrics[:2], *(m.model_copy(update=slow) for m in worst))
    named = named.model_copy(update={"metrics": metrics})
    told = measured(1.0)
    told["db p95"] = replace(told["db p95"], points=told["db p95"].points / 1000)
    unread = conclude(analysed(1.0, parameters=named, told=told), "P1", ())[2]
    assert unread.verdict is Verdict.INCONCLUSIVE
    assert "users may reach another component" in unread.because[-1]
    known = conclude(analysed(1.0, parameters=named, told=told, calls=CALLS), "P1", ())[2]
    assert known.verdict is Verdict.PASS


def test_components_are_ranked_where_their_calls_were_read(incident: IncidentAnalysis) -> None:
    assert incident.components is None
    assert incident.unranked == "no calls between components were read"
    assert incident.unranked in conclude(incident, "P1", ())[3].because
    called = analysed(1.0, ALARM, calls=CALLS)
    assert called.components is not None
    assert called.unranked == ""
    gap = Coverage(
        table="service graph", asked="all", status=CoverageStatus.DENIED, detail="refused"
    )
    assert "service graph: denied, refused" in conclude(called, "P1", [gap])[3].because


def test_a_component_that_nobody_measures_or_calls_is_not_ranked() -> None:
    worst = [m.model_copy(update={"statistic": "Maximum"}) for m in PARAMETERS.metrics[2:]]
    metrics = (*PARAMETERS.metrics[:2], *worst)
    named = PARAMETERS.model_copy(update={"symptom": "db p95", "metrics": metrics})
    calls = [(*CALLS[0][:4], "shop", "cart", *CALLS[0][6:])]
    found = analysed(1.0, parameters=named, calls=calls)
    assert found.times.onset is not None
    assert found.components is None
    assert "db" in found.unranked


def test_what_the_file_says_of_mitigation_goes_before_the_rollback() -> None:
    said = FILE.model_copy(update={"mitigated": at(200)})
    found = analysed(1.0, ALARM, BACK, file=said)
    assert found.times.mitigation is not None
    assert found.times.mitigation.earliest == at(200)
    assert found.rollback is not None
    assert found.rollback.earliest > at(200)


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
