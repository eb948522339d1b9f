from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from opslib.databases.content import read_content_on
from opslib.databases.postgres import Database, connect

ALGORITHMS = ("record", "text")


@pytest.fixture
def writable(orders: Database) -> Iterator[psycopg.Connection[Any]]:
    with connect(orders, read_only=False) as connection:
        connection.execute("CREATE SCHEMA made")
        yield connection
        connection.rollback()


def digest(connection: psycopg.Connection[Any], algorithm: str) -> tuple[int, list[Any]]:
    plans = {("made", "t"): (1, ())}
    tables, digests = read_content_on(connection, algorithm, plans)
    mine = digests[digests["Schema"] == "made"]
    rows = int(tables[tables["Schema"] == "made"]["Rows"].sum())
    return rows, mine["Digest"].tolist()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(
    ("column", "one", "other"),
    [
        ("numeric", "1.0", "1.00"),
        ("numeric", "'NaN'", "0"),
        ("float8", "'-0'", "0"),
        ("float8", "0.1", "0.1::float8 * 3 - 0.2"),
        ("interval", "'1 day'", "'24 hours'"),
        ("interval", "'1 month'", "'30 days'"),
        ("citext", "'Ana'", "'ana'"),
        ("text", "'é'", "normalize('é', NFD)"),
        ("text", "'a'", "'a '"),
        ("text", "''", "NULL"),
        ("text", "'NULL'", "NULL"),
        ("jsonb", "'{\"a\": 1}'", "'{\"a\": 1.0}'"),
        ("json", "'{\"a\": 1}'", "'{\"a\":1}'"),
        ("text[]", "ARRAY['a', NULL]", "ARRAY['a', 'NULL']"),
        ("int[]", "'[0:1]={1,2}'", "'{1,2}'"),
        ("bytea", "'\\x00'", "'\\x0000'"),
        ("timestamptz", "'2026-01-01 00:00+00'", "'2026-01-01 01:00+00'"),
        ("bit(4)", "'0001'", "'0010'"),
        ("hstore", "'a=>1'", "'a=>NULL'"),
        ("tsvector", "'a:1'", "'a:2'"),
        ("numrange", "'[1,2)'", "'[1,2]'"),
    ],
)
def test_values_that_read_differently_have_other_digests(
    writable: psycopg.Connection[Any], algorithm: str, column: str, one: str, other: str
) -> None:
    writable.execute(b"SET LOCAL search_path = public")
    digests = []
    for value in (one, other):
        writable.execute("DROP TABLE IF EXISTS made.t")
        writable.execute(f"CREATE TABLE made.t (v {column})".encode())
        writable.execute(f"INSERT INTO made.t VALUES ({value})".encode())
        writable.execute(b"SET LOCAL search_path = ''")
        digests.append(digest(writable, algorithm))
        writable.execute(b"SET LOCAL search_path = public")
    assert digests[0][0] == digests[1][0] == 1
    assert digests[0][1] != digests[1][1]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_two_rows_that_exchange_a_value_do_not_cancel(
    writable: psycopg.Connection[Any], algorithm: str
) -> None:
    writable.execute("CREATE TABLE made.t (id int, a text, b int)")
    writable.execute("INSERT INTO made.t SELECT i, 'v' || i, i * 7 FROM generate_series(1, 50) i")
    before = digest(writable, algorithm)
    writable.execute("UPDATE made.t SET a = CASE id WHEN 1 THEN 'v2' ELSE 'v1' END WHERE id < 3")
    assert digest(writable, algorithm) != before
    assert digest(writable, algorithm)[0] == before[0]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_equal_rows_are_counted_and_do_not_cancel(
    writable: psycopg.Connection[Any], algorithm: str
) -> None:
    writable.execute("CREATE TABLE made.t (a text)")
    writable.execute("INSERT INTO made.t VALUES ('x'), ('y')")
    once = digest(writable, algorithm)
    writable.execute("INSERT INTO made.t VALUES ('z'), ('z')")
    assert digest(writable, algorithm)[1] != once[1]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_order_of_rows_does_not_matter(
    writable: psycopg.Connection[Any], algorithm: str
) -> None:
    digests = []
    for step in (1, -1):
        writable.execute("DROP TABLE IF EXISTS made.t")
        writable.execute("CREATE TABLE made.t (a int, b text)")
        writable.execute(
            "INSERT INTO made.t SELECT i, i::text FROM generate_series(1, 99) i ORDER BY i.i * %s",
            [step],
        )
        digests.append(digest(writable, algorithm))
    assert digests[0] == digests[1]
