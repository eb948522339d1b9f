"""A column that tells times: its type, and how its values become moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from opslib.errors import NotFound, ReadError
from opslib.parameters.column_name import HEARTBEAT_COLUMN, ColumnName

__all__ = ["REMEDY", "HeartbeatColumn", "find_column", "with_unit"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_DAY = 86_400.0
WHOLE_NUMBERS = {"int4", "int8", "numeric"}
TIMES = {"timestamptz", "timestamp", "date"}
UNITS = ((10**9, 10**11, 1), (10**12, 10**14, 10**3), (10**15, 10**17, 10**6))
"""From, before, and parts of a second: epochs of the years 2001 to 5138, in each unit."""
NANOSECONDS = (10**18, 10**9)
REMEDY = (
    "Set a heartbeat up (opslib heartbeat sql, then opslib heartbeat beat), or name a column that "
    "is written with every transaction: heartbeat_column: schema.table.column."
)
INDEX_REMEDY = "Nothing to do: a source is not scanned for this; the copy alone is judged."

FIND = """
    WITH RECURSIVE base(oid, typname, typtype, typbasetype) AS (
        SELECT t.oid, t.typname, t.typtype, t.typbasetype FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = to_regclass(%(name)s) AND a.attname = %(column)s AND a.attnum > 0
            AND NOT a.attisdropped
        UNION ALL SELECT t.oid, t.typname, t.typtype, t.typbasetype FROM base
        JOIN pg_type t ON t.oid = base.typbasetype)
    SELECT base.typname::text, EXISTS (
        SELECT FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = (i.indkey::int2[])[0]
        WHERE i.indrelid = to_regclass(%(name)s) AND a.attname = %(column)s AND i.indisvalid
            AND i.indpred IS NULL AND m.amname = 'btree')
    FROM base WHERE base.typtype <> 'd'"""
COLUMNS = """
    SELECT attname::text FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatColumn:
    """A column that was found.

    Args:
        name: of it.
        type: PostgreSQL's internal name of its type, below any domain.
        is_indexed: whether an index of all rows begins with it.
        zone: that values without one are in.
        parts: of a second that a whole number counts.
    """

    name: ColumnName
    type: str
    is_indexed: bool
    zone: ZoneInfo
    parts: int = 1

    @property
    def is_number(self) -> bool:
        """Say whether it counts from 1970 on."""
        return self.type in WHOLE_NUMBERS

    @property
    def resolution_seconds(self) -> float:
        """Return how much later than its value a moment may be."""
        if self.type == "date":
            return ONE_DAY
        return 1 / self.parts if self.type in WHOLE_NUMBERS else 0.0

    def finite(self) -> sql.Composable:
        """Return the condition that a value is a moment and not infinite."""
        column = sql.Identifier(self.name.column)
        if self.type in TIMES:
            return sql.SQL("isfinite({})").format(column)
        if self.type == "numeric":
            return sql.SQL("{} < 'Infinity'::numeric").format(column)
        return sql.SQL("true")

    def moment(self, seconds: Decimal) -> datetime:
        """Return the time that an epoch of the column stands for."""
        told = EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
        is_zoned = self.type in {"timestamp", "date"}
        return told.replace(tzinfo=self.zone).astimezone(UTC) if is_zoned else told

    def bound(self, until: datetime) -> Any:
        """Return a moment as a value of the column."""
        local = until.astimezone(self.zone)
        if self.type in WHOLE_NUMBERS:
            whole = (until - EPOCH) // timedelta(microseconds=1)
            return whole * self.parts // 1_000_000
        kinds: dict[str, Callable[[], date]] = {
            "timestamptz": lambda: until,
            "timestamp": lambda: local.replace(tzinfo=None),
            "date": local.date,
        }
        return kinds[self.type]()


def find_column(
    connection: psycopg.Connection[Any],
    column: ColumnName,
    zone: ZoneInfo,
    where: str,
    *,
    needs_index: bool,
    remedy: str = REMEDY,
) -> HeartbeatColumn:
    """Return a column by its name.

    Args:
        connection: to its database.
        column: which one.
        zone: that its values are in, where their type has none.
        where: the place, for messages.
        needs_index: refuse one that no index begins with.
        remedy: what to do where there is none.

    Raises:
        NotFound: there is none, or no index begins with it.
        ReadError: its type tells no time.
    """
    name = sql.Identifier(column.schema, column.table).as_string(connection)
    found = connection.execute(FIND, {"name": name, "column": column.column}).fetchone()
    if found is None:
        known = [row[0] for row in connection.execute(COLUMNS, [name])]
        raise NotFound(_absence(column, known), where=where, remedy=remedy)
    kind, is_indexed = found
    if needs_index and not is_indexed:
        raise NotFound("no index begins with the column", where=where, remedy=INDEX_REMEDY)
    if kind not in TIMES | WHOLE_NUMBERS:
        told = f"the column is of type {kind}, which tells no time"
        raise ReadError(told, where=where, remedy=remedy)
    return HeartbeatColumn(name=column, type=kind, is_indexed=is_indexed, zone=zone)


def _absence(column: ColumnName, known: list[str]) -> str:
    if not known:
        own = "the heartbeat's table" if str(column) == HEARTBEAT_COLUMN else "the table"
        return f"{own} {column.schema}.{column.table} is not there"
    nearest = get_close_matches(column.column, known, n=1, cutoff=0.5)
    return f"there is no such column{f'; did you mean {nearest[0]!r}?' if nearest else ''}"


def with_unit(
    found: HeartbeatColumn, value: Decimal, where: str, remedy: str = REMEDY
) -> HeartbeatColumn:
    """Return a column of whole numbers with their unit, told from the size of the greatest.

    Args:
        found: the column.
        value: its greatest.
        where: the place, for messages.
        remedy: what to do where it tells no time.

    Raises:
        ReadError: it is of no size that a time of this century has in any unit.
    """
    parts = next((parts for low, high, parts in UNITS if low <= value < high), None)
    if parts is None and value >= NANOSECONDS[0]:
        parts = NANOSECONDS[1]
    if parts is None:
        raise ReadError(
            "the column's greatest number is no time since 1970", where=where, remedy=remedy
        )
    return replace(found, parts=parts)
