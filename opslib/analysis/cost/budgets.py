"""Whether the budgets will hold.

A monthly cost budget is held against our forecast of exactly the spend that it counts. What we
cannot reproduce (other periods, combined filters, usage budgets) is taken from AWS where AWS
forecasts it, and is inconclusive otherwise.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.cost.forecast import probability_above
from opslib.analysis.cost.month import MonthOutlook, all_costs, forecast_month
from opslib.analysis.cost.periods import Periods
from opslib.findings import Verdict
from opslib.tables.costs import TAG_VALUE, Bill

__all__ = ["BudgetOutlook", "judge_budgets"]

CATEGORY_OF_KIND = {"Tax": "Tax", "Credit": "Credit"}
"""Kinds of charge that a budget may leave out and the bill can tell apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetOutlook:
    """How one budget stands and will end.

    Args:
        account, name: which budget.
        unit: currency or usage unit.
        limit: its limit.
        actual: spent so far, as AWS says; None where AWS says nothing.
        aws_forecast: AWS's forecast; None where it makes none.
        outlook: our forecast of the spend that it counts; None where we cannot reproduce it.
        probability: of passing the limit; None where it cannot be told.
        verdict: pass, fail or inconclusive.
        because: why inconclusive, or what it was judged by.
        alarms: notifications in ALARM, in words.
    """

    account: str
    name: str
    unit: str
    limit: Decimal | None
    actual: Decimal | None
    aws_forecast: Decimal | None
    outlook: MonthOutlook | None
    probability: float | None
    verdict: Verdict
    because: str
    alarms: tuple[str, ...]


def judge_budgets(
    budgets: pd.DataFrame,
    notifications: pd.DataFrame,
    bill: Bill,
    periods: Periods,
    *,
    confidence: float,
    risk: float,
) -> tuple[BudgetOutlook, ...]:
    """Judge every budget, in order of account and name.

    Args:
        budgets: columns of `opslib.tables.budgets.BUDGETS`.
        notifications: columns of `opslib.tables.budgets.NOTIFICATIONS`.
        bill: the bill.
        periods: the report's days.
        confidence: of the forecast's interval.
        risk: probability of passing the limit from which on a budget fails.
    """
    rows = sorted(
        budgets.to_dict("records"), key=lambda row: (str(row["Account"]), str(row["BudgetName"]))
    )
    return tuple(
        _judge(row, _alarms(notifications, row), bill, periods, confidence, risk) for row in rows
    )


def _judge(
    row: dict[Any, Any],
    alarms: tuple[str, ...],
    bill: Bill,
    periods: Periods,
    confidence: float,
    risk: float,
) -> BudgetOutlook:
    counted = _counted_costs(row, bill)
    outlook, probability = None, None
    verdict, because = Verdict.INCONCLUSIVE, counted if isinstance(counted, str) else ""
    if isinstance(counted, pd.DataFrame) and row["LimitAmount"] is not None:
        outlook = forecast_month(counted, periods, row["Basis"], confidence)
        because = outlook.because
        if outlook.forecast is not None:
            probability = probability_above(outlook.forecast, outlook.known, row["LimitAmount"])
            verdict = Verdict.FAIL if probability >= risk else Verdict.PASS
    if verdict is Verdict.INCONCLUSIVE:
        verdict, because = _judge_by_aws(row, because)
    if _is_passed(row):
        verdict, because = Verdict.FAIL, "the limit is passed already"
    return BudgetOutlook(
        account=row["Account"],
        name=row["BudgetName"],
        unit=row["Currency"],
        limit=row["LimitAmount"],
        actual=row["ActualAmount"],
        aws_forecast=row["ForecastAmount"],
        outlook=outlook,
        probability=probability,
        verdict=verdict,
        because=because,
        alarms=alarms,
    )


def _is_passed(row: dict[Any, Any]) -> bool:
    return (
        row["BudgetType"] == "COST"
        and row["LimitAmount"] is not None
        and row["ActualAmount"] is not None
        and row["ActualAmount"] > row["LimitAmount"]
    )


