"""Injuries of a server's files, made where the files are ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from opslib.sandbox.postgres import PostgresServer

__all__ = ["FILE_INJURIES", "FileInjury"]

PAGE = 8192
LARGEST = """
    SELECT pg_relation_filepath(c.oid), c.relname FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am m ON m.oid = c.relam
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
        AND c.relpersistence = 'p' AND m.amname = %s AND pg_relation_size(c.oid) >= %s
    ORDER BY pg_relation_size(c.oid) DESC LIMIT 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInjury:
    """One byte of a relation's file flipped.

    Args:
        name: what is done.
        access: access method of the relation: heap or btree.
        page: which page of it.
    """

    name: str
    access: str
    page: int

    @contextmanager
    def make(self, server: PostgresServer, database: str) -> Iterator[str]:
        """Flip the byte while the server is down, for the length of the block.

        Yields:
            The relation; empty where none is large enough.
        """
        least = (self.page + 1) * PAGE
        with psycopg.connect(server.conninfo(database)) as connection:
            found = connection.execute(LARGEST, [self.access, least]).fetchone()
        if found is None:
            yield ""
            return
        path, relation = server.data / found[0], found[1]
        # The last bytes of a page hold the first tuple put on it.
        place = self.page * PAGE + PAGE - 6
        _flip_while_down(server, path, place)
        try:
            yield relation
        finally:
            _flip_while_down(server, path, place)


def _flip_while_down(server: PostgresServer, path: Path, place: int) -> None:
    server.stop()
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 0xFF]))
    server.start()


FILE_INJURIES = (
    FileInjury(name="byte flipped in a table's file", access="heap", page=0),
    FileInjury(name="byte flipped in an index's file", access="btree", page=1),
)
