from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from opslib.sandbox.estate import LAB
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.savings.refusals import SAVINGS_DENIALS, plan_savings_fault
from opslib.sandbox.scenario import plan_scenario
from tests.sandbox.answers import ask, ask_all, by_dimension

MONTH = {"Start": "2026-01-28", "End": "2026-02-27"}
KINDS = {"expiring_commitment", "underused_commitment"}
ADVICE: dict[str, Any] = {
    "TermInYears": "ONE_YEAR",
    "PaymentOption": "PARTIAL_UPFRONT",
    "LookbackPeriodInDays": "SIXTY_DAYS",
}


def details(scenario: str, seed: int) -> list[dict[str, Any]]:
    operation = "GetSavingsPlansUtilizationDetails"
    asked: dict[str, Any] = {"scenario": scenario, "seed": seed, "TimePeriod": MONTH}
    pages = ask_all("ce", operation, "NextToken", **asked, MaxResults=2)
    return [one for page in pages for one in page["SavingsPlansUtilizationDetails"]]


@pytest.mark.parametrize("scenario", ["steady", "troubled"])
def test_plans_come_to_what_the_bill_says_of_all(scenario: str) -> None:
    told = details(scenario, 3)
    asked: dict[str, Any] = {"scenario": scenario, "seed": 3, "TimePeriod": MONTH}
    whole = ask("ce", "GetSavingsPlansUtilization", **asked)["Total"]["Utilization"]
    for part in ("TotalCommitment", "UnusedCommitment"):
        total = sum(Decimal(one["Utilization"][part]) for one in told)
        assert total == Decimal(whole[part])
    plans = ask("savingsplans", "DescribeSavingsPlans", scenario=scenario, seed=3)["savingsPlans"]
    listed = {one["savingsPlanArn"] for one in plans}
    assert {one["SavingsPlanArn"] for one in told} < listed
    assert {one["state"] for one in plans} == {"active", "queued", "retired"}


def test_ends_and_unused_plans_are_planted_where_waste_is() -> None:
    planted = [t for t in plan_scenario("troubled", 3).truths if t.name in KINDS]
    assert {t.name for t in planted} == KINDS
    assert all(t.amount and t.amount > 1 for t in planted)
    for quiet in ("steady", "empty"):
        assert not [t for t in plan_scenario(quiet, 3).truths if t.name in KINDS]


def test_who_holds_none_is_told_so() -> None:
    assert ask("savingsplans", "DescribeSavingsPlans", account=LAB) == {"savingsPlans": []}
    with pytest.raises(AwsError) as refused:
        ask("ce", "GetSavingsPlansUtilizationDetails", account=LAB, TimePeriod=MONTH)
    assert refused.value.code == "DataUnavailableException"
    for service, operation in (
        ("ec2", "DescribeReservedInstances"),
        ("opensearch", "DescribeReservedInstances"),
        ("redshift", "DescribeReservedNodes"),
    ):
        assert list(ask(service, operation).values()) == [[]]


def test_what_is_covered_is_of_compute_alone() -> None:
    asked: dict[str, Any] = {"TimePeriod": MONTH, "GroupBy": by_dimension("SERVICE")}
    told = ask("ce", "GetSavingsPlansCoverage", **asked)["SavingsPlansCoverages"]
    shares = {one["Attributes"]["SERVICE"]: one["Coverage"]["CoveragePercentage"] for one in told}
    assert Decimal(shares["Amazon Elastic Container Service"]) == 100
    assert Decimal(shares["Amazon Elastic Compute Cloud"]) == 0
    assert "Amazon EMR" not in shares


def test_an_account_without_a_charge_is_told_so_too() -> None:
    asked: dict[str, Any] = {"TimePeriod": MONTH, "GroupBy": by_dimension("SERVICE")}
    told = ask("ce", "GetSavingsPlansCoverage", scenario="empty", **asked)
    assert told == {"SavingsPlansCoverages": []}
    operation = "GetSavingsPlansPurchaseRecommendation"
    for kind in ("COMPUTE_SP", "EC2_INSTANCE_SP"):
        told = ask("ce", operation, scenario="empty", SavingsPlansType=kind, **ADVICE)
        found = told["SavingsPlansPurchaseRecommendation"]
        assert found["SavingsPlansPurchaseRecommendationDetails"] == []


def test_advice_on_plans_and_reservations_saves_something() -> None:
    operation = "GetSavingsPlansPurchaseRecommendation"
    for kind, least in (("COMPUTE_SP", 1), ("EC2_INSTANCE_SP", 3)):
        told = ask("ce", operation, SavingsPlansType=kind, **ADVICE)
        found = told["SavingsPlansPurchaseRecommendation"]
        plans = found["SavingsPlansPurchaseRecommendationDetails"]
        assert len(plans) >= least
        assert all(Decimal(one["EstimatedMonthlySavingsAmount"]) > 0 for one in plans)
        assert all(Decimal(one["UpfrontCost"]) > 0 for one in plans)
    asked: dict[str, Any] = {**ADVICE, "Service": "Amazon Redshift"}
    (part,) = ask("ce", "GetReservationPurchaseRecommendation", **asked)["Recommendations"]
    (node,) = part["RecommendationDetails"]
    assert node["RecommendedNumberOfInstancesToPurchase"] == "1"
    asked["Service"] = "Amazon Simple Storage Service"
    assert ask("ce", "GetReservationPurchaseRecommendation", **asked) == {"Recommendations": []}


def test_every_refusal_is_drawn_by_some_seed() -> None:
    drawn = [plan_savings_fault(np.random.default_rng(seed)) for seed in range(60)]
    assert {faults[0].operation for faults, _ in drawn} == {one[1] for one in SAVINGS_DENIALS}
    assert all(truth.coverage for _, (truth,) in drawn)
