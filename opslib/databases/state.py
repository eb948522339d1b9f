"""Reading a whole database as it is at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd
import psycopg

from opslib.databases.content import read_content, read_content_on, read_rows_on
from opslib.databases.integrity import read_orphans, read_sequences
from opslib.databases.moment import open_moment
from opslib.databases.physical import read_corruptions
from opslib.databases.postgres import Database, connect
from opslib.databases.schema_inventory import read_schema_objects
from opslib.databases.statements import Statements
from opslib.databases.unreadable import Unreadable
from opslib.tables.database_state import DatabaseState, TableName, TablePlan
from opslib.tables.databases import ROW_DIGESTS

__all__ = ["read_state", "read_state_on"]

SERVER = """
    SELECT s.system_identifier::text, CASE WHEN pg_is_in_recovery() THEN 0
        ELSE split_part(c.next_xid, ':', 1)::bigint << 32
            | split_part(c.next_xid, ':', 2)::bigint END
    FROM pg_control_system() s, pg_control_checkpoint() c"""


def read_state(
    database: Database,
    algorithm: str = "record",
    plans: Mapping[TableName, TablePlan] | None = None,
    *,
    rows_limit: int = 0,
    is_restored: bool = False,
) -> DatabaseState:
    """Read everything that restores are judged by, all of it at one moment.

    But for sequences, which have no past: they are read just before, so that a copy of that moment
    is not behind them.

    Args:
        database: which one.
        algorithm: ``record``, or ``text`` where the other side may be of another major version.
        plans: of the state that this one is compared with.
        rows_limit: rows of a table up to which every row's digest is kept too.
        is_restored: look for corruptions, which is not done to a source, and go on where
            something cannot be read, which is noted; keep the statements too. A source is read
            whole or not at all.

    Raises:
        ReadError: it cannot be reached, or refuses; a source's statement was cancelled or failed.
    """
    unreadable = Unreadable() if is_restored else None
    asked = Statements()
    with connect(database) as connection:
        sequences = read_sequences(connection, unreadable, asked)
        server_id, checkpoint_id = _server(connection, asked)
    with open_moment(database, asked) as moment:
        content = read_content(database, algorithm, plans, moment.snapshot, unreadable, asked)
        state = _state_of(moment.connection, algorithm, content, sequences, unreadable, asked)
        state = replace(
            state,
            captured_at=moment.at,
            is_exact=moment.is_exact,
            rows=_rows_of(moment.connection, state, rows_limit, asked),
            server_id=server_id,
            oldest_running=moment.oldest_running,
            checkpoint_id=checkpoint_id,
        )
    if unreadable is None:
        return state
    corruptions = read_corruptions(database, unreadable, asked)
    return replace(
        state, corruptions=corruptions, unreadable=unreadable.frame(), statements=asked.frame()
    )


def read_state_on(
    connection: psycopg.Connection[Any],
    algorithm: str = "record",
    plans: Mapping[TableName, TablePlan] | None = None,
    *,
    rows_limit: int = 0,
) -> DatabaseState:
    """Read the same on one connection, which sees what its own transaction did.

    What cannot be read is noted; corruptions are not looked for.
    """
    unreadable, asked = Unreadable(), Statements()
    content = read_content_on(connection, algorithm, plans, unreadable)
    sequences = read_sequences(connection, unreadable, asked)
    state = _state_of(connection, algorithm, content, sequences, unreadable, asked)
    rows = _rows_of(connection, state, rows_limit, asked)
    return replace(state, rows=rows, unreadable=unreadable.frame())


def _state_of(
    connection: psycopg.Connection[Any],
    algorithm: str,
    content: tuple[pd.DataFrame, pd.DataFrame],
    sequences: pd.DataFrame,
    unreadable: Unreadable | None,
    asked: Statements,
) -> DatabaseState:
    moment, version, checksums = _moment(connection, asked)
    tables, digests = content
    return DatabaseState(
        captured_at=moment,
        is_exact=False,
        server_version=version,
        algorithm=algorithm,
        schema_objects=read_schema_objects(connection, asked),
        tables=tables,
        digests=digests,
        rows=pd.DataFrame(),
        sequences=sequences,
        orphans=read_orphans(connection, unreadable, asked),
        corruptions=None,
        has_checksums=checksums,
    )


def _rows_of(
    connection: psycopg.Connection[Any], state: DatabaseState, rows_limit: int, asked: Statements
) -> pd.DataFrame:
    small = sorted(state.smaller_than(rows_limit)) if rows_limit else []
    wanted = {name: range(state.plans[name][0]) for name in small}
    rows = read_rows_on(connection, state.algorithm, wanted, state.plans, asked)
    return rows[list(ROW_DIGESTS.columns)]


def _moment(connection: psycopg.Connection[Any], asked: Statements) -> tuple[datetime, int, bool]:
    query = (
        "SELECT transaction_timestamp(), current_setting('server_version_num')::int / 10000, "
        "current_setting('data_checksums') = 'on'"
    )
    ((moment, version, checksums),) = asked.execute(connection, query, "physical", "checksums")
    return moment, version, checksums


def _server(connection: psycopg.Connection[Any], asked: Statements) -> tuple[str, int]:
    """Return the server's identifier and its checkpoint's next transaction; '' and 0 untold."""
    try:
        with connection.transaction():
            ((server_id, checkpoint_id),) = asked.execute(connection, SERVER, "content")
    except (psycopg.errors.InsufficientPrivilege, psycopg.NotSupportedError):
        return "", 0
    return server_id, checkpoint_id
