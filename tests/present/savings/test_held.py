"""What is committed, AWS's advice beside ours, and what finding it cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.savings.held import analyse_held
from opslib.analysis.savings.report import SavingsReport
from opslib.present.savings import show_held, show_summary
from opslib.tables.held_commitments import COVERED_SPEND
from tests.analysis.savings.estates import AS_OF
from tests.analysis.savings.held.held_tables import READ, advice, plan, tables, use
from tests.analysis.savings.reports import report_on
from tests.analysis.savings.test_advice import VOLUMES

CALLS = [
    {"service": "ce", "count": 3, "usd": "0.03"},
    {"service": "ec2", "count": 1200, "usd": "0"},
]


def report(**values: Any) -> SavingsReport:
    told = report_on(VOLUMES)
    row = ("savings_plan", "<b>Lambda", 0.25, Decimal(60), "USD")
    covered = pd.DataFrame([row], columns=list(COVERED_SPEND.columns))
    held = [plan("arn:aws:savingsplans::1:savingsplan/a<b>"), plan("q", State="queued")]
    read = replace(tables(held, [use("q")], advice(**values)), covered=covered)
    return replace(told, held=analyse_held(told.parameters, read, Decimal(100), READ))


def test_what_is_not_known_is_said_so_and_text_from_outside_is_escaped() -> None:
    shown = show_held(report())
    assert "a<b> | payer | 27 Dec 2026 | $1.00 | not known | not known" in shown.plain
    assert "queued for" in shown.plain
    assert "<b>" not in shown.markup
    assert "<b>Lambda | savings plan | 25% | $60.00" in shown.plain


def test_what_is_over_is_not_shown() -> None:
    told = report()
    over = plan("over", ends=AS_OF - timedelta(days=1), State="retired")
    held = analyse_held(told.parameters, tables([over], []), Decimal(100), READ)
    first = show_held(replace(told, held=held)).plain.splitlines()[:2]
    assert first == ["What is committed already", "How much of it is covered"]


def test_advice_has_its_level_and_when_it_pays_off() -> None:
    line = "Compute Savings Plan | any compute | 1 y, no upfront | $2.00 an hour |  | $300.00"
    assert f"{line} | $0.00 | 9.0 months" in show_held(report()).plain
    unknown = show_held(report(CostShare=None)).plain
    assert f"{line} | $0.00 | not known" in unknown


def test_no_advice_says_why() -> None:
    told = report_on(VOLUMES)
    assert "AWS recommends nothing" in show_held(told).markup
    unasked = told.parameters.model_copy(update={"aws_advice": False})
    assert "AWS was not asked" in show_held(replace(told, parameters=unasked)).markup


def test_the_first_screen_says_what_finding_it_cost() -> None:
    told = report_on(VOLUMES)
    times = int(told.saving / Decimal("0.03"))
    shown = show_summary(told, CALLS, inline_style=False).plain
    assert "What finding it cost: $0.03. 1,203 calls to AWS, 3 of them charged" in shown
    assert f"a month's saving is {times:,} times that." in shown


def test_a_run_that_asked_nothing_and_one_that_found_nothing_boast_of_nothing() -> None:
    again = show_summary(report_on(VOLUMES), [], inline_style=False).plain
    assert "This run asked AWS for nothing" in again
    assert "times that" not in show_summary(report_on({}), CALLS, inline_style=False).plain
