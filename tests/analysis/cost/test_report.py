from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from opslib.analysis.cost import CostReport, analyse_cost, plan_periods
from opslib.coverage import Coverage, CoverageStatus
from opslib.errors import ParameterError
from opslib.findings import Severity, Verdict
from opslib.tables.budgets import BUDGETS, FORECAST, NOTIFICATIONS
from opslib.tables.costs import Bill
from tests.analysis.cost.bills import LAST_SETTLED, Charge, make_bill, parameters, steady

FIRST = date(2025, 11, 1)
YESTERDAY = date(2026, 3, 1)


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
        bill,
        pd.DataFrame(budgets, columns=list(BUDGETS.columns)),
        pd.DataFrame(columns=list(NOTIFICATIONS.columns)),
        pd.DataFrame(columns=list(FORECAST.columns)),
        coverage,
    )


def budget(limit: str, **facts: Any) -> dict[str, Any]:
    return {
        "Account": "payer",
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
        **facts,
    }


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
    assert all(finding.severity is Severity.INFO for finding in report.findings)


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


def test_a_denied_tag_makes_only_its_question_inconclusive() -> None:
    denied = Coverage(table="costs by Project", asked="all", status=CoverageStatus.DENIED)
    report = report_on(make_bill(steady(FIRST, YESTERDAY)), [budget("1000")], [denied])
    assert [c.verdict for c in report.conclusions] == [
        Verdict.PASS,
        Verdict.PASS,
        Verdict.PASS,
        Verdict.INCONCLUSIVE,
    ]


@pytest.mark.parametrize(
    ("row", "verdict", "because"),
    [
        (budget("1000"), Verdict.PASS, ""),
        (budget("500"), Verdict.FAIL, ""),
        (budget("10"), Verdict.FAIL, "passed already"),
        (budget("1000", TimeUnit="ANNUALLY"), Verdict.INCONCLUSIVE, "beyond the month"),
        (
            budget("1000", TimeUnit="ANNUALLY", ForecastAmount=Decimal(2000)),
            Verdict.FAIL,
            "AWS's forecast",
        ),
        (budget("1000", BudgetType="USAGE"), Verdict.INCONCLUSIVE, "not about cost"),
        (budget("1000", Currency="EUR"), Verdict.INCONCLUSIVE, "in EUR"),
        (
            budget("500", Filters=json.dumps({"LinkedAccount": ["111111111111"]})),
            Verdict.FAIL,
            "",
        ),
        (
            budget("500", Filters=json.dumps({"TagKeyValue": ["user:Project$shop"]})),
            Verdict.FAIL,
            "",
        ),
        (
            budget("500", Filters=json.dumps({"TagKeyValue": ["user:Team$x"]})),
            Verdict.INCONCLUSIVE,
            "did not read",
        ),
        (
            budget("500", Filters=json.dumps({"Operation": ["x"]})),
            Verdict.INCONCLUSIVE,
            "does not read",
        ),
        (
            budget("1000", Filters=json.dumps({"Service": ["Amazon EC2", "EC2 - Other"]})),
            Verdict.INCONCLUSIVE,
            "has no Service EC2 - Other",
        ),
        (
            budget("1000", Filters=json.dumps({"Service": ["Amazon EC2"]}), Excluded="Credit"),
            Verdict.INCONCLUSIVE,
            "leaves out Credit",
        ),
        (budget("1000", Excluded="Discount"), Verdict.INCONCLUSIVE, "cannot tell apart"),
        (budget("1000", Excluded="Tax,Credit"), Verdict.PASS, ""),
    ],
)
def test_budgets_are_judged_by_what_they_count(
    row: dict[str, Any], verdict: Verdict, because: str
) -> None:
    (outlook,) = report_on(make_bill(steady(FIRST, YESTERDAY)), [row]).budgets
    assert outlook.verdict is verdict
    assert because in outlook.because


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
