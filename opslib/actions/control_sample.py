"""A restored database with few rows in every table, for the length of one transaction.

Method: within a transaction that is never committed, the rows of large tables are emptied by
TRUNCATE, which puts new files in place of the old ones and does not touch these, and a sample is
put back. The schema is the restored one itself, to the last trigger and grant, and what the
checks read is bounded. Rolling back, or losing the connection, brings the old files back.

Source: PostgreSQL documentation, TRUNCATE: "transaction-safe with respect to the data".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from opslib.actions.sample_relations import Relation, children_first, relations_to_cut
from opslib.databases.foreign_keys import ForeignKey, foreign_keys_of
from opslib.databases.unreadable import cause_of
from opslib.tables.database_state import DatabaseState, TableName

__all__ = ["cut_to_sample", "large_tables"]

SAMPLE = """
    CREATE TEMPORARY TABLE {sample} ON COMMIT DROP AS
    WITH referred AS MATERIALIZED (SELECT place FROM ({referred}) AS named LIMIT {limit}),
    first AS MATERIALIZED (SELECT ctid AS place FROM ONLY {table} WHERE {valid}
        LIMIT {limit} - (SELECT count(*) FROM referred))
    SELECT {columns} FROM ONLY {table} WHERE {valid} AND ctid = ANY (ARRAY(
        SELECT place FROM referred UNION SELECT place FROM first))"""
PARENTS = """
    SELECT found.place
    FROM (SELECT DISTINCT {own} FROM {child} AS child WHERE {given}) AS child
    CROSS JOIN LATERAL (SELECT parent.ctid AS place FROM ONLY {table} AS parent WHERE {met}
        LIMIT 1) AS found"""
ACTS = {"A": "ALWAYS", "R": "REPLICA"}
PUT_BACK = """
    INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {sample}"""
NOBODY = sql.SQL("SELECT NULL::tid AS place WHERE false")


def large_tables(restored: DatabaseState, rows_limit: int) -> set[TableName]:
    """Return the tables whose rows are to be replaced by a sample.

    Those of more rows than the limit, and those that the server could not read, of which nothing
    is known: they are left empty.
    """
    facts = restored.tables[restored.tables["Rows"] > rows_limit]
    many = set(zip(facts["Schema"], facts["Table"], strict=True))
    return many | restored.unread("content")


def cut_to_sample(
    connection: psycopg.Connection[Any], restored: DatabaseState, rows_limit: int
) -> set[TableName]:
    """Leave at most ``rows_limit`` rows in every table until the transaction is rolled back.

    Rows that sampled rows refer to are taken first, so that references hold as far as the limit
    allows. A table that refuses to take its rows back is left empty.

    Args:
        connection: to the restored database, writable; its transaction must not be committed.
        restored: its state.
        rows_limit: most rows a table.

    Returns:
        The tables that hold other rows than before.
    """
    large = large_tables(restored, rows_limit)
    if not large:
        return set()
    connection.execute("SET LOCAL session_replication_role = replica")
    connection.execute("SET LOCAL synchronize_seqscans = off")
    relations = relations_to_cut(connection, large)
    ordered = children_first(relations, foreign_keys_of(connection))
    unread = restored.unread("content")
    for relation, referring in ordered:
        limit = 0 if relation.name in unread else rows_limit
        _take_sample(connection, relation, referring, limit)
    with _unguarded(connection, relations):
        _empty(connection, [relation for relation in relations if relation.kind != "m"])
        refused = {relation.name for relation, _ in ordered if not _put_back(connection, relation)}
    for view in (relation for relation in relations if relation.kind == "m"):
        _refresh(connection, view, rows_limit)
    connection.execute("SET LOCAL session_replication_role = origin")
    partial = {relation.name for relation in relations if relation.valid}
    return large | refused | partial


def _take_sample(
    connection: psycopg.Connection[Any],
    relation: Relation,
    referring: Sequence[tuple[ForeignKey, Relation]],
    limit: int,
) -> None:
    table = sql.Identifier(*relation.name)
    parents: list[sql.Composable] = [_parents(table, key, child) for key, child in referring]
    connection.execute(
        sql.SQL(SAMPLE).format(
            sample=relation.sample,
            referred=sql.SQL(" UNION ").join(parents if parents and limit else [NOBODY]),
            table=table,
            valid=relation.condition,
            columns=relation.selected,
            limit=sql.Literal(limit),
        )
    )


def _parents(table: sql.Identifier, key: ForeignKey, child: Relation) -> sql.Composed:
    """Return the query of the places of rows that a child's sample refers to, by the key's index.

    LIMIT 1 makes PostgreSQL look each of them up, instead of reading the whole table.
    """
    own = sql.SQL(", ").join(sql.Identifier(column[0]) for column in key.columns)
    return sql.SQL(PARENTS).format(
        own=own,
        child=child.sample,
        given=key.is_given("child"),
        table=table,
        met=key.is_met("parent", "child"),
    )


@contextmanager
def _unguarded(
    connection: psycopg.Connection[Any], relations: Sequence[Relation]
) -> Iterator[None]:
    """Switch off what would act on the sample's way in, and on again as it was."""
    guards = [(relation.name, *guard) for relation in relations for guard in relation.guards]
    for table, what, name, _ in guards:
        _switch(connection, table, f"DISABLE {what}", name)
    yield
    for table, what, name, enabled in guards:
        _switch(connection, table, f"ENABLE {ACTS[enabled]} {what}", name)


def _switch(connection: psycopg.Connection[Any], table: TableName, how: str, name: str) -> None:
    statement = sql.SQL("ALTER TABLE ONLY {} {} {}")
    connection.execute(statement.format(sql.Identifier(*table), sql.SQL(how), sql.Identifier(name)))


def _empty(connection: psycopg.Connection[Any], relations: Sequence[Relation]) -> None:
    names = [
        sql.SQL("" if relation.kind == "p" else "ONLY ") + sql.Identifier(*relation.name)
        for relation in relations
    ]
    if names:
        connection.execute(sql.SQL("TRUNCATE ") + sql.SQL(", ").join(names))


def _put_back(connection: psycopg.Connection[Any], relation: Relation) -> bool:
    """Insert the sample; False where a constraint, a trigger or an index refuses it."""
    statement = sql.SQL(PUT_BACK).format(
        table=sql.Identifier(*relation.name),
        columns=relation.selected,
        sample=relation.sample,
    )
    taken = True
    try:
        with connection.transaction():
            if relation.columns:
                connection.execute(statement)
    except psycopg.Error as error:
        if connection.closed or cause_of(error) == "cancelled":
            raise
        taken = False
    connection.execute(sql.SQL("DROP TABLE {}").format(relation.sample))
    return taken


def _refresh(connection: psycopg.Connection[Any], view: Relation, rows_limit: int) -> None:
    """Fill a materialised view from the samples; leave it empty where that gives too many rows."""
    name = sql.Identifier(*view.name)
    try:
        with connection.transaction():
            connection.execute(sql.SQL("REFRESH MATERIALIZED VIEW {}").format(name))
            counted = sql.SQL("SELECT count(*) FROM (SELECT FROM {} LIMIT {}) AS few").format(
                name, sql.Literal(rows_limit + 1)
            )
            (rows,) = connection.execute(counted).fetchone() or (0,)
    except psycopg.Error:
        if connection.closed:
            raise
        rows = rows_limit + 1
    if rows > rows_limit:
        connection.execute(sql.SQL("REFRESH MATERIALIZED VIEW {} WITH NO DATA").format(name))
