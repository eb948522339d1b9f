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

__all__ = ["Injury", "Made", "injure"]


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
    """

    name: str
    find: str
    statements: tuple[str, ...]
    caught_by: tuple[str, ...]
    worth: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An injury that was made: where, in words."""

    injury: Injury
    place: str


@contextmanager
def injure(connection: psycopg.Connection[Any], injury: Injury) -> Iterator[Made | None]:
    """Make an injury for the length of the block, then take it back.

    Args:
        connection: to a restored database, writable.
        injury: what to do.

    Yields:
        Where it was made; None where the database has no place for it.
    """
    with connection.transaction(force_rollback=True):
        # Neither triggers nor foreign keys may repair or refuse what a broken restore does.
        connection.execute("SET LOCAL session_replication_role = replica")
        place = _injure_somewhere(connection, injury)
        connection.execute("SET LOCAL session_replication_role = origin")
        yield None if place is None else Made(injury=injury, place=_named(place))


def _injure_somewhere(connection: psycopg.Connection[Any], injury: Injury) -> dict[str, str] | None:
    """Make the injury at the first place that holds what it needs and that does not refuse it."""
    cursor = connection.execute(injury.find.encode())
    names = [column.name for column in cursor.description or ()]
    for row in cursor.fetchall():
        place = dict(zip(names, row, strict=True))
        try:
            with connection.transaction():
                if _is_worth(connection, injury, place):
                    for statement in injury.statements:
                        connection.execute(_filled(statement, place))
                    return place
        except psycopg.errors.Error:
            continue
    return None


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
