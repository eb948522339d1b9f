"""Whether what is there holds together: references and sequences.

Source: PostgreSQL documentation, "Constraints" and "Sequence Manipulation Functions".
"""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from opslib.tables.databases import ORPHANS, SEQUENCES
from opslib.tables.schema import check_table

__all__ = ["read_orphans", "read_sequences"]

OWN = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"

FOREIGN_KEYS = f"""
    SELECT n.nspname, c.relname, k.conname, k.convalidated, k.confmatchtype = 'f',
        fn.nspname, f.relname,
        ARRAY(SELECT a.attname FROM unnest(k.conkey) WITH ORDINALITY u(num, place)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY place),
        ARRAY(SELECT a.attname FROM unnest(k.confkey) WITH ORDINALITY u(num, place)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY place)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
    WHERE k.contype = 'f' AND k.conparentid = 0 AND c.relpersistence = 'p' AND {OWN}
    ORDER BY 1, 2, 3"""

SEQUENCE_FACTS = f"""
    SELECT n.nspname, c.relname, pg_sequence_last_value(c.oid), s.seqincrement,
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
    WHERE NOT s.seqcycle AND {OWN} ORDER BY 1, 2"""


def read_orphans(connection: psycopg.Connection[Any]) -> pd.DataFrame:
    """Count, for every foreign key, the rows that refer to nothing; columns of `ORPHANS`.

    A reference is followed unless one of its columns is null (MATCH SIMPLE), or all are
    (MATCH FULL).
    """
    rows = []
    for schema, table, name, validated, full, *target in connection.execute(
        FOREIGN_KEYS
    ).fetchall():
        began = time.monotonic()
        query = _orphan_query((schema, table), (target[0], target[1]), target[2], target[3], full)
        found = connection.execute(query).fetchone()
        assert found is not None
        rows.append((schema, table, name, validated, found[0], time.monotonic() - began))
    frame = pd.DataFrame(rows, columns=list(ORPHANS.columns))
    return check_table(frame, ORPHANS, "orphans")


def _orphan_query(
    child: tuple[str, str],
    parent: tuple[str, str],
    columns: list[str],
    keys: list[str],
    full: bool,  # noqa: FBT001
) -> sql.Composed:
    given = sql.SQL(" OR " if full else " AND ").join(
        sql.SQL("c.{} IS NOT NULL").format(sql.Identifier(column)) for column in columns
    )
    same = sql.SQL(" AND ").join(
        sql.SQL("p.{} OPERATOR(pg_catalog.=) c.{}").format(sql.Identifier(k), sql.Identifier(c))
        for c, k in zip(columns, keys, strict=True)
    )
    return sql.SQL(
        "SELECT count(*) FROM {} c WHERE ({}) AND NOT EXISTS (SELECT FROM {} p WHERE {})"
    ).format(sql.Identifier(*child), given, sql.Identifier(*parent), same)


def read_sequences(connection: psycopg.Connection[Any]) -> pd.DataFrame:
    """Read where every sequence stands and how far its column has come; columns of `SEQUENCES`."""
    rows = []
    for schema, name, position, step, *used in connection.execute(SEQUENCE_FACTS).fetchall():
        reached = _reached(connection, used, ascending=step > 0) if used[2] else None
        place = None if position is None else Decimal(position)
        table = ".".join(part for part in used[:2] if part)
        rows.append((schema, name, place, Decimal(step), table, used[2], reached))
    frame = pd.DataFrame(rows, columns=list(SEQUENCES.columns))
    return check_table(frame, SEQUENCES, "sequences")


def _reached(
    connection: psycopg.Connection[Any], used: list[str], *, ascending: bool
) -> Decimal | None:
    schema, table, column = used
    query = sql.SQL("SELECT {}({}) FROM {}").format(
        sql.SQL("max" if ascending else "min"),
        sql.Identifier(column),
        sql.Identifier(schema, table),
    )
    found = connection.execute(query).fetchone()
    return None if found is None or found[0] is None else Decimal(found[0])
