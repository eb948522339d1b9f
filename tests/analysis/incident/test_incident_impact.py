"""What an incident cost, on the small one that is made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from opslib.analysis.incident.document import report_incident
from opslib.analysis.incident.incident_impact import avoidable_span
from opslib.analysis.incident.moments import Moment
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.rollback import RuleReplay
from opslib.parameters.incident_metrics import RollbackRule
from opslib.timewindow import TimeWindow
from tests.analysis.incident.events import at
from tests.analysis.incident.test_conclusions import ACK, ALARM, BACK, CALLS, PARAMETERS, analysed
from tests.analysis.incident.test_symptoms import ONSET, RECOVERY, measured

GIVEN = PARAMETERS.model_copy(
    update={"objective_percent": 99.5, "objective_days": 30.0, "requests_per_user_minute": 4.0}
)


@pytest.fixture(scope="module")
def incident() -> IncidentAnalysis:
    return analysed(1.0, ALARM, ACK, BACK, parameters=GIVEN, calls=CALLS)


def test_it_is_counted_from_onset_to_recovery(incident: IncidentAnalysis) -> None:
    told = measured(1.0)
    inside = {
        name: one.points[(one.points.index >= ONSET) & (one.points.index < RECOVERY)].sum()
        for name, one in told.items()
    }
    whole = incident.impact.whole
    assert whole is not None
    assert whole.start <= ONSET
    assert whole.end >= RECOVERY
    assert whole.failed == pytest.approx(inside["web errors"], rel=0.05)
    assert whole.extra_failed == pytest.approx(0.05 * inside["web requests"], rel=0.1)
    assert whole.user_minutes == pytest.approx(inside["web requests"] / 4, rel=0.2)
    assert whole.missing == 0


def test_the_budget_is_that_of_the_objective(incident: IncidentAnalysis) -> None:
    impact = incident.impact
    assert impact.whole is not None
    assert impact.objective.budget_minutes == pytest.approx(216)
    assert impact.whole.burned_minutes == pytest.approx(120 * 0.052, rel=0.1)
    assert impact.budget_share == pytest.approx(impact.whole.burned_minutes / 216)


def test_what_an_automatic_rollback_would_have_spared(incident: IncidentAnalysis) -> None:
    spared = incident.impact.avoidable
    assert spared is not None
    assert incident.impact.whole is not None
    assert ONSET < spared.start < at(140), "the rule fires within minutes"
    assert spared.end == at(235), "the rollback"
    assert 0 < spared.failed < incident.impact.whole.failed


def test_it_is_told_to_machines(incident: IncidentAnalysis) -> None:
    document = report_incident(GIVEN, incident, ()).document()
    headlines = {line.name: line.amount for line in document.headlines}
    impact = incident.impact
    assert impact.whole is not None
    assert headlines["failed_requests"] == pytest.approx(round(impact.whole.extra_failed))
    assert headlines["error_budget_burned_percent"] is not None
    assert headlines["components_affected"] == 2


def test_what_was_not_counted_is_not_told_as_none() -> None:
    told = measured(1.0)
    silent = replace(told["web errors"], points=told["web errors"].points.iloc[:0])
    found = analysed(1.0, told={**told, "web errors": silent}, parameters=GIVEN)
    assert found.symptom is not None
    assert found.symptom.name == "db p95"
    assert found.impact.whole is None
    assert found.impact.problem == "no datapoint of the requests of db was read"
    headlines = report_incident(GIVEN, found, ()).document().headlines
    assert {h.name: h.amount for h in headlines}["failed_requests"] is None


def test_a_quiet_day_costs_nothing_that_is_told() -> None:
    quiet = analysed(0.0, parameters=GIVEN)
    assert quiet.impact.whole is None
    assert quiet.impact.problem == "no onset of a symptom was found"
    assert quiet.radius.affected == ()


def test_it_reached_what_left_the_usual_with_the_symptom(incident: IncidentAnalysis) -> None:
    reached = {one.component: one for one in incident.radius.affected}
    assert set(reached) == {"web", "db"}
    assert reached["db"].metrics == ("db p95",)
    assert reached["db"].since is not None
    assert abs(reached["db"].since.latest - ONSET) <= timedelta(minutes=10)
    assert incident.radius.unaffected == ("idle",)
    assert incident.radius.unknown == ()


def test_what_is_called_but_not_measured_is_not_known() -> None:
    calls = [*CALLS, (*CALLS[0][:4], "web", "cache", *CALLS[0][6:])]
    assert analysed(1.0, calls=calls).radius.unknown == ("cache",)


def test_without_a_rollback_it_could_have_been_spared_to_its_end() -> None:
    incident = TimeWindow(start=at(10), end=at(60))
    rule = RollbackRule(name="slow", metric="p95")
    never, late = RuleReplay(rule=rule), RuleReplay(rule=rule, fired_at=at(20))
    assert avoidable_span(incident, None, [never]) is None
    assert avoidable_span(incident, None, [never, late]) == TimeWindow(start=at(20), end=at(60))
    back = Moment(earliest=at(15), latest=at(15))
    assert avoidable_span(incident, back, [late]) is None, "it was rolled back before"
