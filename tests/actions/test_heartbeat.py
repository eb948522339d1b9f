"""The heartbeat's writer, by the role that its own statements make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

from opslib.actions.heartbeat import write_beat
from opslib.cli.intervals import DAY, parse_interval
from opslib.databases.heartbeat import read_newest
from opslib.databases.heartbeat_schema import HEARTBEAT_ROLE, HEARTBEAT_SQL
from opslib.databases.postgres import Database
from opslib.errors import AccessDenied, ParameterError
from opslib.parameters.column_name import HEARTBEAT_COLUMN, parse_column
from opslib.sandbox.postgres import PostgresServer
from tests.databases.conftest import server

__all__ = ["server"]


@pytest.fixture
def owner(server: PostgresServer) -> Iterator[str]:
    """Return the owner's way into a database in which the printed statements were run."""
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE beaten TEMPLATE template0")
        connection.execute("REVOKE CONNECT ON DATABASE beaten FROM PUBLIC")
    way = server.conninfo("beaten")
    with psycopg.connect(way) as connection:
        connection.execute("CREATE TABLE public.private AS SELECT 1 AS x")
        connection.execute(HEARTBEAT_SQL.encode())
        password = sql.Literal(server.password)
        role = sql.Identifier(HEARTBEAT_ROLE)
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, password))
    yield way
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("DROP DATABASE beaten WITH (FORCE)")
        connection.execute(f"DROP ROLE {HEARTBEAT_ROLE}".encode())


@pytest.fixture
def source(owner: str) -> Database:
    way = owner.replace("user=postgres", f"user={HEARTBEAT_ROLE}")
    return Database(label="source", conninfo=way)


def test_beats_are_numbered_and_tell_the_servers_clock(source: Database, owner: str) -> None:
    beats = [write_beat(source) for _ in range(3)]
    assert [beat.number for beat in beats if beat] == [1, 2, 3]
    found = read_newest(replace(source, conninfo=owner), parse_column(HEARTBEAT_COLUMN))
    assert found.times == tuple(beat.at for beat in reversed(beats) if beat)


def test_old_beats_are_forgotten_and_numbers_go_on(source: Database, owner: str) -> None:
    write_beat(source)
    with psycopg.connect(owner) as connection:
        connection.execute("UPDATE opslib_heartbeat.beat SET beat_at = now() - interval '41 days'")
    second = write_beat(source)
    with psycopg.connect(owner) as connection:
        kept = connection.execute("SELECT beat_number FROM opslib_heartbeat.beat").fetchall()
    assert second is not None
    assert kept == [(2,)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM public.private",
        "CREATE TABLE opslib_heartbeat.x ()",
        "CREATE TABLE public.x ()",
        "UPDATE opslib_heartbeat.beat SET beat_at = now()",
        "TRUNCATE opslib_heartbeat.beat",
        "DROP TABLE opslib_heartbeat.beat",
        "CREATE ROLE x",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_the_role_can_do_nothing_else(source: Database, statement: str) -> None:
    with (
        psycopg.connect(source.conninfo) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


def test_no_other_role_writes_to_a_source(source: Database, owner: str) -> None:
    with pytest.raises(ParameterError, match="leads to role postgres") as refused:
        write_beat(replace(source, conninfo=owner))
    assert "password" not in str(refused.value)
    with psycopg.connect(owner) as connection:
        found = connection.execute("SELECT count(*) FROM opslib_heartbeat.beat").fetchone()
    assert found == (0,)


def test_a_missing_right_is_denied(source: Database, owner: str) -> None:
    with psycopg.connect(owner) as connection:
        connection.execute(f"REVOKE INSERT ON opslib_heartbeat.beat FROM {HEARTBEAT_ROLE}".encode())
    with pytest.raises(AccessDenied):
        write_beat(source)


@pytest.mark.parametrize(("text", "seconds"), [("60s", 60), ("5m", 300), ("24h", 86_400)])
def test_intervals(text: str, seconds: int) -> None:
    assert parse_interval(text, option="--every", units="smh", longest=DAY) == seconds


@pytest.mark.parametrize("text", ["", "60", "0s", "25h", "1d", "-5s", "1.5m", "60 s"])
def test_what_is_no_interval(text: str) -> None:
    with pytest.raises(ParameterError, match="is no interval"):
        parse_interval(text, option="--every", units="smh", longest=DAY)
