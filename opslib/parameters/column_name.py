"""Columns and tables of a database, as parameters name them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opslib.errors import ParameterError

__all__ = ["HEARTBEAT_COLUMN", "ColumnName", "parse_column", "parse_part", "parse_table"]

HEARTBEAT_COLUMN = "opslib_heartbeat.beat.beat_at"
"""What `opslib heartbeat` writes."""
PART = r'(?:"(?:[^"]|"")+"|[^".\s]+)'
NAME = re.compile(rf"({PART})\.({PART})\.({PART})")
TABLE = re.compile(rf"({PART})\.({PART})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnName:
    """Schema, table and column, each as the catalog holds it: capitals count."""

    schema: str
    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}.{self.column}"


def parse_column(text: str) -> ColumnName:
    """Return the column that ``schema.table.column`` names; a part may stand in double quotes.

    Raises:
        ParameterError: it is not of that form.
    """
    found = NAME.fullmatch(text.strip())
    if found is None:
        raise ParameterError(
            f"{text!r} is not of the form schema.table.column",
            where="heartbeat_column",
            remedy='Quote a part that holds a dot or a space: shop."my table".created_at.',
        )
    schema, table, column = (_unquoted(part) for part in found.groups())
    return ColumnName(schema=schema, table=table, column=column)


def parse_table(text: str) -> tuple[str, str]:
    """Return schema and table that ``schema.table`` names; a part may stand in double quotes.

    Raises:
        ParameterError: it is not of that form.
    """
    found = TABLE.fullmatch(text.strip())
    if found is None:
        raise ParameterError(f"{text!r} is not of the form schema.table")
    schema, table = (_unquoted(part) for part in found.groups())
    return schema, table


def parse_part(text: str) -> str:
    """Return the name that ``text`` gives, which may stand in double quotes.

    Raises:
        ParameterError: it holds a dot or a space outside of quotes, or is empty.
    """
    if re.fullmatch(PART, text.strip()) is None:
        raise ParameterError(f"{text!r} is not the name of a column: quote a dot or a space")
    return _unquoted(text.strip())


def _unquoted(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part
