"""What became of earlier advice, and what is wrong with the files that people keep of it."""

from __future__ import annotations

from collections import Counter

from opslib.analysis.savings.advice_findings import weigh_advice
from opslib.analysis.savings.advised import AdviceState, Followed
from opslib.analysis.savings.report import SavingsReport
from opslib.coverage import gaps
from opslib.findings import Finding
from opslib.present.html import Column, Html, stacked, table
from opslib.present.savings.words import kind_words
from opslib.tables.past_advice import ADVICE_TABLES
from opslib.wording import count, join, money, printable

__all__ = ["tabulate_follow_through"]

DOUBTS = {
    "savings.decline_expired": "Declined advice",
    "savings.decline_unknown": "Declined advice",
    "savings.owner_rule_unmatched": "Owner map",
    "savings.two_owners": "Owner map",
}
"""Kinds of findings on what people wrote, and where they wrote it."""


def tabulate_follow_through(report: SavingsReport) -> Html:
    """Return earlier advice and what became of it, then what is wrong with declines and owners."""
    doubts = [one for one in report.findings if one.kind in DOUBTS]
    shown = _followed(report)
    return stacked(shown, _doubts(doubts)) if doubts else shown


def _followed(report: SavingsReport) -> Html:
    columns = (
        Column("What"),
        Column("Resource"),
        Column("Account"),
        Column("Owner"),
        Column("Advised for", "figure"),
        Column("Became"),
        Column("Why", "sentence"),
        Column("Promised", "figure"),
        Column("Saves a month", "figure"),
        Column("Saved so far", "figure"),
    )
    order = list(AdviceState)
    credited = (AdviceState.TAKEN, AdviceState.PARTLY)
    ranked = sorted(
        report.advice.followed,
        key=lambda one: (one.state not in credited, order.index(one.state), -one.advised.promised),
    )
    worth = weigh_advice(ranked)
    return table(
        columns,
        [_row(one, report) for one in ranked[: report.parameters.top]],
        caption="Earlier advice, and what became of it",
        total=(
            *("Taken", "", "", "", "", "", ""),
            money(worth.promised, report.currency),
            money(worth.realised, report.currency),
            "",
        )
        if worth.taken
        else None,
        note=_note(report),
    )


def _row(one: Followed, report: SavingsReport) -> tuple[str, ...]:
    advised = one.advised
    return (
        kind_words(advised.kind),
        printable(advised.name),
        printable(advised.account),
        printable(advised.owner),
        count(advised.age_days(report.parameters.as_of), "day"),
        one.state.value,
        one.sentence,
        money(advised.promised, report.currency),
        "" if one.realised is None else money(one.realised, report.currency),
        "" if one.so_far is None else money(one.so_far, report.currency),
    )


def _note(report: SavingsReport) -> str:
    missing = gaps(report.coverage, ADVICE_TABLES[0])
    unseen = [f"Earlier reports: {line.detail or line.status.words}." for line in missing]
    states = Counter(one.state for one in report.advice.followed)
    told = [f"{states[state]} {state.value}" for state in AdviceState if states[state]]
    if not told and not unseen:
        return (
            "There is no report of an earlier moment of this notebook, or none recommends anything."
        )
    all_rows = "All rows: tables/follow_through.csv." if told else ""
    summed = f"{join(told)}. Saved so far: on the days of this report's bill." if told else ""
    return " ".join([*unseen, *filter(None, [summed, all_rows])])


def _doubts(doubts: list[Finding]) -> Html:
    return table(
        (Column("Where"), Column("What", "sentence"), Column("What to do", "sentence")),
        [(DOUBTS[one.kind], one.sentence, one.action) for one in doubts],
        caption="What people wrote that does not fit",
    )
