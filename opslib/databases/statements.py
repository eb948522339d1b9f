"""The statements that checks rest on: kept where they are sent, with the time that each took."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from inspect import cleandoc
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from opslib.redaction import redact_text
from opslib.tables.schema import check_table
from opslib.tables.statements import STATEMENTS

__all__ = ["Statements"]


class Statements:
    """Collects statements; several threads may add at once."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str, str, float]] = []

    def execute(
        self,
        connection: psycopg.Connection[Any],
        query: str | sql.Composed,
        check: str,
        subject: str = "",
        parameters: Sequence[str] = (),
        *,
        whole: sql.Composed | None = None,
    ) -> list[Any]:
        """Send a statement and return its rows; it is kept, refused or not.

        Args:
            connection: that it is sent on.
            query: with $1, $2, ... for ``parameters``; a text's indentation is not sent.
            check: that rests on it.
            subject: of the check; '' where all of its subjects share the statement.
            parameters: as text; none holds a value of a row.
            whole: what is kept instead, where ``query`` is a part of it.
        """
        text = cleandoc(query) if isinstance(query, str) else query.as_string(connection)
        kept = text if whole is None else whole.as_string(connection)
        cursor = psycopg.RawCursor(connection)
        began = time.monotonic()
        try:
            sent = text.encode(connection.info.encoding)
            cursor.execute(sent, list(parameters) or None, prepare=False)
            return cursor.fetchall() if cursor.description else []
        finally:
            self.add(check, subject, kept, time.monotonic() - began, parameters)

    def add(
        self,
        check: str,
        subject: str,
        statement: str,
        seconds: float,
        parameters: Sequence[str | None] = (),
    ) -> None:
        """Keep a statement that was sent otherwise, without what looks like a secret."""
        given = json.dumps(list(parameters), ensure_ascii=False) if parameters else ""
        self._rows.append((check, subject, redact_text(statement), redact_text(given), seconds))

    def extend(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add the `rows` of others, or of what was recorded."""
        self._rows += [(check, *rest) for check, *rest in rows]

    def rows(self) -> list[tuple[str, str, str, str, float]]:
        """Return it all, equal statements of a subject once; columns of `STATEMENTS`."""
        seconds: dict[tuple[str, str, str, str], float] = {}
        for check, subject, statement, parameters, took in sorted(self._rows, key=_place):
            row = (check, subject, statement, parameters)
            seconds[row] = seconds.get(row, 0.0) + took
        return [(*row, took) for row, took in seconds.items()]

    def frame(self) -> pd.DataFrame:
        """Return it all; columns of `STATEMENTS`."""
        frame = pd.DataFrame(self.rows(), columns=list(STATEMENTS.columns))
        return check_table(frame, STATEMENTS, "statements")


def _place(row: tuple[str, str, str, str, float]) -> tuple[str, str]:
    return row[:2]
