from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import plan_scenario
from tests.sandbox.answers import ask, ask_all

SEEDS = range(8)
ALL = {"StartDate": "2025-12-02", "EndDate": "2026-03-02"}


def anomalies(seed: int = 1, **asked: Any) -> list[dict[str, Any]]:
    named: dict[str, Any] = {"scenario": "troubled", "seed": seed, "DateInterval": ALL, **asked}
    told: list[dict[str, Any]] = ask("ce", "GetAnomalies", **named)["Anomalies"]
    return told


@pytest.mark.parametrize("seed", SEEDS)
def test_an_impact_is_what_the_bill_says_beyond_the_expected(seed: int) -> None:
    bill = plan_scenario("troubled", seed).forecast
    told = anomalies(seed)
    assert told
    for one in told:
        (cause,) = one["RootCauses"]
        first = date.fromisoformat(one["AnomalyStartDate"][:10])
        last = date.fromisoformat(one.get("AnomalyEndDate", "2026-02-26")[:10])
        rows = bill[
            bill["meter"].eq(cause["UsageType"])
            & bill["account"].eq(cause["LinkedAccount"])
            & bill["region"].eq(cause["Region"].replace("global", ""))
            & bill["day"].between(first, last)
        ]
        impact = one["Impact"]
        assert impact["TotalActualSpend"] == pytest.approx(float(sum(rows["effective"])), abs=0.01)
        expected = impact["TotalActualSpend"] - impact["TotalExpectedSpend"]
        assert impact["TotalImpact"] == pytest.approx(expected, abs=0.01)


def test_some_of_what_was_planted_is_found_some_missed_and_some_made_up() -> None:
    found, missed, made_up = 0, 0, 0
    for seed in SEEDS:
        planted = [t for t in plan_scenario("troubled", seed).truths if t.name == "cost_anomaly"]
        subjects = [t.by_export.subject for t in planted if t.by_export]
        places = [(s["ServiceName"], s["SubAccountId"], s["FirstDay"]) for s in subjects]
        told = [
            (c["Service"], c["LinkedAccount"], one["AnomalyStartDate"][:10])
            for one in anomalies(seed)
            for c in one["RootCauses"]
        ]
        found += sum(place in told for place in places)
        missed += sum(place not in told for place in places)
        made_up += bool(ask("ce", "GetAnomalies", seed=seed, DateInterval=ALL)["Anomalies"])
    assert found > 0 < missed
    assert 0 < made_up < len(SEEDS)


def test_pages_are_of_the_size_asked_for_and_tell_each_once() -> None:
    seed = next(seed for seed in SEEDS if len(anomalies(seed)) > 2)
    pages = ask_all(
        "ce",
        "GetAnomalies",
        "NextPageToken",
        scenario="troubled",
        seed=seed,
        DateInterval=ALL,
        MaxResults=1,
    )
    ids = [one["AnomalyId"] for page in pages for one in page["Anomalies"]]
    assert ids == [one["AnomalyId"] for one in anomalies(seed)]
    assert len(set(ids)) == len(ids) == len(pages)


def test_only_what_ends_in_the_interval_or_goes_on_is_told() -> None:
    seed = next(s for s in SEEDS if any(a["AnomalyStartDate"][5:7] < "02" for a in anomalies(s)))
    everything = anomalies(seed)
    ended = [a for a in everything if a.get("AnomalyEndDate", "9") < "2026-02-20"]
    lately = anomalies(seed, DateInterval={"StartDate": "2026-02-20", "EndDate": "2026-03-02"})
    assert ended
    assert lately == [one for one in everything if one not in ended]


def test_an_impact_can_be_asked_for() -> None:
    impacts = [one["Impact"]["TotalImpact"] for one in anomalies()]
    middle = sorted(impacts)[len(impacts) // 2]
    above = {"NumericOperator": "GREATER_THAN_OR_EQUAL", "StartValue": middle}
    between = {"NumericOperator": "BETWEEN", "StartValue": middle, "EndValue": middle}
    told = [one["Impact"]["TotalImpact"] for one in anomalies(TotalImpact=above)]
    assert told == [impact for impact in impacts if impact >= middle]
    assert [a["Impact"]["TotalImpact"] for a in anomalies(TotalImpact=between)] == [middle]


def test_nobody_gave_feedback_and_no_other_monitor_is_there() -> None:
    assert anomalies(Feedback="YES") == []
    assert anomalies(MonitorArn="arn:aws:ce::111111111111:anomalymonitor/other") == []


def test_a_linked_account_is_told_its_own_only() -> None:
    everything = [a for seed in SEEDS for a in anomalies(seed)]
    own = [a for a in everything if a["RootCauses"][0]["LinkedAccount"] == PRODUCTION]
    assert [a for seed in SEEDS for a in anomalies(seed, account=PRODUCTION)] == own
    assert 0 < len(own) < len(everything)


def test_monitors_are_the_payers_and_none_of_a_new_account() -> None:
    (monitor,) = ask("ce", "GetAnomalyMonitors")["AnomalyMonitors"]
    assert {one["MonitorArn"] for one in anomalies()} == {monitor["MonitorArn"]}
    assert ask("ce", "GetAnomalyMonitors", account=PRODUCTION)["AnomalyMonitors"] == []
    assert ask("ce", "GetAnomalyMonitors", scenario="empty")["AnomalyMonitors"] == []
    assert anomalies(scenario="empty") == []


@pytest.mark.parametrize(
    "interval",
    [{"StartDate": "2026-02-30"}, {"StartDate": "2026-03-01", "EndDate": "2026-02-01"}],
)
def test_days_that_there_are_not_are_refused(interval: dict[str, str]) -> None:
    with pytest.raises(AwsError) as refused:
        anomalies(DateInterval=interval)
    assert refused.value.code == "ValidationException"


def test_an_unknown_monitor_is_refused() -> None:
    with pytest.raises(AwsError) as refused:
        ask("ce", "GetAnomalyMonitors", MonitorArnList=["arn:aws:ce::1:anomalymonitor/none"])
    assert refused.value.code == "UnknownMonitorException"
