"""The first screen of the savings report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from opslib.analysis.savings.report import SavingsReport
from opslib.money import ZERO, total
from opslib.present.cards import Card, card, show_cards, unseen_card
from opslib.present.html import Html
from opslib.present.savings.words import kind_words
from opslib.wording import count, join, money, percent, printable

__all__ = ["show_summary"]

MOST_PARTS = 3


def show_summary(
    report: SavingsReport, calls: Sequence[Mapping[str, Any]], *, inline_style: bool
) -> Html:
    """Return what can be saved, what to do first, what we could not see, and what asking cost.

    Args:
        report: the analysis.
        calls: rows of the run's ledger of calls.
        inline_style: carry the style sheet along, for JupyterLab; rendered reports have it.
    """
    cards = (
        _saving(report),
        _first(report),
        *unseen_card(report.coverage),
        _asking(report, calls),
    )
    return show_cards(cards, report.conclusions, inline_style=inline_style)


def _saving(report: SavingsReport) -> Card:
    if not report.spend:
        return card("What can be saved", "unknown", "Not a single charge came back.", "ops-warn")
    share = percent(report.saving / report.spend)
    by_kind: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in report.counted:
        by_kind[one.recommendation.kind] += one.saving
    ranked = sorted(by_kind.items(), key=lambda part: (-part[1], part[0]))[:MOST_PARTS]
    parts = [f"{kind_words(kind)} {money(saving, report.currency)}" for kind, saving in ranked]
    most = f" Most of it: {join(parts)}." if parts else ""
    sentence = f"{share} of {money(report.spend, report.currency)} a month.{most}"
    return card("What can be saved a month", money(report.saving, report.currency), sentence)


def _first(report: SavingsReport) -> Card:
    if not report.counted:
        return card("What to do first", "nothing", "No recommendation saves enough.")
    first = report.counted[0]
    one = first.recommendation
    sentence = f"{printable(one.thing.name)}: {one.action}"
    more = count(len(report.counted) - 1, "more recommendation")
    figure = money(first.saving, report.currency)
    return card("What to do first", figure, f"{sentence} {more} below.", "ops-act")


def _asking(report: SavingsReport, calls: Sequence[Mapping[str, Any]]) -> Card:
    """Return the calls to AWS and the dollars that finding it took."""
    title, asked = "What finding it cost", sum(row["count"] for row in calls)
    if not asked:
        return card(title, "nothing", "This run asked AWS for nothing: it was read before.")
    paid = total(Decimal(row["usd"]) for row in calls)
    charged = sum(row["count"] for row in calls if Decimal(row["usd"]))
    sentence = f"{count(asked, 'call')} to AWS, {charged:,} of them charged{_times(report, paid)}."
    return card(title, money(paid, "USD"), sentence)


def _times(report: SavingsReport, paid: Decimal) -> str:
    if report.currency != "USD" or not paid or report.saving < paid:
        return ""
    return f"; a month's saving is {int(report.saving / paid):,} times that"
