"""The first screen of a report: cards with one figure and one sentence each, and the verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from opslib.coverage import Coverage, distinct_gaps
from opslib.findings import Conclusion
from opslib.present.findings import show_verdicts
from opslib.present.html import Html, style_sheet, text
from opslib.wording import count, join, printable

__all__ = ["Card", "card", "show_cards", "unseen_card"]

MOST_NAMED = 3

Card = tuple[str, str]
"""Markup, and what a terminal shows instead."""


def card(title: str, figure: str, sentence: str, kind: str = "") -> Card:
    """Return one card; ``kind`` is ``ops-act``, ``-fail``, ``-warn``, ``-unseen`` or empty."""
    markup = (
        f'<section class="ops-card {kind}"><h3>{text(title)}</h3>'
        f'<div class="ops-figure">{text(figure)}</div><p>{text(sentence)}</p></section>'
    )
    return markup, f"{title}: {figure}. {sentence}"


def unseen_card(coverage: Sequence[Coverage]) -> tuple[Card, ...]:
    """Return the card that names tables with gaps; nothing where there are none."""
    missing = distinct_gaps(coverage)
    if not missing:
        return ()
    named = sorted({printable(line.table) for line in missing})
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    sentence = f"{join(named[:MOST_NAMED])}{more}."
    return (card("What we could not see", count(len(missing), "gap"), sentence, "ops-unseen"),)


def show_cards(
    cards: Sequence[Card], conclusions: Sequence[Conclusion], *, inline_style: bool
) -> Html:
    """Return the first screen.

    Args:
        cards: from `card`.
        conclusions: the answers, of which only the verdicts stand here.
        inline_style: carry the style sheet along, for JupyterLab; rendered reports have it.
    """
    style = f"<style>{style_sheet()}</style>" if inline_style else ""
    verdicts = show_verdicts(conclusions)
    markup = (
        f'{style}<div class="ops-summary">{"".join(c[0] for c in cards)}</div>{verdicts.markup}'
    )
    return Html(markup, "\n".join([*(c[1] for c in cards), verdicts.plain]))
