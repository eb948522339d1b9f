"""Foreign keys as the catalog tells them, and how to follow them.

Source: PostgreSQL documentation, "pg_constraint".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from opslib.databases.statements import Statements

__all__ = ["ForeignKey", "foreign_keys_of"]

OWN = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"

FOREIGN_KEYS = f"""
    SELECT n.nspname, c.relname, k.conname, k.convalidated, k.confmatchtype = 'f',
        c.relkind = 'p', fn.nspname, f.relname, f.relkind = 'p', ARRAY(
            SELECT ARRAY[a.attname, b.attname, opn.nspname, o.oprname, ln.nspname, l.collname]
            FROM unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY u(own, key, op, place)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.own
            JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = u.key
            JOIN pg_operator o ON o.oid = u.op JOIN pg_namespace opn ON opn.oid = o.oprnamespace
            LEFT JOIN pg_collation l ON l.oid = b.attcollation AND a.attcollation <> b.attcollation
            LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
            ORDER BY u.place)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
    WHERE k.contype = 'f' AND k.conparentid = 0 AND c.relpersistence = 'p' AND {OWN}
    ORDER BY 1, 2, 3"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """One foreign key; that of a partitioned table stands for those of its partitions.

    Args:
        schema, table, name: of the constraint.
        validated: whether PostgreSQL has looked at all rows.
        full: whether it is MATCH FULL.
        parent: schema and name of the table that it refers to.
        partitioned: whether the table, and the one that it refers to, have partitions: otherwise
            heirs are not part of the constraint.
        columns: own column, the parent's, the operator that compares the parent's with the own
            (its schema, its name), and the collation to compare by (the same), None for the own.
    """

    schema: str
    table: str
    name: str
    validated: bool
    full: bool
    parent: tuple[str, str]
    partitioned: tuple[bool, bool]
    columns: tuple[tuple[str, str, str, str, str | None, str | None], ...]

    def rows_of(self, which: int) -> sql.Composed:
        """Return the relation to read: 0 for its own table, 1 for the one it refers to."""
        name = (self.schema, self.table) if which == 0 else self.parent
        only = "" if self.partitioned[which] else "ONLY "
        return sql.SQL(only) + sql.Identifier(*name)

    def is_given(self, alias: str) -> sql.Composed:
        """Return the condition that a row refers to something.

        It does unless one of its columns is null (MATCH SIMPLE), or all are (MATCH FULL).
        """
        return sql.SQL(" OR " if self.full else " AND ").join(
            sql.Identifier(alias, own) + sql.SQL(" IS NOT NULL") for own, *_ in self.columns
        )

    def is_met(self, parent: str, child: str) -> sql.Composed:
        """Return the condition that a parent's row is what a row refers to."""
        return sql.SQL(" AND ").join(
            sql.SQL("{} OPERATOR({}.{}) {}{}").format(
                sql.Identifier(parent, key),
                sql.Identifier(place),
                sql.SQL(operator),
                sql.Identifier(child, own),
                sql.SQL(" COLLATE ") + sql.Identifier(by[0], by[1] or "") if by[0] else sql.SQL(""),
            )
            for own, key, place, operator, *by in self.columns
        )


def foreign_keys_of(
    connection: psycopg.Connection[Any], statements: Statements | None = None
) -> list[ForeignKey]:
    """Read every foreign key between permanent tables; ``statements`` takes what is asked."""
    found = (statements or Statements()).execute(connection, FOREIGN_KEYS, "references")
    return [_foreign_key(*row) for row in found]


def _foreign_key(*row: Any) -> ForeignKey:
    schema, table, name, validated, full, own_partitions, *referred = row
    place, parent, partitions, columns = referred
    return ForeignKey(
        schema=schema,
        table=table,
        name=name,
        validated=validated,
        full=full,
        parent=(place, parent),
        partitioned=(own_partitions, partitions),
        columns=tuple(tuple(column) for column in columns),
    )
