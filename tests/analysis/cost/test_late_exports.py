"""A bill that ends before the report's period does: nothing may rest on the days that lack."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from opslib.findings import Severity, Verdict
from tests.analysis.cost.bills import Charge, make_bill, steady
from tests.analysis.cost.reports import FIRST, budget, report_on

LAST = date(2026, 3, 1)


def cut_off() -> list[Charge]:
    """Return charges whose last day was exported at six in the morning."""
    return [*steady(FIRST, LAST), Charge(day=date(2026, 3, 2), cost=Decimal(5))]


@pytest.mark.parametrize("as_of", ["2026-03-06", "2026-03-07", "2026-03-08"])
def test_a_report_on_an_export_that_stopped_concludes_nothing(as_of: str) -> None:
    row = budget("1000", ToldOn=date.fromisoformat(as_of), ActualAmount=None)
    report = report_on(make_bill(cut_off()), [row], as_of=f"{as_of}T06:00:00Z")
    *of_bill, of_commitments = [c.verdict for c in report.conclusions]
    assert of_bill == [Verdict.INCONCLUSIVE] * 6
    assert of_commitments is Verdict.PASS
    assert report.month.total is None
    assert report.totals.comparisons[0].change is None
    first = report.findings[0]
    assert (first.kind, first.severity) == ("cost.missing_days", Severity.HIGH)
    assert "why the export stopped" in first.action
    assert not [f for f in report.findings if "gone" in f.kind or "quantity" in f.kind]


def test_a_quiet_last_day_that_others_follow_is_no_gap() -> None:
    quiet = [c for c in cut_off() if c.day != date(2026, 2, 26)]
    quiet.append(Charge(day=date(2026, 2, 26), cost=Decimal(5)))
    report = report_on(make_bill(quiet))
    assert report.conclusions[0].verdict is Verdict.PASS
