"""The databases of the sandbox that a drill restores: real servers with a history of their own.

A server lives in real time, the account in the epoch's. Its history ties the two: each beat of the
heart is a row that holds the account's time, and is kept with the real time of its commit, so that
a restore to a moment of the account is a restore of the server to a real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from opslib.databases.heartbeat_schema import HEARTBEAT_ROLE, HEARTBEAT_SQL
from opslib.databases.postgres import Database
from opslib.databases.read_set import read_set
from opslib.databases.state import read_state
from opslib.databases.transactions import capture_latencies
from opslib.sandbox.backups import SCHEDULE_HOUR
from opslib.sandbox.baseline_bucket import keep_baseline
from opslib.sandbox.database_scripts import load_script
from opslib.sandbox.physical_backup import restore_backup, take_backup
from opslib.sandbox.postgres import PostgresServer, start_postgres
from opslib.tables.baseline import write_baseline

__all__ = ["SOURCES", "SourceDatabase", "start_source"]

SOURCES = {"orders": "shop", "ledger": "books"}
"""Identifier to the schema whose procedure ``live`` does a moment's business."""
ROWS_LIMIT = 200_000
BASELINE_BEFORE = timedelta(minutes=10)
DAYS = 35
LAST_HOURS = 6
BEAT_MINUTES = 5
BEAT = """
    INSERT INTO opslib_heartbeat.beat (beat_number, beat_at)
    SELECT coalesce(max(beat_number), 0) + 1, %s FROM opslib_heartbeat.beat"""
"""What the heartbeat's writer does, but by the account's clock."""
WAIT_FOR_LOG_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDatabase:
    """A server, its backup, and the moments that it can be restored to.

    Args:
        identifier: of the cluster or instance; its database has the same name.
        server: the server that answers for it.
        copy: the files of its backup, as old as its history.
        beats: the account's time and the server's time of each moment, oldest first.
    """

    identifier: str
    server: PostgresServer
    copy: Path
    beats: tuple[tuple[datetime, datetime], ...]

    def restore(self, folder: Path, until: datetime) -> PostgresServer:
        """Start a server with what was committed up to ``until``, a moment of the account.

        Raises:
            OpsError: it does not start.
            ValueError: ``until`` lies before its history.
        """
        reached = [real for told, real in self.beats if told <= until]
        if not reached:
            raise ValueError(f"the log does not reach back to {until.isoformat()}")
        return restore_backup(self.copy, self.server, folder, reached[-1])


def start_source(identifier: str, folder: Path, epoch: datetime) -> SourceDatabase:
    """Start a source, let it live up to ``epoch``, and keep a baseline of it in the account.

    The baseline is of shortly before the last scheduled backup.

    Args:
        identifier: one of `SOURCES`.
        folder: where its servers live.
        epoch: the moment that the account lives in.
    """
    server = start_postgres(folder / identifier)
    load_script(server, Path(__file__).with_name(f"{identifier}.sql"), identifier)
    _set_up_heartbeat(server, identifier)
    copy = take_backup(server, folder / f"{identifier}-backup")
    told = list(_moments(epoch))
    scheduled = _last_schedule(epoch)
    with psycopg.connect(server.conninfo(identifier), autocommit=True) as connection:
        connection.execute(f"SET search_path = {SOURCES[identifier]}".encode())
        beats = [_beat(connection, moment) for moment in told if moment < scheduled]
        _keep_baseline(server, identifier, folder, epoch)
        beats += [_beat(connection, moment) for moment in told if moment >= scheduled]
        _finish_log(connection)
    return SourceDatabase(identifier=identifier, server=server, copy=copy, beats=tuple(beats))


def _set_up_heartbeat(server: PostgresServer, identifier: str) -> None:
    """Make the heartbeat as its own command says; its role has the superuser's password."""
    with psycopg.connect(server.conninfo(identifier)) as connection:
        connection.execute(HEARTBEAT_SQL.encode())
        role, password = sql.Identifier(HEARTBEAT_ROLE), sql.Literal(server.password)
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, password))


def _last_schedule(epoch: datetime) -> datetime:
    scheduled = epoch.replace(hour=SCHEDULE_HOUR, minute=0, second=0, microsecond=0)
    return scheduled if scheduled <= epoch else scheduled - timedelta(days=1)


def _moments(epoch: datetime) -> Iterator[datetime]:
    """Yield when the heart beats: every hour, and in the last ones every few minutes."""
    moment = epoch - timedelta(days=DAYS)
    while moment <= epoch:
        yield moment
        recent = moment >= epoch - timedelta(hours=LAST_HOURS)
        moment += timedelta(minutes=BEAT_MINUTES) if recent else timedelta(hours=1)


def _beat(connection: psycopg.Connection[Any], moment: datetime) -> tuple[datetime, datetime]:
    """Write one beat and a little business; return the account's time and the server's."""
    with connection.transaction():
        connection.execute("CALL live(%s)", [moment])
        connection.execute(BEAT, [moment])
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    return moment, row[0]


def _keep_baseline(server: PostgresServer, identifier: str, folder: Path, epoch: datetime) -> None:
    """Capture the source's baseline and put it into the account's bucket."""
    database = Database(label="source", conninfo=server.conninfo(identifier))
    state = read_state(database, rows_limit=ROWS_LIMIT)
    latencies = capture_latencies(database, read_set(database))
    files = write_baseline(
        replace(state, captured_at=_last_schedule(epoch) - BASELINE_BEFORE),
        folder / f"{identifier}-baseline",
        latencies,
    )
    keep_baseline(files, identifier, epoch)


def _finish_log(connection: psycopg.Connection[Any]) -> None:
    """Let the archived log reach beyond the last moment, or no restore could reach that."""
    connection.execute("SELECT pg_logical_emit_message(true, 'sandbox', 'end of the history')")
    row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
    assert row is not None
    last = row[0]
    for _ in range(WAIT_FOR_LOG_SECONDS * 100):
        row = connection.execute("SELECT last_archived_wal FROM pg_stat_archiver").fetchone()
        if row is not None and (row[0] or "") >= last:
            return
        connection.execute("SELECT pg_sleep(0.01)")
