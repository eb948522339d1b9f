"""What a source writes and writes back around a restore is no failure; injuries beside it are."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.validation import differing_buckets, validate_restore
from opslib.databases import moment
from opslib.databases.content import read_rows
from opslib.databases.postgres import Database
from opslib.databases.state import read_state
from opslib.findings import Verdict
from opslib.sandbox.physical_backup import restore_backup, take_backup
from opslib.sandbox.postgres import PostgresServer, start_postgres
from opslib.tables.database_state import DatabaseState

ROWS_LIMIT = 100
TABLES = ("status", "queue", "log", "large")
MADE = """
    CREATE TABLE status (id int PRIMARY KEY, state text);
    INSERT INTO status SELECT i, 'idle' FROM generate_series(1, 9) i;
    CREATE TABLE queue (id int PRIMARY KEY, job text);
    INSERT INTO queue VALUES (1, 'old');
    CREATE TABLE log (line text);
    INSERT INTO log VALUES ('started');
    CREATE TABLE large (id int PRIMARY KEY, state text);
    INSERT INTO large SELECT i, 'idle' FROM generate_series(1, 500) i;"""
UNDER_WAY = """
    UPDATE status SET state = 'busy' WHERE id = 1;
    DELETE FROM status WHERE id = 2;
    INSERT INTO queue VALUES (2, 'new');
    INSERT INTO log VALUES ('started');
    UPDATE large SET state = 'busy' WHERE id = 1;"""
"""Written by a transaction that was under way at the baseline and had ended by the restore's."""
WRITTEN_BACK = """
    UPDATE status SET state = 'idle' WHERE id = 1;
    INSERT INTO status VALUES (2, 'idle');
    DELETE FROM queue WHERE id = 2;
    DELETE FROM log WHERE ctid = (SELECT max(ctid) FROM log);
    UPDATE large SET state = 'idle' WHERE id = 1;"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A copy whose source has again what the baseline had."""

    server: PostgresServer
    source: Database
    baseline: DatabaseState

    def copy(self, name: str = "postgres") -> Database:
        return Database(label="restored", conninfo=self.server.conninfo(name))

    @contextmanager
    def injured(self, injury: str) -> Iterator[Database]:
        """Injure a clone of the copy's database, committed, before anybody looks at it."""
        self._run("CREATE DATABASE injured TEMPLATE postgres")
        with psycopg.connect(self.server.conninfo("injured")) as connection:
            connection.execute(injury.encode())
        yield self.copy("injured")
        self._run("DROP DATABASE injured WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.server.conninfo("template1"), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="module")
def restored() -> Iterator[Restored]:
    with (
        tempfile.TemporaryDirectory(prefix="opslib-test-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(moment, "TRIES", 1)
        server = start_postgres(Path(folder) / "source")
        made = [server]
        try:
            yield _restored(server, Path(folder), made)
        finally:
            for one in made:
                one.remove()


def _restored(server: PostgresServer, folder: Path, made: list[PostgresServer]) -> Restored:
    source = Database(label="source", conninfo=server.conninfo())
    with psycopg.connect(source.conninfo, autocommit=True) as connection:
        connection.execute(MADE.encode())
        backup = take_backup(server, folder / "backup")
        with psycopg.connect(source.conninfo) as writer:
            writer.execute(UNDER_WAY.encode())
            baseline = read_state(source, rows_limit=ROWS_LIMIT)
        assert not baseline.is_exact
        (until,) = connection.execute("SELECT clock_timestamp()").fetchone() or ()
        connection.execute(WRITTEN_BACK.encode())
        connection.execute("SELECT pg_switch_wal()")
    copy = restore_backup(backup, server, folder / "copy", until)
    made.append(copy)
    return Restored(server=copy, source=source, baseline=baseline)


def content_of(restored: Restored, copy: Database) -> dict[str, CheckResult]:
    baseline, source = restored.baseline, restored.source
    found = read_state(copy, baseline.algorithm, baseline.plans, is_restored=True)
    wanted = differing_buckets(baseline, found)
    rows = read_rows(copy, baseline.algorithm, wanted, baseline.plans)
    now = read_state(source, baseline.algorithm, baseline.plans)
    now_rows = read_rows(source, baseline.algorithm, wanted, baseline.plans)
    results = validate_restore(baseline, found, rows, now, now_rows)
    return {result.subject: result for result in results if result.check == "content"}


def test_the_source_has_again_what_the_baseline_had(restored: Restored) -> None:
    now = read_state(restored.source, plans=restored.baseline.plans)
    assert now.digests.equals(restored.baseline.digests)


@pytest.mark.parametrize("freeze", [False, True])
def test_what_was_written_and_written_back_is_no_failure(restored: Restored, freeze: bool) -> None:
    if freeze:
        for database in (restored.source, restored.copy()):
            with psycopg.connect(database.conninfo, autocommit=True) as connection:
                connection.execute("VACUUM (FREEZE)")
    found = content_of(restored, restored.copy())
    for table in TABLES:
        result = found[f"public.{table}"]
        assert result.verdict is Verdict.INCONCLUSIVE, result.sentence
        assert "written since the baseline, by the ids" in result.sentence


@pytest.mark.parametrize(
    ("table", "injury", "says"),
    [
        ("status", "UPDATE status SET state = 'other' WHERE id = 3", "1 row changed"),
        ("status", "UPDATE status SET state = 'other' WHERE id = 1", "1 row changed"),
        ("status", "DELETE FROM status WHERE id = 3", "1 row lost"),
        ("queue", "INSERT INTO queue VALUES (3, 'injury')", "1 row not expected"),
        ("queue", "UPDATE queue SET job = 'injury' WHERE id = 2", "1 row not expected"),
        ("log", "INSERT INTO log VALUES ('started')", "1 row not expected"),
        ("log", "DELETE FROM log", "1 row lost"),
        ("large", "UPDATE large SET state = 'other' WHERE id = 400", "1 bucket changed"),
        ("large", "DELETE FROM large WHERE id = 400", "1 bucket changed"),
    ],
)
def test_an_injury_beside_them_is_a_failure(
    restored: Restored, table: str, injury: str, says: str
) -> None:
    with restored.injured(injury) as copy:
        result = content_of(restored, copy)[f"public.{table}"]
    assert result.verdict is Verdict.FAIL, result.sentence
    assert says in result.sentence
