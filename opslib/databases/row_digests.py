"""Digests of rows, computed in the server, that do not depend on the order of rows.

A table's rows are divided into buckets by a hash of their key (of the whole row where there is
none); each bucket is told by the number of its rows and the sum of their digests. A difference
shows in its bucket alone, so that the rows that differ are found without comparing the others.
Sums are used and never exclusive or, under which two equal rows cancel.

Two algorithms:

- ``record``: PostgreSQL's own 64-bit hash of the row, mixed once more. Types whose equality is
  looser than their text (1.0 = 1.00, '1 day' = '24 hours', text under a case-insensitive
  collation) are hashed as text. Comparable between servers of one major version only.
- ``text``: the first 64 bits of MD5 of the row's canonical text. Slower, comparable anywhere.

What it cannot see: 64 bits leave one chance in 1.8e19 that two rows differ unseen; nobody is
expected to forge either.
Source: PostgreSQL documentation, "System Catalog Information", pg_amop and hash operator classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

__all__ = [
    "RowExpressions",
    "TableLayout",
    "digest_query",
    "layouts_of",
    "row_expressions",
    "row_query",
]

HASHED_TYPES = (
    "bool", "int2", "int4", "int8", "oid", "text", "varchar", "char", "name", "bytea", "uuid",
    "date", "time", "timestamp", "timestamptz", "inet", "cidr", "macaddr", "macaddr8",
)  # fmt: skip
"""Types under whose hash equal means the same bits, given a deterministic collation; all others
(numeric, float, interval, jsonb, citext, arrays, ...) are hashed as text."""

COLUMNS = """
    SELECT c.oid, n.nspname, c.relname, a.attname, t.typname,
        coalesce((SELECT l.collisdeterministic FROM pg_collation l WHERE l.oid = a.attcollation),
            true), pg_relation_size(c.oid) / current_setting('block_size')::bigint,
        c.reltuples::bigint
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND c.relpersistence = 'p'
        AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND n.nspname !~ '^pg_(toast|temp)'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.deptype = 'e' AND d.objid = c.oid
            AND d.classid = 'pg_class'::regclass AND NOT EXISTS (SELECT FROM pg_extension e
                WHERE e.oid = d.refobjid AND c.oid = ANY (e.extconfig)))
    ORDER BY n.nspname, c.relname, a.attnum"""

KEYS = """
    SELECT DISTINCT ON (i.indrelid) i.indrelid, ARRAY(SELECT a.attname FROM pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
        ORDER BY array_position(i.indkey::int2[], a.attnum))
    FROM pg_index i WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL
        AND i.indexprs IS NULL AND NOT i.indnullsnotdistinct
        AND (i.indisprimary OR NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid
            AND a.attnum = ANY (i.indkey::int2[]) AND NOT a.attnotnull))
    ORDER BY i.indrelid, i.indisprimary DESC, i.indexrelid"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLayout:
    """What is needed to digest a table.

    Args:
        schema, table: its name.
        columns: column to type name and whether its collation is deterministic, in order.
        key: columns that name a row; empty where none do.
        pages: of the table on disk.
        rows: about; negative where nobody counted yet.
    """

    schema: str
    table: str
    columns: dict[str, tuple[str, bool]]
    key: tuple[str, ...]
    pages: int
    rows: int

    @property
    def name(self) -> tuple[str, str]:
        """Return schema and table."""
        return self.schema, self.table


def layouts_of(connection: psycopg.Connection[Any]) -> list[TableLayout]:
    """Read the layout of every table and populated materialised view, partitions one by one.

    Unlogged tables are left out: a physical restore leaves them empty by design.
    """
    keys = dict(connection.execute(KEYS).fetchall())
    layouts: dict[int, TableLayout] = {}
    for oid, schema, table, name, kind, deterministic, pages, rows in connection.execute(COLUMNS):
        key = tuple(keys.get(oid, ()))
        layout = layouts.setdefault(
            oid,
            TableLayout(schema=schema, table=table, columns={}, key=key, pages=pages, rows=rows),
        )
        if name is not None:
            layout.columns[name] = (kind, deterministic)
    return list(layouts.values())


