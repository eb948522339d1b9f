from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import opslib.sandbox
from opslib.databases.postgres import Database
from opslib.sandbox.database_scripts import load_script
from opslib.sandbox.postgres import PostgresServer, start_postgres

ORDERS = Path(opslib.sandbox.__path__[0]) / "orders.sql"


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """Return a server with the sandbox's database ``orders``; tests leave it as it was.

    It lies outside of pytest's own folders, whose owner-only mode would lock its user out.
    """
    with tempfile.TemporaryDirectory(prefix="opslib-test-") as folder:
        started = start_postgres(Path(folder) / "source")
        try:
            loaded = load_script(started, ORDERS, "orders")
            assert loaded.errors == ()
            yield started
        finally:
            started.remove()


@pytest.fixture(scope="session")
def orders(server: PostgresServer) -> Database:
    return Database(label="source", conninfo=server.conninfo("orders"))
