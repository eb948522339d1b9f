"""AWS Budgets, per account, in pages."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from opslib.sandbox.budgets import Budget
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError

__all__ = ["describe_budgets", "describe_notifications_for_budget"]

THRESHOLDS = (("ACTUAL", 80), ("FORECASTED", 100))
MOST_A_PAGE = 2


@op("budgets", "DescribeBudgets")
def describe_budgets(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer budgets:DescribeBudgets, two budgets a page at most."""
    shown = bool(asked.get("ShowFilterExpression"))
    budgets = [_as_aws(b, caller) | _counted(b, shown) for b in _budgets_of(asked, caller)]
    page, token = take_page(budgets, asked.get("NextToken"), _page_size(asked))
    return {"Budgets": page} | ({"NextToken": token} if token else {})


@op("budgets", "DescribeNotificationsForBudget")
def describe_notifications_for_budget(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer budgets:DescribeNotificationsForBudget, two a page at most."""
    for budget in _budgets_of(asked, caller):
        if budget.name == asked["BudgetName"]:
            notes = [_notification(budget, *threshold) for threshold in THRESHOLDS]
            page, token = take_page(notes, asked.get("NextToken"), _page_size(asked))
            return {"Notifications": page} | ({"NextToken": token} if token else {})
    raise AwsError("NotFoundException", f"no budget {asked['BudgetName']}")


def _page_size(asked: dict[str, Any]) -> int:
    return min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)


def _budgets_of(asked: dict[str, Any], caller: Caller) -> list[Budget]:
    if asked["AccountId"] != caller.account:
        raise AwsError(
            "AccessDeniedException", f"{caller.account} may not see {asked['AccountId']}"
        )
    return [b for b in caller.scenario.budgets if b.account == caller.account]


def _as_aws(budget: Budget, caller: Caller) -> dict[str, Any]:
    month = caller.scenario.epoch.replace(day=1, hour=0, minute=0, second=0)
    return {
        "BudgetName": budget.name,
        "BudgetType": budget.type,
        "TimeUnit": "MONTHLY",
        "BudgetLimit": _spend(budget.limit, budget),
        "TimePeriod": {"Start": month, "End": datetime(2087, 6, 15, tzinfo=UTC)},
        "CalculatedSpend": {
            "ActualSpend": _spend(budget.actual, budget),
            "ForecastedSpend": _spend(budget.forecast, budget),
        },
    }


def _counted(budget: Budget, shown: bool) -> dict[str, Any]:  # noqa: FBT001
    """Return what a budget counts: newer ones tell it by an expression, and only if asked to."""
    if not budget.by_expression:
        kinds = {"UseAmortized": budget.amortised, "IncludeTax": True, "IncludeCredit": True}
        return {"CostFilters": budget.filters, "CostTypes": kinds}
    metrics = {"Metrics": ["AmortizedCost" if budget.amortised else "UnblendedCost"]}
    if not shown:
        return metrics
    ((_, values),) = budget.filters.items()
    key = values[0].partition("$")[0].removeprefix("user:")
    tags = {"Key": key, "Values": [value.partition("$")[2] for value in values]}
    return {**metrics, "FilterExpression": {"Tags": {**tags, "MatchOptions": ["EQUALS"]}}}


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
