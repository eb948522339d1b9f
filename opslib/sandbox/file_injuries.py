"""Injuries of a server's files, made on a copy of a server whose files are ours.

Source: PostgreSQL documentation, "Database File Layout" and "Database Page Layout".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psycopg
from psycopg import sql

from opslib.sandbox.physical_backup import restore_backup
from opslib.sandbox.postgres import PostgresServer

__all__ = ["FILE_INJURIES", "FileInjury", "injured_copy"]

PAGE = 8192
CANDIDATES = """
    SELECT c.oid::regclass::text, pg_relation_filepath(c.oid), c.relkind::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_am m ON m.oid = c.relam LEFT JOIN pg_class o ON o.reltoastrelid = c.oid
    LEFT JOIN pg_namespace own ON own.oid = o.relnamespace
    WHERE coalesce(own.nspname, n.nspname) !~ '^(pg_|information_schema$)'
        AND c.relpersistence = 'p' AND c.relkind::text = ANY (%s)
        AND (c.relkind = 'S' OR m.amname IN ('heap', 'btree')) AND pg_relation_size(c.oid) >= %s
    ORDER BY pg_relation_size(c.oid) DESC, c.oid"""

PHYSICAL = ("physical",)
CONTENT = ("content", "physical")
TABLES, TOAST, INDEXES, SEQUENCES = ("r", "m"), ("t",), ("i",), ("S",)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInjury:
    """What is done to one file of a relation.

    Args:
        name: in words.
        kinds: relkinds of the relation.
        change: takes the open file and the page that a row, or the first leaf, lies in; None
            deletes the file.
        caught_by: checks of which one must fail.
    """

    name: str
    kinds: tuple[str, ...]
    change: Callable[[BinaryIO, int], object] | None
    caught_by: tuple[str, ...]


@contextmanager
def injured_copy(
    copy: Path, source: PostgresServer, folder: Path, database: str, injury: FileInjury
) -> Iterator[tuple[PostgresServer, str]]:
    """Start a server from a backup, injure a file of it, and delete all of it after the block.

    Args:
        copy: from `opslib.sandbox.physical_backup.take_backup`.
        source: the server that it is of.
        folder: where the copy lives; must not exist.
        database: whose relation is injured: the largest that has a row.
        injury: what is done.

    Yields:
        The server, and the injured relation: empty where the database has none.
    """
    server = restore_backup(copy, source, folder)
    try:
        with psycopg.connect(server.conninfo(database)) as connection:
            found = _place(connection, injury.kinds)
        if found is None:
            yield server, ""
            return
        relation, path, page = found
        server.stop()
        _change(server.data / path, injury, page)
        server.start()
        yield server, relation
    finally:
        server.remove()


def _place(
    connection: psycopg.Connection[tuple[object, ...]], kinds: tuple[str, ...]
) -> tuple[str, str, int] | None:
    """Return a relation, its file, and a page that matters."""
    least = 2 * PAGE if kinds == INDEXES else PAGE
    for relation, path, kind in connection.execute(CANDIDATES, [list(kinds), least]).fetchall():
        if kind == "i":
            return str(relation), str(path), 1
        if kind == "S":
            return str(relation), str(path), 0
        page = _page_of_a_row(connection, str(relation))
        if page is not None:
            return str(relation), str(path), page
    return None


def _page_of_a_row(connection: psycopg.Connection[tuple[object, ...]], relation: str) -> int | None:
    # The name is as regclass writes it, quoted where it must be.
    query = sql.SQL("SELECT (ctid::text::point)[0]::int FROM ONLY {} LIMIT 1")
    found = connection.execute(query.format(sql.SQL(relation))).fetchone()
    return None if found is None else int(str(found[0]))


def _change(path: Path, injury: FileInjury, page: int) -> None:
    if injury.change is None:
        path.unlink()
        return
    with path.open("r+b") as file:
        injury.change(file, page)


def _flip(file: BinaryIO, page: int) -> None:
    """Flip a byte of the first tuple put on a page: the last bytes of the page hold it."""
    place = page * PAGE + PAGE - 6
    file.seek(place)
    byte = file.read(1)[0]
    file.seek(place)
    file.write(bytes([byte ^ 0xFF]))


def _zero(file: BinaryIO, page: int) -> None:
    """Make a page zeros, which PostgreSQL takes for a new one."""
    file.seek(page * PAGE)
    file.write(bytes(PAGE))


def _cut(file: BinaryIO, page: int) -> None:
    """Let the file end before a page."""
    file.truncate(page * PAGE)


FILE_INJURIES = (
    FileInjury(
        name="byte flipped in a table's file", kinds=TABLES, change=_flip, caught_by=PHYSICAL
    ),
    FileInjury(
        name="byte flipped in a TOAST table's file", kinds=TOAST, change=_flip, caught_by=PHYSICAL
    ),
    FileInjury(
        name="byte flipped in an index's file", kinds=INDEXES, change=_flip, caught_by=PHYSICAL
    ),
    FileInjury(
        name="byte flipped in a sequence's file", kinds=SEQUENCES, change=_flip, caught_by=PHYSICAL
    ),
    FileInjury(
        name="page of zeros in a table's file", kinds=TABLES, change=_zero, caught_by=CONTENT
    ),
    FileInjury(
        name="page of zeros in an index's file", kinds=INDEXES, change=_zero, caught_by=PHYSICAL
    ),
    FileInjury(name="table's file cut short", kinds=TABLES, change=_cut, caught_by=CONTENT),
    FileInjury(name="index's file cut short", kinds=INDEXES, change=_cut, caught_by=PHYSICAL),
    FileInjury(name="table's file missing", kinds=TABLES, change=None, caught_by=PHYSICAL),
    FileInjury(name="index's file missing", kinds=INDEXES, change=None, caught_by=PHYSICAL),
)
