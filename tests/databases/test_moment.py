"""Whether a moment is called exact only where a restore to it brings back what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from opslib.databases import moment
from opslib.databases.content import read_content
from opslib.databases.moment import open_moment
from opslib.databases.postgres import Database
from opslib.databases.state import read_state

WRITE = "UPDATE shop.setting SET value = value"


def test_a_quiet_database_has_an_exact_moment(orders: Database) -> None:
    with open_moment(orders) as found:
        assert found.is_exact


def test_a_single_writer_under_way_makes_a_moment_inexact(
    orders: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its snapshot reads like that of a quiet database: no id of a running transaction is in it."""
    monkeypatch.setattr(moment, "TRIES", 2)
    with psycopg.connect(orders.conninfo) as writer:
        writer.execute(WRITE)
        with open_moment(orders) as found:
            assert not found.is_exact
            assert found.connection.execute("SHOW row_security").fetchone() == ("off",)
        writer.rollback()


def test_a_commit_between_clock_and_second_look_makes_a_moment_inexact(
    orders: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moment, "TRIES", 1)
    asked = moment._row

    def row(connection: psycopg.Connection[object], query: str) -> tuple[object, ...]:
        if query == moment.IS_WRITTEN:
            with psycopg.connect(orders.conninfo) as writer:
                writer.execute(WRITE)
        return asked(connection, query)

    monkeypatch.setattr(moment, "_row", row)
    with open_moment(orders) as found:
        assert not found.is_exact


def test_an_exact_moment_is_found_when_the_writer_has_ended(
    orders: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(orders.conninfo) as writer:
        writer.execute(WRITE)
        monkeypatch.setattr("opslib.databases.moment.time.sleep", lambda _: writer.rollback())
        with open_moment(orders) as found:
            assert found.is_exact


def test_all_before_the_oldest_running_transaction_had_ended(
    orders: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moment, "TRIES", 1)
    with psycopg.connect(orders.conninfo) as writer:
        writer.execute(WRITE)
        (running,) = writer.execute("SELECT pg_current_xact_id()::text::bigint").fetchone() or ()
        with psycopg.connect(orders.conninfo) as later:
            later.execute("SELECT pg_current_xact_id()")
        assert read_state(orders).oldest_running == running
        writer.rollback()


def test_sequences_are_not_read_ahead_of_the_moment(
    orders: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a sequence gives out while rows are read is not what a copy of the moment has."""
    before = read_state(orders).sequences

    def reading(*args: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
        with psycopg.connect(orders.conninfo, autocommit=True) as connection:
            connection.execute(
                "SELECT nextval(oid::regclass) FROM pg_class, generate_series(1, 100) "
                "WHERE relkind = 'S'"
            )
        return read_content(*args)

    monkeypatch.setattr("opslib.databases.state.read_content", reading)
    assert read_state(orders).sequences.equals(before)
    monkeypatch.undo()
    assert not read_state(orders).sequences.equals(before)


@pytest.fixture
def reader(orders: Database) -> Iterator[Database]:
    """Return the same database, by the role that docs/dr_restore_validation.md asks for."""
    with psycopg.connect(orders.conninfo, autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN BYPASSRLS PASSWORD 'of-a-test'")
        connection.execute("GRANT pg_read_all_data TO reader")
        conninfo = make_conninfo(orders.conninfo, user="reader", password="of-a-test")
        yield Database(label="source", conninfo=conninfo)
        connection.execute("DROP ROLE reader")


def test_a_reader_sees_who_is_writing_and_which_server_it_is(
    orders: Database, reader: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, own = read_state(reader), read_state(orders)
    assert seen.is_exact
    assert seen.server_id == own.server_id != ""
    assert seen.checkpoint_id == own.checkpoint_id > 0
    monkeypatch.setattr(moment, "TRIES", 1)
    with psycopg.connect(orders.conninfo) as writer:
        writer.execute(WRITE)
        assert not read_state(reader).is_exact
        writer.rollback()


def test_a_server_that_does_not_tell_which_it_is_is_read_all_the_same(
    orders: Database, reader: Database
) -> None:
    with psycopg.connect(orders.conninfo, autocommit=True) as connection:
        connection.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
        seen = read_state(reader)
        connection.execute("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC")
    assert (seen.server_id, seen.checkpoint_id) == ("", 0)
    assert seen.digests.equals(read_state(orders).digests)
