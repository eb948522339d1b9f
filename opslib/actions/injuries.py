"""Injuries: what a bad restore could have done to a database, done on purpose.

Every injury is made in a transaction that is rolled back, on a restored database and never on a
source. A check that does not notice it proves nothing, and the drill says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from opslib.databases.postgres import server_message
from opslib.databases.unreadable import cause_of

__all__ = ["Injury", "Made", "NotMade", "injure"]

NO_PLACE = "no place for it in this database"
BY_SUPERUSER = "only a superuser can make it"
OF_SCHEMA = ("0A", "22", "23", "2B", "42", "44", "55", "P0")
"""Classes of error by which a schema itself refuses an injury: its constraints, its dependencies,
its types. Anything else tells of the server or of rights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Injury:
    """One class of injury.

    Args:
        name: what is done.
        find: query of places that can be injured, its columns named in the statements; no row
            means that the database has no such place.
        statements: what is done there: ``{schema}``, ``{table}``, ``{column}``, ``{name}`` stand
            for identifiers, ``{text}`` for SQL text that the query made.
        caught_by: checks of which one must fail.
        worth: query whether a place holds what the injury needs; the first that does is taken.
        by_superuser: no other role may make it.
    """

    name: str
    find: str
    statements: tuple[str, ...]
    caught_by: tuple[str, ...]
    worth: str = ""
    by_superuser: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An injury that was made: where, in words."""

    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMade:
    """An injury that this database has no place for, or refuses wherever it was tried: why."""

    reason: str


@contextmanager
def injure(connection: psycopg.Connection[Any], injury: Injury) -> Iterator[Made | NotMade]:
    """Make an injury for the length of the block, then take it back.

    Args:
        connection: to a restored database, writable.
        injury: what to do.

    Yields:
        Where it was made, or why it was not.

    Raises:
        psycopg.Error: it could not be tried: rights are missing, time is up, the server fails.
    """
    with connection.transaction(force_rollback=True):
        if injury.by_superuser and not _is_superuser(connection):
            yield NotMade(reason=BY_SUPERUSER)
            return
        # Neither triggers nor foreign keys may repair or refuse what a broken restore does.
        connection.execute("SET LOCAL session_replication_role = replica")
        made = _injure_somewhere(connection, injury)
        connection.execute("SET LOCAL session_replication_role = origin")
        yield made


def _injure_somewhere(connection: psycopg.Connection[Any], injury: Injury) -> Made | NotMade:
    """Make the injury at the first place that holds what it needs and that does not refuse it."""
    cursor = connection.execute(injury.find.encode())
    names = [column.name for column in cursor.description or ()]
    reason, failed = NO_PLACE, None
    for row in cursor.fetchall():
        place = dict(zip(names, row, strict=True))
        try:
            with connection.transaction():
                if _is_worth(connection, injury, place):
                    for statement in injury.statements:
                        connection.execute(_filled(statement, place))
                    return Made(place=_named(place))
        except psycopg.Error as error:
            if connection.closed or cause_of(error) == "cancelled":
                raise
            if _is_of_schema(error):
                reason = f"the schema refuses it: {server_message(error)}"
            else:
                failed = error
    if failed is not None:
        raise failed
    return NotMade(reason=reason)


def _is_of_schema(error: psycopg.Error) -> bool:
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return False
    return (error.sqlstate or "")[:2] in OF_SCHEMA


def _is_superuser(connection: psycopg.Connection[Any]) -> bool:
    found = connection.execute("SELECT current_setting('is_superuser') = 'on'").fetchone()
    return bool(found and found[0])


def _is_worth(connection: psycopg.Connection[Any], injury: Injury, place: dict[str, str]) -> bool:
    if not injury.worth:
        return True
    found = connection.execute(_filled(injury.worth, place)).fetchone()
    return bool(found and found[0])


def _filled(statement: str, place: dict[str, str]) -> sql.Composed:
    # Identifiers are quoted; only text that PostgreSQL itself deparsed enters as it is.
    parts: dict[str, sql.Composable] = {
        name: sql.SQL(value) if name == "text" else sql.Identifier(value)
        for name, value in place.items()
    }
    return sql.SQL(statement).format(**parts)


def _named(place: dict[str, str]) -> str:
    return ".".join(value for name, value in place.items() if name != "text")
