"""Whether what is there holds together: references and sequences.

Source: PostgreSQL documentation, "Constraints" and "Sequence Manipulation Functions".
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from opslib.databases.foreign_keys import foreign_keys_of
from opslib.databases.statements import Statements
from opslib.databases.unreadable import Unreadable, cause_of, noted
from opslib.tables.databases import ORPHANS, SEQUENCES
from opslib.tables.schema import check_table

__all__ = ["read_orphans", "read_sequences"]

OWN = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"

SEQUENCE_FACTS = f"""
    SELECT n.nspname, c.relname, c.oid, s.seqcycle, s.seqincrement,
        coalesce(tn.nspname, ''), coalesce(t.relname, ''), coalesce(a.attname, '')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_sequence s ON s.seqrelid = c.oid
    LEFT JOIN LATERAL (
        SELECT d.refobjid, d.refobjsubid FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
        UNION SELECT v.adrelid, v.adnum FROM pg_depend d JOIN pg_attrdef v ON v.oid = d.objid
        WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
            AND d.refobjid = c.oid
        ORDER BY 1, 2 LIMIT 1) AS used ON true
    LEFT JOIN pg_class t ON t.oid = used.refobjid
    LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = used.refobjsubid
        AND a.atttypid IN (20, 21, 23, 1700)
    WHERE c.relpersistence = 'p' AND {OWN} ORDER BY 1, 2"""

POSITIONS = "SELECT oid, pg_sequence_last_value(oid) FROM unnest($1::oid[]) AS oid"


def read_orphans(
    connection: psycopg.Connection[Any],
    unreadable: Unreadable | None = None,
    statements: Statements | None = None,
) -> pd.DataFrame:
    """Count, for every foreign key, the rows that refer to nothing; columns of `ORPHANS`.

    Args:
        connection: to the database.
        unreadable: takes the keys that cannot be followed; None raises at the first.
        statements: takes what is asked.
    """
    rows, asked = [], statements or Statements()
    for key in foreign_keys_of(connection, asked):
        began, name = time.monotonic(), f"{key.table}.{key.name}"
        query = sql.SQL(
            "SELECT count(*) FROM {} c\nWHERE ({}) AND NOT EXISTS (SELECT FROM {} p WHERE {})"
        ).format(key.rows_of(0), key.is_given("c"), key.rows_of(1), key.is_met("p", "c"))
        with noted(unreadable, connection, "references", (key.schema, name)):
            subject = f"{key.schema}.{name}"
            ((found,),) = asked.execute(connection, query, "references", subject)
            took = time.monotonic() - began
            rows.append((key.schema, key.table, key.name, key.validated, found, took))
    frame = pd.DataFrame(rows, columns=list(ORPHANS.columns))
    return check_table(frame, ORPHANS, "orphans")


def read_sequences(
    connection: psycopg.Connection[Any],
    unreadable: Unreadable | None = None,
    statements: Statements | None = None,
) -> pd.DataFrame:
    """Read where every sequence stands and how far its column has come; columns of `SEQUENCES`.

    Args:
        connection: to the database.
        unreadable: takes the sequences that cannot be read; None raises at the first.
        statements: takes what is asked.
    """
    asked = statements or Statements()
    facts = asked.execute(connection, SEQUENCE_FACTS, "sequences")
    names = {oid: (schema, name) for schema, name, oid, *_ in facts}
    positions = _positions(connection, names, unreadable, asked)
    rows = []
    for schema, name, oid, cycles, step, *used in facts:
        # One that begins again may stand anywhere.
        if cycles or oid not in positions:
            continue
        with noted(unreadable, connection, "sequences", (schema, name)):
            reached = None
            if used[2]:
                query = _furthest(used, ascending=step > 0)
                (found,) = asked.execute(connection, query, "sequences", f"{schema}.{name}")[0]
                reached = None if found is None else Decimal(found)
            table = ".".join(part for part in used[:2] if part)
            place = positions[oid]
            rows.append((schema, name, place, Decimal(step), table, used[2], reached))
    frame = pd.DataFrame(rows, columns=list(SEQUENCES.columns))
    return check_table(frame, SEQUENCES, "sequences")


def _positions(
    connection: psycopg.Connection[Any],
    names: dict[int, tuple[str, str]],
    unreadable: Unreadable | None,
    statements: Statements,
) -> dict[int, Decimal | None]:
    """Read all positions at once, and one by one where one cannot be read."""
    try:
        with connection.transaction():
            return _told(connection, list(names), "", statements)
    except psycopg.Error as error:
        if unreadable is None or not cause_of(error):
            raise
    positions: dict[int, Decimal | None] = {}
    for oid, name in names.items():
        with noted(unreadable, connection, "sequences", name):
            positions |= _told(connection, [oid], ".".join(name), statements)
    return positions


def _told(
    connection: psycopg.Connection[Any], oids: Sequence[int], subject: str, statements: Statements
) -> dict[int, Decimal | None]:
    given = [f"{{{','.join(map(str, oids))}}}"]
    found = statements.execute(connection, POSITIONS, "sequences", subject, given)
    return {oid: None if place is None else Decimal(place) for oid, place in found}


def _furthest(used: Sequence[str], *, ascending: bool) -> sql.Composed:
    """Return the query of how far a column has come, by its schema, table and name."""
    schema, table, column = used
    return sql.SQL("SELECT {}({}) FROM {}").format(
        sql.SQL("max" if ascending else "min"),
        sql.Identifier(column),
        sql.Identifier(schema, table),
    )
