"""Unit costs on small bills, as tests ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.cost import CostReport, analyse_cost, plan_periods
from opslib.coverage import Coverage
from opslib.tables.unit_counts import UNIT_COUNTS
from tests.analysis.cost.bills import DAY, Charge, make_bill, parameters
from tests.analysis.cost.cost_tables import NO_CHANGES, tables_of

FIRST = date(2025, 11, 1)
LAST = date(2026, 3, 1)
ALL_DAYS = tuple(FIRST + DAY * place for place in range((LAST - FIRST).days + 1))
NOW = date(2026, 2, 20)
"""First day of the week that a report as of the epoch is about."""


def charges(cost: Callable[[date], object], **facts: Any) -> list[Charge]:
    return [Charge(day=day, cost=Decimal(str(cost(day))), **facts) for day in ALL_DAYS]


def counts(
    number: Callable[[date], float | None],
    hours: Callable[[date], int] = lambda _: 24,
    unit: str = "request",
) -> pd.DataFrame:
    rows = [
        (unit, day, float(counted), float(hours(day)))
        for day in ALL_DAYS
        if (counted := number(day)) is not None
    ]
    return pd.DataFrame(rows, columns=list(UNIT_COUNTS.columns))


def unit_report(
    lines: Iterable[Charge],
    units: pd.DataFrame,
    coverage: Sequence[Coverage] = (),
    **values: Any,
) -> CostReport:
    params = parameters(**values)
    tables = tables_of(make_bill(lines), units=units)
    return analyse_cost(params, plan_periods(params), tables, NO_CHANGES, coverage)
