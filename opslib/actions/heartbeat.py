"""The heartbeat's writer: the one thing of ours that writes to a source, by a role of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg

from opslib.aws.database_servers import conninfo_of, read_database_server
from opslib.aws.reads import Reads
from opslib.databases.heartbeat_schema import BEAT, FORGET, HEARTBEAT_ROLE, KEEP_DAYS
from opslib.databases.postgres import Database, ReadLimits, database_faults
from opslib.errors import ParameterError

if TYPE_CHECKING:
    from opslib.parameters.dr import DrParameters

__all__ = ["Beat", "open_source", "write_beat"]

STATEMENT_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One beat: its number, and the server's clock when it was written."""

    number: int
    at: datetime


def open_source(reads: Reads, parameters: DrParameters) -> Database:
    """Return the source by the heartbeat's role; the secret is looked up anew with every call.

    Args:
        reads: where calls are counted.
        parameters: which database, and where the heartbeat's secret is kept.

    Raises:
        ParameterError: no heartbeat_secret is given.
        ReadError: it cannot be found.
    """
    if parameters.heartbeat_secret is None:
        raise ParameterError(
            "parameter 'heartbeat_secret' is missing",
            where=parameters.notebook,
            remedy=f"Name where the secret of {HEARTBEAT_ROLE} is kept; see opslib heartbeat sql.",
        )
    server = read_database_server(
        reads, parameters.account, parameters.source_kind, parameters.source, "source"
    )
    conninfo = conninfo_of(
        reads,
        parameters.account,
        server,
        parameters.heartbeat_secret,
        parameters.database,
        reader=False,
    )
    limits = ReadLimits(statement_seconds=STATEMENT_SECONDS, connections=1)
    return Database(label="source", conninfo=conninfo, limits=limits)


def write_beat(database: Database, keep_days: int = KEEP_DAYS) -> Beat | None:
    """Write one beat, and forget those that are too old, in one transaction.

    Args:
        database: from `open_source`.
        keep_days: how long beats are kept.

    Returns:
        The beat; None where another writer beat at the same moment.

    Raises:
        ParameterError: the role is another one than the heartbeat's.
        ReadError: the database cannot be reached, or refuses.
    """
    with _connect(database) as connection:
        row = connection.execute(BEAT).fetchone()
        connection.execute(FORGET, [keep_days])
    return None if row is None else Beat(number=row[0], at=row[1])


@contextmanager
def _connect(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database_faults(database):
        connection = psycopg.connect(
            database.conninfo,
            connect_timeout=database.limits.connect_seconds,
            application_name="opslib heartbeat",
            options=f"-c statement_timeout={STATEMENT_SECONDS}s -c search_path=",
        )
        with connection:
            _refuse_other_roles(connection, database)
            yield connection


def _refuse_other_roles(connection: psycopg.Connection[Any], database: Database) -> None:
    user = connection.info.user
    if user != HEARTBEAT_ROLE:
        raise ParameterError(
            f"heartbeat_secret leads to role {user}: only {HEARTBEAT_ROLE} writes to a source",
            where=database.place,
            remedy="Keep a secret of that role; opslib heartbeat sql makes it.",
        )
