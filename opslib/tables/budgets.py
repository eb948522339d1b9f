"""Budgets and AWS's own forecast: columns of the small tables."""

from __future__ import annotations

__all__ = ["BUDGET_COLUMNS", "FORECAST_COLUMNS", "NOTIFICATION_COLUMNS"]

BUDGET_COLUMNS = (
    "Account",
    "BudgetName",
    "BudgetType",
    "TimeUnit",
    "LimitAmount",
    "Currency",
    "ActualAmount",
    "ForecastAmount",
    "Filters",
    "Basis",
    "Excluded",
)
"""One row a budget.

LimitAmount, ActualAmount and ForecastAmount are Decimal or None, in Currency (ISO 4217; a unit
such as Hrs for a usage budget). Filters is JSON text of filter key to values, '{}' for none.
Basis is the FOCUS cost column that the budget counts. Excluded names the charge kinds that it
leaves out, comma-separated (Tax, Credit, ...).
"""

NOTIFICATION_COLUMNS = (
    "Account",
    "BudgetName",
    "NotificationType",
    "Threshold",
    "ThresholdType",
    "State",
)
"""One row a notification; State is OK or ALARM."""

FORECAST_COLUMNS = ("Start", "End", "Mean", "Low", "High", "Confidence", "Currency")
"""One row: AWS's forecast from Start (a date) to End, exclusive."""
