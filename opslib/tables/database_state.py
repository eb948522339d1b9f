"""A database as it was at one moment: what a restore is held against, and what came back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

__all__ = ["DatabaseState", "TableName", "TablePlan"]

TableName = tuple[str, str]
"""Schema and name."""

TablePlan = tuple[int, tuple[str, ...]]
"""How a table is digested: its number of buckets, and the key that they follow from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """A database as it was.

    Args:
        captured_at: the server's clock at that moment.
        is_exact: whether no transaction was under way then, so that a restore to that moment
            brings back just this.
        server_version: major version.
        algorithm: of the digests.
        schema_objects: columns of `opslib.tables.databases.SCHEMA_OBJECTS`.
        tables: columns of `opslib.tables.databases.TABLE_FACTS`.
        digests: columns of `opslib.tables.databases.BUCKET_DIGESTS`.
        rows: columns of `opslib.tables.databases.ROW_DIGESTS`, of the tables small enough.
        sequences: columns of `opslib.tables.databases.SEQUENCES`.
        orphans: columns of `opslib.tables.databases.ORPHANS`.
        corruptions: columns of `opslib.tables.databases.CORRUPTIONS`; None where they were not
            looked for.
        has_checksums: whether the server verifies a checksum with every page that it reads.
        unreadable: columns of `opslib.tables.databases.UNREADABLE`; None where the first thing
            that could not be read ended the reading.
        statements: columns of `opslib.tables.statements.STATEMENTS`; None where they were not
            kept.
        server_id: PostgreSQL's system identifier, which a server shares with the physical copies
            of its files, and with nothing else; '' where it was not told.
        oldest_running: id of a transaction, of 64 bits: all before it had ended at that moment.
        checkpoint_id: the id that was next at the server's last checkpoint; recovery ends with one.
            0 where it was not told, or recovery goes on.
    """

    captured_at: datetime
    is_exact: bool
    server_version: int
    algorithm: str
    schema_objects: pd.DataFrame
    tables: pd.DataFrame
    digests: pd.DataFrame
    rows: pd.DataFrame
    sequences: pd.DataFrame
    orphans: pd.DataFrame
    corruptions: pd.DataFrame | None
    has_checksums: bool
    unreadable: pd.DataFrame | None = None
    statements: pd.DataFrame | None = None
    server_id: str = ""
    oldest_running: int = 0
    checkpoint_id: int = 0

    @property
    def plans(self) -> dict[TableName, TablePlan]:
        """Return how every table was digested, so that another state can be made comparable."""
        columns = ("Schema", "Table", "Buckets", "Key")
        return {
            (schema, table): (int(number), tuple(json.loads(key)))
            for schema, table, number, key in zip(
                *(self.tables[column] for column in columns), strict=True
            )
        }

    @property
    def kept(self) -> set[TableName]:
        """Return the tables of which every row's digest is kept."""
        names = self.rows[["Schema", "Table"]].drop_duplicates()
        return set(zip(names["Schema"], names["Table"], strict=True)) | self.smaller_than(0)

    def unread(self, part: str) -> set[TableName]:
        """Return schema and name of what could not be read of one part of the state."""
        if self.unreadable is None:
            return set()
        of_part = self.unreadable[self.unreadable["Part"] == part]
        return set(zip(of_part["Schema"], of_part["Name"], strict=True))

    def smaller_than(self, rows: int) -> set[TableName]:
        """Return the tables of at most ``rows`` rows."""
        facts = self.tables[self.tables["Rows"] <= rows]
        return set(zip(facts["Schema"], facts["Table"], strict=True))
