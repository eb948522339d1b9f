"""The hourly export of the sandbox, what it offers to commit at, and where its truths lie."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from opslib.sandbox.savings.commitment_truths import Use, plan_commitment_truths
from opslib.sandbox.savings.hours import hourly_rows
from opslib.sandbox.savings.offers import rate_of
from opslib.sandbox.scenario import plan_scenario
from tests.sandbox.answers import ask, ask_all

METER = "BoxUsage:m6i.2xlarge"


def test_a_day_of_the_hourly_export_is_that_of_the_bill() -> None:
    scenario = plan_scenario("steady", 1)
    day = sorted(set(scenario.bill["day"]))[-10]
    bill = scenario.bill
    daily = bill[(bill["day"] == day) & (bill["meter"] == METER)]
    rows = hourly_rows(bill[bill["day"] == day], scenario.seed, scenario.epoch)
    hourly = rows[rows["meter"] == METER]
    assert hourly["hour"].nunique() == 24
    assert hourly["quantity"].sum() == pytest.approx(float(daily["quantity"].sum()), abs=1e-4)
    assert hourly["cost"].sum() == pytest.approx(float(daily["effective"].sum()), abs=1e-4)


def test_every_hour_before_the_epoch_has_a_charge_and_none_after() -> None:
    scenario = plan_scenario("steady", 1)
    recent = scenario.bill[[day >= scenario.epoch.date() for day in scenario.bill["day"]]]
    hours = hourly_rows(recent, scenario.seed, scenario.epoch)["hour"]
    assert sorted({hour.hour for hour in hours}) == list(range(scenario.epoch.hour))


def test_plan_rates_of_every_page() -> None:
    asked: dict[str, Any] = {
        "usageTypes": [METER, "Lambda-GB-Second"],
        "savingsPlanTypes": ["Compute"],
    }
    whole = ask("savingsplans", "DescribeSavingsPlansOfferingRates", **asked)["searchResults"]
    pages = ask_all(
        "savingsplans", "DescribeSavingsPlansOfferingRates", "nextToken", **asked, maxResults=4
    )
    assert len(pages) > 2
    assert [one for page in pages for one in page["searchResults"]] == whole
    linux = {
        Decimal(one["rate"])
        for one in whole
        if one["operation"] == "RunInstances"
        and one["savingsPlanOffering"]["paymentOption"] == "No Upfront"
    }
    assert linux == {rate_of("Compute", METER, years, "No Upfront") for years in (1, 3)}


def test_offerings_to_reserve_fit_what_is_used() -> None:
    told = {
        "rds": ("DescribeReservedDBInstancesOfferings", "DBInstanceClass", "db.r6g.8xlarge"),
        "elasticache": (
            "DescribeReservedCacheNodesOfferings",
            "CacheNodeType",
            "cache.r7g.2xlarge",
        ),
        "redshift": ("DescribeReservedNodeOfferings", "NodeType", "ra3.4xlarge"),
        "opensearch": ("DescribeReservedInstanceOfferings", "InstanceType", "r6g.4xlarge.search"),
    }
    for service, (operation, field, name) in told.items():
        answer = ask(service, operation)
        (offers,) = (value for value in answer.values() if isinstance(value, list))
        assert {one[field] for one in offers} == {name}


def test_the_truth_is_the_least_cost_of_all_levels() -> None:
    chance = np.random.default_rng(5)
    demand = chance.uniform(0, 3, (48, 3)) * (chance.random((48, 3)) < 0.8)
    use = Use(demand, demand * np.array([0.5, 0.7, 0.8]))
    best = use.best(0.01)
    savings = [use.savings(level * 0.01).sum() for level in range(600)]
    assert savings[best] == pytest.approx(max(savings))


def test_an_empty_account_has_nothing_to_commit_to() -> None:
    scenario = plan_scenario("empty", 1)
    assert plan_commitment_truths(scenario.bill, 1, scenario.epoch, {}, is_unfilled=False) == ()


def test_truths_name_their_level() -> None:
    truths = [one for one in plan_scenario("steady", 1).truths if one.name == "commitment"]
    assert truths
    assert all(one.level is not None and one.level > 0 for one in truths)
