"""Markdown in which text from outside stays text.

Source: CommonMark 0.31, "Backslash escapes": a backslash takes its meaning from any ASCII
punctuation. GitHub Flavored Markdown links bare URLs too, and notifies whoever is named by @.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from opslib.redaction import redact_text
from opslib.wording import printable, visible

__all__ = ["BLANK", "markdown_cell", "markdown_table", "markdown_text"]

MARKS = re.compile(r"[\\`*_\[\]<>|~&@$]|(?<=:)//|^[#+=-]|(?<=^\d)[.)](?= )|(?<=^\d\d)[.)](?= )")
BLANK = "_[to fill in]_"


def markdown_text(text: str) -> str:
    """Return text so that Markdown shows it as it is, on one line, without secrets."""
    plain = redact_text(" ".join(visible(text).split()))
    return MARKS.sub(lambda mark: "".join(f"\\{one}" for one in mark[0]), plain)


def markdown_cell(text: str) -> str:
    """Return a name from outside as `markdown_text`, cut to be readable."""
    return markdown_text(printable(text))


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
