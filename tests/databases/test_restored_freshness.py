"""Freshness of real restores, held against every commit that the source made."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from opslib.analysis.dr.freshness import FreshnessQuestion, assess_freshness
from opslib.databases.heartbeat import read_newest
from opslib.databases.heartbeat_schema import BEAT, HEARTBEAT_SQL
from opslib.databases.postgres import Database
from opslib.findings import Verdict
from opslib.parameters.column_name import HEARTBEAT_COLUMN, parse_column
from opslib.sandbox.physical_backup import restore_backup, take_backup
from opslib.sandbox.postgres import PostgresServer, start_postgres

COLUMN = parse_column(HEARTBEAT_COLUMN)
BEAT_SECONDS = 0.2


@dataclass(frozen=True)
class History:
    source: PostgresServer
    backup: Path
    folder: Path
    moments: tuple[datetime, ...]


def write(connection: psycopg.Connection[Any], commits: int) -> None:
    """Commit every hundredth of a second, with a beat in between."""
    for number in range(commits):
        connection.execute("INSERT INTO work VALUES (clock_timestamp())")
        if number % int(BEAT_SECONDS * 100) == 0:
            connection.execute(BEAT)
        time.sleep(0.01)


def now(connection: psycopg.Connection[Any]) -> datetime:
    (found,) = connection.execute("SELECT clock_timestamp()").fetchone() or (None,)
    assert isinstance(found, datetime)
    return found.astimezone(UTC)


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    with tempfile.TemporaryDirectory(prefix="opslib-test-") as made:
        folder = Path(made)
        source = start_postgres(folder / "source")
        try:
            with psycopg.connect(source.conninfo(), autocommit=True) as connection:
                connection.execute(HEARTBEAT_SQL.encode())
                connection.execute("CREATE TABLE work (at timestamptz)")
                write(connection, 100)
                backup = take_backup(source, folder / "backup")
                moments = []
                for commits in (37, 91, 64):
                    write(connection, commits)
                    moments.append(now(connection))
                write(connection, 40)
                connection.execute("SELECT pg_switch_wal()")
                time.sleep(1)
            yield History(source, backup, folder, tuple(moments))
        finally:
            source.remove()


def restored(history: History, until: datetime | None) -> tuple[Database, PostgresServer]:
    name = "end" if until is None else f"{until:%H%M%S%f}"
    server = restore_backup(history.backup, history.source, history.folder / name, until)
    return Database(label="restored", conninfo=server.conninfo()), server


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_newest_commit_lies_in_the_interval(history: History, place: int) -> None:
    until = history.moments[place]
    database, server = restored(history, until)
    failed = until + timedelta(minutes=5)
    asked = FreshnessQuestion(
        recovery_point_at=until,
        failure_at=failed,
        rpo=timedelta(minutes=10),
        backup_seconds=0,
        source_newest=read_newest(
            Database(label="source", conninfo=history.source.conninfo()), COLUMN, until=until
        ).newest,
    )
    try:
        found = assess_freshness(read_newest(database, COLUMN), asked)
        with psycopg.connect(database.conninfo) as connection:
            (truth,) = connection.execute("SELECT max(at) FROM work").fetchone() or (None,)
    finally:
        server.remove()
    assert [check.verdict for check in found.checks] == [Verdict.PASS, Verdict.PASS]
    assert found.lost_seconds is not None
    lost = (failed - truth).total_seconds()
    assert float(found.lost_seconds.low) <= lost <= float(found.lost_seconds.high)
    assert found.lost_seconds.high - found.lost_seconds.low < 2 * BEAT_SECONDS


def test_an_older_backup_under_a_newer_name_is_stale(history: History) -> None:
    database, server = restored(history, None)
    asked = FreshnessQuestion(
        recovery_point_at=history.moments[-1], rpo=timedelta(hours=1), backup_seconds=0.1
    )
    try:
        found = assess_freshness(read_newest(database, COLUMN), asked)
    finally:
        server.remove()
    assert found.checks[0].verdict is Verdict.FAIL
    assert found.checks[0].sentence.startswith("Stale")
