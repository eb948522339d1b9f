"""Rows of a table told apart by a declared column: summed where they settled, else one by one.

Method: one scan in the server. Rows whose age is asked for, and rows of given keys, are told one
by one, as hashes; all others are summed by bucket and age. So what is read grows with what was
written lately and not with the table.

Source: PostgreSQL documentation, "System Information Functions" (pg_partition_tree).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import psycopg
from psycopg import sql

from opslib.databases.heartbeat_column import HeartbeatColumn, find_column, with_unit
from opslib.databases.postgres import Database, connect
from opslib.databases.row_digests import TableLayout, planned_layouts
from opslib.databases.row_expressions import row_expressions
from opslib.databases.statements import Statements
from opslib.errors import CapReached, NotFound, OpsError, ReadError
from opslib.parameters.declared_changes import DeclaredChanges
from opslib.tables.changed_rows import CHANGED_ROWS, DECLARED_PLACES, Age, AgeBounds
from opslib.tables.database_state import TableName, TablePlan
from opslib.tables.schema import check_table

__all__ = ["RowsAsked", "find_declared", "read_changed_rows"]

REMEDY = "Correct changes: name a table and a column of type timestamptz, timestamp, date or epoch."
KEYS = "$1 /* keys of the rows that the source has changed since the recovery point */"
PLACES = """
    SELECT n.nspname::text, c.relname::text FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND (c.oid = to_regclass($1)
        OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass($1))))
    ORDER BY 1, 2"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsAsked:
    """What is asked of a table.

    Args:
        declared: its columns.
        table: schema and name; of a partition, where the declaration is of more than one.
        algorithm: of the digests.
        plan: that the buckets are made by.
        bounds: that ages are told by.
        single: the ages whose rows are told one by one.
        keys: of rows that are told one by one whatever their age.
        buckets: that are read; None for all.
        limit: most rows to tell one by one.
    """

    declared: DeclaredChanges
    table: TableName
    algorithm: str
    plan: TablePlan
    bounds: AgeBounds
    single: frozenset[Age]
    keys: tuple[str, ...] = ()
    buckets: tuple[int, ...] | None = None
    limit: int


def find_declared(
    database: Database,
    declared: Sequence[DeclaredChanges],
    statements: Statements | None = None,
) -> pd.DataFrame:
    """Look up what is declared: tables, partitions and columns; columns of `DECLARED_PLACES`.

    Args:
        database: the restored one.
        declared: of the parameters.
        statements: takes what is asked.

    Raises:
        ReadError: the database cannot be reached, or refuses.
    """
    asked = statements or Statements()
    with connect(database) as connection:
        rows = [row for one in declared for row in _places(connection, one, asked)]
    return check_table(
        pd.DataFrame(rows, columns=list(DECLARED_PLACES.columns)), DECLARED_PLACES, "declared"
    )


def _places(
    connection: psycopg.Connection[Any], declared: DeclaredChanges, asked: Statements
) -> Iterator[tuple[str, ...]]:
    name = sql.Identifier(*declared.name).as_string(connection)
    found = asked.execute(connection, PLACES, "changes", ".".join(declared.name), [name])
    if not found:
        yield (*declared.name, *declared.name, "there is no such table")
    for schema, table in found:
        yield (*declared.name, schema, table, _problem(connection, declared, (schema, table)))


def _problem(
    connection: psycopg.Connection[Any], declared: DeclaredChanges, table: TableName
) -> str:
    try:
        _columns(connection, declared, table, "", with_units=False)
    except OpsError as error:
        return error.what
    return ""


def _columns(
    connection: psycopg.Connection[Any],
    declared: DeclaredChanges,
    table: TableName,
    where: str,
    *,
    with_units: bool = True,
) -> list[HeartbeatColumn]:
    """Return the declared columns as they are in a table; whole numbers with their unit."""
    zone, found = ZoneInfo(declared.zone), []
    for name in declared.columns_of(table):
        place = f"{where} {name}"
        one = find_column(connection, name, zone, place, needs_index=False, remedy=REMEDY)
        if with_units and one.is_number:
            one = _with_unit(connection, one, place)
        found.append(one)
    return found


def _with_unit(
    connection: psycopg.Connection[Any], column: HeartbeatColumn, where: str
) -> HeartbeatColumn:
    """Return a column of numbers with their unit.

    Raises:
        ReadError: its greatest is yet to come, as one that stands for never is: under a unit told
            from it all others would be of 1970.
    """
    query = sql.SQL("SELECT max({})::numeric, clock_timestamp() FROM {} WHERE {}").format(
        sql.Identifier(column.name.column),
        sql.Identifier(column.name.schema, column.name.table),
        column.finite(),
    )
    newest, now = connection.execute(query).fetchone() or (None, None)
    if newest is None or now is None:
        return column
    found = with_unit(column, newest, where, REMEDY)
    if newest > found.bound(now + timedelta(days=1)):
        raise ReadError("the column's greatest number is yet to come", where=where, remedy=REMEDY)
    return found


