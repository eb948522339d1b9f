"""The sandbox's database clusters: real servers, started when somebody first asks for them.

``orders`` is the source. ``orders-restored`` was restored from its backup: whole, but in scenario
``troubled`` something was lost on the way, by seed.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import psycopg

from opslib.databases.postgres import Database
from opslib.databases.state import read_state
from opslib.sandbox.baseline_bucket import keep_baseline
from opslib.sandbox.database_scripts import load_script
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.physical_backup import restore_backup, take_backup
from opslib.sandbox.postgres import PostgresServer, start_postgres
from opslib.sandbox.scenario import Scenario, ScenarioName
from opslib.tables.baseline import write_baseline

__all__ = ["DATABASE", "SECRET_PREFIX", "SERVED", "Cluster", "clusters_of", "stop_clusters"]

DATABASE = "orders"
ROWS_LIMIT = 200_000
SERVED = ("orders", "orders-restored")
SECRET_PREFIX = "rds!cluster-"  # noqa: S105  how RDS names its secrets
SCRIPT = Path(__file__).with_name("orders.sql")
LOSSES = (
    "DELETE FROM shop.order_line WHERE order_id % 97 = 3",
    "UPDATE shop.product SET price = price + 1 WHERE sku IN (SELECT sku FROM shop.product LIMIT 2)",
    "DROP INDEX shop.product_title",
    "ALTER TABLE shop.orders DISABLE TRIGGER order_noted",
    "ALTER SEQUENCE shop.invoice_number RESTART",
    "REVOKE INSERT ON shop.order_line FROM orders_app",
)
"""What may have been lost on the way, one by seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One cluster as RDS tells it.

    Args:
        identifier: its name.
        server: the server that answers for it.
    """

    identifier: str
    server: PostgresServer

    @property
    def secret_arn(self) -> str:
        """Return the ARN of its master user's secret."""
        name = f"{SECRET_PREFIX}{self.identifier}"
        return f"arn:aws:secretsmanager:us-east-1:{PRODUCTION}:secret:{name}"

    @property
    def secret(self) -> str:
        """Return the secret's text, as RDS keeps it."""
        return json.dumps({"username": "postgres", "password": self.server.password})


_LOCK = threading.Lock()
_STARTED: dict[str, Cluster] = {}
_FOLDERS: list[Path] = []


def clusters_of(scenario: Scenario) -> dict[str, Cluster]:
    """Return the clusters of a scenario by identifier, started if they are not up yet."""
    if scenario.name is ScenarioName.EMPTY:
        return {}
    with _LOCK:
        if not _STARTED:
            _start(scenario)
        return dict(_STARTED)


def _start(scenario: Scenario) -> None:
    folder = Path(tempfile.mkdtemp(prefix="opslib-clusters-"))
    _FOLDERS.append(folder)
    atexit.register(stop_clusters)
    source = start_postgres(folder / "orders")
    _STARTED["orders"] = Cluster(identifier="orders", server=source)
    load_script(source, SCRIPT, DATABASE)
    _keep_baseline(source, folder / "baseline", scenario.epoch)
    copy = take_backup(source, folder / "backup")
    restored = restore_backup(copy, source, folder / "restored")
    _STARTED["orders-restored"] = Cluster(identifier="orders-restored", server=restored)
    if scenario.name is ScenarioName.TROUBLED:
        chance = np.random.default_rng([scenario.seed, len(LOSSES)])
        with psycopg.connect(restored.conninfo(DATABASE)) as connection:
            connection.execute(LOSSES[int(chance.integers(len(LOSSES)))].encode())


def _keep_baseline(source: PostgresServer, folder: Path, epoch: datetime) -> None:
    """Capture the source's baseline and put it into the account's bucket."""
    database = Database(label="source", conninfo=source.conninfo(DATABASE))
    write_baseline(read_state(database, rows_limit=ROWS_LIMIT), folder)
    keep_baseline(folder, "orders", epoch)


def stop_clusters() -> None:
    """End the servers that were started, and delete what is theirs."""
    while _STARTED:
        _, cluster = _STARTED.popitem()
        cluster.server.remove()
    while _FOLDERS:
        shutil.rmtree(_FOLDERS.pop(), ignore_errors=True)
