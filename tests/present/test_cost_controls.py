from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd

from opslib.analysis.cost import analyse_cost, plan_periods
from opslib.present.cost import tabulate_controls
from opslib.tables.bill_controls import CURRENCIES, EXPORT_FILES, TIE_OUT, BillControls
from tests.analysis.cost.bills import make_bill, parameters, steady
from tests.analysis.cost.cost_tables import NO_CHANGES, empty, tables_of

DAYS = tuple(date(2026, 2, day) for day in range(20, 27))
EVIL = "<script>alert(1)</script>"


def test_what_failed_is_shown_with_its_days_and_services() -> None:
    rows = [(day, EVIL, "Usage", *[Decimal(20)] * 4) for day in DAYS]
    controls = BillControls(
        files=pd.DataFrame(
            [(f"s3://b/{EVIL}", date(2026, 2, 1), "m", "missing", 0)],
            columns=list(EXPORT_FILES.columns),
        ),
        duplicates=None,
        currencies=empty(CURRENCIES),
        tie_out=pd.DataFrame(rows, columns=list(TIE_OUT.columns)),
        tied_days=DAYS,
    )
    params = parameters(source="export", path="s3://bills/cost")
    periods = plan_periods(params)
    charges = steady(date(2025, 11, 1), date(2026, 3, 1), service=EVIL)
    tables = tables_of(make_bill(charges, days=periods.days), controls=controls)
    shown = tabulate_controls(analyse_cost(params, periods, tables, NO_CHANGES, ()))
    assert "In doubt, and compared with nothing: 1 Feb to 1 Mar 2026" not in shown.markup
    assert "In doubt, and compared with nothing: 1 to 28 Feb 2026" in shown.markup
    assert "$28.00 more than Cost Explorer on 7 days" in shown.plain
    assert "not controlled" in shown.plain
    assert "$168.00" in shown.plain
    assert EVIL not in shown.markup


def test_a_bill_by_cost_explorer_says_what_was_not_controlled() -> None:
    params = parameters()
    periods = plan_periods(params)
    bill = make_bill(steady(date(2025, 11, 1), date(2026, 3, 1)), days=periods.days)
    report = analyse_cost(params, periods, tables_of(bill), NO_CHANGES, ())
    lines = tabulate_controls(report).plain.splitlines()
    assert len(lines) == 1 + len(report.controls)
    assert sum("not controlled" in line for line in lines) == 4
