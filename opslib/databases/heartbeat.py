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
import psycopg
from psycopg import sql

from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.databases.heartbeat_column import (
    REMEDY,
    HeartbeatColumn,
    find_column,
    newest_value,
    with_unit,
)
from opslib.databases.postgres import Database, connect
from opslib.errors import NotFound, ReadError
from opslib.parameters.column_name import ColumnName
from opslib.tables.heartbeat import HEARTBEATS, Heartbeat

__all__ = ["read_newest", "record_heartbeat"]

RECENT = 50


def read_newest(
    database: Database, column: ColumnName, *, zone: str = "UTC", until: datetime | None = None
) -> Heartbeat:
    """Read the newest time that a column holds, and up to 50 before it where an index leads there.

    Args:
        database: a restored one; or a source, with ``until``, which is then read by an index only.
        column: of type timestamptz, timestamp, date, or a whole number of seconds, milliseconds,
            microseconds or nanoseconds since 1970.
        zone: that timestamps without one and dates are in.
        until: leave out what is later; the column must have an index then.

    Raises:
        NotFound: there is no such column, or it holds no time, or has no index.
        ReadError: it holds something else, or the database cannot be reached or refuses.
    """
    where = f"{database.place} {column}"
    with connect(database) as connection:
        found = find_column(
            connection, column, ZoneInfo(zone), where, needs_index=until is not None
        )
        newest = newest_value(connection, found)
        if found.is_number and newest is not None:
            found = with_unit(found, newest, where)
        if until is not None:
            newest = newest_value(connection, found, found.bound(until))
        if newest is None:
            raise NotFound("the column holds no time", where=where, remedy=REMEDY)
        values = _recent(connection, found, newest)
        (now,) = connection.execute("SELECT clock_timestamp()").fetchone() or (None,)
    assert isinstance(now, datetime)
    return Heartbeat(
        column=str(column),
        times=tuple(dict.fromkeys(_moment(found, value, where) for value in values)),
        resolution_seconds=found.resolution_seconds,
        read_at=now.astimezone(UTC),
    )


def _recent(
    connection: psycopg.Connection[Any], found: HeartbeatColumn, newest: str
) -> list[Decimal]:
    """Return the newest values as epochs, newest first: each a probe of the index."""
    column = sql.Identifier("t", found.name.column)
    query = sql.SQL(
        "WITH RECURSIVE known(value, place) AS (SELECT {newest}::{type}, 1 UNION ALL "
        "SELECT (SELECT max({column})::{type} FROM {table} AS t WHERE {column} < known.value "
        "AND {finite}), place + 1 FROM known WHERE value IS NOT NULL AND place < {most}) "
        "SELECT {epoch} FROM known WHERE value IS NOT NULL ORDER BY place"
    ).format(
        newest=sql.Literal(newest),
        type=sql.SQL(found.type),
        column=column,
        table=sql.Identifier(found.name.schema, found.name.table),
        finite=found.finite(),
        most=RECENT if found.is_indexed else 1,
        epoch=sql.SQL("value::numeric" if found.is_number else "extract(epoch FROM value)"),
    )
    return [Decimal(value) for (value,) in connection.execute(query)]


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
) -> Heartbeat | None:
    """Read the newest time of a column within a run; None where it could not be read.

    Args:
        reads: the run's context, whose coverage says why it could not.
        label: what coverage and evidence call the database.
        database: opens it.
        column: as `read_newest`.
        zone: as `read_newest`.
        until: as `read_newest`.
    """
    request = ReadRequest(
        table=f"heartbeat of {label}",
        asked=f"the newest time in {column}",
        schema=HEARTBEATS,
        arguments={"database": label, "column": str(column), "zone": zone, "until": until},
    )

    def fetch() -> Fetched:
        found = read_newest(database(), column, zone=zone, until=until)
        notes = {
            "resolution_seconds": found.resolution_seconds,
            "read_at": found.read_at.isoformat(),
        }
        return Fetched(frame=pd.DataFrame({"CommittedAt": list(found.times)}), notes=notes)

    found = reads.read(request, fetch)
    if found.status.is_gap:
        return None
    return Heartbeat(
        column=str(column),
        times=tuple(moment.to_pydatetime() for moment in found.frame["CommittedAt"]),
        resolution_seconds=found.notes["resolution_seconds"],
        read_at=datetime.fromisoformat(found.notes["read_at"]),
    )
