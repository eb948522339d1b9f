"""Reads that every database allows: transactions of ours, for those who have written none.

For each of the largest tables: a row by its primary key, a page, and the newest rows by an index.
Rows are found by the number of their page, which moves with every round along a golden ratio
sequence: it is the same on every server, and comes near to all of a table soon. Nothing is looked
up beforehand, so that the first touch of a page is really the first.

Source: PostgreSQL documentation, "System Columns" (ctid) and "Database Object Size Functions".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from psycopg import sql

from opslib.databases.postgres import Database, connect
from opslib.databases.statements import Statements
from opslib.parameters.synthetic import ROUND, Expectation, RowRange, Step, Transaction

__all__ = ["read_set"]

REPEAT = 41
MOST_TABLES = 20
NEWEST = 10
OWN = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"

# An index whose operators are not PostgreSQL's own could not be used under an empty search path.
PLAIN = """i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
                AND NOT EXISTS (SELECT FROM unnest(i.indclass::oid[]) AS k(oid)
                    JOIN pg_opclass o USING (oid) JOIN pg_namespace x ON x.oid = o.opcnamespace
                    WHERE x.nspname <> 'pg_catalog')"""
TABLES = f"""
    SELECT n.nspname, c.relname,
        coalesce((SELECT array_agg(a.attname::text ORDER BY place)
            FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k(num, place)
            JOIN pg_attribute a ON a.attnum = num
            WHERE i.indrelid = c.oid AND a.attrelid = c.oid AND i.indisprimary AND {PLAIN}
                AND place <= i.indnkeyatts), '{{}}'),
        coalesce((SELECT a.attname::text
            FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
            JOIN pg_am m ON m.oid = ic.relam
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = (i.indkey::int2[])[0]
            WHERE i.indrelid = c.oid AND m.amname = 'btree' AND {PLAIN}
                AND (i.indisprimary OR a.atttypid IN (1082, 1114, 1184))
            ORDER BY i.indisprimary, a.attnum LIMIT 1), '')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND {OWN}
    ORDER BY pg_relation_size(c.oid) DESC, 1, 2"""

PAGE = (
    "(SELECT format('(%s,0)', {following} + floor(pg_relation_size({name}::regclass) "
    "/ current_setting('block_size')::int * mod(current_setting({round})::numeric "
    "* 0.6180339887, 1))::bigint)::tid)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    schema: str
    name: str
    key: Sequence[str]
    newest: str

    @property
    def transaction(self) -> str:
        return f"read {self.schema}.{self.name}"


def read_set(
    database: Database,
    *,
    tables: int = MOST_TABLES,
    repeat: int = REPEAT,
    names: Collection[str] = (),
    statements: Statements | None = None,
) -> tuple[Transaction, ...]:
    """Return read-only transactions on the largest tables, ties broken by name.

    Args:
        database: whose catalog tells the tables; no row is read.
        tables: at most so many.
        repeat: of each; two repeats go to the same rows, a first touch and a warm one.
        names: of transactions that a baseline has: their tables are taken, however large.
        statements: takes what is asked.

    Raises:
        ReadError: it cannot be reached.
    """
    asked = statements or Statements()
    with connect(database) as connection:
        found = [
            _Table(schema=schema, name=name, key=key, newest=newest)
            for schema, name, key, newest in asked.execute(connection, TABLES, "transaction")
        ]
    known = [table for table in found if table.transaction in names]
    return tuple(_reads_of(table, repeat) for table in known or found[:tables])


def _reads_of(table: _Table, repeat: int) -> Transaction:
    name = sql.Identifier(table.schema, table.name)
    inside = sql.SQL("ctid >= {} AND ctid < {}").format(_page(name, 0), _page(name, 1))
    steps = [_step("a page", sql.SQL("SELECT count(*) FROM {} WHERE {}").format(name, inside), 1)]
    if table.key:
        key = sql.SQL(", ").join(map(sql.Identifier, table.key))
        query = sql.SQL(
            "SELECT * FROM {} WHERE ({}) = (SELECT {} FROM {} WHERE {} LIMIT 1)"
        ).format(name, key, key, name, inside)
        steps.insert(0, _step("a row by its key", query, 0))
    if table.newest:
        query = sql.SQL("SELECT * FROM {} ORDER BY {} DESC LIMIT {}").format(
            name, sql.Identifier(table.newest), NEWEST
        )
        steps.append(_step("the newest rows", query, 0, NEWEST))
    return Transaction(name=table.transaction, steps=tuple(steps), repeat=repeat, read_only=True)


def _page(name: sql.Identifier, following: int) -> sql.Composed:
    text = sql.Literal(name.as_string(None))
    return sql.SQL(PAGE).format(following=following, name=text, round=ROUND)


def _step(name: str, query: sql.Composed, least: int, most: int = 1) -> Step:
    expected = Expectation(rows=RowRange(min=least, max=most))
    return Step(name=name, sql=query.as_string(None), expect=expected)
