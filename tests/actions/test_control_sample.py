from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from opslib.actions.control_sample import cut_to_sample, large_tables
from opslib.databases.postgres import Database, connect
from opslib.databases.state import read_state, read_state_on
from opslib.tables.database_state import DatabaseState

LIMIT = 60


@pytest.fixture(scope="module")
def whole(orders: Database) -> DatabaseState:
    return read_state(orders, is_restored=True)


@pytest.fixture
def writable(orders: Database) -> Iterator[psycopg.Connection[Any]]:
    with connect(orders, read_only=False) as connection:
        yield connection
        connection.rollback()


def rows_of(state: DatabaseState) -> dict[tuple[str, str], int]:
    names = zip(state.tables["Schema"], state.tables["Table"], strict=True)
    return dict(zip(names, state.tables["Rows"], strict=True))


def test_no_table_holds_more_than_the_limit_and_small_ones_are_whole(
    writable: psycopg.Connection[Any], whole: DatabaseState
) -> None:
    cut = cut_to_sample(writable, whole, LIMIT)
    after = read_state_on(writable, whole.algorithm, whole.plans)
    before, left = rows_of(whole), rows_of(after)
    assert left.keys() == before.keys()
    assert {name for name, rows in before.items() if rows > LIMIT} == cut
    assert all(left[name] == min(rows, LIMIT) for name, rows in before.items())


def test_the_schema_stays_to_the_last_definition(
    writable: psycopg.Connection[Any], whole: DatabaseState
) -> None:
    cut_to_sample(writable, whole, LIMIT)
    after = read_state_on(writable, whole.algorithm, whole.plans)
    assert after.schema_objects.equals(whole.schema_objects)


def test_sampled_rows_refer_to_sampled_rows(
    writable: psycopg.Connection[Any], whole: DatabaseState
) -> None:
    cut_to_sample(writable, whole, LIMIT)
    after = read_state_on(writable, whole.algorithm, whole.plans)
    orphans = dict(zip(after.orphans["Constraint"], after.orphans["Rows"], strict=True))
    assert orphans["order_line_sku_fkey"] == 0
    # Two partitions refer to twice as many customers as may be kept.
    assert orphans["orders_customer_id_fkey"] == LIMIT


def test_rows_of_the_sample_are_rows_that_were_there(
    writable: psycopg.Connection[Any], whole: DatabaseState
) -> None:
    writable.execute("CREATE TEMP TABLE were ON COMMIT DROP AS SELECT * FROM shop.customer")
    cut_to_sample(writable, whole, LIMIT)
    found = writable.execute(
        "SELECT count(*) FROM shop.customer c JOIN were w USING (customer_id) "
        "WHERE c::text = w::text"
    ).fetchone()
    assert found == (LIMIT,)


def test_small_tables_alone_are_left_as_they_are(
    writable: psycopg.Connection[Any], whole: DatabaseState
) -> None:
    assert large_tables(whole, 10**6) == set()
    assert cut_to_sample(writable, whole, 10**6) == set()
    locks = writable.execute("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'")
    assert locks.fetchone() == (0,)


def test_nothing_is_left_when_the_connection_is_cut(orders: Database, whole: DatabaseState) -> None:
    connection = psycopg.connect(orders.conninfo)
    connection.execute("SET search_path = ''")
    cut_to_sample(connection, whole, LIMIT)
    connection.close()
    assert read_state(orders, plans=whole.plans).digests.equals(whole.digests)
