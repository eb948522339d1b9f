"""Whether the budgets will hold.

A monthly cost budget is held against our forecast of exactly the spend that it counts. What we
cannot reproduce (other periods, combined filters, usage budgets) is taken from AWS where AWS
forecasts it, and is inconclusive otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.cost.budget_costs import counted_costs
from opslib.analysis.cost.forecast import least_probability, probability_above
from opslib.analysis.cost.month import MonthOutlook, forecast_month
from opslib.analysis.cost.periods import Periods
from opslib.findings import Verdict
from opslib.tables.costs import Bill
from opslib.wording import percent

__all__ = ["BudgetOutlook", "judge_budgets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetOutlook:
    """How one budget stands and will end.

    Args:
        account, name: which budget.
        unit: currency or usage unit.
        limit: its limit.
        actual: spent so far, as AWS says; None where AWS says nothing of the report's month.
        aws_forecast: AWS's forecast; None where it makes none of the report's month.
        passed: whether what AWS says was spent is beyond the limit.
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
    passed: bool
    outlook: MonthOutlook | None
    probability: float | None
    verdict: Verdict
    because: str
    alarms: tuple[str, ...]

    @property
    def spent(self) -> Decimal | None:
        """Return what was spent so far: as AWS says, or as the settled days of the bill do."""
        known = [self.actual, self.outlook.settled if self.outlook else None]
        return max((amount for amount in known if amount is not None), default=None)

    @property
    def said_probability(self) -> str:
        """Return the probability in words; beyond what a backtest can tell, its bound."""
        if self.probability is None or self.outlook is None or self.outlook.forecast is None:
            return "—"
        least = least_probability(self.outlook.forecast)
        if self.probability >= 1 - least:
            return f"more than {percent(1 - least)}"
        if self.probability <= least:
            return f"less than {percent(least)}"
        return percent(self.probability)


def judge_budgets(
    budgets: pd.DataFrame,
    notifications: pd.DataFrame,
    bill: Bill,
    periods: Periods,
    missing: Collection[date],
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
        missing: days that the bill has no charge of
            (`opslib.analysis.cost.completeness.missing_days`).
        confidence: of the forecast's interval.
        risk: probability of passing the limit from which on a budget fails.
    """
    rows = [_as_of(row, periods) for row in budgets.to_dict("records")]
    return tuple(
        _judge(row, _alarms(notifications, row), bill, periods, missing, confidence, risk)
        for row in sorted(rows, key=lambda row: (str(row["Account"]), str(row["BudgetName"])))
    )


def _as_of(row: dict[Any, Any], periods: Periods) -> dict[Any, Any]:
    """Leave out what AWS tells of another month than the report's: it only knows its own today."""
    if periods.month <= row["ToldOn"] < periods.month_end:
        return row
    return {**row, "ActualAmount": None, "ForecastAmount": None, "ToldOn": None}


def _judge(
    row: dict[Any, Any],
    alarms: tuple[str, ...],
    bill: Bill,
    periods: Periods,
    missing: Collection[date],
    confidence: float,
    risk: float,
) -> BudgetOutlook:
    counted = counted_costs(row, bill)
    outlook, probability = None, None
    verdict, because = Verdict.INCONCLUSIVE, counted if isinstance(counted, str) else ""
    if isinstance(counted, pd.DataFrame) and row["LimitAmount"] is not None:
        outlook = forecast_month(counted, periods, row["Basis"], confidence, missing)
        because = outlook.because
        if outlook.forecast is not None:
            probability = probability_above(outlook.forecast, outlook.known, row["LimitAmount"])
            verdict = Verdict.FAIL if probability >= risk else Verdict.PASS
    if verdict is Verdict.INCONCLUSIVE:
        verdict, because = _judge_by_aws(row, because)
    passed = _is_passed(row, outlook)
    if passed:
        verdict, because = Verdict.FAIL, "the limit is passed already"
    return BudgetOutlook(
        account=row["Account"],
        name=row["BudgetName"],
        unit=row["Currency"],
        limit=row["LimitAmount"],
        actual=row["ActualAmount"],
        aws_forecast=row["ForecastAmount"],
        passed=passed,
        outlook=outlook,
        probability=probability,
        verdict=verdict,
        because=because,
        alarms=alarms,
    )


def _is_passed(row: dict[Any, Any], outlook: MonthOutlook | None) -> bool:
    if row["BudgetType"] != "COST" or row["LimitAmount"] is None:
        return False
    spent = (row["ActualAmount"], outlook.settled if outlook else None)
    return any(amount is not None and amount > row["LimitAmount"] for amount in spent)


def _judge_by_aws(row: dict[Any, Any], because: str) -> tuple[Verdict, str]:
    if row["BudgetType"] != "COST" or row["LimitAmount"] is None or row["ForecastAmount"] is None:
        return Verdict.INCONCLUSIVE, because
    passes = row["ForecastAmount"] > row["LimitAmount"]
    return Verdict.FAIL if passes else Verdict.PASS, f"judged by AWS's forecast: {because}"


def _alarms(notifications: pd.DataFrame, row: dict[Any, Any]) -> tuple[str, ...]:
    if notifications.empty or row["ToldOn"] is None:
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
