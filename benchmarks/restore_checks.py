"""How fast a large table is digested, against a dump that is hashed.

    python benchmarks/restore_checks.py --rows 10000000

One embedded server, a table of eight columns, in one run: the content digest of a validation over
one and over two connections, and `pg_dump` of the table piped to `sha256sum`. Prints the median of
the repeats, the ratio to the dump, and the largest memory of this client.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psycopg

from opslib.databases.content import read_content
from opslib.databases.moment import open_moment
from opslib.databases.postgres import Database, ReadLimits
from opslib.sandbox.postgres import PostgresServer, postgres_program, start_postgres

SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "autovacuum": "off"}
TABLE = """
    CREATE TABLE measured AS SELECT i::bigint AS id, (i % 1000)::int AS a, 'name ' || i AS b,
        md5(i::text) AS c, timestamptz '2025-01-01 00:00+00' + i * interval '1 s' AS d,
        i % 2 = 0 AS e, (i * 7)::bigint AS f, date '2025-01-01' + (i % 3000)::int AS g
    FROM generate_series(1, %s) AS i"""


def digest(server: PostgresServer, connections: int) -> None:
    """Digest every table, as a validation does."""
    limits = ReadLimits(connections=connections, statement_seconds=3600)
    database = Database(label="measured", conninfo=server.conninfo(), limits=limits)
    with open_moment(database) as moment:
        tables, _ = read_content(database, "record", None, moment.snapshot)
    assert tables["Rows"].sum()


def dump_and_hash(server: PostgresServer) -> None:
    """Dump the table and hash what comes out."""
    command = [str(postgres_program("pg_dump")), "-t", "measured", server.conninfo()]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as dump:
        subprocess.run(["sha256sum"], stdin=dump.stdout, check=True, stdout=subprocess.DEVNULL)
    assert dump.returncode == 0


def measure(work: Callable[[], None], repeats: int) -> float:
    """Return the median time of some runs."""
    times = []
    for _ in range(repeats):
        began = time.monotonic()
        work()
        times.append(time.monotonic() - began)
    return median(times)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="opslib-restore-checks-") as folder:
        server = start_postgres(Path(folder) / "server", SETTINGS)
        try:
            with psycopg.connect(server.conninfo(), autocommit=True) as connection:
                connection.execute(TABLE.replace("%s", str(options.rows)).encode())
                connection.execute("ALTER TABLE measured ADD PRIMARY KEY (id)")
                connection.execute("VACUUM ANALYZE measured")
            baseline = measure(lambda: dump_and_hash(server), options.repeats)
            print(f"{options.rows:,} rows of 8 columns, median of {options.repeats}")
            print(f"{'pg_dump | sha256sum':<34}{baseline:>8.1f} s")
            for connections in (1, 2):
                took = measure(lambda count=connections: digest(server, count), options.repeats)  # type: ignore[misc]
                label = f"content digest, {connections} connection{'s' * (connections > 1)}"
                print(f"{label:<34}{took:>8.1f} s   {took / baseline:.2f} of pg_dump")
        finally:
            server.remove()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'largest memory of this client':<34}{peak:>8.0f} MiB")


if __name__ == "__main__":
    main()
