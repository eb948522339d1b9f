"""The sandbox's databases that answer: sources started when first asked for, and their restores.

``orders`` is a cluster and ``ledger`` an instance. ``orders-restored`` is a copy of the former that
somebody restored already. In scenario ``troubled`` every restore of ``orders`` comes back with
something lost on the way, by seed.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from opslib.databases.heartbeat_schema import HEARTBEAT_ROLE
from opslib.errors import OpsError
from opslib.sandbox.backups import BACKUP_REGION
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.postgres import PostgresServer
from opslib.sandbox.reaper import Reaper, start_reaper
from opslib.sandbox.restore_losses import injure_restore
from opslib.sandbox.scenario import Scenario, ScenarioName
from opslib.sandbox.source_databases import SOURCES, SourceDatabase, start_source

__all__ = ["RESTORED_ALREADY", "Restore", "ServedDatabases", "databases_of", "stop_databases"]

RESTORED_ALREADY = "orders-restored"
SECRET_PREFIX = "rds!cluster-"  # noqa: S105  how RDS names its secrets
HEARTBEAT_SUFFIX = "-heartbeat"
PENDING_SECONDS = 0.3
SHORTEST_SECONDS = 1.0
CREATING_SECONDS = 0.2


@dataclass(slots=True, kw_only=True)
class Restore:
    """A restore that goes on, or did.

    Args:
        identifier: of the cluster or instance that it makes.
        source: what it is of.
        until: the account's moment that it restores.
        settings: chosen for it, such as its ``subnet_group``.
        began: monotonic seconds.
        server: what came of it.
        error: why nothing did.
    """

    identifier: str
    source: str
    until: datetime
    settings: Mapping[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    server: PostgresServer | None = None
    error: str = ""

    @property
    def state(self) -> str:
        """Return the state of a restore job: PENDING, RUNNING, COMPLETED or FAILED."""
        passed = time.monotonic() - self.began
        if passed < PENDING_SECONDS:
            return "PENDING"
        if passed < SHORTEST_SECONDS or not (self.server or self.error):
            return "RUNNING"
        return "FAILED" if self.error else "COMPLETED"

    @property
    def percent(self) -> float:
        """Return how much of it is done, as far as that can be told."""
        if self.state == "COMPLETED":
            return 100.0
        passed = time.monotonic() - self.began - PENDING_SECONDS
        return round(min(95.0, max(0.0, passed / SHORTEST_SECONDS * 100)), 2)

    @property
    def status(self) -> str:
        """Return the status of what it makes, as RDS tells it."""
        finished = time.monotonic() - self.began > SHORTEST_SECONDS + CREATING_SECONDS
        return "available" if self.state == "COMPLETED" and finished else "creating"


class ServedDatabases:
    """The databases of one scenario.

    Args:
        scenario: the account that they belong to.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._lock = threading.Lock()
        self._sources: dict[str, SourceDatabase] = {}
        self._restores: dict[str, Restore] = {}
        self._folder: Path | None = None
        self._reaper: Reaper | None = None

    def source(self, identifier: str) -> SourceDatabase:
        """Return a source, started if it is not up yet."""
        with self._lock:
            if identifier not in self._sources:
                self._sources[identifier] = start_source(
                    identifier, self._own_folder(), self._scenario.epoch
                )
            return self._sources[identifier]

    def _own_folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="opslib-databases-"))
            self._reaper = start_reaper(self._folder)
        return self._folder

    def server(self, identifier: str) -> PostgresServer | None:
        """Return the server that answers for a cluster or instance; None where there is none."""
        if identifier in SOURCES and self._scenario.backups.stores:
            return self.source(identifier).server
        restore = self.restored(identifier)
        return None if restore is None else restore.server

    def restored(self, identifier: str) -> Restore | None:
        """Return the restore that made, or makes, a cluster or instance."""
        if identifier == RESTORED_ALREADY and identifier not in self._restores:
            self._restore_already()
        return self._restores.get(identifier)

    def _restore_already(self) -> None:
        if self._scenario.name is ScenarioName.EMPTY:
            return
        until = self._scenario.epoch
        restore = Restore(identifier=RESTORED_ALREADY, source="orders", until=until, began=0)
        self._make(restore)
        self._restores[RESTORED_ALREADY] = restore

    def restore(self, restore: Restore) -> Restore:
        """Begin a restore; one that has an error already will fail with it."""
        self._restores[restore.identifier] = restore
        if not restore.error:
            threading.Thread(target=self._make, args=(restore,), daemon=True).start()
        return restore

    def _make(self, restore: Restore) -> None:
        source = self.source(restore.source)
        folder = self._own_folder() / f"{restore.identifier}-{time.monotonic_ns()}"
        try:
            server = source.restore(folder, restore.until)
            if self._scenario.name is ScenarioName.TROUBLED and restore.source == "orders":
                injure_restore(server.conninfo(restore.source), self._scenario.seed)
        except (OpsError, ValueError, psycopg.Error) as error:
            restore.error = str(error)
        else:
            restore.server = server

    def forget(self, identifier: str) -> None:
        """End the server of a restore that is deleted."""
        restore = self._restores.pop(identifier, None)
        if restore is not None and restore.server is not None:
            restore.server.remove()

    def secret(self, identifier: str) -> str | None:
        """Return the text of the secret of a database's master user, as RDS keeps it.

        With ``-heartbeat`` behind the identifier, that of the heartbeat's role.
        """
        database = identifier.removesuffix(HEARTBEAT_SUFFIX)
        server = self.server(database)
        if server is None:
            return None
        role = "postgres" if database == identifier else HEARTBEAT_ROLE
        return json.dumps({"username": role, "password": server.password})

    def stop(self) -> None:
        """End every server, and delete what is theirs."""
        for identifier in list(self._restores):
            self.forget(identifier)
        while self._sources:
            _, source = self._sources.popitem()
            source.server.remove()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._reaper is not None:
            self._reaper.dismiss()


_SERVED: dict[int, ServedDatabases] = {}


def databases_of(scenario: Scenario) -> ServedDatabases:
    """Return the databases of the scenario that this process serves."""
    if id(scenario) not in _SERVED:
        atexit.register(stop_databases)
        _SERVED[id(scenario)] = ServedDatabases(scenario)
    return _SERVED[id(scenario)]


def stop_databases() -> None:
    """End the servers that were started."""
    while _SERVED:
        _, served = _SERVED.popitem()
        served.stop()


def secret_arn(identifier: str) -> str:
    """Return the ARN of the secret of a database's master user."""
    name = f"{SECRET_PREFIX}{identifier}"
    return f"arn:aws:secretsmanager:{BACKUP_REGION}:{PRODUCTION}:secret:{name}"
