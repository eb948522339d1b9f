"""Queries of a place where an injury can be made; each row names one."""

from __future__ import annotations

__all__ = ["NAMED", "OBJECT", "OWN", "column_place", "constraint_place", "relation_place"]

NAMED = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"
OBJECT = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
OWN = (
    f"{NAMED} AND c.relpersistence = 'p' AND NOT EXISTS (SELECT FROM pg_depend x "
    "WHERE x.deptype = 'e' AND x.objid = c.oid)"
)


def relation_place(*, extra: str = "", kinds: str = "'r'") -> str:
    """Return the query of tables: schema, table; the smallest first.

    Args:
        extra: a further condition on ``c`` (pg_class), beginning with AND.
        kinds: relkinds, quoted.
    """
    return f"""
        SELECT n.nspname AS schema, c.relname AS table FROM {OBJECT}
        WHERE c.relkind IN ({kinds}) AND {OWN} {extra} ORDER BY c.relpages, c.relname"""


def column_place(condition: str, *, keyless: bool = True) -> str:
    """Return the query of columns: schema, table, column; those of the smallest tables first.

    Args:
        condition: on ``a`` (pg_attribute) and ``t`` (pg_type), beginning with AND.
        keyless: leave out columns of a unique index or a foreign key.
    """
    no_key = (
        "AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique "
        "AND a.attnum = ANY (i.indkey::int2[])) AND NOT EXISTS (SELECT FROM pg_constraint k "
        "WHERE k.conrelid = c.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey))"
    )
    return f"""
        SELECT n.nspname AS schema, c.relname AS table, a.attname AS column
        FROM {OBJECT} JOIN pg_attribute a ON a.attrelid = c.oid
        JOIN pg_type t ON t.oid = a.atttypid
        WHERE c.relkind = 'r' AND {OWN} AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attgenerated = '' {no_key if keyless else ""} {condition}
        ORDER BY c.relpages, c.relname, a.attnum"""


def constraint_place(kind: str, extra: str = "") -> str:
    """Return the query of a constraint: schema, table, name, and its definition as text.

    Args:
        kind: contype: p, u, f, c, n or x.
        extra: a further condition on ``k`` (pg_constraint), beginning with AND.
    """
    return f"""
        SELECT n.nspname AS schema, c.relname AS table, k.conname AS name,
            pg_get_constraintdef(k.oid) AS text
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE k.contype = '{kind}' AND {OWN} AND k.conislocal AND k.coninhcount = 0 {extra}
        ORDER BY c.relname, k.conname"""