def _judge_by_aws(row: dict[Any, Any], because: str) -> tuple[Verdict, str]:
    if row["BudgetType"] != "COST" or row["LimitAmount"] is None or row["ForecastAmount"] is None:
        return Verdict.INCONCLUSIVE, because
    passes = row["ForecastAmount"] > row["LimitAmount"]
    return Verdict.FAIL if passes else Verdict.PASS, f"judged by AWS's forecast: {because}"


def _counted_costs(row: dict[Any, Any], bill: Bill) -> pd.DataFrame | str:
    """Return the costs that a budget counts, or why they cannot be told."""
    if row["BudgetType"] != "COST":
        return f"a {row['BudgetType']} budget is not about cost"
    if row["TimeUnit"] != "MONTHLY":
        return f"a {str(row['TimeUnit']).lower()} budget reaches beyond the month"
    if row["Currency"] != bill.currency:
        return f"the budget is in {row['Currency']}, the bill in {bill.currency or 'nothing'}"
    excluded = [kind for kind in str(row["Excluded"]).split(",") if kind]
    filters: dict[str, list[str]] = json.loads(row["Filters"])
    if not filters:
        return _without_kinds(bill.regions, excluded) if excluded else all_costs(bill)
    if len(filters) > 1:
        return f"it combines filters ({', '.join(sorted(filters))})"
    name, values = next(iter(filters.items()))
    return _filtered(bill, name, values, excluded)


def _without_kinds(regions: pd.DataFrame, excluded: list[str]) -> pd.DataFrame | str:
    unknown = [kind for kind in excluded if kind not in CATEGORY_OF_KIND]
    if unknown:
        return f"it leaves out {', '.join(unknown)}, which the bill cannot tell apart"
    left_out = {CATEGORY_OF_KIND[kind] for kind in excluded}
    return regions[~regions["ChargeCategory"].isin(left_out)]


def _filtered(bill: Bill, name: str, values: list[str], excluded: list[str]) -> pd.DataFrame | str:
    if excluded and name != "TagKeyValue":
        return f"it filters by {name} and leaves out {', '.join(excluded)}"
    frames = {
        "LinkedAccount": (bill.accounts, "SubAccountId"),
        "Service": (bill.accounts, "ServiceName"),
        "Region": (bill.regions, "RegionId"),
    }
    if name in frames:
        frame, column = frames[name]
        unknown = sorted(set(values) - set(frame[column]))
        if unknown:
            return f"the bill has no {name} {', '.join(unknown)}"
        return frame[frame[column].isin(values)]
    if name == "TagKeyValue":
        return _filtered_by_tag(bill, values)
    return f"it filters by {name}, which this report does not read"


def _filtered_by_tag(bill: Bill, values: list[str]) -> pd.DataFrame | str:
    """Return the costs of tag values written as AWS does: ``user:Key$value``."""
    keys = {value.partition("$")[0].removeprefix("user:") for value in values}
    if len(keys) > 1:
        return f"it combines tags ({', '.join(sorted(keys))})"
    key = keys.pop()
    if key not in bill.tags:
        return f"it filters by tag {key}, which this report did not read"
    wanted = {value.partition("$")[2] for value in values}
    frame = bill.tags[key]
    return frame[frame[TAG_VALUE].isin(wanted)]


def _alarms(notifications: pd.DataFrame, row: dict[Any, Any]) -> tuple[str, ...]:
    if notifications.empty:
        return ()
    mine = notifications[
        (notifications["Account"] == row["Account"])
        & (notifications["BudgetName"] == row["BudgetName"])
        & (notifications["State"] == "ALARM")
    ]
    return tuple(
        f"{note['NotificationType'].lower()} above "
        + (
            f"{note['Threshold']:f}%"
            if note["ThresholdType"] == "PERCENTAGE"
            else f"{note['Threshold']:f}"
        )
        for note in mine.to_dict("records")
    )
