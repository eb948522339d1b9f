from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Verdict
from opslib.tables.costs import Bill
from tests.analysis.cost.bills import Charge, make_bill, steady
from tests.analysis.cost.reports import FIRST, YESTERDAY, report_on


def without(*missing: date, charges: list[Charge] | None = None) -> Bill:
    lines = charges or steady(FIRST, YESTERDAY)
    return make_bill([line for line in lines if line.day not in missing])


def test_a_hole_in_the_period_compares_nothing_and_claims_no_fall() -> None:
    gone = steady(FIRST, date(2026, 2, 20), resource="i-gone", cost="80")
    new = steady(date(2026, 2, 21), YESTERDAY, resource="i-new", cost="90")
    lines = [*steady(FIRST, YESTERDAY), *gone, *new]
    report = report_on(without(date(2026, 2, 24), charges=lines))
    assert all(comparison.change is None for comparison in report.totals.comparisons)
    assert [f.kind for f in report.findings if "resource" in f.kind] == ["cost.new_resource"]


def test_a_hole_in_the_week_before_compares_nothing() -> None:
    report = report_on(without(date(2026, 2, 17)))
    assert report.changes is None
    assert report.totals.comparisons[0].change is None
    assert report.conclusions[0].verdict is Verdict.INCONCLUSIVE


def test_a_hole_in_the_history_is_not_taken_for_a_free_day() -> None:
    report = report_on(without(date(2026, 2, 4)))
    week_before, mean, weekdays = report.totals.comparisons
    assert week_before.change == 0
    assert mean.amount is None
    assert weekdays.amount is None
    (line,) = [c for c in report.coverage if c.table == "bill history" and "no charge" in c.detail]
    assert line.status is CoverageStatus.PARTIAL
    assert report.changes is not None
    assert report.changes.earlier_periods < 12
    assert report.conclusions[0].verdict is Verdict.PASS
    assert report.month.total is None, "the days since the hole are too few to test a forecast on"


def test_meters_that_were_denied_are_not_an_empty_bill() -> None:
    bill = make_bill(steady(FIRST, YESTERDAY))
    denied = Coverage(table="costs by meter", asked="all", status=CoverageStatus.DENIED)
    bare = replace(bill, meters=bill.meters.iloc[:0], resources=None)
    report = report_on(bare, coverage=[denied])
    assert report.totals.amount == 7 * 24
    assert "not a single charge" not in str(report.coverage)
    assert report.conclusions[1].verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("source", "off", "tied"),
    [
        ("cost_explorer", "0.0000000003", True),
        ("cost_explorer", "0.5", False),
        ("export", "0.0000000003", False),
    ],
)
def test_only_what_aws_rounds_may_differ_by_rounding(source: str, off: str, tied: bool) -> None:
    bill = make_bill(steady(FIRST, YESTERDAY, cost="24.0000000001"))
    moved = bill.accounts.copy()
    day = moved.index[moved["ChargePeriodStart"] == date(2026, 2, 23)][0]
    moved.loc[day, "EffectiveCost"] += Decimal(off)
    report = report_on(replace(bill, source=source, accounts=moved))
    untied = [c for c in report.coverage if "the meters to" in c.detail]
    assert (not untied) == tied


def test_a_bill_that_begins_within_the_period_is_incomplete() -> None:
    report = report_on(make_bill(steady(date(2026, 2, 22), YESTERDAY)))
    assert report.conclusions[0].verdict is Verdict.INCONCLUSIVE
    assert isinstance(report.bill.meters, pd.DataFrame)
    assert "20 Feb 2026" in str(report.coverage)


def test_a_day_of_the_future_is_no_hole() -> None:
    late = make_bill(steady(FIRST, YESTERDAY - timedelta(days=2)))
    report = report_on(late)
    assert report.conclusions[0].verdict is Verdict.PASS
