from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from opslib.findings import Verdict
from tests.analysis.cost.bills import Charge, make_bill, steady
from tests.analysis.cost.reports import FIRST, YESTERDAY, budget, report_on

LINKED = "222222222222"


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


def two_accounts() -> list[Charge]:
    return [
        *steady(FIRST, YESTERDAY),
        *steady(FIRST, YESTERDAY, cost="10", account=LINKED, resource="i-2"),
    ]


@pytest.mark.parametrize(
    ("facts", "verdict", "because"),
    [
        ({}, Verdict.PASS, ""),
        ({"LimitAmount": Decimal(300)}, Verdict.FAIL, ""),
        ({"Filters": json.dumps({"Service": ["Amazon EC2"]})}, Verdict.PASS, ""),
        ({"Filters": json.dumps({"LinkedAccount": [LINKED]})}, Verdict.PASS, ""),
        ({"Filters": json.dumps({"Region": ["us-east-1"]})}, Verdict.INCONCLUSIVE, "within one"),
        ({"Excluded": "Credit"}, Verdict.INCONCLUSIVE, "by account"),
        ({"AccountId": "999999999999"}, Verdict.INCONCLUSIVE, "no such charge of account 9999"),
    ],
)
def test_a_budget_of_a_linked_account_counts_its_own_spend_only(
    facts: dict[str, Any], verdict: Verdict, because: str
) -> None:
    row = budget("500", **{"Account": "linked", "AccountId": LINKED, **facts})
    (outlook,) = report_on(make_bill(two_accounts()), [row]).budgets
    assert outlook.verdict is verdict
    assert because in outlook.because
    if outlook.outlook is not None and outlook.outlook.total is not None:
        assert outlook.outlook.total.mid == 31 * 10


def test_what_aws_tells_of_another_month_judges_nothing() -> None:
    row = budget("1000", ActualAmount=Decimal(5000), ToldOn=date(2026, 4, 20))
    (outlook,) = report_on(make_bill(steady(FIRST, YESTERDAY)), [row]).budgets
    assert (outlook.verdict, outlook.actual, outlook.passed) == (Verdict.PASS, None, False)


def test_a_passed_budget_says_so_and_gives_no_probability() -> None:
    report = report_on(make_bill(steady(FIRST, YESTERDAY)), [budget("10")])
    (finding,) = [f for f in report.findings if f.kind == "cost.budget_overrun"]
    assert "has passed its limit of $10.00: $24.00 spent so far" in finding.sentence
    assert "probability" not in finding.sentence


def test_what_cannot_be_read_from_a_budget_is_not_guessed() -> None:
    row = budget("1000", Unread="it counts blended cost")
    report = report_on(make_bill(steady(FIRST, YESTERDAY)), [row])
    assert report.budgets[0].verdict is Verdict.INCONCLUSIVE
    assert report.conclusions[2].because == ("all: it counts blended cost",)


def test_a_month_with_missing_days_is_not_forecast() -> None:
    charges = [c for c in steady(FIRST, date(2026, 3, 20)) if c.day != date(2026, 3, 4)]
    report = report_on(make_bill(charges), [budget("1000")], as_of="2026-03-21T06:00:00Z")
    assert report.month.total is None
    assert report.month.because == "1 day of the month not in the bill"
    assert report.budgets[0].verdict is Verdict.INCONCLUSIVE


def test_a_doubtful_bill_lets_no_budget_pass_without_reserve() -> None:
    charges = [c for c in steady(FIRST, YESTERDAY) if c.day != date(2026, 2, 24)]
    report = report_on(make_bill(charges), [budget("1000")])
    *of_bill, of_commitments = [conclusion.verdict for conclusion in report.conclusions]
    assert of_bill == [Verdict.INCONCLUSIVE] * 6
    assert of_commitments is Verdict.PASS
