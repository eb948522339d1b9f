from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from opslib.analysis.cost import CostReport
from opslib.coverage import Coverage, CoverageStatus
from opslib.errors import ParameterError
from opslib.findings import Severity, Verdict
from tests.analysis.cost.bills import LAST_SETTLED, Charge, make_bill, steady
from tests.analysis.cost.reports import FIRST, YESTERDAY, budget, report_on


def verdicts(report: CostReport) -> dict[str, Verdict]:
    return {conclusion.question.split()[0]: conclusion.verdict for conclusion in report.conclusions}


def test_a_quiet_account_passes_and_has_nothing_to_do() -> None:
    report = report_on(make_bill(steady(FIRST, YESTERDAY)), [budget("1000")])
    assert set(verdicts(report).values()) == {Verdict.PASS}
    assert [finding.severity for finding in report.findings] == [Severity.INFO]
    assert report.totals.amount == 7 * 24
    assert report.totals.unsettled == 3 * 24


def test_an_account_without_a_bill_is_inconclusive_and_not_healthy() -> None:
    report = report_on(make_bill([], days=(YESTERDAY,)))
    assert set(verdicts(report).values()) == {Verdict.INCONCLUSIVE}
    assert all(headline.amount is None for headline in report.headlines)
    assert report.findings == ()


def test_a_missing_day_makes_the_bill_incomplete() -> None:
    charges = [c for c in steady(FIRST, YESTERDAY) if c.day != date(2026, 2, 24)]
    report = report_on(make_bill(charges), [budget("1000")])
    assert verdicts(report)["Is"] is not Verdict.FAIL
    complete = report.conclusions[0]
    assert complete.verdict is Verdict.INCONCLUSIVE
    assert "24 Feb 2026" in str(report.coverage)


def test_a_period_without_charges_says_where_the_charges_are() -> None:
    bill = make_bill(steady(date(2025, 6, 1), date(2025, 6, 30)))
    with pytest.raises(ParameterError, match="it has charges from 1 Jun 2025 to 30 Jun 2025"):
        report_on(bill)


def test_a_short_bill_is_not_compared() -> None:
    report = report_on(make_bill(steady(date(2026, 2, 20), YESTERDAY)))
    assert report.changes is None
    assert report.totals.comparisons[0].change is None
    assert report.month.total is None
    assert report.conclusions[1].verdict is Verdict.INCONCLUSIVE


def test_too_few_periods_to_tell_what_is_usual_is_inconclusive() -> None:
    new = steady(date(2026, 2, 21), YESTERDAY, resource="i-new", cost="50")
    report = report_on(make_bill([*steady(date(2026, 2, 6), YESTERDAY), *new]))
    assert report.conclusions[1].verdict is Verdict.INCONCLUSIVE
    assert any(finding.kind == "cost.new_resource" for finding in report.findings)


def test_an_account_that_answered_nothing_is_a_gap() -> None:
    accounts = [{"id": "111111111111", "name": "payer"}, {"id": "999999999999", "name": "lost"}]
    report = report_on(make_bill(steady(FIRST, YESTERDAY)), accounts=accounts)
    (line,) = [c for c in report.coverage if c.account == "lost"]
    assert line.status is CoverageStatus.EMPTY
    assert report.conclusions[0].verdict is Verdict.INCONCLUSIVE


def test_alarms_that_could_not_be_read_leave_budgets_inconclusive() -> None:
    denied = Coverage(table="budget notifications", asked="all", status=CoverageStatus.DENIED)
    bill, held = make_bill(steady(FIRST, YESTERDAY)), [budget("1000")]
    assert verdicts(report_on(bill, held))["Will"] is Verdict.PASS
    report = report_on(bill, held, coverage=(denied,))
    assert verdicts(report)["Will"] is Verdict.INCONCLUSIVE


def test_a_denied_tag_makes_only_its_question_inconclusive() -> None:
    denied = Coverage(table="costs by Project", asked="all", status=CoverageStatus.DENIED)
    report = report_on(make_bill(steady(FIRST, YESTERDAY)), [budget("1000")], [denied])
    assert [c.verdict for c in report.conclusions] == [
        Verdict.PASS,
        Verdict.PASS,
        Verdict.PASS,
        Verdict.INCONCLUSIVE,
        Verdict.PASS,
        Verdict.PASS,
        Verdict.PASS,
    ]


def test_a_monthly_fee_that_has_not_come_yet_is_part_of_the_forecast() -> None:
    fees = [
        Charge(day=day, cost=Decimal(100), category="Tax", meter="Tax", unit="", resource="")
        for day in (date(2026, 1, 3), date(2026, 2, 3))
    ]
    report = report_on(make_bill([*steady(FIRST, YESTERDAY), *fees]))
    assert report.month.monthly_charges == 100
    assert report.month.total is not None
    assert report.month.total.mid == 31 * 24 + 100


def test_two_runs_of_the_same_input_say_the_same() -> None:
    bill = make_bill(steady(FIRST, YESTERDAY))
    assert report_on(bill).document() == report_on(bill).document()


def test_unsettled_days_change_nothing_that_is_compared() -> None:
    whole = steady(FIRST, YESTERDAY)
    cut = [c if c.day <= LAST_SETTLED else Charge(day=c.day, cost=c.cost / 10) for c in whole]
    one, other = report_on(make_bill(whole)), report_on(make_bill(cut))
    assert one.totals.comparisons == other.totals.comparisons
    assert one.month.total == other.month.total
    assert one.totals.unsettled != other.totals.unsettled
