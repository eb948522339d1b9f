"""What a server could not read: noted, so that everything else is still read.

A page with a wrong checksum, a file that is missing, a value that cannot be told any more: each
ends the statement that met it, and PostgreSQL the transaction. So each statement has a savepoint
of its own.

Source: PostgreSQL documentation, "PostgreSQL Error Codes".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
import psycopg

from opslib.databases.postgres import server_message
from opslib.tables.databases import UNREADABLE
from opslib.tables.schema import check_table

__all__ = ["Unreadable", "cause_of", "noted"]

CANCELLED = ("57014", "55P03")
"""A statement that took too long, or waited too long for a lock."""
CAUSES = {"XX": "damaged", "58": "damaged", "22": "value"}
"""By class: internal error with data and index corrupted, system error with missing files, and
data exception: a stored value that the server cannot tell."""


class Unreadable:
    """Collects what could not be read; several threads may note at once."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str, str, str]] = []

    def note(self, part: str, name: tuple[str, str], cause: str, said: str) -> None:
        """Add one thing.

        Args:
            part: what was being read; see `UNREADABLE`.
            name: schema and name of what could not be read.
            cause: see `UNREADABLE`.
            said: the server's message.
        """
        self._rows.append((part, *name, cause, said))

    def names(self, part: str) -> set[tuple[str, str]]:
        """Return schema and name of all that was noted of one part."""
        return {(schema, name) for told, schema, name, _, _ in self._rows if told == part}

    def frame(self) -> pd.DataFrame:
        """Return it all, once each; columns of `UNREADABLE`."""
        first: dict[tuple[str, str, str], tuple[str, ...]] = {}
        for row in sorted(self._rows):
            first.setdefault(row[:3], row)
        frame = pd.DataFrame(list(first.values()), columns=list(UNREADABLE.columns))
        return check_table(frame, UNREADABLE, "unreadable")


@contextmanager
def noted(
    unreadable: Unreadable | None,
    connection: psycopg.Connection[Any],
    part: str,
    name: tuple[str, str],
) -> Iterator[None]:
    """Note what the server cannot read within the block, and leave the transaction usable.

    Args:
        unreadable: where to note it; None raises it.
        connection: what the block reads on.
        part: what is read; see `UNREADABLE`.
        name: schema and name of what is read.
    """
    if unreadable is None:
        yield
        return
    try:
        with connection.transaction():
            yield
    except psycopg.Error as error:
        cause = cause_of(error)
        if not cause:
            raise
        unreadable.note(part, name, cause, server_message(error))


def cause_of(error: psycopg.Error) -> str:
    """Return why something could not be read; '' where the error tells of something else."""
    state = error.sqlstate or ""
    return "cancelled" if state in CANCELLED else CAUSES.get(state[:2], "")
