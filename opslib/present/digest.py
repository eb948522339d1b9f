"""The digest as mail and chat take it: Markdown and plain text, at most fifteen lines.

Names come from outside. Beside what `opslib.present.markdown` takes from them, chat programs notify
whoever is named by ``@``, read ``<!channel>`` in plain text, and turn what looks like an address
into a link; such characters are replaced by others of the same look (Slack's "Formatting text for
app surfaces"; GitHub Flavored Markdown 0.29, "Autolinks (extension)"), since a backslash means
nothing to them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from opslib.digest import DigestLine
from opslib.present.markdown import markdown_text
from opslib.redaction import redact_text
from opslib.wording import printable, visible

__all__ = ["lines_as_markdown", "lines_as_text"]

LONGEST = 400
"""Characters of a line's sentences; the report has all of them."""
CLAUSE_END = re.compile(r"(?<=[.?!])\s|[:;]\s")
LOOKALIKES = str.maketrans({"@": "\uff20", "<": "\u2039", ">": "\u203a"})
ADDRESS = re.compile(r"(?<=:)//|(?i:(?<=\bwww)\.)")
HARMLESS = {"//": "\u2215\u2215", ".": "\u2024"}


def lines_as_markdown(lines: Sequence[DigestLine]) -> str:
    """Return the digest as Markdown: its title, and a list."""
    title, *others = [_harmless(line) for line in lines]
    items = [f"- **{markdown_text(line.label)}** {markdown_text(line.text)}" for line in others]
    return "\n".join([f"**{markdown_text(title.label)}:** {markdown_text(title.text)}", *items, ""])


def lines_as_text(lines: Sequence[DigestLine]) -> str:
    """Return the digest as plain text, a line each."""
    title, *others = [_harmless(line) for line in lines]
    items = [f"{line.label}: {line.text}" for line in others]
    return "\n".join([f"{title.label}: {title.text}", *items, ""])


def _harmless(line: DigestLine) -> DigestLine:
    return DigestLine(label=_defused(line.label), text=_defused(line.text))


def _defused(text: str) -> str:
    """Return text on one line without secrets, controls, mentions, markup and addresses."""
    shown = _whole_sentences(visible(redact_text(text).replace("\n", " ")))
    without = ADDRESS.sub(lambda found: HARMLESS[found[0]], shown)
    return " ".join(without.translate(LOOKALIKES).split())


def _whole_sentences(text: str) -> str:
    """Return as many whole sentences or clauses of ``text`` as fit; cut only where none does."""
    if len(text) <= LONGEST:
        return text
    ends = [end.start() for end in CLAUSE_END.finditer(text) if end.start() < LONGEST]
    if not ends or ends[-1] < LONGEST // 10:
        return printable(text, LONGEST)
    kept = text[: ends[-1]]
    return kept if kept.endswith((".", "?", "!")) else f"{kept}."
