"""Whether a moment is called exact only where a restore to it brings back what was seen."""

from __future__ import annotations

from typing import Any

import pandas as pd
import psycopg
import pytest

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
