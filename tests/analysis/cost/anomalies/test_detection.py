"""Unusual days of the bill: where, when, how much, and to which report they belong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from opslib.analysis.cost.anomalies import find_cost_anomalies
from opslib.analysis.cost.anomalies.anomaly import CostAnomalies, Place
from opslib.analysis.cost.periods import plan_periods
from tests.analysis.cost.bills import Charge, make_bill, parameters, steady

FIRST, YESTERDAY = date(2025, 11, 1), date(2026, 3, 1)
ACCOUNT, OTHER = "111111111111", "222222222222"
SPIKE = date(2026, 2, 23)


def found_in(charges: list[Charge], **values: str) -> CostAnomalies:
    params = parameters(**values)
    return find_cost_anomalies(params, plan_periods(params), make_bill(charges))


def extra(cost: str, day: date = SPIKE, **facts: str) -> Charge:
    return Charge(day=day, cost=Decimal(cost), meter="other", **facts)  # type: ignore[arg-type]


def test_a_dear_day_is_told_with_place_days_and_money() -> None:
    anomalies = found_in([*steady(FIRST, YESTERDAY), extra("100")])
    (one,) = anomalies.found
    assert one.place == Place(service="Amazon EC2", account=ACCOUNT, region="us-east-1")
    assert (one.first_day, one.last_day) == (SPIKE, SPIKE)
    assert one.rises
    assert not one.lasts
    assert one.impact.mid == 100
    assert sum(day.actual for day in one.episode) == 124


def test_a_day_of_less_than_the_smallest_change_is_not_told() -> None:
    assert not found_in([*steady(FIRST, YESTERDAY), extra("19")]).found


def test_an_unsettled_day_is_not_judged() -> None:
    assert not found_in([*steady(FIRST, YESTERDAY), extra("500", YESTERDAY)]).found


def test_what_began_before_the_period_is_listed_as_earlier() -> None:
    since = steady(date(2026, 2, 1), YESTERDAY, cost="50", meter="other")
    anomalies = found_in([*steady(FIRST, YESTERDAY), *since])
    assert not anomalies.found
    (one,) = anomalies.earlier
    assert (one.first_day, one.lasts) == (date(2026, 2, 1), True)


def test_what_began_on_the_last_day_before_too_small_to_tell_is_told_now() -> None:
    since = steady(date(2026, 2, 19), YESTERDAY, cost="15", meter="other")
    (one,) = found_in([*steady(FIRST, YESTERDAY), *since]).found
    assert one.first_day == date(2026, 2, 19)


def test_one_cause_in_several_places_is_one_anomaly() -> None:
    here = [*steady(FIRST, YESTERDAY), *steady(FIRST, YESTERDAY, account=OTHER)]
    (one,) = found_in([*here, extra("100"), extra("60", account=OTHER)]).found
    assert one.place == Place(service="Amazon EC2", account="", region="us-east-1")
    assert {part.account for part in one.parts} == {ACCOUNT, OTHER}
    assert one.impact.mid == 160


def test_a_rise_spread_over_places_each_too_small_is_told_of_all() -> None:
    regions = [f"region-{n}" for n in range(5)]
    charges = [c for r in regions for c in steady(FIRST, YESTERDAY, region=r)]
    charges += [extra("15", region=region) for region in regions]
    (one,) = found_in(charges).found
    assert one.place == Place(service="Amazon EC2", account=ACCOUNT, region="")
    assert one.impact.mid == 75


def test_a_rise_and_a_fall_of_one_service_are_two() -> None:
    charges = [*steady(FIRST, YESTERDAY), *steady(FIRST, YESTERDAY, account=OTHER, cost="90")]
    gone = [c for c in charges if c.account == ACCOUNT or c.day < SPIKE]
    anomalies = found_in([*gone, extra("200")])
    assert [one.rises for one in anomalies.found] == [False, True]


@pytest.mark.parametrize("cost", ["-500", "-20"])
def test_a_credit_is_no_anomaly(cost: str) -> None:
    charges = [*steady(FIRST, YESTERDAY), extra(cost, category="Credit")]
    assert not found_in(charges).found


def test_a_missing_day_is_no_fall() -> None:
    charges = [c for c in steady(FIRST, YESTERDAY, cost="500") if c.day != SPIKE]
    assert not found_in(charges).found


def test_a_bill_by_cost_explorer_tells_service_and_account() -> None:
    params = parameters()
    bill = replace(make_bill([*steady(FIRST, YESTERDAY), extra("100")]), places=None)
    (one,) = find_cost_anomalies(params, plan_periods(params), bill).found
    assert one.place == Place(service="Amazon EC2", account=ACCOUNT, region="")


def test_a_short_bill_says_that_nothing_was_judged() -> None:
    anomalies = found_in([*steady(date(2026, 2, 10), YESTERDAY), extra("900")])
    assert anomalies.judged_from is None
    assert not anomalies.found


def test_billed_cost_is_judged_where_it_is_asked_for() -> None:
    assert found_in([*steady(FIRST, YESTERDAY), extra("100")], cost_basis="billed").found


def test_a_new_resource_in_a_noisy_place_is_told_by_its_own_cost() -> None:
    noisy = [
        Charge(day=FIRST + timedelta(days=n), cost=Decimal(150 if n % 3 == 0 else 10))
        for n in range(121)
    ]
    new = "arn:aws:sagemaker:eu-west-1:111111111111:endpoint/rank"
    since = steady(date(2026, 2, 22), YESTERDAY, cost="12", resource=new)
    (one,) = found_in([*noisy, *since]).found
    assert one.place == Place(service="Amazon EC2", account=ACCOUNT, region="eu-west-1")
    assert one.first_day == date(2026, 2, 22)
    assert one.impact.mid == 60
