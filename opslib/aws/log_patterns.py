"""What log lines have in common: the message without what differs from line to line.

Method: the message of a JSON line, else the line; times, UUIDs, addresses, hex and numbers are
replaced by what they are, in that order. Assumption: what tells two occurrences of one error apart
is a number or an id. Failure mode: names in a message (users, files) keep its lines apart; the
report then shows them as other patterns.
Source: the token masking that log parsers begin with (Zhu et al., Tools and Benchmarks for
Automated Log Parsing, ICSE-SEIP 2019).
"""

from __future__ import annotations

import json
import re

from opslib.personal_data import MASKED
from opslib.tables.event_rows import one_line

__all__ = ["message_of", "pattern_of"]

MESSAGE_KEYS = ("message", "msg", "error", "exception", "log")
LONGEST_PATTERN = 160
MASKS = (
    (MASKED, r"<\1>"),
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "<id>"),
    (re.compile(r"\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b"), "<address>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "<id>"),
    (re.compile(r"\b(?=[A-Za-z_-]*\d)(?=\w*[a-fA-F])[0-9a-fA-F]{8,}\b"), "<id>"),
    (re.compile(r"\b(?=[\w-]*\d[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{12,}\b"), "<id>"),
    (re.compile(r"(?<![A-Za-z_])[-+]?\d+([.,]\d+)*"), "<n>"),
)


def message_of(line: str) -> str:
    """Return the message of a structured line, or the line itself.

    >>> message_of('{"level": "error", "message": "no route"}')
    'no route'
    """
    text = line.strip()
    if not text.startswith("{"):
        return text
    try:
        told = json.loads(text)
    except ValueError:
        return text
    found = (told.get(key) for key in MESSAGE_KEYS) if isinstance(told, dict) else ()
    return next((value for value in found if isinstance(value, str) and value), text)


def pattern_of(line: str) -> str:
    """Return what a line says without what differs from line to line; redacted, printable.

    >>> pattern_of("2026-03-01T12:00:00Z ERROR order 4711 timed out after 30.5s")
    '<time> ERROR order <n> timed out after <n>s'
    """
    pattern = message_of(line)
    pattern = one_line(pattern, longest=4 * LONGEST_PATTERN)
    for mask, shown in MASKS:
        pattern = mask.sub(shown, pattern)
    return pattern if len(pattern) <= LONGEST_PATTERN else pattern[: LONGEST_PATTERN - 1] + "…"
