"""AWS Budgets and their notifications.

Source: AWS Billing and Cost Management API Reference, DescribeBudgets and
DescribeNotificationsForBudget.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa

from opslib.aws.faults import aws_faults
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.tables.budgets import BUDGETS, NOTIFICATIONS

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_budget_notifications", "read_budgets"]

INCLUDED_KINDS = {
    "IncludeTax": "Tax",
    "IncludeCredit": "Credit",
    "IncludeRefund": "Refund",
    "IncludeUpfront": "Upfront",
    "IncludeRecurring": "Recurring",
    "IncludeOtherSubscription": "OtherSubscription",
    "IncludeSupport": "Support",
    "IncludeDiscount": "Discount",
}


def read_budgets(reads: Reads) -> pd.DataFrame:
    """Read the budgets of every account; columns of `BUDGETS`."""

    def read(account: Account | None) -> Fetched:
        request = ReadRequest(
            table="budgets",
            asked="all budgets",
            schema=BUDGETS,
            account=account.label if account else "",
        )
        return reads.read(request, lambda: _fetch_budgets(reads, account))

    return _joined(reads.fan_out(read), BUDGETS)


def read_budget_notifications(reads: Reads, budgets: pd.DataFrame) -> pd.DataFrame:
    """Read the notifications of ``budgets`` with their state; columns of `NOTIFICATIONS`."""

    def read(account: Account | None) -> Fetched:
        label = account.label if account else ""
        names = sorted(budgets.loc[budgets["Account"] == label, "BudgetName"])
        request = ReadRequest(
            table="budget notifications",
            asked=f"notifications of {len(names)} budgets",
            schema=NOTIFICATIONS,
            account=label,
            arguments={"budgets": names},
        )
        return reads.read(request, lambda: _fetch_notifications(reads, account, names))

    return _joined(reads.fan_out(read), NOTIFICATIONS)


def _joined(
    parts: list[tuple[Account | None, Fetched]], schema: pa.DataFrameSchema
) -> pd.DataFrame:
    filled = [fetched.frame for _, fetched in parts if not fetched.frame.empty]
    if not filled:
        return pd.DataFrame(columns=list(schema.columns))
    return pd.concat(filled, ignore_index=True)


def _account_id(reads: Reads, account: Account | None) -> str:
    if account is not None:
        return account.id
    with aws_faults("sts:GetCallerIdentity"):
        return str(reads.connection.client("sts").get_caller_identity()["Account"])


def _fetch_budgets(reads: Reads, account: Account | None) -> Fetched:
    label = account.label if account else ""
    client = reads.connection.client("budgets", account=account, region="us-east-1")
    rows = []
    with aws_faults(f"{label} budgets:DescribeBudgets".strip()):
        pages = client.get_paginator("describe_budgets").paginate(
            AccountId=_account_id(reads, account)
        )
        for page in pages:
            rows += [_budget_row(label, budget) for budget in page.get("Budgets", [])]
    return Fetched(frame=pd.DataFrame(rows, columns=list(BUDGETS.columns)))


def _budget_row(label: str, budget: dict[str, Any]) -> tuple[Any, ...]:
    limit = budget.get("BudgetLimit", {})
    spend = budget.get("CalculatedSpend", {})
    kinds = budget.get("CostTypes", {})
    excluded = [kind for name, kind in INCLUDED_KINDS.items() if kinds.get(name) is False]
    return (
        label,
        budget["BudgetName"],
        budget["BudgetType"],
        budget["TimeUnit"],
        _amount(limit),
        limit.get("Unit", ""),
        _amount(spend.get("ActualSpend", {})),
        _amount(spend.get("ForecastedSpend", {})),
        json.dumps(budget.get("CostFilters", {}), sort_keys=True),
        "EffectiveCost" if kinds.get("UseAmortized") else "BilledCost",
        ",".join(excluded),
    )


def _amount(spend: dict[str, str]) -> Decimal | None:
    return Decimal(spend["Amount"]) if "Amount" in spend else None


def _fetch_notifications(reads: Reads, account: Account | None, names: list[str]) -> Fetched:
    label = account.label if account else ""
    rows: list[tuple[Any, ...]] = []
    if names:
        client = reads.connection.client("budgets", account=account, region="us-east-1")
        account_id = _account_id(reads, account)
        for name in names:
            with aws_faults(f"{label} budgets:DescribeNotificationsForBudget {name}".strip()):
                pages = client.get_paginator("describe_notifications_for_budget").paginate(
                    AccountId=account_id, BudgetName=name
                )
                for page in pages:
                    rows += [_notification_row(label, name, n) for n in page["Notifications"]]
    return Fetched(frame=pd.DataFrame(rows, columns=list(NOTIFICATIONS.columns)))


def _notification_row(label: str, name: str, notification: dict[str, Any]) -> tuple[Any, ...]:
    return (
        label,
        name,
        notification["NotificationType"],
        Decimal(str(notification["Threshold"])),
        notification.get("ThresholdType", "PERCENTAGE"),
        notification.get("NotificationState", ""),
    )
