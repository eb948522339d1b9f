"""A moment of a database that a restore can be taken to exactly.

A restore to time T brings back what was committed up to T; a snapshot sees what was committed when
it was taken. The two agree where no transaction was under way: otherwise one may have its commit
time before T and still be invisible.

Source: PostgreSQL documentation, "System Information Functions" (pg_current_snapshot) and
"Recovery Target" (recovery_target_time).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from opslib.databases.postgres import Database, connect
from opslib.databases.statements import Statements

__all__ = ["Moment", "open_moment"]

TRIES = 25
PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One moment of a database, and a connection that sees it.

    Args:
        connection: whose transaction sees it.
        snapshot: its exported name, for other connections.
        at: the server's clock.
        is_exact: whether a restore to ``at`` brings back just what the connection sees.
    """

    connection: psycopg.Connection[Any]
    snapshot: str
    at: datetime
    is_exact: bool


@contextmanager
def open_moment(database: Database, statements: Statements | None = None) -> Iterator[Moment]:
    """Open a connection at a moment when no transaction was under way, if there is one soon.

    Args:
        database: which one; on a busy one the moment is not exact.
        statements: takes the settings of the connection.
    """
    for attempt in range(1, TRIES + 1):
        with connect(database, statements=statements) as connection:
            found = connection.execute(
                "SELECT pg_current_snapshot()::text, clock_timestamp(), pg_export_snapshot()"
            ).fetchone()
            assert found is not None
            seen, at, snapshot = found
            is_exact = _is_quiet(seen) and seen == _seen_now(database)
            if is_exact or attempt == TRIES:
                yield Moment(connection=connection, snapshot=snapshot, at=at, is_exact=is_exact)
                return
        time.sleep(PAUSE_SECONDS)


def _is_quiet(seen: str) -> bool:
    """Say whether a snapshot, ``xmin:xmax:running``, has no transaction under way."""
    earliest, following, running = seen.split(":")
    return earliest == following and not running


def _seen_now(database: Database) -> str:
    with connect(database) as connection:
        found = connection.execute("SELECT pg_current_snapshot()::text").fetchone()
        assert found is not None
        return str(found[0])
