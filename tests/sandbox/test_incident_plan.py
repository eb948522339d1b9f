from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from opslib.sandbox.cloudtrail import calls_between, calls_of_day
from opslib.sandbox.estate import ACCOUNTS, PRODUCTION, STAGING
from opslib.sandbox.incident_plan import ChangeKind, Incident, IncidentPlan, window_of
from opslib.sandbox.incident_truths import PART, SOURCE_FAULTS
from opslib.sandbox.scenario import DEFAULT_EPOCH, plan_scenario
from opslib.sandbox.shop import callers_of
from opslib.sandbox.shop_alarms import list_alarms, transitions
from opslib.sandbox.shop_history import incident_deployments, list_deployments, list_steps
from opslib.sandbox.shop_traffic import Fault, error_rate, follow_requests
from tests.sandbox.days import plan_of, told_of

SEEDS = range(20)
OPENS, ENDS = window_of(DEFAULT_EPOCH)


def planned(seed: int, name: str = "troubled") -> tuple[IncidentPlan, Incident]:
    plan = plan_of(name, seed)
    assert plan.incident is not None
    return plan, plan.incident


@pytest.mark.parametrize("seed", SEEDS)
def test_the_change_comes_before_its_effect_and_both_lie_in_the_window(seed: int) -> None:
    _, incident = planned(seed)
    moments = [
        OPENS,
        incident.changed_at,
        incident.onset,
        incident.onset + timedelta(minutes=14),
        incident.rolled_back_at,
        incident.recovered_at,
        ENDS,
    ]
    assert moments == sorted(moments)
    assert incident.onset - incident.changed_at <= timedelta(minutes=10)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_change_and_its_rollback_are_recorded_calls(seed: int) -> None:
    plan, incident = planned(seed)
    calls = list(calls_between(plan, PRODUCTION, OPENS, ENDS))
    made = [c for c in calls if (c.action, c.resource) == (incident.action, incident.resource)]
    moments = {call.at for call in made if not call.read_only}
    assert incident.changed_at in moments
    back = [call.at for call in calls if call.resource == incident.resource and not call.read_only]
    assert incident.rolled_back_at in back
    elsewhere = calls_between(plan, STAGING, OPENS, ENDS)
    assert incident.changed_at not in {call.at for call in elsewhere}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_front_shows_it(seed: int) -> None:
    _, incident = planned(seed)
    fault = Fault(incident.component, incident.latency_factor, incident.error_share)
    p95 = follow_requests(fault)["web"].latency_ms("p95")
    assert p95 > 500 or error_rate("web", fault) > 0.01
    assert 1 <= incident.latency_factor <= 8
    assert 0 <= incident.error_share <= 0.4
    assert incident.latency_factor >= 2 or incident.error_share >= 0.02


@pytest.mark.parametrize("name", ["steady", "troubled", "denied"])
@pytest.mark.parametrize("seed", range(6))
def test_the_decoys_are_there(seed: int, name: str) -> None:
    plan = plan_of(name, seed)
    calls = list(calls_between(plan, PRODUCTION, OPENS, ENDS))
    decoys = [c for c in calls if c.at == _updated(plan) and c.name == "UpdateService"]
    assert [call.resource for call in decoys] == [plan.decoy_service]
    before = plan.moment - plan.decoy_at
    assert timedelta(minutes=1) <= before <= timedelta(minutes=12)
    if plan.incident:
        struck = {plan.incident.component, *callers_of(plan.incident.component)}
        assert plan.decoy_service not in struck
    actions = {call.action for call in calls}
    assert {"secretsmanager:RotateSecret", "ssm:PutParameter", "ecs:RunTask"} <= actions
    assert sum(call.read_only for call in calls) > 100
    assert any(OPENS <= step.at < ENDS for step in list_steps(plan, PRODUCTION))
    assert any(OPENS <= each.at < ENDS for each in list_deployments(plan, STAGING))


def _updated(plan: IncidentPlan) -> object:
    (decoy,) = [d for d in list_deployments(plan, PRODUCTION) if d.at == plan.decoy_at]
    return decoy.updated_at


def test_a_quiet_day_has_no_incident_and_claims_none() -> None:
    for name in ("steady", "empty"):
        for seed in SEEDS:
            plan, truths, faults = told_of(name, seed)
            assert plan.incident is None
            assert (truths, faults) == ((), ())
    assert plan_of("empty", 1).is_empty


def test_eight_seeds_see_every_kind_of_change_and_the_seed_moves_the_rest() -> None:
    incidents = [planned(seed)[1] for seed in SEEDS]
    assert {incident.kind for incident in incidents[:8]} == set(ChangeKind)
    assert len({incident.component for incident in incidents}) > 5
    assert len({incident.onset for incident in incidents}) == len(SEEDS)
    effects = {(one.latency_factor > 1, one.error_share > 0) for one in incidents}
    assert effects == {(True, False), (False, True), (True, True)}


