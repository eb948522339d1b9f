"""AWS Budgets and their notifications.

Source: AWS Billing and Cost Management API Reference, DescribeBudgets and
DescribeNotificationsForBudget.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa

from opslib.aws.budget_filters import read_counted
from opslib.aws.faults import aws_faults
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.redaction import redact_text
from opslib.tables.budgets import BUDGETS, NOTIFICATIONS

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_budget_notifications", "read_budgets"]


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
    client = reads.connection.client("budgets", account=account)
    account_id = _account_id(reads, account)
    rows = []
    with aws_faults(f"{label} budgets:DescribeBudgets".strip()):
        pages = client.get_paginator("describe_budgets").paginate(
            AccountId=account_id, ShowFilterExpression=True
        )
        for page in pages:
            told_on = _day_of(page)
            rows += [
                (label, account_id, *_budget_facts(budget), told_on)
                for budget in page.get("Budgets", [])
            ]
    return Fetched(frame=pd.DataFrame(rows, columns=list(BUDGETS.columns)))


def _day_of(page: dict[str, Any]) -> date:
    """Return the UTC day of an answer, by its Date header (RFC 9110): AWS's clock, not ours."""
    return parsedate_to_datetime(page["ResponseMetadata"]["HTTPHeaders"]["date"]).date()


def _budget_facts(budget: dict[str, Any]) -> tuple[Any, ...]:
    limit = budget.get("BudgetLimit", {})
    spend = budget.get("CalculatedSpend", {})
    counted = read_counted(budget)
    return (
        budget["BudgetName"],
        budget["BudgetType"],
        budget["TimeUnit"],
        _amount(limit),
        limit.get("Unit", ""),
        _amount(spend.get("ActualSpend", {})),
        _amount(spend.get("ForecastedSpend", {})),
        json.dumps(_redacted(counted.filters), sort_keys=True),
        counted.column,
        ",".join(counted.excluded),
        counted.unread,
    )


def _redacted(filters: dict[str, list[str]]) -> dict[str, list[str]]:
    """Take secrets out value by value: what is taken out of JSON text may take its quotes along."""
    return {name: [redact_text(value) for value in values] for name, values in filters.items()}


def _amount(spend: dict[str, str]) -> Decimal | None:
    return Decimal(spend["Amount"]) if "Amount" in spend else None


def _fetch_notifications(reads: Reads, account: Account | None, names: list[str]) -> Fetched:
    label = account.label if account else ""
    rows: list[tuple[Any, ...]] = []
    if names:
        client = reads.connection.client("budgets", account=account)
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
