"""Whether pages and indexes are whole, by amcheck.

Source: PostgreSQL documentation, "amcheck: tools to verify table and index consistency".
"""

from __future__ import annotations

import time
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from opslib.databases.postgres import Database, connect, server_message
from opslib.databases.statements import Statements
from opslib.databases.unreadable import Unreadable, cause_of, noted
from opslib.errors import ReadError, Unreachable
from opslib.tables.databases import CORRUPTIONS
from opslib.tables.schema import check_table

__all__ = ["read_corruptions"]

RELATIONS = """
    SELECT n.nspname, c.relname, c.oid, CASE c.relkind WHEN 'i' THEN 'index' ELSE 'table' END
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_am m ON m.oid = c.relam
    WHERE c.relpersistence = 'p' AND n.nspname !~ '^pg_temp' AND (
        (c.relkind IN ('r', 'm', 't') AND m.amname = 'heap')
        OR (c.relkind = 'i' AND m.amname = 'btree' AND i.indisvalid AND i.indisready))
    ORDER BY c.relkind, n.nspname, c.relname"""

CHECKS = {
    "table": "SELECT format('block %s: %s', blkno, msg) FROM {}.verify_heapam($1::regclass)",
    "index": "SELECT ''::text FROM (SELECT {}.bt_index_check($1::regclass, true)) AS checked",
}


def read_corruptions(
    database: Database, unreadable: Unreadable, statements: Statements | None = None
) -> pd.DataFrame | None:
    """Check every table and B-tree index, the catalogs' too; columns of `CORRUPTIONS`.

    Where amcheck is not installed it is, in a transaction that is rolled back: nothing stays. So
    this is for a restored database and never for a source.

    Args:
        database: the restored one.
        unreadable: takes relations whose check took too long, and why amcheck could not run at
            all; None is returned then.
        statements: takes what is asked.

    Raises:
        Unreachable: the server no longer answers.
    """
    rows: list[tuple[Any, ...]] = []
    try:
        with connect(database, read_only=False) as connection:
            _check_relations(connection, rows, unreadable, statements or Statements())
            connection.rollback()
    except Unreachable:
        raise
    except ReadError as error:
        unreadable.note("amcheck", ("", ""), "refused", error.what)
        if not rows:
            return None
    frame = pd.DataFrame(rows, columns=list(CORRUPTIONS.columns))
    return check_table(frame, CORRUPTIONS, "corruptions")


def _check_relations(
    connection: psycopg.Connection[Any],
    rows: list[tuple[Any, ...]],
    unreadable: Unreadable,
    statements: Statements,
) -> None:
    schema = _amcheck_schema(connection, statements)
    for place, name, oid, kind in statements.execute(connection, RELATIONS, "physical"):
        began, subject = time.monotonic(), f"{place}.{name}"
        query = sql.SQL(CHECKS[kind]).format(sql.Identifier(schema))
        with noted(unreadable, connection, "amcheck", (place, name)):
            found = _corruptions_of(connection, query, subject, oid, statements)
            took = time.monotonic() - began
            rows += [(place, name, kind, what, took) for what in found or [""]]


def _amcheck_schema(connection: psycopg.Connection[Any], statements: Statements) -> str:
    where = (
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
        "WHERE e.extname = 'amcheck'"
    )
    found = statements.execute(connection, where, "physical")
    if not found:
        for made in ("SCHEMA opslib_amcheck", "EXTENSION amcheck SCHEMA opslib_amcheck"):
            statements.execute(connection, f"CREATE {made}", "physical")
        found = statements.execute(connection, where, "physical")
    if not found:
        raise ReadError("amcheck could not be installed")
    return str(found[0][0])


def _corruptions_of(
    connection: psycopg.Connection[Any],
    query: sql.Composed,
    subject: str,
    oid: int,
    statements: Statements,
) -> list[str]:
    try:
        with connection.transaction():
            found = statements.execute(connection, query, "physical", subject, [str(oid)])
    except psycopg.Error as error:
        if cause_of(error) != "damaged":
            raise
        return [server_message(error)]
    return [what for (what,) in found if what]
