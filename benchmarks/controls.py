"""What the negative controls cost where a table is large.

    python -m benchmarks.controls --rows 5000000

One embedded server with a table of eight columns, one of a tenth of its rows that refers to it,
and small ones. In one run, for a quarter of the rows and for all of them: all classes of injury
over samples of `control_rows_limit` rows, and (unless left out) over all rows. Prints the
seconds; exits 1 where a class is missed, or not judged alike by both.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from opslib.actions.controls import Control, make_controls
from opslib.actions.injury_list import INJURIES
from opslib.databases.postgres import Database, ReadLimits
from opslib.databases.state import read_state
from opslib.sandbox.postgres import PostgresServer, start_postgres

SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "autovacuum": "off"}
SCHEMA = """
    CREATE TABLE large AS SELECT i::bigint AS id, (i % 1000)::int AS a, 'name ' || i AS b,
        md5(i::text) AS c, timestamptz '2025-01-01 00:00+00' + i * interval '1 s' AS d,
        i % 2 = 0 AS e, (i * 7)::bigint AS f, date '2025-01-01' + (i % 3000)::int AS g
    FROM generate_series(1, {rows}) AS i;
    ALTER TABLE large ADD PRIMARY KEY (id), ALTER a SET DEFAULT 0, ALTER d SET NOT NULL,
        ADD CHECK (a >= 0);
    CREATE INDEX ON large (d);
    CREATE SEQUENCE large_id OWNED BY large.id;
    SELECT setval('large_id', {rows});
    CREATE TABLE entry (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        large_id bigint NOT NULL REFERENCES large, amount numeric, note text);
    INSERT INTO entry (large_id, amount, note)
        SELECT 1 + (i::bigint * 7919) % {rows}, i / 7.0, 'é' || i
        FROM generate_series(1, {rows} / 10) AS i;
    CREATE TABLE setting (name text PRIMARY KEY, value text);
    INSERT INTO setting VALUES ('a', 'b'), ('c', NULL);
    CREATE MATERIALIZED VIEW total AS SELECT g, count(*) FROM large GROUP BY g;
    ANALYZE"""


def prepare(server: PostgresServer, rows: int) -> Database:
    """Make a database of this size."""
    name = f"rows_{rows}"
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    with psycopg.connect(server.conninfo(name)) as connection:
        connection.execute(SCHEMA.replace("{rows}", str(rows)).encode())
    limits = ReadLimits(statement_seconds=3600)
    return Database(label="restored", conninfo=server.conninfo(name), limits=limits)


def measure(database: Database, limit: int, label: str) -> list[Control]:
    """Make all controls and print how long that took."""
    state = read_state(database, rows_limit=200_000, is_restored=True)
    began = time.monotonic()
    controls = make_controls(database, INJURIES, state, limit)
    took = time.monotonic() - began
    made = [control for control in controls if control[1] != "not applicable"]
    outcomes = sorted({control[1] for control in made})
    print(
        f"{int(state.tables['Rows'].max()):>12,} {label:<22}{took:>9.1f} s"
        f"{took / len(made):>9.2f} s a class   {len(made)} made: {', '.join(outcomes)}"
    )
    return controls


def main() -> int:
    """Read the command line, measure, print; 1 where something was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--limit", type=int, default=100_000)
    parser.add_argument("--sample-only", action="store_true", help="leave out the whole rows")
    options = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory(prefix="opslib-controls-") as folder:
        server = start_postgres(Path(folder) / "server", SETTINGS)
        try:
            print(f"{'rows':>12} {'injured over':<22}{'all':>11}")
            for rows in (options.rows // 4, options.rows):
                database = prepare(server, rows)
                runs = [measure(database, options.limit, f"{options.limit:,} rows a table")]
                if not options.sample_only:
                    runs.append(measure(database, rows + 1, "all rows"))
                good = good and all(control[1:2] != ("missed",) for run in runs for control in run)
                good = good and len({tuple(c[:2] for c in run) for run in runs}) == 1
        finally:
            server.remove()
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
