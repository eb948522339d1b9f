"""Connections to PostgreSQL that read and do not burden.

Source: PostgreSQL documentation, "Client Connection Defaults" and "Database Connection Control
Functions".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from opslib.databases.statements import Statements
from opslib.errors import AccessDenied, DatabaseUnreachable, ReadError
from opslib.redaction import redact_text
from opslib.tables.statements import SESSION

__all__ = [
    "Database",
    "ReadLimits",
    "connect",
    "database_faults",
    "server_message",
    "set_session",
]

CANONICAL = {
    "search_path": "''",
    "timezone": "'UTC'",
    "datestyle": "'ISO, YMD'",
    "intervalstyle": "'postgres'",
    "extra_float_digits": "1",
    "bytea_output": "'hex'",
    "xmloption": "'content'",
    "row_security": "off",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}
"""Settings under which a value has one text on every server. With row_security off, a policy that
would hide rows is an error instead of a silent loss. One connection is one core of load."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """How much a database may be asked at once.

    Args:
        statement_seconds: after which a statement is cancelled.
        connections: open at once, at most.
        connect_seconds: to wait for a connection.
    """

    statement_seconds: int = 600
    connections: int = 2
    connect_seconds: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A PostgreSQL database and how to reach it.

    Args:
        label: what reports call it, such as ``source`` or ``restored``.
        conninfo: libpq's connection string; holds the password and is never shown.
        limits: of every connection to it.
    """

    label: str
    conninfo: str = field(repr=False)
    limits: ReadLimits = ReadLimits()

    @property
    def place(self) -> str:
        """Return host, port and name, for messages."""
        known = conninfo_to_dict(self.conninfo)
        host, port = known.get("host", "localhost"), known.get("port", "5432")
        return f"{self.label} {host}:{port}/{known.get('dbname', '')}"


@contextmanager
def connect(
    database: Database,
    *,
    snapshot: str = "",
    read_only: bool = True,
    statements: Statements | None = None,
) -> Iterator[psycopg.Connection[Any]]:
    """Open a connection whose one transaction sees one moment and, unless asked, can only read.

    Args:
        database: what to connect to.
        snapshot: name of a snapshot that another connection exported, to see its moment.
        read_only: False for what is done to a restored database, never to a source.
        statements: takes the settings of the transaction.

    Raises:
        DatabaseUnreachable: nobody answers.
        AccessDenied: password or privilege is missing.
        ReadError: a statement failed or took longer than the limit.
    """
    with database_faults(database):
        connection = psycopg.connect(
            database.conninfo,
            connect_timeout=database.limits.connect_seconds,
            application_name="opslib",
        )
        with connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = read_only
            if snapshot:
                connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            set_session(connection, database.limits.statement_seconds, statements)
            yield connection


def set_session(
    connection: psycopg.Connection[Any],
    statement_seconds: int,
    statements: Statements | None = None,
) -> None:
    """Give the transaction that begins here the settings that every transaction of ours has.

    Args:
        connection: with no statement run yet in its transaction, but for the choice of a snapshot.
        statement_seconds: after which a statement is cancelled.
        statements: takes the settings.
    """
    settings = {
        **CANONICAL,
        "statement_timeout": str(statement_seconds * 1000),
        "lock_timeout": "'10s'",
    }
    text = ";\n".join(f"SET LOCAL {name} = {value}" for name, value in settings.items())
    (statements or Statements()).execute(connection, text, SESSION)


@contextmanager
def database_faults(database: Database) -> Iterator[None]:
    """Raise psycopg's errors as opslib's, naming the database and never its password."""
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise AccessDenied(
            server_message(error),
            where=database.place,
            remedy="Grant what docs/dr_restore_validation.md lists.",
        ) from error
    except psycopg.errors.QueryCanceled as error:
        raise ReadError(
            f"a statement took longer than {database.limits.statement_seconds} s",
            where=database.place,
            remedy="Raise statement_seconds, or read a replica.",
        ) from error
    except psycopg.OperationalError as error:
        if "authentication failed" in str(error) or "no password" in str(error):
            raise AccessDenied(
                "the password is refused", where=database.place, remedy="Correct the secret."
            ) from error
        raise DatabaseUnreachable(
            server_message(error),
            where=database.place,
            remedy="Check network, security group and name.",
        ) from error
    except psycopg.Error as error:
        raise ReadError(server_message(error), where=database.place) from error


def server_message(error: psycopg.Error) -> str:
    """Return the first line of what a server said, without secrets and without values of rows."""
    if isinstance(error, psycopg.DataError):
        return f"a value cannot be told (SQLSTATE {error.sqlstate})"
    return redact_text(str(error).strip().splitlines()[0] if str(error).strip() else "no answer")
