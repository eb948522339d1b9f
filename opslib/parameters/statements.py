"""Which SQL statements a synthetic transaction may make.

The list names what is allowed, not what is forbidden: PostgreSQL executes one statement a step
(extended protocol), and that statement's first word says of which kind it is. Everything on the
list is undone by a rollback, but for what docs/dr_restore_validation.md names.

Source: PostgreSQL documentation, "SQL Syntax" (Lexical Structure) and "Message Flow" (Extended
Query).
"""

from __future__ import annotations

import re

__all__ = ["ALLOWED_STATEMENTS", "refuse_statement"]

ALLOWED_STATEMENTS = (
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "MERGE",
    "WITH",
    "VALUES",
    "TABLE",
    "CALL",
    "LOCK",
    "SHOW",
    "SET LOCAL",
)
TRANSACTION_CONTROL = frozenset(
    ["ABORT", "BEGIN", "COMMIT", "END", "PREPARE", "RELEASE", "ROLLBACK", "SAVEPOINT", "START"]
)

QUOTED = re.compile(
    r"""
    [eE]'(?:[^'\\]|\\.|'')*'
    | '(?:[^']|'')*'
    | "(?:[^"]|"")*"
    | (?<![\w$])\$(?P<tag>[^\W\d]\w*)?\$.*?\$(?P=tag)\$
    | (?<![\w$])\$\$.*?\$\$
    """,
    re.VERBOSE | re.DOTALL,
)
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
TOKEN = re.compile(f"(?P<comment>{COMMENT.pattern})|{QUOTED.pattern}", re.VERBOSE | re.DOTALL)


def refuse_statement(text: str) -> str:
    """Return why a statement may not be part of a synthetic transaction; '' where it may.

    A second statement behind a semicolon is found here as far as plain text shows it; the server
    refuses it in any case.
    """
    bare = TOKEN.sub(_blanked, text).strip()
    statement, _, rest = bare.partition(";")
    if rest.strip(" \t\r\n;"):
        return "it holds more than one statement: make each a step of its own"
    words = re.findall(r"[A-Za-z]+", statement.lstrip("( \t\r\n"))[:2]
    named = " ".join(words).upper()
    if not words:
        return "it holds no statement"
    first = words[0].upper()
    if first in ALLOWED_STATEMENTS or named in ALLOWED_STATEMENTS:
        return ""
    if first in TRANSACTION_CONTROL:
        return f"{first} is transaction control: a transaction is always rolled back as a whole"
    return f"{first} is not among {', '.join(ALLOWED_STATEMENTS)}"


def _blanked(found: re.Match[str]) -> str:
    return " " if found.group("comment") else "''"
