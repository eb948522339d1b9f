"""AWS Budgets, per account, in pages."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from opslib.sandbox.budgets import Budget
from opslib.sandbox.overlay import AwsError, Caller, op

__all__ = ["describe_budgets", "describe_notifications_for_budget"]

THRESHOLDS = (("ACTUAL", 80), ("FORECASTED", 100))


@op("budgets", "DescribeBudgets")
def describe_budgets(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer budgets:DescribeBudgets, two budgets a page."""
    if asked["AccountId"] != caller.account:
        raise AwsError(
            "AccessDeniedException", f"{caller.account} may not see {asked['AccountId']}"
        )
    mine = _budgets_of(caller)
    start = int(asked.get("NextToken") or 0)
    size = min(int(asked.get("MaxResults") or 2), 2)
    page = {"Budgets": [_as_aws(budget, caller) for budget in mine[start : start + size]]}
    return page | ({"NextToken": str(start + size)} if start + size < len(mine) else {})


@op("budgets", "DescribeNotificationsForBudget")
def describe_notifications_for_budget(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer budgets:DescribeNotificationsForBudget."""
    for budget in _budgets_of(caller):
        if budget.name == asked["BudgetName"]:
            return {"Notifications": [_notification(budget, *t) for t in THRESHOLDS]}
    raise AwsError("NotFoundException", f"no budget {asked['BudgetName']}")


def _budgets_of(caller: Caller) -> list[Budget]:
    return [b for b in caller.scenario.budgets if b.account == caller.account]


def _as_aws(budget: Budget, caller: Caller) -> dict[str, Any]:
    month = caller.scenario.epoch.replace(day=1, hour=0, minute=0, second=0)
    return {
        "BudgetName": budget.name,
        "BudgetType": budget.type,
        "TimeUnit": "MONTHLY",
        "BudgetLimit": _spend(budget.limit, budget),
        "CostFilters": budget.filters,
        "CostTypes": {"UseAmortized": budget.amortised, "IncludeTax": True, "IncludeCredit": True},
        "TimePeriod": {"Start": month, "End": datetime(2087, 6, 15, tzinfo=UTC)},
        "CalculatedSpend": {
            "ActualSpend": _spend(budget.actual, budget),
            "ForecastedSpend": _spend(budget.forecast, budget),
        },
    }


def _spend(amount: Decimal, budget: Budget) -> dict[str, str]:
    return {"Amount": str(amount), "Unit": budget.unit}


def _notification(budget: Budget, kind: str, threshold: int) -> dict[str, Any]:
    reached = budget.actual if kind == "ACTUAL" else budget.forecast
    alarm = reached > budget.limit * threshold / 100
    return {
        "NotificationType": kind,
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": threshold,
        "ThresholdType": "PERCENTAGE",
        "NotificationState": "ALARM" if alarm else "OK",
    }
