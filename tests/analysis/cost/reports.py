"""Reports on small bills, as tests ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.cost import CostReport, analyse_cost, plan_periods
from opslib.coverage import Coverage, CoverageStatus
from opslib.tables.budgets import BUDGETS
from opslib.tables.costs import Bill
from tests.analysis.cost.bills import parameters
from tests.analysis.cost.cost_tables import NO_CHANGES, tables_of

FIRST = date(2025, 11, 1)
YESTERDAY = date(2026, 3, 1)
ALL_READ = tuple(
    Coverage(table=table, asked="all", status=CoverageStatus.COMPLETE)
    for table in ("AWS anomalies", "commitment use", "cloudtrail events")
)
"""What every report reads beside the bill and the budgets."""


def report_on(
    bill: Bill,
    budgets: Sequence[dict[str, Any]] = (),
    coverage: Sequence[Coverage] = (),
    **values: Any,
) -> CostReport:
    params = parameters(**values)
    return analyse_cost(
        params,
        plan_periods(params),
        tables_of(bill, budgets=pd.DataFrame(budgets, columns=list(BUDGETS.columns))),
        NO_CHANGES,
        (*ALL_READ, *coverage),
    )


def budget(limit: str, **facts: Any) -> dict[str, Any]:
    return {
        "Account": "payer",
        "AccountId": "111111111111",
        "BudgetName": "all",
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "LimitAmount": Decimal(limit),
        "Currency": "USD",
        "ActualAmount": Decimal(24),
        "ForecastAmount": None,
        "Filters": "{}",
        "Basis": "EffectiveCost",
        "Excluded": "",
        "Unread": "",
        "ToldOn": date(2026, 3, 2),
        **facts,
    }
