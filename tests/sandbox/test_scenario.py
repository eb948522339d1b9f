from __future__ import annotations

from decimal import Decimal

import pytest

from opslib.sandbox.billing import COLUMNS
from opslib.sandbox.scenario import plan_scenario

SEEDS = range(8)


def test_the_same_seed_gives_the_same_account_and_another_one_another() -> None:
    one = plan_scenario.__wrapped__("troubled", 5)
    again = plan_scenario.__wrapped__("troubled", 5)
    assert one.bill.equals(again.bill)
    assert one.truths == again.truths
    assert one.truths != plan_scenario("troubled", 6).truths


@pytest.mark.parametrize("seed", SEEDS)
def test_every_trouble_is_in_a_meter_of_its_own_and_material(seed: int) -> None:
    scenario = plan_scenario("troubled", seed)
    week = scenario.forecast[
        (scenario.forecast["day"].astype(str) >= "2026-02-20")
        & (scenario.forecast["day"].astype(str) <= "2026-02-26")
    ]
    total = sum(week["effective"], Decimal(0))
    troubles = [t for t in scenario.truths if t.part == "cost"]
    amounts = {t.name: t.amount for t in troubles if t.amount is not None}
    assert set(amounts) == {
        "price_change",
        "quantity_change",
        "new_resource",
        "gone_resource",
        "untagged_spend",
        "cost_anomaly",
    } | ({"commitment_use"} & set(amounts))
    amounts.pop("commitment_use", None)
    for amount in amounts.values():
        assert Decimal("0.01") < abs(amount) / total < Decimal("0.15")
    meters = [t.by_export.subject.get("SkuMeter") for t in scenario.truths if t.by_export]
    named = [meter for meter in meters if meter]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("seed", SEEDS)
def test_cost_is_price_times_quantity_and_plans_balance(seed: int) -> None:
    bill = plan_scenario("steady", seed).bill
    assert tuple(bill.columns) == COLUMNS
    used = bill[bill["record_type"] == "Usage"]
    assert all(used["billed"] == used["quantity"] * used["price"])
    assert sum(bill["billed"]) == sum(bill["effective"])


def test_the_steady_account_has_nothing_planted_but_days_that_settle_and_commitments() -> None:
    truths = plan_scenario("steady", 1).truths
    # What a commitment would save is there to be saved in any account.
    assert [truth.name for truth in truths if truth.name != "commitment"] == ["unsettled_days"]
    assert [truth.name for truth in plan_scenario("empty", 1).truths] == ["never_drilled"]
    assert plan_scenario("empty", 1).bill.empty
