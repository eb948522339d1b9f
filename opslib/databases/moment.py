"""A moment of a database that a restore can be taken to exactly.

A restore to time T brings back what was committed up to T; a snapshot sees what was committed when
it was taken. The two agree where no transaction was under way: otherwise one may have its commit
time before T and still be invisible.

A snapshot does not tell: it names the transactions under way below the newest one that has ended,
so that a single writer never shows. The lock that each transaction holds on its own id does, until
after the transaction has become visible. So the moment is exact where, after the clock was
read, nobody holds such a lock, and a snapshot taken after that is the same as before.

Source: PostgreSQL documentation, "System Information Functions" (pg_current_snapshot), "pg_locks"
(transactionid) and "Recovery Target" (recovery_target_time).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from opslib.databases.postgres import Database, connect, set_session
from opslib.databases.statements import Statements

__all__ = ["Moment", "open_moment"]

TRIES = 100
PAUSE_SECONDS = 0.02

SNAPSHOT = "SELECT pg_current_snapshot()::text"
MOMENT = """
    SELECT pg_current_snapshot()::text, pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
        clock_timestamp(), pg_export_snapshot()"""
IS_WRITTEN = """
    SELECT pg_is_in_recovery() OR EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'transactionid' AND granted)"""
"""A replica does not tell what is under way at its primary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One moment of a database, and a connection that sees it.

    Args:
        connection: whose transaction sees it.
        snapshot: its exported name, for other connections.
        at: the server's clock.
        is_exact: whether a restore to ``at`` brings back just what the connection sees.
        oldest_running: id of a transaction, of 64 bits: all before it had ended.
    """

    connection: psycopg.Connection[Any]
    snapshot: str
    at: datetime
    is_exact: bool
    oldest_running: int


@contextmanager
def open_moment(database: Database, statements: Statements | None = None) -> Iterator[Moment]:
    """Open a connection at a moment when no transaction was under way, if there is one soon.

    Args:
        database: which one; on a busy one, and on a replica, the moment is not exact.
        statements: takes the settings of the connection.
    """
    with connect(database, statements=statements) as connection:
        yield _find_moment(connection, database)


def _find_moment(connection: psycopg.Connection[Any], database: Database) -> Moment:
    """Look for an exact moment for about two seconds; return the last one otherwise."""
    with connect(database) as beside:
        for _ in range(TRIES - 1):
            moment = _look(connection, beside)
            if moment.is_exact:
                return moment
            connection.rollback()
            time.sleep(PAUSE_SECONDS)
            set_session(connection, database.limits.statement_seconds)
        return _look(connection, beside)


def _look(connection: psycopg.Connection[Any], beside: psycopg.Connection[Any]) -> Moment:
    """Take a snapshot on one connection, and say by another whether it is exact."""
    seen, oldest, at, snapshot = _row(connection, MOMENT)
    # The order matters: clock, locks, second snapshot.
    (is_written,) = _row(connection, IS_WRITTEN)
    beside.rollback()
    is_exact = not is_written and seen.endswith(":") and (seen,) == _row(beside, SNAPSHOT)
    return Moment(
        connection=connection,
        snapshot=snapshot,
        at=at,
        is_exact=is_exact,
        oldest_running=oldest,
    )


def _row(connection: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    found: tuple[Any, ...] | None = connection.execute(query.encode()).fetchone()
    assert found is not None
    return found