def digest_query(
    layout: TableLayout, algorithm: str, buckets: int, pages: tuple[str, str]
) -> sql.Composed:
    """Return the query of a table's buckets: bucket, rows, sum of digests.

    Args:
        layout: of the table.
        algorithm: ``record`` or ``text``.
        buckets: how many; a power of two.
        pages: the first place and the one after the last, so that several connections may each
            read a part of the table; the parts' sums add up.
    """
    told = row_expressions(layout, algorithm, buckets)
    return sql.SQL(
        "SELECT bucket, count(*), sum({mixed})::text FROM ("
        "SELECT {bucket} AS bucket, {digest} AS digest FROM ONLY {table} AS t "
        "WHERE t.ctid >= {first}::tid AND t.ctid < {end}::tid OFFSET 0) AS rows GROUP BY bucket"
    ).format(
        mixed=told.mixed,
        bucket=told.bucket,
        digest=told.digest,
        table=sql.Identifier(*layout.name),
        first=sql.Literal(pages[0]),
        end=sql.Literal(pages[1]),
    )


def _mixed(algorithm: str) -> sql.SQL:
    """Return the digest of a row from its hash.

    PostgreSQL's hash of a row is a linear combination of the hashes of its columns: in a plain sum
    two rows that exchanged a value cancel. (OFFSET 0 keeps the hash from being computed twice.)
    """
    if algorithm == "record":
        return sql.SQL("(digest # hashint8extended(digest, 0))")
    return sql.SQL("digest")


def row_query(
    layout: TableLayout, algorithm: str, buckets: int, wanted: Sequence[int]
) -> sql.Composed:
    """Return the query of the rows of some buckets: bucket, key, digest.

    The key is a hash that tells rows apart and shows nothing of them.

    Args:
        layout: of the table.
        algorithm: ``record`` or ``text``.
        buckets: how many there are.
        wanted: those whose rows are read.
    """
    told = row_expressions(layout, algorithm, buckets)
    return sql.SQL(
        "SELECT bucket, key, {mixed}::text FROM ("
        "SELECT {bucket} AS bucket, {key} AS key, {digest} AS digest "
        "FROM ONLY {table} AS t OFFSET 0) AS rows WHERE bucket = ANY ({wanted}::bigint[])"
    ).format(
        mixed=told.mixed,
        bucket=told.bucket,
        key=told.key,
        digest=told.digest,
        table=sql.Identifier(*layout.name),
        wanted=sql.Literal(list(wanted)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowExpressions:
    """What is told of a row, as SQL over a table ``t``.

    Args:
        bucket: its number.
        key: a hash that tells rows apart and shows nothing of them.
        digest: of the whole row, not mixed yet.
        mixed: the digest that is summed, from a column that is named ``digest``.
    """

    bucket: sql.Composable
    key: sql.Composable
    digest: sql.Composable
    mixed: sql.Composable


def row_expressions(layout: TableLayout, algorithm: str, buckets: int) -> RowExpressions:
    """Return how bucket, key and digest of a table's rows are told.

    Args:
        layout: of the table.
        algorithm: ``record`` or ``text``.
        buckets: how many there are; a power of two.
    """
    key = layout.key or tuple(layout.columns)
    named = sql.SQL("ROW({})::text").format(sql.SQL(", ").join(_column(name) for name in key))
    return RowExpressions(
        bucket=sql.SQL("({} & {}::bigint)").format(
            _hash(key, layout, algorithm, seed=1), sql.Literal(buckets - 1)
        ),
        key=sql.SQL("substr(md5({}), 1, 16)").format(named),
        digest=_hash(tuple(layout.columns), layout, algorithm, seed=0),
        mixed=_mixed(algorithm),
    )


def _hash(
    names: tuple[str, ...], layout: TableLayout, algorithm: str, *, seed: int
) -> sql.Composable:
    """Return the expression of a 64-bit hash of some columns."""
    if not names:
        return sql.SQL("0::bigint")
    if algorithm == "record":
        parts = sql.SQL(", ").join(_faithful(name, *layout.columns[name]) for name in names)
        return sql.SQL("hash_record_extended(ROW({}), {})").format(parts, sql.Literal(seed))
    row = sql.SQL(", ").join(_column(name) for name in names)
    return sql.SQL("('x' || substr(md5({} || ROW({})::text), 1, 16))::bit(64)::bigint").format(
        sql.Literal(str(seed)), row
    )


def _faithful(name: str, kind: str, deterministic: bool) -> sql.Composable:  # noqa: FBT001
    """Return a column in a form whose hash differs where its text does."""
    column = _column(name)
    if kind not in HASHED_TYPES:
        column = sql.SQL('({}::text COLLATE "C")').format(column)
    elif not deterministic:
        column = sql.SQL('({} COLLATE "C")').format(column)
    return column


def _column(name: str) -> sql.Composable:
    return sql.SQL("t.{}").format(sql.Identifier(name))
