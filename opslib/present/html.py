"""HTML that a notebook displays, with every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Literal

from opslib.wording import printable, visible

__all__ = ["Column", "Html", "code", "folded", "stacked", "style_sheet", "table", "text"]


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that a notebook shows as it is.

    Args:
        markup: HTML in which all text from outside is escaped.
        plain: what a terminal shows instead.
    """

    markup: str
    plain: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", visible(self.plain))

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return self.plain


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Args:
        header: what stands above it.
        align: ``text`` to the left, ``sentence`` too, and wide, ``figure`` to
            the right with tabular digits.
    """

    header: str
    align: Literal["text", "sentence", "figure"] = "text"


def text(value: str) -> str:
    """Return ``value`` escaped for HTML, its control characters made visible."""
    return escape(visible(value), quote=True)


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    caption: str,
    total: Sequence[str] | None = None,
    note: str = "",
    folds: Sequence[Html | None] = (),
) -> Html:
    """Return a table; every cell is escaped.

    Args:
        columns: headers and alignment.
        rows: one text a cell.
        caption: what the table shows.
        total: last row, set apart.
        note: small print below it.
        folds: what stands below each row, over all columns; None for nothing.
    """
    head = "".join(f'<th class="{c.align}" scope="col">{escape(c.header)}</th>' for c in columns)
    below = [_fold_row(len(columns), fold) for fold in folds] or [""] * len(rows)
    body = "".join(_row(columns, row, fold) + fold for row, fold in zip(rows, below, strict=True))
    foot = f"<tfoot>{_row(columns, total)}</tfoot>" if total else ""
    small = f'<p class="ops-note">{escape(note)}</p>' if note else ""
    markup = (
        f'<div class="ops-table"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}</table>{small}</div>"
    )
    lines = [" | ".join(printable(cell) for cell in row) for row in rows]
    return Html(markup, "\n".join([caption, *lines]))


def stacked(*parts: Html) -> Html:
    """Return parts one below the other."""
    return Html("".join(part.markup for part in parts), "\n".join(part.plain for part in parts))


def folded(summary: str, *parts: Html) -> Html:
    """Return parts folded away under a line of text; paper shows them where they are unfolded."""
    inner = "".join(part.markup for part in parts)
    markup = f'<details class="ops-fold"><summary>{text(summary)}</summary>{inner}</details>'
    return Html(markup, summary)


def code(source: str) -> Html:
    """Return code as it is written, lines and indentation kept."""
    shown = source.replace("\r\n", "\n").expandtabs(4)
    return Html(f"<pre><code>{text(shown)}</code></pre>", shown)


def _fold_row(columns: int, fold: Html | None) -> str:
    if fold is None:
        return ""
    return f'<tr class="ops-fold-row"><td class="text" colspan="{columns}">{fold.markup}</td></tr>'


def _row(columns: Sequence[Column], cells: Sequence[str], fold: str = "") -> str:
    filled = "".join(
        f'<td class="{column.align}">{text(cell)}</td>'
        for column, cell in zip(columns, cells, strict=True)
    )
    unfolds = ' class="ops-unfolds"' if fold else ""
    return f"<tr{unfolds}>{filled}</tr>"


def style_sheet() -> str:
    """Return the style sheet that reports and notebooks share."""
    return (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
