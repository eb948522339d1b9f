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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import sql

from opslib.databases.row_expressions import row_expressions
from opslib.databases.statements import Statements
from opslib.tables.database_state import TableName, TablePlan

__all__ = ["TableLayout", "digest_query", "layouts_of", "planned_layouts", "row_query"]

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


def layouts_of(
    connection: psycopg.Connection[Any], statements: Statements | None = None
) -> list[TableLayout]:
    """Read the layout of every table and populated materialised view, partitions one by one.

    Unlogged tables are left out: a physical restore leaves them empty by design.

    Args:
        connection: to the database.
        statements: takes what is asked.
    """
    asked = statements or Statements()
    keys = dict(asked.execute(connection, KEYS, "content"))
    layouts: dict[int, TableLayout] = {}
    found = asked.execute(connection, COLUMNS, "content")
    for oid, schema, table, name, kind, deterministic, pages, rows in found:
        key = tuple(keys.get(oid, ()))
        layout = layouts.setdefault(
            oid,
            TableLayout(schema=schema, table=table, columns={}, key=key, pages=pages, rows=rows),
        )
        if name is not None:
            layout.columns[name] = (kind, deterministic)
    return list(layouts.values())


def planned_layouts(
    connection: psycopg.Connection[Any],
    plans: Mapping[TableName, TablePlan],
    statements: Statements,
) -> list[TableLayout]:
    """Return the tables, each with the key of its plan even where it lost that key.

    Args:
        connection: to their database.
        plans: of tables that are compared with what was read before.
        statements: takes what is asked.
    """
    return [
        replace(layout, key=plans[layout.name][1])
        if layout.name in plans and set(plans[layout.name][1]) <= set(layout.columns)
        else layout
        for layout in layouts_of(connection, statements)
    ]


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
        "SELECT bucket, count(*), sum({mixed})::text FROM (\n"
        "    SELECT {bucket} AS bucket, {digest} AS digest\n"
        "    FROM ONLY {table} AS t\n"
        "    WHERE t.ctid >= {first}::tid AND t.ctid < {end}::tid OFFSET 0) AS rows\n"
        "GROUP BY bucket"
    ).format(
        mixed=told.mixed,
        bucket=told.bucket,
        digest=told.digest,
        table=sql.Identifier(*layout.name),
        first=sql.Literal(pages[0]),
        end=sql.Literal(pages[1]),
    )


def row_query(
    layout: TableLayout, algorithm: str, buckets: int, wanted: Sequence[int]
) -> tuple[sql.Composed, list[str]]:
    """Return the query of the rows of some buckets, and its parameters.

    It gives bucket, key, digest, and the transaction that wrote the row, as
    `opslib.tables.databases.WRITTEN_ROWS` has them. The key is a hash that tells rows apart and
    shows nothing of them.

    Args:
        layout: of the table.
        algorithm: ``record`` or ``text``.
        buckets: how many there are.
        wanted: those whose rows are read, each once.
    """
    told = row_expressions(layout, algorithm, buckets)
    is_whole = len(wanted) == buckets
    query = sql.SQL(
        "SELECT bucket, key, {mixed}::text, CASE WHEN writer < 3 THEN 0\n"
        "    ELSE next - ((next - writer) & 4294967295) END FROM (\n"
        "    SELECT {bucket} AS bucket, {key} AS key, {digest} AS digest,\n"
        "        t.xmin::text::bigint AS writer\n"
        "    FROM ONLY {table} AS t OFFSET 0) AS rows, (\n"
        "    SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint OFFSET 0) AS ids (next)"
        "{some}"
    ).format(
        mixed=told.mixed,
        bucket=told.bucket,
        key=told.key,
        digest=told.digest,
        table=sql.Identifier(*layout.name),
        some=sql.SQL("" if is_whole else "\nWHERE bucket = ANY ($1::bigint[])"),
    )
    return query, [] if is_whole else [f"{{{','.join(map(str, wanted))}}}"]
