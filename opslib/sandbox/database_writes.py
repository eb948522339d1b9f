"""Writes that go on at a source while it is backed up, whatever its schema."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from opslib.databases.row_digests import TableLayout, layouts_of

__all__ = ["WriteCount", "writing"]

CHANGES = {
    "text": "{column} || 'x'",
    "varchar": "reverse({column})",
    "int4": "{column} + 1",
    "int8": "{column} + 1",
    "numeric": "{column} + 1",
    "bool": "NOT {column}",
    "timestamptz": "now()",
    "timestamp": "now()",
}


@dataclass(slots=True)
class WriteCount:
    """How many writes were committed, and how many the schema refused."""

    done: int = 0
    refused: int = 0


@contextmanager
def writing(conninfo: str, seed: int) -> Iterator[WriteCount]:
    """Change, delete and repeat random rows for the length of the block.

    What constraints or triggers refuse is left.

    Args:
        conninfo: of a superuser of the source.
        seed: moves what is written.
    """
    ended, counted = threading.Event(), WriteCount()
    thread = threading.Thread(target=_write, args=(conninfo, seed, ended, counted), daemon=True)
    thread.start()
    try:
        yield counted
    finally:
        ended.set()
        thread.join()


def _write(conninfo: str, seed: int, ended: threading.Event, counted: WriteCount) -> None:
    chance = random.Random(seed)  # noqa: S311  a test's own dice
    with psycopg.connect(conninfo, autocommit=True) as connection:
        layouts = [layout for layout in layouts_of(connection) if layout.columns]
        while not ended.is_set():
            try:
                with connection.transaction():
                    _write_once(connection, chance, chance.choice(layouts))
                counted.done += 1
            except psycopg.Error:
                counted.refused += 1
            ended.wait(0.002)


def _write_once(
    connection: psycopg.Connection[Any], chance: random.Random, layout: TableLayout
) -> None:
    table = sql.Identifier(*layout.name)
    place = sql.SQL(
        "ctid = (SELECT ctid FROM ONLY {0} OFFSET floor(random() * (SELECT count(*) FROM ONLY {0}))"
        " LIMIT 1)"
    ).format(table)
    kind = chance.random()
    changeable = [
        name
        for name, (type_name, _) in layout.columns.items()
        if type_name in CHANGES and name not in layout.key
    ]
    if kind < 0.1:  # noqa: PLR2004
        statement = sql.SQL("DELETE FROM ONLY {} WHERE {}").format(table, place)
    elif kind < 0.3 and not layout.key:  # noqa: PLR2004
        statement = sql.SQL("INSERT INTO {0} SELECT * FROM ONLY {0} WHERE {1}").format(table, place)
    else:
        column = chance.choice(changeable or list(layout.columns))
        change = CHANGES.get(layout.columns[column][0], "{column}") if changeable else "{column}"
        statement = sql.SQL("UPDATE ONLY {} SET {} = {} WHERE {}").format(
            table,
            sql.Identifier(column),
            sql.SQL(change).format(column=sql.Identifier(column)),
            place,
        )
    connection.execute(statement)
