"""Busy tables for benchmarks: a server that is written to while it is backed up and restored."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from opslib.databases.postgres import Database
from opslib.databases.state import read_state
from opslib.parameters.declared_changes import DeclaredChanges
from opslib.sandbox.physical_backup import restore_backup, take_backup
from opslib.sandbox.postgres import PostgresServer
from opslib.tables.database_state import DatabaseState

__all__ = ["DECLARED", "MADE", "TOLERANCE_SECONDS", "Restore", "restored", "writing"]

TOLERANCE_SECONDS = 1.0
LONGEST_TRANSACTION = 0.33
MADE = """
    CREATE SCHEMA shop;
    CREATE TABLE shop.events AS SELECT i::bigint AS id, now() - interval '9 days' AS at,
        md5(i::text) AS v FROM generate_series(1, 20000) AS i;
    CREATE TABLE shop.orders AS SELECT id, at AS created, at AS updated, v FROM shop.events;
    CREATE TABLE shop.accounts AS SELECT id, at AS updated, v FROM shop.events;
    CREATE TABLE shop.carts AS SELECT id, created, updated, v FROM shop.orders;
    ALTER TABLE shop.events ADD PRIMARY KEY (id);
    ALTER TABLE shop.orders ADD PRIMARY KEY (id);
    ALTER TABLE shop.accounts ADD PRIMARY KEY (id);
    ALTER TABLE shop.carts ADD PRIMARY KEY (id);
    CREATE SEQUENCE shop.ids START 20001;
    ANALYZE"""
UPDATE = """
    UPDATE shop.{} SET v = v || '!', updated = now()
    WHERE id IN (SELECT 1 + floor(random() * 20000)::int FROM generate_series(1, 5))"""
WRITES = (
    "INSERT INTO shop.events SELECT nextval('shop.ids'), now(), 'new' FROM generate_series(1, 5)",
    "INSERT INTO shop.orders SELECT nextval('shop.ids'), now(), now(), 'new'",
    "INSERT INTO shop.carts SELECT nextval('shop.ids'), now(), now(), 'new'",
    *(UPDATE.format(table) for table in ("orders", "accounts", "carts")),
    "DELETE FROM shop.carts WHERE id = 1 + floor(random() * 20000)::int",
)
DECLARED = (
    DeclaredChanges(table="shop.events", appended_at="at"),
    DeclaredChanges(table="shop.orders", changed_at="updated", inserted_at="created"),
    DeclaredChanges(table="shop.accounts", changed_at="updated"),
    DeclaredChanges(table="shop.carts", changed_at="updated", inserted_at="created"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """A restore that is whole, and what it is held against."""

    baseline: DatabaseState
    restored_to: datetime
    server: PostgresServer
    source: Database

    def database(self, name: str = "postgres") -> Database:
        """Return a database of the restored server."""
        return Database(label="restored", conninfo=self.server.conninfo(name))


@contextmanager
def writing(server: PostgresServer, seed: int) -> Iterator[Counter[str]]:
    """Write for the length of the block, from three connections."""
    ended, counted = threading.Event(), Counter[str]()
    threads = [
        threading.Thread(target=_write, args=(server, seed * 3 + number, ended, counted))
        for number in range(3)
    ]
    for thread in threads:
        thread.start()
    try:
        yield counted
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _write(
    server: PostgresServer, seed: int, ended: threading.Event, counted: Counter[str]
) -> None:
    chance = random.Random(seed)  # noqa: S311  a test's own dice
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        while not ended.is_set():
            try:
                with connection.transaction():
                    for statement in chance.sample(WRITES, 3):
                        connection.execute(statement.encode())
                    ended.wait(chance.choice([0, 0, 0.05, LONGEST_TRANSACTION]))
                counted["done"] += 1
            except psycopg.errors.DeadlockDetected:
                counted["refused"] += 1


@contextmanager
def restored(server: PostgresServer, folder: Path, seed: int) -> Iterator[Restore]:
    """Back up, capture a baseline, and restore to a moment after it."""
    source = Database(label="source", conninfo=server.conninfo())
    copy = take_backup(server, folder / f"backup-{seed}")
    baseline = read_state(source)
    time.sleep(1.5 + TOLERANCE_SECONDS)
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        found = connection.execute("SELECT clock_timestamp()").fetchone()
        assert found is not None
        time.sleep(1.5)
        connection.execute("SELECT pg_switch_wal()")
    made = restore_backup(copy, server, folder / f"restored-{seed}", found[0])
    try:
        yield Restore(baseline=baseline, restored_to=found[0], server=made, source=source)
    finally:
        made.remove()
