"""What is new, gone or changed since the last run of the same notebook and environment."""

from __future__ import annotations

from collections.abc import Sequence

from opslib.comparison import Comparison
from opslib.present.html import Html, folded, stacked, text
from opslib.wording import join

__all__ = ["show_first_run", "show_since"]

NEW = "new, "
SHOWN = 5
"""Findings, beside answers and figures, before the rest is folded away."""


def show_first_run() -> Html:
    """Return the card of a report that has none before it."""
    told = "No earlier report of this notebook in this environment: nothing to compare with."
    return _card(f"<p>{told}</p>", told)


def show_since(comparison: Comparison, *, last: str, address: str, between: str) -> Html:
    """Return the card: how many findings changed, which, and whether one is only out of sight.

    Args:
        comparison: of the run with the last one.
        last: which report that is, in words.
        address: of its report, relative to this one.
        between: what became of runs after it, a sentence; empty where there was none.
    """
    counts = [f"{number} {word}" for word, number in comparison.counts]
    parts = [*counts, *([comparison.figures] if comparison.figures else [])]
    told = join(parts) if parts else "the same findings and figures"
    doubt = _doubt(comparison)
    marks = "".join(f"<p>{text(line)}</p>" for line in (between, doubt) if line)
    head = (
        f'<p><strong>{text(told[0].upper() + told[1:])}</strong> against the <a href="'
        f'{text(address)}">{text(last)}</a>.</p>{marks}'
    )
    plain = " ".join(line for line in (f"{told} against {last}.", between, doubt) if line)
    lines = comparison.lines
    if not lines:
        return _card(head, plain)
    most = len(comparison.answers) + len(comparison.headlines) + SHOWN
    shown, rest = _list(lines[:most]), lines[most:]
    below = folded(f"{len(rest)} more", _list(rest)) if rest else Html("", "")
    body = stacked(Html(head, plain), shown, below)
    return _card(body.markup, body.plain, "ops-warn" if doubt else "")


def _doubt(comparison: Comparison) -> str:
    if not comparison.doubts or not comparison.gone:
        return ""
    return (
        f"What is not seen again may only be out of sight: {'; '.join(comparison.doubts)}. "
        "It is not to be taken as mended."
    )


def _list(lines: Sequence[tuple[str, str]]) -> Html:
    items = "".join(
        f'<li><span><span class="ops-badge {_kind(word)}">{text(word)}</span></span>'
        f'<div class="ops-text"><p>{text(said)}</p></div></li>'
        for word, said in lines
    )
    plain = "\n".join(f"{word}: {said}" for word, said in lines)
    return Html(f'<div class="ops-findings ops-changes"><ol>{items}</ol></div>', plain)


def _kind(word: str) -> str:
    kinds = {"gone": "pass", "not seen again": "gap", "answer": "medium"}
    return kinds.get(word) or (word.removeprefix(NEW) if word.startswith(NEW) else "info")


def _card(body: str, plain: str, kind: str = "") -> Html:
    return Html(f'<section class="ops-card ops-since {kind}">{body}</section>', plain)
