from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from opslib.sandbox.api_calls import ApiCall
from opslib.sandbox.estate import ACCOUNTS, IRELAND, PAYER
from opslib.sandbox.handlers import cloudtrail
from opslib.sandbox.handlers.cloudtrail import Pace
from opslib.sandbox.incident_plan import window_of
from opslib.sandbox.scenario import DEFAULT_EPOCH, Scenario, plan_scenario
from opslib.sandbox.truths import PlantedTruth
from opslib.tables.resource_names import resource_name
from tests.sandbox.answers import ask_all

SEEDS = range(8)
CAUSED = {"quantity_change", "new_resource", "gone_resource", "cost_anomaly", "earlier_step"}


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every request pass: seconds fly."""
    seconds = iter(range(10_000))
    monkeypatch.setattr(cloudtrail, "PACE", Pace(lambda: float(next(seconds))))


def calls_by_id(scenario: Scenario) -> dict[str, ApiCall]:
    by_id = {call.event_id: call for call in scenario.cost_calls}
    assert len(by_id) == len(scenario.cost_calls)
    return by_id


def charged(scenario: Scenario, call: ApiCall) -> Any:
    """Return the rows of what a call is about."""
    bill = scenario.forecast
    same = bill["resource"].map(lambda text: call.resource in {text, resource_name(text)})
    return bill[same & bill["account"].eq(call.account)]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_somebody_changed_has_its_call_and_a_price_has_none(seed: int) -> None:
    truths = {t.name: t for t in plan_scenario("troubled", seed).truths if t.part == "cost"}
    assert {name for name in CAUSED if truths[name].causes} == CAUSED
    assert truths["price_change"].causes == truths["untagged_spend"].causes == ()
    assert all(truth.causes for name, truth in truths.items() if name == "commitment_use")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cause_names_what_the_bill_charges_hours_before_it_changes(seed: int) -> None:
    scenario = plan_scenario("troubled", seed)
    by_id = calls_by_id(scenario)
    for truth in (t for t in scenario.truths if t.name in CAUSED):
        for call in (by_id[cause] for cause in truth.causes):
            rows = charged(scenario, call)
            day = call.at.date() + timedelta(days=1)
            assert not call.read_only
            assert not call.error
            assert timedelta() < midnight(day) - call.at <= timedelta(hours=20)
            before, after = (rows[rows["day"].eq(day + timedelta(days=n))] for n in (-1, 0))
            costs = [float(sum(part["effective"])) for part in (before, after)]
            assert costs[1] == 0 if truth.name == "gone_resource" else costs[1] > 1.1 * costs[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_other_calls_surround_each_cause(seed: int) -> None:
    scenario = plan_scenario("troubled", seed)
    causes = {cause for truth in scenario.truths for cause in truth.causes}
    by_id = calls_by_id(scenario)
    for call in (by_id[cause] for cause in causes if by_id[cause].resource):
        near = [
            other
            for other in scenario.cost_calls
            if other.event_id not in causes and abs(other.at - call.at) < timedelta(hours=21)
        ]
        same = [other for other in near if other.resource == call.resource]
        assert any(other.read_only for other in same)
        assert any(other.error for other in same)
        assert any("Tag" in other.name for other in same)
        changing = [other for other in near if not other.read_only and not other.error]
        alike = [other for other in changing if other.source == call.source]
        assert any(other.account != call.account for other in alike)
        assert {other.resource for other in alike} - {call.resource}
        assert {other.source for other in changing} - {call.source}


def test_the_calls_are_what_lookup_events_answers_in_their_account_and_region() -> None:
    scenario = plan_scenario("troubled", 3)
    begin, end = midnight(date(2026, 2, 18)), midnight(date(2026, 2, 21))
    calls = [call for call in scenario.cost_calls if begin <= call.at <= end]
    for account in ACCOUNTS:
        for region in ("us-east-1", IRELAND):
            pages = ask_all(
                "cloudtrail",
                "LookupEvents",
                "NextToken",
                account=account,
                region=region,
                scenario="troubled",
                seed=3,
                StartTime=begin,
                EndTime=end,
            )
            told = {event["EventId"] for page in pages for event in page["Events"]}
            own = [call for call in calls if (call.account, call.region) == (account, region)]
            assert own
            assert {call.event_id for call in own} <= told
            assert not told & {call.event_id for call in calls if call not in own}


@pytest.mark.parametrize("name", ["steady", "troubled", "denied"])
def test_an_incident_sees_nothing_of_them(name: str) -> None:
    opens, _ = window_of(DEFAULT_EPOCH)
    calls = plan_scenario(name, 1).cost_calls
    assert {call.account for call in calls} == set(ACCOUNTS)
    assert max(call.at for call in calls) < opens - timedelta(days=3)


def test_a_quiet_account_has_writes_and_no_cause() -> None:
    scenario = plan_scenario("steady", 1)
    assert not any(truth.causes or truth.known for truth in scenario.truths)
    assert {call.action for call in scenario.cost_calls} >= {
        "rds:ModifyDBCluster",
        "ec2:CreateTags",
    }
    assert plan_scenario("empty", 1).cost_calls == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_unusual_days_lie_in_services_that_nothing_else_befell(seed: int) -> None:
    truths = {t.name: t for t in plan_scenario("troubled", seed).truths if t.part == "cost"}
    burst, step = truths["cost_anomaly"], truths["earlier_step"]
    services = [service_of(burst), service_of(step)]
    assert len(set(services)) == 2
    others = [t for t in truths.values() if t.name.endswith(("_change", "_spend"))]
    assert not {service_of(t) for t in others} & set(services)
    assert step.known is not None
    week = date(2026, 2, 20)
    began = date.fromisoformat(step.known.subject["FirstDay"])
    assert timedelta(21) <= week - began < timedelta(49)
    assert burst.by_export is not None
    assert week <= date.fromisoformat(burst.by_export.subject["FirstDay"]) < date(2026, 2, 26)


def service_of(truth: PlantedTruth) -> str:
    claim = truth.by_export or truth.known
    assert claim is not None
    return claim.subject["ServiceName"]


def test_a_purchase_is_the_payers() -> None:
    seed = next(s for s in SEEDS if any(t.name == "commitment_use" for t in truths_of(s)))
    (truth,) = [t for t in truths_of(seed) if t.name == "commitment_use"]
    (call,) = [calls_by_id(plan_scenario("troubled", seed))[cause] for cause in truth.causes]
    assert (call.account, call.action) == (PAYER, "savingsplans:CreateSavingsPlan")


def truths_of(seed: int) -> tuple[PlantedTruth, ...]:
    return plan_scenario("troubled", seed).truths