def read_changed_rows(
    database: Database, asked: RowsAsked, statements: Statements | None = None
) -> pd.DataFrame:
    """Read rows by the age that their column gives them; columns of `CHANGED_ROWS`.

    Args:
        database: which one.
        asked: of which table.
        statements: takes what is asked, without the keys of rows.

    Raises:
        NotFound: there is no such table or column.
        CapReached: more rows than the limit would have to be told one by one.
        ReadError: the column tells no time, or the database cannot be reached or refuses.
    """
    name, kept = ".".join(asked.table), statements or Statements()
    where = f"{database.place} {name}"
    with connect(database) as connection:
        planned = planned_layouts(connection, {asked.table: asked.plan}, kept)
        layouts = {one.name: one for one in planned}
        if asked.table not in layouts:
            raise NotFound("there is no such table", where=where, remedy=REMEDY)
        columns = _columns(connection, asked.declared, asked.table, database.place)
        keys = sql.Literal(list(asked.keys))
        query = _query(layouts[asked.table], columns, asked, keys)
        whole = _query(layouts[asked.table], columns, asked, sql.SQL(KEYS))
        rows = kept.execute(
            connection, query, "content", name, whole=whole if asked.keys else query
        )
    frame = pd.DataFrame(rows, columns=list(CHANGED_ROWS.columns))
    if (frame["Key"] != "").sum() > asked.limit:
        raise CapReached(
            f"more than {asked.limit:,} rows were written around the recovery point or since",
            where=where,
            remedy="Raise rows_limit, or drill a recovery point that is younger.",
        )
    return check_table(frame, CHANGED_ROWS, "changed rows")


def _query(
    layout: TableLayout,
    columns: Sequence[HeartbeatColumn],
    asked: RowsAsked,
    keys: sql.Composable,
) -> sql.Composed:
    told = row_expressions(layout, asked.algorithm, asked.plan[0])
    ages = [_age(column, asked.bounds) for column in columns]
    single = sql.Literal([age.value for age in asked.single])
    key = told.key
    if not asked.keys:
        key = sql.SQL("CASE WHEN {} = ANY ({}::text[]) THEN {} END").format(ages[0], single, key)
    within: sql.Composable = sql.SQL("true")
    if asked.buckets is not None:
        within = sql.SQL("bucket = ANY ({}::bigint[])").format(sql.Literal(list(asked.buckets)))
    return sql.SQL(
        "SELECT bucket, age, CASE WHEN single THEN inserted ELSE '' END, "
        "CASE WHEN single THEN key ELSE '' END, count(*), sum({mixed})::text FROM ("
        "SELECT told.*, told.age = ANY ({ages}::text[]) OR named.key IS NOT NULL AS single FROM ("
        "SELECT {bucket} AS bucket, {key} AS key, {digest} AS digest, {age} AS age, "
        "{inserted} AS inserted FROM ONLY {table} AS t OFFSET 0) AS told "
        "LEFT JOIN (SELECT DISTINCT unnest({keys}::text[]) AS key) AS named USING (key) "
        "WHERE {within}) AS rows GROUP BY 1, 2, 3, 4 LIMIT {limit}"
    ).format(
        mixed=told.mixed,
        ages=single,
        bucket=told.bucket,
        key=key,
        digest=told.digest,
        age=ages[0],
        inserted=ages[1] if len(ages) > 1 else sql.SQL("''"),
        table=sql.Identifier(*layout.name),
        keys=keys,
        within=within,
        limit=sql.Literal(asked.limit + asked.plan[0] * len(Age) + 1),
    )


def _age(column: HeartbeatColumn, bounds: AgeBounds) -> sql.Composed:
    """Return the age of a row; a coarse column's value may be of any moment of its unit."""
    coarse = timedelta(seconds=column.resolution_seconds)
    return sql.SQL(
        "CASE WHEN {value} IS NULL OR NOT {finite} THEN {undated} WHEN {value} > {latest} THEN "
        "{later} WHEN {value} > {settled} THEN CASE WHEN {value} > {baseline} THEN {recent_since} "
        "ELSE {recent_before} END WHEN {value} > {baseline} THEN {settled_since} "
        "ELSE {settled_before} END"
    ).format(
        value=sql.Identifier("t", column.name.column),
        finite=column.finite(),
        latest=sql.Literal(column.bound(bounds.latest)),
        settled=sql.Literal(column.bound(bounds.settled - coarse)),
        baseline=sql.Literal(column.bound(bounds.baseline)),
        **{age.name.lower(): sql.Literal(age.value) for age in Age},
    )