def test_the_same_seed_tells_the_same_day() -> None:
    first = plan_scenario("troubled", 5).incident
    again = planned(5)[0]
    assert first is not again
    assert first == again
    calls = [c.event_id for c in calls_between(first, PRODUCTION, OPENS, ENDS)]
    calls_of_day.cache_clear()
    assert calls == [c.event_id for c in calls_between(again, PRODUCTION, OPENS, ENDS)]
    assert calls != [c.event_id for c in calls_between(planned(13)[0], PRODUCTION, OPENS, ENDS)]


def test_a_scenario_holds_its_incident() -> None:
    scenario = plan_scenario("denied", 3)
    plan, truths, faults = told_of("denied", 3)
    assert scenario.incident == plan
    assert tuple(truth for truth in scenario.truths if truth.part == PART) == truths
    assert set(faults) <= set(scenario.faults)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_planted_is_claimed(seed: int) -> None:
    _, incident = planned(seed)
    change, component, _ = told_of("troubled", seed)[1]
    assert change.claim is not None
    assert component.claim is not None
    subject = {"Action": incident.action, "Resource": incident.resource}
    assert change.claim.matches("incident.suspect_change", subject)
    named = {"Component": incident.component}
    assert component.claim.matches("incident.suspect_component", named)
    assert change.at == component.at == incident.onset


@pytest.mark.parametrize("seed", SEEDS)
def test_a_denied_source_leaves_its_gap(seed: int) -> None:
    _, told, faults = told_of("denied", seed)
    gaps = [truth.coverage for truth in told if truth.coverage]
    tables = {table: (service, operation) for service, operation, _, table in SOURCE_FAULTS}
    refused = {(f.service, f.operation) for f in faults}
    assert 1 <= len(gaps) <= 2
    assert all(tables[table] in refused for table, _, _ in gaps)
    is_blind = ("cloudtrail", "LookupEvents") in refused
    assert any(truth.name == "suspect_change" for truth in told) != is_blind


@pytest.mark.parametrize("seed", SEEDS)
def test_a_troubled_day_lacks_a_source_that_it_can_be_told_without(seed: int) -> None:
    _, told, (fault,) = told_of("troubled", seed)
    (gap,) = [truth.coverage for truth in told if truth.coverage]
    assert fault.account == STAGING
    assert gap is not None
    assert gap[1] == ACCOUNTS[STAGING]
    assert (fault.service, fault.operation) not in {
        ("cloudtrail", "LookupEvents"),
        ("xray", "GetServiceGraph"),
    }


def test_a_deployment_is_known_by_one_id_everywhere() -> None:
    plan, incident = planned(0)
    bad, back = incident_deployments(plan)
    assert incident.kind is ChangeKind.DEPLOYMENT
    assert (bad.at, back.at) == (incident.changed_at, incident.rolled_back_at)
    assert back.revision == bad.revision - 1
    call = next(
        call
        for call in calls_between(plan, PRODUCTION, OPENS, ENDS)
        if call.at == bad.at and call.name == "UpdateService"
    )
    assert call.response is not None
    assert call.response["service"]["deployments"][0]["id"] == bad.ecs_id


@pytest.mark.parametrize("seed", SEEDS)
def test_alarms_tell_of_the_incident_and_of_nothing_else_but_the_batch_job(seed: int) -> None:
    plan, incident = planned(seed)
    alarmed = [
        change.at
        for alarm in list_alarms()
        if not alarm.name.startswith("batch-")
        for change in transitions(plan, alarm)
    ]
    assert alarmed
    assert min(alarmed) > incident.onset
    assert max(alarmed) < incident.recovered_at + timedelta(minutes=10)
    (batch,) = (alarm for alarm in list_alarms() if alarm.name.startswith("batch-"))
    days = {change.at.date() for change in transitions(plan, batch) if change.is_alarm}
    assert len(days) > 25


@pytest.mark.parametrize("seed", range(6))
def test_a_quiet_day_pages_nobody(seed: int) -> None:
    plan = plan_of("steady", seed)
    paged = [
        alarm.name
        for alarm in list_alarms()
        if transitions(plan, alarm) and not alarm.name.startswith("batch-")
    ]
    assert paged == []


def test_a_fault_goes_to_its_callers_alone() -> None:
    usual, struck = follow_requests(Fault()), follow_requests(Fault("payments", 4.0, 0.2))
    for component, samples in struck.items():
        is_struck = component in {"payments", "checkout", "web"}
        same = np.array_equal(samples.latencies_ms, usual[component].latencies_ms)
        assert same != is_struck
        assert (samples.error_rate > usual[component].error_rate) == is_struck
