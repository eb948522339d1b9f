from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from opslib.databases.integrity import read_orphans, read_sequences
from opslib.databases.postgres import Database, connect


@pytest.fixture
def writable(orders: Database) -> Iterator[psycopg.Connection[Any]]:
    with connect(orders, read_only=False) as connection:
        connection.execute("CREATE SCHEMA made; SET LOCAL session_replication_role = replica")
        yield connection
        connection.rollback()


def orphans(connection: psycopg.Connection[Any]) -> list[int]:
    found = read_orphans(connection)
    return found[found["Schema"] == "made"]["Rows"].tolist()


@pytest.mark.parametrize(
    ("tables", "rows", "expected"),
    [
        # A key by an operator of an extension, under which case does not matter.
        (
            (
                "CREATE TABLE made.p (k public.citext PRIMARY KEY);"
                "CREATE TABLE made.c (k public.citext REFERENCES made.p)"
            ),
            "INSERT INTO made.p VALUES ('Ana'); INSERT INTO made.c VALUES ('ana'), ('bo')",
            1,
        ),
        # Two collations: the parent's is the one to compare by.
        (
            (
                'CREATE TABLE made.p (k text COLLATE "C" PRIMARY KEY);'
                'CREATE TABLE made.c (k text COLLATE "POSIX" REFERENCES made.p)'
            ),
            "INSERT INTO made.p VALUES ('a'); INSERT INTO made.c VALUES ('a'), ('b'), (NULL)",
            1,
        ),
        # Heirs of a table are no part of its keys.
        (
            (
                "CREATE TABLE made.p (k int PRIMARY KEY);"
                "CREATE TABLE made.heir () INHERITS (made.p);"
                "CREATE TABLE made.c (k int REFERENCES made.p)"
            ),
            "INSERT INTO made.heir VALUES (1); INSERT INTO made.c VALUES (1)",
            1,
        ),
        # Partitions are.
        (
            (
                "CREATE TABLE made.p (k int PRIMARY KEY) PARTITION BY LIST (k);"
                "CREATE TABLE made.p1 PARTITION OF made.p DEFAULT;"
                "CREATE TABLE made.c (k int REFERENCES made.p)"
            ),
            "INSERT INTO made.p VALUES (1); INSERT INTO made.c VALUES (1), (2)",
            1,
        ),
        # MATCH FULL: half a reference is one to nothing.
        (
            (
                "CREATE TABLE made.p (a int, b int, PRIMARY KEY (a, b));"
                "CREATE TABLE made.c (a int, b int,"
                " FOREIGN KEY (a, b) REFERENCES made.p MATCH FULL)"
            ),
            "INSERT INTO made.p VALUES (1, 2); INSERT INTO made.c VALUES (1, 2), (NULL, NULL)",
            0,
        ),
        # Two types under one operator, and names that must be quoted.
        (
            (
                'CREATE TABLE made."p %s" ("k{}" bigint PRIMARY KEY);'
                'CREATE TABLE made.c ("x ""y" smallint REFERENCES made."p %s")'
            ),
            'INSERT INTO made."p %s" VALUES (1); INSERT INTO made.c VALUES (1), (2)',
            1,
        ),
    ],
)
def test_references_are_followed_as_the_constraint_follows_them(
    writable: psycopg.Connection[Any], tables: str, rows: str, expected: int
) -> None:
    writable.execute(tables.encode())
    writable.execute(rows.encode())
    assert orphans(writable) == [expected]


def test_sequences_that_a_restore_does_not_promise_are_left_out(
    writable: psycopg.Connection[Any],
) -> None:
    writable.execute(
        b"CREATE SEQUENCE made.ids; CREATE UNLOGGED SEQUENCE made.gone;"
        b"CREATE SEQUENCE made.round CYCLE"
    )
    found = read_sequences(writable)
    assert found[found["Schema"] == "made"]["Sequence"].tolist() == ["ids"]
