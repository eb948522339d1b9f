"""Physical backups and restores, as RDS's own are: the files of a server, and its log.

Source: PostgreSQL documentation, "Continuous Archiving and Point-in-Time Recovery".
"""

from __future__ import annotations

import shutil
import time
from datetime import datetime
from pathlib import Path

import psycopg

from opslib.errors import OpsError
from opslib.sandbox.postgres import (
    PostgresServer,
    free_port,
    give_away,
    make_own_folder,
    run_postgres_tool,
    write_settings,
)

__all__ = ["restore_backup", "take_backup"]

PROMOTION_SECONDS = 60


def take_backup(server: PostgresServer, folder: Path) -> Path:
    """Copy a running server's files into ``folder``, with the log that makes them consistent.

    Writes go on meanwhile. The copy is checked against its manifest.

    Returns:
        The folder of the copy.
    """
    make_own_folder(folder)
    copy = folder / "base"
    run_postgres_tool(
        "pg_basebackup",
        *("-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "-w"),
        *("-D", copy, "-X", "stream", "-c", "fast", "--no-sync"),
        environ={"PGPASSWORD": server.password},
    )
    run_postgres_tool("pg_verifybackup", copy)
    return copy


def restore_backup(
    copy: Path, source: PostgresServer, folder: Path, until: datetime | None = None
) -> PostgresServer:
    """Start a server from a backup.

    Args:
        copy: from `take_backup`.
        source: the server that it is of; its superuser's password stays, and its archived log
            is read for a restore to a point in time.
        folder: where the new server lives; must not exist.
        until: the moment to restore to; None for the end of the backup.

    Raises:
        OpsError: the server does not start, for instance since its log ends before ``until``.
    """
    make_own_folder(folder)
    server = PostgresServer(folder=folder, port=free_port(), password=source.password)
    make_own_folder(server.archive)
    shutil.copytree(copy, server.data, copy_function=_copy_for_server)
    for path in (server.data, *server.data.rglob("*")):
        give_away(path)
    server.data.chmod(0o700)
    settings = {"archive_command": f"cp %p {server.archive}/%f"}
    if until is not None:
        settings |= {
            "restore_command": f"cp {source.archive}/%f %p",
            "recovery_target_time": until.isoformat(),
            "recovery_target_action": "promote",
        }
        signal = server.data / "recovery.signal"
        signal.touch()
        give_away(signal)
    write_settings(server.data, settings)
    server.start()
    _wait_until_promoted(server)
    return server


def _wait_until_promoted(server: PostgresServer) -> None:
    """Wait until recovery has ended: before that a server answers, and only reads.

    Raises:
        OpsError: it does not end, or the server went down in it.
    """
    deadline = time.monotonic() + PROMOTION_SECONDS
    while time.monotonic() < deadline:
        try:
            with psycopg.connect(server.conninfo()) as connection:
                found = connection.execute("SELECT pg_is_in_recovery()").fetchone()
        except psycopg.OperationalError as error:
            raise OpsError("the server went down in recovery", where=str(server.data)) from error
        if found is not None and not found[0]:
            return
        time.sleep(0.02)
    raise OpsError("recovery did not end", where=str(server.data))


def _copy_for_server(source: str, target: str) -> str:
    return shutil.copy(source, target)
