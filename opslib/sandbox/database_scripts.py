"""Loading an SQL script into an embedded server, as psql would."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg

from opslib.errors import ParameterError
from opslib.sandbox.postgres import PostgresServer, give_away, run_postgres_tool

__all__ = ["Loaded", "load_script"]

TABLES = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND n.nspname !~ '^pg_(toast|temp)'"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a script made.

    Args:
        database: the one that its tables are in.
        errors: what the server refused of it; psql goes on after an error.
    """

    database: str
    errors: tuple[str, ...]


def load_script(server: PostgresServer, script: Path, database: str = "loaded") -> Loaded:
    r"""Run a script in a new database.

    Args:
        server: a running one.
        script: SQL as psql takes it, COPY data and meta-commands such as ``\c`` included.
        database: name of the new database; the script may make and choose another.

    Raises:
        ParameterError: the script cannot be read, or made no table; with what psql said.
    """
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{database}" TEMPLATE template0')
    errors = _run(server, script, database)
    counted = {name: _count_tables(server, name) for name in _databases(server)}
    fullest = max(counted, key=lambda name: counted[name])
    if not counted[fullest]:
        raise ParameterError(
            "the script made no table",
            where=str(script),
            remedy=f"psql said: {errors[0] if errors else 'nothing'}",
        )
    return Loaded(database=fullest, errors=errors)


def _run(server: PostgresServer, script: Path, database: str) -> tuple[str, ...]:
    """Run psql over a copy of the script, since the server's user may not be able to open it."""
    where = ("-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "-d", database, "-w")
    copy = server.folder / "script.sql"
    copy.write_text(script.read_text(encoding="utf-8-sig"), encoding="utf-8")
    give_away(copy)
    finished = run_postgres_tool(
        "psql", *where, "-X", "-q", "-f", copy, environ={"PGPASSWORD": server.password}
    )
    copy.unlink()
    lines = finished.stderr.splitlines()
    return tuple(line.partition("ERROR:  ")[2] for line in lines if "ERROR:  " in line)


def _databases(server: PostgresServer) -> list[str]:
    with psycopg.connect(server.conninfo()) as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")
        return [name for (name,) in found]


def _count_tables(server: PostgresServer, database: str) -> int:
    with psycopg.connect(server.conninfo(database)) as connection:
        found = connection.execute(TABLES).fetchone()
        return int(found[0]) if found else 0
