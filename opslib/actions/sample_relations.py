"""Which tables a bounded sample replaces, and in which order their rows are chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from opslib.databases.foreign_keys import ForeignKey
from opslib.errors import ReadError
from opslib.tables.database_state import TableName

__all__ = ["Relation", "children_first", "relations_to_cut"]

CLOSURE = """
    WITH RECURSIVE cut(oid) AS (
        SELECT c.oid FROM unnest(%s::text[], %s::text[]) AS wanted(schema, name)
        JOIN pg_namespace n ON n.nspname = wanted.schema
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
        UNION
        SELECT more.oid FROM cut CROSS JOIN LATERAL (
            SELECT k.conrelid FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = cut.oid
            UNION ALL
            SELECT i.inhrelid FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
            WHERE p.relkind = 'p' AND p.oid = cut.oid) AS more(oid))
    SELECT c.oid, n.nspname, c.relname, c.relkind::text,
        ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
            AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum),
        ARRAY(SELECT ARRAY[an.nspname, ac.relname]
            FROM pg_partition_ancestors(c.oid) AS p(oid) JOIN pg_class ac ON ac.oid = p.oid
            JOIN pg_namespace an ON an.oid = ac.relnamespace),
        ARRAY(SELECT CASE k.contype WHEN 'c' THEN format('(%%s) IS NOT FALSE',
                pg_get_expr(k.conbin, k.conrelid)) ELSE format('%%I IS NOT NULL', a.attname) END
            FROM pg_constraint k LEFT JOIN pg_attribute a ON a.attrelid = k.conrelid
                AND a.attnum = k.conkey[1]
            WHERE k.conrelid = c.oid AND k.contype IN ('c', 'n') AND NOT k.convalidated),
        ARRAY(SELECT ARRAY['TRIGGER', t.tgname, t.tgenabled::text] FROM pg_trigger t
            WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled IN ('A', 'R')
            UNION ALL SELECT ARRAY['RULE', r.rulename, r.ev_enabled::text] FROM pg_rewrite r
            WHERE r.ev_class = c.oid AND r.ev_enabled IN ('A', 'R'))
    FROM cut JOIN pg_class c ON c.oid = cut.oid JOIN pg_namespace n ON n.oid = c.relnamespace
    ORDER BY n.nspname, c.relname"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table, or a materialised view, whose rows a sample replaces.

    Args:
        oid: its number.
        name: schema and name.
        kind: relkind: r, p (which has no rows of its own) or m.
        columns: that are stored as given, in order.
        lineage: names under which foreign keys may name it: its own, and those of the partitioned
            tables that it is a part of.
        valid: conditions, as SQL, that its rows may break and new rows may not.
        guards: triggers and rules that act though replication is on: TRIGGER or RULE, name, and
            the letter of when they act.
    """

    oid: int
    name: TableName
    kind: str
    columns: tuple[str, ...]
    lineage: frozenset[TableName]
    valid: tuple[str, ...]
    guards: tuple[tuple[str, str, str], ...]

    @property
    def sample(self) -> sql.Identifier:
        """Return the name of the temporary table that holds its sample."""
        return sql.Identifier("pg_temp", f"opslib_sample_{self.oid}")

    @property
    def selected(self) -> sql.Composed:
        """Return its columns, to be selected or inserted."""
        return sql.SQL(", ").join(map(sql.Identifier, self.columns))

    @property
    def condition(self) -> sql.Composed:
        """Return the condition under which a row may be inserted again."""
        return sql.SQL(" AND ").join([sql.SQL("true"), *map(sql.SQL, self.valid)])


def relations_to_cut(
    connection: psycopg.Connection[Any], large: Collection[TableName]
) -> list[Relation]:
    """Return the relations of these names, and all that must be emptied with them.

    PostgreSQL empties a table only together with those that refer to it, so these are replaced
    too, by all of their rows where they are few.

    Raises:
        ReadError: a foreign table is among them, which is never touched.
    """
    names = [[name[0] for name in large], [name[1] for name in large]]
    found = [
        Relation(
            oid=oid,
            name=(schema, table),
            kind=kind,
            columns=tuple(columns),
            lineage=frozenset({(schema, table), *(tuple(one) for one in lineage)}),
            valid=tuple(valid),
            guards=tuple((what, guard, enabled) for what, guard, enabled in guards),
        )
        for (oid, schema, table, kind, columns, lineage, valid, guards) in connection.execute(
            CLOSURE, names
        )
    ]
    strange = [relation.name for relation in found if relation.kind not in {"r", "p", "m"}]
    if strange:
        raise ReadError(f"a sample cannot replace {'.'.join(strange[0])}, which is no table")
    return found


def children_first(
    relations: Sequence[Relation], keys: Iterable[ForeignKey]
) -> list[tuple[Relation, list[tuple[ForeignKey, Relation]]]]:
    """Order tables so that those that refer to another come before it, where no circle forbids.

    Returns:
        Each table, with the foreign keys that name it and the tables before it that refer by them.
    """
    tables = [relation for relation in relations if relation.kind == "r"]
    referring: dict[Relation, list[tuple[ForeignKey, Relation]]] = {one: [] for one in tables}
    for key in keys:
        children = [one for one in tables if (key.schema, key.table) in one.lineage]
        for parent in (one for one in tables if key.parent in one.lineage):
            referring[parent] += [(key, child) for child in children]
    order: dict[Relation, list[tuple[ForeignKey, Relation]]] = {}
    entered: set[Relation] = set()

    def visit(table: Relation) -> None:
        entered.add(table)
        for _, child in referring[table]:
            if child not in entered:
                visit(child)
        order[table] = [(key, child) for key, child in referring[table] if child in order]

    for table in tables:
        if table not in entered:
            visit(table)
    return list(order.items())
