"""The first screen of a report: cards with one figure and one sentence each, and the verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from opslib.findings import Conclusion
from opslib.present.findings import show_conclusions
from opslib.present.html import Html, style_sheet, text

__all__ = ["Card", "card", "show_cards"]

Card = tuple[str, str]
"""Markup, and what a terminal shows instead."""


def card(title: str, figure: str, sentence: str, kind: str = "") -> Card:
    """Return one card; ``kind`` is ``ops-act``, ``ops-warn`` or empty."""
    markup = (
        f'<section class="ops-card {kind}"><h3>{text(title)}</h3>'
        f'<div class="ops-figure">{text(figure)}</div><p>{text(sentence)}</p></section>'
    )
    return markup, f"{title}: {figure}. {sentence}"


def show_cards(
    cards: Sequence[Card], conclusions: Sequence[Conclusion], *, inline_style: bool
) -> Html:
    """Return the first screen.

    Args:
        cards: from `card`.
        conclusions: the answers.
        inline_style: carry the style sheet along, for JupyterLab; rendered reports have it.
    """
    style = f"<style>{style_sheet()}</style>" if inline_style else ""
    verdicts = show_conclusions(conclusions)
    markup = (
        f'{style}<div class="ops-summary">{"".join(c[0] for c in cards)}</div>{verdicts.markup}'
    )
    return Html(markup, "\n".join([*(c[1] for c in cards), verdicts.plain]))
