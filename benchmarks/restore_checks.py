"""How fast large tables are compared, against a dump that is hashed and against reladiff.

    python -m benchmarks.restore_checks --rows 10000000

One embedded server, a table of eight columns in two databases that are alike, all in one run and
in turn: `pg_dump` of the table piped to `sha256sum`, the content digest of a validation over one,
two and four connections, and `reladiff` over both databases against the digests of both. Prints
medians of the time and of what all processes computed, the ratios pair by pair, and the largest
memory of this client. reladiff is installed into
an environment of its own below the user's cache; where that fails, the rest is measured.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import pandas as pd
import platformdirs
import psycopg

from opslib.databases.content import read_content
from opslib.databases.moment import open_moment
from opslib.databases.postgres import Database, ReadLimits
from opslib.sandbox.postgres import PostgresServer, postgres_program, start_postgres

SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "autovacuum": "off"}
RELADIFF = "0.6.0"
CONNECTIONS = (1, 2, 4)
Times = dict[str, list[tuple[float, float]]]
"""Label to seconds and processor seconds of each repeat; the latter bear a busy machine."""
TABLE = """
    CREATE TABLE measured AS SELECT i::bigint AS id, (i % 1000)::int AS a, 'name ' || i AS b,
        md5(i::text) AS c, timestamptz '2025-01-01 00:00+00' + i * interval '1 s' AS d,
        i % 2 = 0 AS e, (i * 7)::bigint AS f, date '2025-01-01' + (i % 3000)::int AS g
    FROM generate_series(1, %s) AS i"""


def digest(server: PostgresServer, connections: int, name: str = "one") -> pd.DataFrame:
    """Digest every table, as a validation does."""
    limits = ReadLimits(connections=connections, statement_seconds=3600)
    database = Database(label="measured", conninfo=server.conninfo(name), limits=limits)
    with open_moment(database) as moment:
        tables, digests = read_content(database, "record", None, moment.snapshot)
    assert tables["Rows"].sum()
    return digests


def digest_both(server: PostgresServer, connections: int) -> None:
    """Compare both databases, one after the other."""
    assert digest(server, connections).equals(digest(server, connections, "other"))


def dump_and_hash(server: PostgresServer) -> None:
    """Dump the table and hash what comes out."""
    command = [str(postgres_program("pg_dump")), "-t", "measured", server.conninfo("one")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as dump:
        subprocess.run(["sha256sum"], stdin=dump.stdout, check=True, stdout=subprocess.DEVNULL)
    assert dump.returncode == 0


def install_reladiff() -> Path | None:
    """Return the program, installed at the first call; None where it cannot be."""
    folder = platformdirs.user_cache_path("opslib") / f"reladiff-{RELADIFF}"
    program = folder / "bin" / "reladiff"
    if program.exists():
        return program
    wanted = f"reladiff[postgresql]=={RELADIFF}"
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", wanted]
    for command in ([sys.executable, "-m", "venv", "--clear", str(folder)], pip):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"reladiff is not measured, it could not be installed: {done.stderr[-300:]}")
            return None
    return program


def run_reladiff(program: Path, server: PostgresServer, threads: int) -> None:
    """Compare all columns of both databases' tables; they must be found alike."""
    place = f"postgresql://postgres@127.0.0.1:{server.port}"
    names = [f"{place}/one", "measured", f"{place}/other", "measured"]
    options = ["-k", "id", "-c", "%", "-j", str(threads)]
    environ = {**os.environ, "PGPASSWORD": server.password}
    command = [str(program), *names, *options]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stdout.strip(), "the tables are alike"


def processor_seconds(server: PostgresServer) -> float:
    """Return what this process, its children and the server's have computed so far (Linux)."""
    process = (server.data / "postmaster.pid").read_text(encoding="utf-8").split()[0]
    stat = Path("/proc", process, "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    ticks = sum(int(field) for field in stat[11:15])
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own = sum(usage.ru_utime + usage.ru_stime for usage in used)
    return own + ticks / os.sysconf("SC_CLK_TCK")


def in_turn(server: PostgresServer, works: dict[str, Callable[[], object]], repeats: int) -> Times:
    """Return seconds, and processor seconds, of all works, in turn in every repeat."""
    times: Times = {label: [] for label in works}
    for _ in range(repeats):
        for label, work in works.items():
            began, used = time.monotonic(), processor_seconds(server)
            work()
            # The server counts a connection's work when it has ended.
            took = time.monotonic() - began
            time.sleep(0.5)
            times[label].append((took, processor_seconds(server) - used))
    return times


def show(times: Times, baseline: str) -> None:
    """Print medians, and the ratios to the baseline pair by pair."""
    for label, taken in times.items():
        line = f"{label:<34}"
        for which, unit in enumerate(("s", "s of processors")):
            ours = [one[which] for one in taken]
            theirs = [one[which] for one in times[baseline]]
            ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
            line += f"{median(ours):>8.1f} {unit}, {median(ratios):.2f}"
        print(f"{line} of {baseline}" if label != baseline else line)


def peak_mib() -> float:
    """Return the largest memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def prepare(server: PostgresServer, rows: int) -> None:
    """Make two databases that are alike."""
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE one")
    with psycopg.connect(server.conninfo("one"), autocommit=True) as connection:
        connection.execute(TABLE.replace("%s", str(rows)).encode())
        connection.execute("ALTER TABLE measured ADD PRIMARY KEY (id)")
        connection.execute("VACUUM ANALYZE measured")
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE other TEMPLATE one")


def measure(server: PostgresServer, repeats: int, diff_repeats: int) -> None:
    """Measure and print both comparisons."""
    works: dict[str, Callable[[], object]] = {"pg_dump | sha256sum": partial(dump_and_hash, server)}
    for number in CONNECTIONS:
        label = f"content digest, {number} connection{'s' * (number > 1)}"
        works[label] = partial(digest, server, number)
    show(in_turn(server, works, repeats), "pg_dump | sha256sum")
    program = install_reladiff()
    if program is None:
        return
    for number in CONNECTIONS:
        reladiff = f"reladiff, {number} thread{'s' * (number > 1)}"
        pair: dict[str, Callable[[], object]] = {
            reladiff: partial(run_reladiff, program, server, number),
            f"digests of both, {number} each": partial(digest_both, server, number),
        }
        show(in_turn(server, pair, diff_repeats), reladiff)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--diff-repeats", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="opslib-restore-checks-") as folder:
        server = start_postgres(Path(folder) / "server", SETTINGS)
        try:
            prepare(server, options.rows)
            before = peak_mib()
            print(
                f"{options.rows:,} rows of 8 columns; load of the machine {os.getloadavg()[0]:.1f}"
            )
            measure(server, options.repeats, options.diff_repeats)
        finally:
            server.remove()
    print(f"largest memory of this client: {peak_mib():.0f} MiB, {before:.0f} before it read")


if __name__ == "__main__":
    main()
