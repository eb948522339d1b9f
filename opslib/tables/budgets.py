"""Budgets and AWS's own forecast: the small tables that are read of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["BUDGETS", "FORECAST", "NOTIFICATIONS"]

BUDGETS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "AccountId": column(str),
        "BudgetName": column(str),
        "BudgetType": column(str),
        "TimeUnit": column(str),
        "LimitAmount": column(Decimal, nullable=True),
        "Currency": column(str),
        "ActualAmount": column(Decimal, nullable=True),
        "ForecastAmount": column(Decimal, nullable=True),
        "Filters": column(str),
        "Basis": column(str),
        "Excluded": column(str),
        "Unread": column(str),
        "ToldOn": column(date),
    },
    unique=["Account", "BudgetName"],
)
"""One row a budget.

LimitAmount, ActualAmount and ForecastAmount are in Currency (ISO 4217; a unit such as Hrs for a
usage budget), None where AWS tells none. Filters is JSON text of filter key to values, '{}' for
none. Basis is the FOCUS cost column that the budget counts. Excluded names the charge kinds that
it leaves out, comma-separated (Tax, Credit, ...). Unread says why what it counts cannot be told
from these; empty where it can. ToldOn is the UTC day on which AWS said so: ActualAmount and
ForecastAmount are of the month of that day.
"""

NOTIFICATIONS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "BudgetName": column(str),
        "NotificationType": column(str),
        "Threshold": column(Decimal),
        "ThresholdType": column(str),
        "State": column(str),
    }
)
"""One row a notification; Threshold is per cent or money by ThresholdType, State OK or ALARM."""

FORECAST = pa.DataFrameSchema(
    {
        "Start": column(date),
        "End": column(date),
        "Mean": column(Decimal),
        "Low": column(Decimal),
        "High": column(Decimal),
        "Confidence": column(float),
        "Currency": column(str),
    }
)
"""At most one row: AWS's forecast from Start to End, exclusive, in Currency."""
