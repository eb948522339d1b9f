"""Files of a restored server are injured: what cannot be read fails, and the rest is read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.validation import differing_buckets, validate_restore
from opslib.databases.content import read_rows
from opslib.databases.postgres import Database, ReadLimits, connect
from opslib.databases.state import read_state
from opslib.databases.unreadable import Unreadable, noted
from opslib.errors import ReadError
from opslib.findings import Verdict
from opslib.sandbox.file_injuries import FILE_INJURIES, injured_copy
from opslib.sandbox.physical_backup import take_backup
from opslib.sandbox.postgres import PostgresServer
from opslib.tables.baseline import load_baseline, write_baseline
from opslib.tables.database_state import DatabaseState

BY_NAME = {injury.name: injury for injury in FILE_INJURIES}
UNREADABLE = ("byte flipped in a table's file", "table's file missing")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="opslib-test-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def backup(server: PostgresServer, folder: Path) -> Path:
    with psycopg.connect(server.conninfo("orders"), autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS public.essay")
        connection.execute("CREATE TABLE public.essay (id int PRIMARY KEY, body text)")
        connection.execute("ALTER TABLE public.essay ALTER body SET STORAGE EXTERNAL")
        connection.execute(
            "INSERT INTO public.essay SELECT i, repeat(md5(i::text), 300) "
            "FROM generate_series(1, 20) i"
        )
    return take_backup(server, folder / "backup")


@pytest.fixture(scope="module")
def baseline(backup: Path, orders: Database) -> Iterator[DatabaseState]:
    yield read_state(orders, rows_limit=200_000)
    with psycopg.connect(orders.conninfo, autocommit=True) as connection:
        connection.execute("DROP TABLE public.essay")


def results_of(database: Database, baseline: DatabaseState) -> list[CheckResult]:
    found = read_state(database, baseline.algorithm, baseline.plans, is_restored=True)
    wanted = differing_buckets(baseline, found)
    rows = read_rows(database, baseline.algorithm, wanted, baseline.plans)
    return validate_restore(baseline, found, rows, baseline, baseline.rows)


@pytest.mark.parametrize("name", BY_NAME)
def test_an_injured_file_fails_its_check_and_the_rest_is_validated(
    name: str, backup: Path, server: PostgresServer, baseline: DatabaseState, folder: Path
) -> None:
    injury, place = BY_NAME[name], folder / f"copy-{list(BY_NAME).index(name)}"
    with injured_copy(backup, server, place, "orders", injury) as (injured, relation):
        limits = ReadLimits(connections=3)
        conninfo = injured.conninfo("orders")
        results = results_of(Database(label="restored", conninfo=conninfo, limits=limits), baseline)
    assert relation
    failed = {result.check for result in results if result.verdict is Verdict.FAIL}
    assert failed & set(injury.caught_by)
    assert not failed - {"physical", "content", "references"}
    content = {result.subject: result for result in results if result.check == "content"}
    tables = zip(baseline.tables["Schema"], baseline.tables["Table"], strict=True)
    assert content.keys() == {".".join(table) for table in tables}, "each has one result"
    passed = [result for result in content.values() if result.verdict is Verdict.PASS]
    assert len(passed) >= len(content) - 1
    if name in UNREADABLE:
        assert content[relation].verdict is Verdict.INCONCLUSIVE
        assert "could not be compared" in content[relation].sentence
        physical = [r for r in results if (r.check, r.subject) == ("physical", relation)]
        assert any("base/" in r.sentence for r in physical)
        checksums = [r for r in results if r.subject == "checksums"]
        assert not any(r.verdict is Verdict.PASS for r in checksums)


def test_a_source_that_cannot_be_read_is_no_baseline(
    backup: Path, server: PostgresServer, folder: Path
) -> None:
    injury = BY_NAME["byte flipped in a table's file"]
    with injured_copy(backup, server, folder / "source", "orders", injury) as (injured, _):
        database = Database(label="source", conninfo=injured.conninfo("orders"))
        with pytest.raises(ReadError, match="invalid page in block"):
            read_state(database)


def test_a_statement_that_takes_too_long_is_noted_and_the_next_is_read(orders: Database) -> None:
    unreadable = Unreadable()
    limited = Database(
        label="restored", conninfo=orders.conninfo, limits=ReadLimits(statement_seconds=1)
    )
    with connect(limited) as connection:
        with noted(unreadable, connection, "content", ("shop", "orders")):
            connection.execute("SELECT pg_sleep(30)")
        with noted(unreadable, connection, "content", ("shop", "product")):
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with (
            pytest.raises(psycopg.errors.UndefinedTable),
            noted(unreadable, connection, "content", ("shop", "product")),
        ):
            connection.execute("SELECT FROM no_such_table")
    assert unreadable.names("content") == {("shop", "orders")}
    assert unreadable.frame()["Cause"].tolist() == ["cancelled"]


def test_a_value_that_cannot_be_told_is_noted_without_the_value(orders: Database) -> None:
    unreadable = Unreadable()
    with (
        connect(orders) as connection,
        noted(unreadable, connection, "content", ("shop", "setting")),
    ):
        connection.execute("SELECT 'secret'::int")
    ((*_, cause, said),) = unreadable.frame().itertuples(index=False, name=None)
    assert cause == "value"
    assert "secret" not in said


def test_a_state_with_unread_parts_is_kept_and_read_again(
    orders: Database, baseline: DatabaseState, tmp_path: Path
) -> None:
    write_baseline(baseline, tmp_path / "kept")
    assert load_baseline(tmp_path / "kept").unreadable is None
    found = read_state(orders, is_restored=True)
    assert found.unreadable is not None
    assert found.unreadable.empty
