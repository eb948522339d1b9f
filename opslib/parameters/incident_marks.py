"""Changing the stars and notes of an incident's file, and nothing else that people wrote in it.

Method: the lines of a star or note that is altered are replaced, and new ones follow the last;
where that cannot be done (a list in brackets, a section that is absent or becomes empty) the
section is written anew. The result is read again, and is given back only if it says exactly what
was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from opslib.errors import ParameterError
from opslib.parameters.incident_file import parse_incident
from opslib.parameters.yaml_text import parse_mapping

__all__ = ["rewrite_marks"]

Marks = Sequence[str] | Mapping[str, str]
WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A star or note as it stands in the file: its id, and the lines [first, last]."""

    id: str
    first: int
    last: int


def rewrite_marks(text: str, where: str, *, stars: Sequence[str], notes: Mapping[str, str]) -> str:
    """Return the text of an incident's file with these stars and notes, else as it is written.

    Args:
        text: of the file.
        where: the file, for messages.
        stars: ids of events, in the order to write them.
        notes: event to text.

    Raises:
        ParameterError: ``text`` is malformed, or is written in a way that cannot be altered.
    """
    before = parse_incident(text, where)
    wanted = before.model_copy(update={"stars": tuple(stars), "notes": dict(notes)})
    altered = [
        name for name in ("stars", "notes") if getattr(wanted, name) != getattr(before, name)
    ]
    for change in (_change_entries, _change_section):
        try:
            changed = text
            for name in altered:
                changed = change(changed, where, name, getattr(wanted, name))
            if parse_incident(changed, where) == wanted:
                return changed
        except ParameterError:  # of what the change made of it, which nobody will see
            continue
    raise ParameterError(
        "stars and notes cannot be added to the way that it is written",
        where=where,
        remedy="Write each name on a line of its own, without braces or `...` around them.",
    )


def _change_entries(text: str, where: str, name: str, value: Marks) -> str:
    """Replace, remove and add the lines of single entries."""
    section = _section(text, where, name)
    if section is None or not value or not _is_block(section[1]):
        return _change_section(text, where, name, value)
    lines, entries = text.splitlines(keepends=True), _entries(section[1])
    indent = " " * section[1].start_mark.column
    known = getattr(parse_incident(text, where), name)
    added = [_render(value, one, indent) for one in value if one not in known]
    _insert(lines, entries[-1].last, "".join(added))
    for entry in reversed(entries):
        if entry.id not in value:
            del lines[entry.first : entry.last + 1]
        elif isinstance(value, Mapping) and value[entry.id] != known[entry.id]:
            lines[entry.first : entry.last + 1] = [_render(value, entry.id, indent)]
    return "".join(lines)


def _change_section(text: str, where: str, name: str, value: Marks) -> str:
    """Write a section anew where it stands, or at the end."""
    lines, section = text.splitlines(keepends=True), _section(text, where, name)
    written = _dumped({name: dict(value) if isinstance(value, Mapping) else list(value)})
    if section is None:
        _insert(lines, len(lines) - 1, written)
    else:
        lines[section[0].start_mark.line : _last_line(section[1]) + 1] = [written]
    return "".join(lines)


def _insert(lines: list[str], after: int, written: str) -> None:
    """Put text after a line, which a file may end without ending it."""
    if lines and not lines[after].endswith("\n"):
        lines[after] += "\n"
    lines.insert(after + 1, written)


def _section(text: str, where: str, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    _, root = parse_mapping(text, where)
    pairs = root.value if root else []
    return next(((key, value) for key, value in pairs if key.value == name), None)


def _is_block(node: yaml.Node) -> bool:
    """Say whether it is a list or mapping with entries on lines of their own."""
    return isinstance(node, yaml.CollectionNode) and not node.flow_style and bool(node.value)


def _entries(section: yaml.Node) -> list[_Entry]:
    pairs = [
        pair if isinstance(pair, tuple) else (pair, pair) for pair in section.value
    ]  # of a list, an entry is its own key
    return [
        _Entry(id=key.value, first=key.start_mark.line, last=_last_line(value))
        for key, value in pairs
    ]


def _last_line(node: yaml.Node) -> int:
    """Return the last line of a part; a block of text ends at the beginning of the next line."""
    if _is_block(node):
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.line if node.end_mark.column else node.end_mark.line - 1)


def _render(value: Marks, one: str, indent: str) -> str:
    written = _dumped({one: value[one]} if isinstance(value, Mapping) else [one])
    return "".join(indent + line for line in written.splitlines(keepends=True))


def _dumped(part: Any) -> str:
    written = yaml.safe_dump(part, sort_keys=False, allow_unicode=True, width=WIDTH)
    if yaml.safe_load(written) == part:
        return written
    # PyYAML reads rare line breaks (NEL, LS, PS) otherwise than it writes them, unless escaped.
    return yaml.safe_dump(part, sort_keys=False, allow_unicode=False, width=WIDTH)
