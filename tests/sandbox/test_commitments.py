from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from opslib.sandbox.commitments import FEE
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import Scenario, plan_scenario
from tests.sandbox.answers import ask

SEEDS = range(8)
WEEK = {"Start": "2026-02-20", "End": "2026-02-27"}
FEES = {"Dimensions": {"Key": "RECORD_TYPE", "Values": [FEE]}}


def bought(scenario: Scenario) -> bool:
    return any(truth.name == "commitment_use" for truth in scenario.truths)


BUYERS = [0, 1, 3, 4, 5]


def use(seed: int, **asked: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"scenario": "troubled", "TimePeriod": WEEK, "Granularity": "DAILY"}
    return ask("ce", "GetSavingsPlansUtilization", seed=seed, **(usual | asked))


def test_some_accounts_buy_what_nothing_uses() -> None:
    assert [seed for seed in SEEDS if bought(plan_scenario("troubled", seed))] == BUYERS


@pytest.mark.parametrize("seed", BUYERS)
def test_what_is_not_used_is_the_amortised_cost_of_the_fee(seed: int) -> None:
    asked: dict[str, Any] = {"Granularity": "DAILY", "Metrics": ["UnblendedCost", "AmortizedCost"]}
    costs = ask(
        "ce",
        "GetCostAndUsage",
        scenario="troubled",
        seed=seed,
        TimePeriod=WEEK,
        Filter=FEES,
        **asked,
    )["ResultsByTime"]
    told = use(seed)
    days = told["SavingsPlansUtilizationsByTime"]
    for day, cost in zip(days, costs, strict=True):
        assert day["TimePeriod"] == cost["TimePeriod"]
        commitment, total = day["Utilization"], cost["Total"]
        assert commitment["TotalCommitment"] == total["UnblendedCost"]["Amount"]
        assert Decimal(commitment["UnusedCommitment"]) == Decimal(total["AmortizedCost"]["Amount"])
    unused = sum(Decimal(day["Utilization"]["UnusedCommitment"]) for day in days)
    (truth,) = [t for t in plan_scenario("troubled", seed).truths if t.name == "commitment_use"]
    assert unused == truth.amount == Decimal(told["Total"]["Utilization"]["UnusedCommitment"])


@pytest.mark.parametrize("seed", BUYERS)
def test_utilisation_falls_once_the_plan_is_paid_and_not_before(seed: int) -> None:
    days = use(seed, TimePeriod={"Start": "2026-01-20", "End": "2026-03-02"})
    shares = {
        date.fromisoformat(day["TimePeriod"]["Start"]): float(
            day["Utilization"]["UtilizationPercentage"]
        )
        for day in days["SavingsPlansUtilizationsByTime"]
    }
    fallen = [day for day, share in shares.items() if share < 95]
    assert fallen == [day for day in shares if day >= fallen[0]]
    assert date(2026, 2, 20) <= fallen[0] <= date(2026, 2, 26)
    assert all(shares[day] == 100 for day in shares if day < fallen[0])


@pytest.mark.parametrize("seed", [1, 2])
def test_a_steady_account_uses_all_it_committed_to(seed: int) -> None:
    total = use(seed, scenario="steady", Granularity="MONTHLY")["Total"]["Utilization"]
    assert Decimal(total["UtilizationPercentage"]) == 100
    assert Decimal(total["UnusedCommitment"]) == 0 < Decimal(total["TotalCommitment"])


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        ("GetReservationUtilization", {}),
        ("GetSavingsPlansUtilization", {"scenario": "empty"}),
        ("GetSavingsPlansUtilization", {"account": PRODUCTION}),
    ],
)
def test_who_owns_no_commitment_is_told_that_there_is_no_data(
    operation: str, asked: dict[str, Any]
) -> None:
    with pytest.raises(AwsError) as refused:
        ask("ce", operation, TimePeriod=WEEK, Granularity="DAILY", **asked)
    assert refused.value.code == "DataUnavailableException"
