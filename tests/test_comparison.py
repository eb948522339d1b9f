"""What changed between two runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from opslib.comparison import compare_runs
from opslib.estimate import Estimate
from opslib.findings import Conclusion, Finding, FindingsDocument, Severity, Suppression, Verdict
from tests.runner.records import document, finding, gap, headline

HIDDEN = Suppression(reason="known", by="ada", until=date(2026, 6, 30))


def priced(amount: str, name: str = "EC2") -> Finding:
    return finding(name, amount=Estimate.exact(Decimal(amount)), currency="USD")


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (finding("EC2"), finding("EC2", severity=Severity.HIGH), "was medium"),
        (finding("EC2"), finding("EC2", suppressed=HIDDEN), "suppressed"),
        (finding("EC2", suppressed=HIDDEN), finding("EC2"), "not suppressed any more"),
        (priced("10"), priced("12.5"), "+$2.50 since"),
        (finding("EC2"), finding("EC2", sentence="EC2 costs less."), "other words"),
    ],
)
def test_a_change_is_told_by_what_matters_most_of_it(
    before: Finding, after: Finding, what: str
) -> None:
    (changed,) = compare_runs(document(before), document(after)).changed
    assert changed.what == what


def test_the_most_telling_change_comes_first() -> None:
    before = document(priced("1"), priced("1", "S3"), finding("RDS"))
    after = document(priced("2"), priced("9", "S3"), finding("RDS", severity=Severity.CRITICAL))
    changed = compare_runs(before, after).changed
    assert [one.after.subject["ServiceName"] for one in changed] == ["RDS", "S3", "EC2"]


def test_what_is_gone_is_only_out_of_sight_where_a_run_saw_or_asked_less() -> None:
    before = document(finding("EC2"))
    assert compare_runs(before, document()).counts == (("gone", 1),)
    blind = compare_runs(before, document(coverage=(gap(),)))
    assert blind.counts == (("not seen again", 1),)
    assert blind.doubts == ("1 gap: costs",)
    other = compare_runs(before, document(), asked=("top", "period"))
    assert other.doubts == ("this run was asked otherwise: period and top",)


@pytest.mark.parametrize(
    ("before", "after", "unit", "told"),
    [
        ("10", "12.5", "USD", "week cost: $10.00 → $12.50 (+25%)"),
        ("3", None, "days", "week cost: 3 days → unknown"),
        (None, "1", "days", "week cost: unknown → 1 day"),
        ("0", "4", "days", "week cost: 0 days → 4 days"),
        ("1.4851614243", "0.0012345", "ratio", "week cost: 1.49 ratio → 0.0012 ratio (-99.9%)"),
        ("40", "50", "percent", "week cost: 40% → 50%"),
    ],
)
def test_a_figure_is_told_with_its_move(
    before: str | None, after: str | None, unit: str, told: str
) -> None:
    one = document(headlines=(headline(before, unit=unit),))
    other = document(headlines=(headline(after, unit=unit),))
    (changed,) = compare_runs(one, other).headlines
    assert changed.sentence == told


def test_an_answer_with_another_verdict_is_a_change_and_comes_first() -> None:
    def answered(verdict: Verdict, question: str = "Is it whole?") -> FindingsDocument:
        told = Conclusion(question=question, verdict=verdict, sentence="As told.")
        return replace(document(finding("EC2")), conclusions=(told,))

    lost = compare_runs(answered(Verdict.PASS), answered(Verdict.FAIL))
    assert lost.lines == (("answer", "Is it whole? pass → fail"),)
    assert lost.counts == (("other answer", 1),)
    assert compare_runs(answered(Verdict.PASS), answered(Verdict.PASS)).lines == ()
    other = compare_runs(answered(Verdict.PASS, "Was it in time?"), answered(Verdict.FAIL))
    assert other.lines == (), "a question that was not asked before had no other answer"
