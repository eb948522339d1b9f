"""The newest committed time of a column: of the heartbeat's own, or of one that is there anyway.

Source: PostgreSQL documentation, "Date/Time Types" and "Indexes and ORDER BY" (max by an index).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from psycopg import sql

from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.databases.heartbeat_column import REMEDY, HeartbeatColumn, find_column, with_unit
from opslib.databases.postgres import Database, connect
from opslib.databases.statements import Statements
from opslib.errors import NotFound, ReadError
from opslib.parameters.column_name import ColumnName
from opslib.tables.heartbeat import HEARTBEATS, Heartbeat

__all__ = ["read_newest", "record_heartbeat"]

RECENT = 50


def read_newest(
    database: Database,
    column: ColumnName,
    *,
    zone: str = "UTC",
    until: datetime | None = None,
    statements: Statements | None = None,
) -> Heartbeat:
    """Read the newest time that a column holds, and up to 50 before it where an index leads there.

    Args:
        database: a restored one; or a source, with ``until``, which is then read by an index only.
        column: of type timestamptz, timestamp, date, or a whole number of seconds, milliseconds,
            microseconds or nanoseconds since 1970.
        zone: that timestamps without one and dates are in.
        until: leave out what is later; the column must have an index then.
        statements: takes what is asked.

    Raises:
        NotFound: there is no such column, or it holds no time, or has no index.
        ReadError: it holds something else, or the database cannot be reached or refuses.
    """
    where, asked = f"{database.place} {column}", statements or Statements()
    with connect(database) as connection:
        found = find_column(
            connection, column, ZoneInfo(zone), where, needs_index=until is not None
        )
        values = asked.execute(connection, _recent(found, None), "freshness")
        if found.is_number and values:
            found = with_unit(found, values[0][0], where)
        if until is not None:
            bound = found.bound(until)
            values = asked.execute(connection, _recent(found, bound), "freshness")
        if not values:
            raise NotFound("the column holds no time", where=where, remedy=REMEDY)
        (now,) = connection.execute("SELECT clock_timestamp()").fetchone() or (None,)
    assert isinstance(now, datetime)
    return Heartbeat(
        column=str(column),
        times=tuple(dict.fromkeys(_moment(found, Decimal(value), where) for (value,) in values)),
        resolution_seconds=found.resolution_seconds,
        read_at=now.astimezone(UTC),
    )


def _recent(found: HeartbeatColumn, bound: Any) -> sql.Composed:
    """Return the query of the newest values as epochs, newest first: each a probe of the index.

    Each begins with the value before it, so that no value stands in the query; without an index
    the newest alone is asked for, by one scan.

    Args:
        found: the column.
        bound: leave out what is greater; None for nothing.
    """
    column = sql.Identifier("t", found.name.column)
    limit = sql.SQL("{} <= {}").format(column, sql.Literal(bound))
    return sql.SQL(
        "WITH RECURSIVE known(value, place) AS (\n"
        "    SELECT (SELECT max({column})::{type} FROM {table} AS t\n"
        "        WHERE {limit} AND {finite}), 1\n"
        "    UNION ALL SELECT (SELECT max({column})::{type} FROM {table} AS t\n"
        "        WHERE {column} < known.value AND {finite}), place + 1\n"
        "    FROM known WHERE value IS NOT NULL AND place < {most})\n"
        "SELECT {epoch} FROM known WHERE value IS NOT NULL ORDER BY place"
    ).format(
        type=sql.SQL(found.type),
        column=column,
        table=sql.Identifier(found.name.schema, found.name.table),
        limit=sql.SQL("true") if bound is None else limit,
        finite=found.finite(),
        most=RECENT if found.is_indexed else 1,
        epoch=sql.SQL("value::numeric" if found.is_number else "extract(epoch FROM value)"),
    )


def _moment(found: HeartbeatColumn, value: Decimal, where: str) -> datetime:
    try:
        return found.moment(value / found.parts)
    except (OverflowError, ValueError):
        raise ReadError(
            "the column holds times beyond the year 9999", where=where, remedy=REMEDY
        ) from None


def record_heartbeat(
    reads: Reads,
    label: str,
    database: Callable[[], Database],
    column: ColumnName,
    *,
    zone: str = "UTC",
    until: datetime | None = None,
    statements: Statements | None = None,
) -> Heartbeat | None:
    """Read the newest time of a column within a run; None where it could not be read.

    Args:
        reads: the run's context, whose coverage says why it could not.
        label: what coverage and evidence call the database.
        database: opens it.
        column: as `read_newest`.
        zone: as `read_newest`.
        until: as `read_newest`.
        statements: takes what is, or was recorded to be, asked.
    """
    request = ReadRequest(
        table=f"heartbeat of {label}",
        asked=f"the newest time in {column}",
        schema=HEARTBEATS,
        arguments={"database": label, "column": str(column), "zone": zone, "until": until},
    )

    def fetch() -> Fetched:
        asked = Statements()
        found = read_newest(database(), column, zone=zone, until=until, statements=asked)
        notes = {
            "statements": asked.rows(),
            "resolution_seconds": found.resolution_seconds,
            "read_at": found.read_at.isoformat(),
        }
        return Fetched(frame=pd.DataFrame({"CommittedAt": list(found.times)}), notes=notes)

    found = reads.read(request, fetch)
    if found.status.is_gap:
        return None
    if statements is not None:
        statements.extend(found.notes["statements"])
    return Heartbeat(
        column=str(column),
        times=tuple(moment.to_pydatetime() for moment in found.frame["CommittedAt"]),
        resolution_seconds=found.notes["resolution_seconds"],
        read_at=datetime.fromisoformat(found.notes["read_at"]),
    )
