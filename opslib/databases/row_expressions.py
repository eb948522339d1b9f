"""Key, bucket and digest of a row, as SQL; see `opslib.databases.row_digests` for the method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from opslib.databases.row_digests import TableLayout

__all__ = ["RowExpressions", "row_expressions"]

HASHED_TYPES = (
    "bool", "int2", "int4", "int8", "oid", "text", "varchar", "char", "name", "bytea", "uuid",
    "date", "time", "timestamp", "timestamptz", "inet", "cidr", "macaddr", "macaddr8",
)  # fmt: skip
"""Types under whose hash equal means the same bits, given a deterministic collation; all others
(numeric, float, interval, jsonb, citext, arrays, ...) are hashed as text."""


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


def _mixed(algorithm: str) -> sql.SQL:
    """Return the digest of a row from its hash.

    PostgreSQL's hash of a row is a linear combination of the hashes of its columns: in a plain sum
    two rows that exchanged a value cancel. (OFFSET 0 keeps the hash from being computed twice.)
    """
    if algorithm == "record":
        return sql.SQL("(digest # hashint8extended(digest, 0))")
    return sql.SQL("digest")


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
