from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from opslib.sandbox.estate import PAYER, PRODUCTION, STAGING
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import plan_scenario
from tests.sandbox.answers import ask, ask_all

SEEDS = range(8)


def budgets_of(
    account: str, scenario: str = "steady", seed: int = 1, **asked: bool
) -> dict[str, Any]:
    pages = ask_all(
        "budgets",
        "DescribeBudgets",
        "NextToken",
        account=account,
        AccountId=account,
        scenario=scenario,
        seed=seed,
        **asked,
    )
    return {budget["BudgetName"]: budget for page in pages for budget in page["Budgets"]}


def test_each_account_has_its_own_budgets() -> None:
    assert set(budgets_of(PAYER)) == {
        "acme-all",
        "acme-production",
        "environment-prod",
        "nat-gigabytes",
    }
    assert set(budgets_of(STAGING)) == {"staging"}
    assert budgets_of(PRODUCTION) == {}
    assert budgets_of(PAYER, scenario="empty") == {}


def test_a_budget_counts_what_its_filter_says() -> None:
    scenario = plan_scenario("steady", 1)
    month = scenario.bill[scenario.bill["day"] >= date(2026, 3, 1)]
    production = month[month["account"] == PRODUCTION]
    budget = budgets_of(PAYER)["acme-production"]
    assert budget["CostFilters"] == {"LinkedAccount": [PRODUCTION]}
    actual = Decimal(budget["CalculatedSpend"]["ActualSpend"]["Amount"])
    assert actual == round(sum(production["effective"], Decimal(0)), 2)
    tagged = budgets_of(PAYER)["environment-prod"]
    assert tagged["Metrics"] == ["AmortizedCost"]
    assert "FilterExpression" not in tagged


def test_a_filter_expression_is_told_to_those_who_ask() -> None:
    tagged = budgets_of(PAYER, ShowFilterExpression=True)["environment-prod"]
    wanted = {"Key": "Environment", "Values": ["prod"], "MatchOptions": ["EQUALS"]}
    assert tagged["FilterExpression"] == {"Tags": wanted}


@pytest.mark.parametrize("seed", SEEDS)
def test_only_the_planted_budget_will_not_hold(seed: int) -> None:
    scenario = plan_scenario("troubled", seed)
    (truth,) = [t for t in scenario.truths if t.name == "budget_overrun"]
    assert truth.by_export is not None
    over = {b.name for b in scenario.budgets if b.forecast > b.limit}
    assert over == {truth.by_export.subject["BudgetName"]}
    roomy = [b for b in scenario.budgets if b.name not in over]
    assert all(b.limit >= b.forecast * Decimal("1.3") for b in roomy)
    assert all(
        b.limit >= b.forecast * Decimal("1.3") for b in plan_scenario("steady", seed).budgets
    )


def test_a_notification_alarms_once_its_threshold_is_passed() -> None:
    scenario = plan_scenario("troubled", 1)
    for budget in scenario.budgets:
        pages = ask_all(
            "budgets",
            "DescribeNotificationsForBudget",
            "NextToken",
            account=budget.account,
            AccountId=budget.account,
            BudgetName=budget.name,
            MaxResults=1,
            scenario="troubled",
        )
        assert len(pages) == 2
        states = {
            note["NotificationType"]: note["NotificationState"]
            for page in pages
            for note in page["Notifications"]
        }
        over = "ALARM" if budget.forecast > budget.limit else "OK"
        assert states == {"ACTUAL": "OK", "FORECASTED": over}


@pytest.mark.parametrize(
    ("operation", "asked", "code"),
    [
        ("DescribeBudgets", {"AccountId": STAGING}, "AccessDeniedException"),
        (
            "DescribeNotificationsForBudget",
            {"AccountId": STAGING, "BudgetName": "staging"},
            "AccessDeniedException",
        ),
        (
            "DescribeNotificationsForBudget",
            {"AccountId": PAYER, "BudgetName": "staging"},
            "NotFoundException",
        ),
        ("DescribeBudgets", {"AccountId": PAYER, "NextToken": "x"}, "InvalidNextTokenException"),
    ],
)
def test_what_is_not_to_be_had_is_refused_as_aws_does(
    operation: str, asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(AwsError) as refused:
        ask("budgets", operation, **asked)
    assert refused.value.code == code
