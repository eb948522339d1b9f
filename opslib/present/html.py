"""HTML that a notebook displays, with every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Literal

from opslib.wording import printable, visible

__all__ = ["Column", "Html", "stacked", "style_sheet", "table", "text"]


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
        align: ``text`` to the left, ``figure`` to the right with tabular digits.
    """

    header: str
    align: Literal["text", "figure"] = "text"


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
) -> Html:
    """Return a table; every cell is escaped.

    Args:
        columns: headers and alignment.
        rows: one text a cell.
        caption: what the table shows.
        total: last row, set apart.
        note: small print below it.
    """
    head = "".join(f'<th class="{c.align}" scope="col">{escape(c.header)}</th>' for c in columns)
    body = "".join(_row(columns, row) for row in rows)
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


def _row(columns: Sequence[Column], cells: Sequence[str]) -> str:
    filled = "".join(
        f'<td class="{column.align}">{text(cell)}</td>'
        for column, cell in zip(columns, cells, strict=True)
    )
    return f"<tr>{filled}</tr>"


def style_sheet() -> str:
    """Return the style sheet that reports and notebooks share."""
    return (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
