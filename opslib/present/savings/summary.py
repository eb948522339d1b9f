"""The first screen of the savings report."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from opslib.analysis.savings.report import SavingsReport
from opslib.money import ZERO
from opslib.present.cards import Card, card, show_cards, unseen_card
from opslib.present.html import Html
from opslib.present.savings.words import kind_words
from opslib.wording import count, join, money, percent, printable

__all__ = ["show_summary"]

MOST_PARTS = 3


def show_summary(report: SavingsReport, *, inline_style: bool) -> Html:
    """Return what can be saved, what to do first, and what we could not see.

    Args:
        report: the analysis.
        inline_style: carry the style sheet along, for JupyterLab; rendered reports have it.
    """
    cards = (_saving(report), _first(report), *unseen_card(report.coverage))
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
    sentence = f"{printable(one.thing.name)}: {one.sentence}. {one.action}"
    more = count(len(report.counted) - 1, "more recommendation")
    figure = money(first.saving, report.currency)
    return card("What to do first", figure, f"{sentence} {more} below.", "ops-act")
