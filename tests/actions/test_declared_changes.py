"""Large busy tables of a real server, explained by what is declared of them.

A restored copy is made from the source as it is at the recovery point; writes bear times that the
tests choose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import psycopg
import pytest

from opslib.actions.controls import make_controls
from opslib.actions.declared_changes import ChangesAsked, gather_changes, record_changes
from opslib.actions.injury_list import INJURIES
from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.drill import RestoredStates
from opslib.analysis.dr.validation import differing_buckets, validate_restore
from opslib.aws.reads import Reads
from opslib.databases.changed_rows import RowsAsked, find_declared, read_changed_rows
from opslib.databases.content import read_rows
from opslib.databases.postgres import Database
from opslib.databases.state import read_state
from opslib.databases.statements import Statements
from opslib.errors import ReadError
from opslib.findings import Verdict
from opslib.parameters import DrParameters
from opslib.parameters.declared_changes import DeclaredChanges
from opslib.run_folder import RunFolder
from opslib.sandbox.postgres import PostgresServer
from opslib.tables.changed_rows import Age, AgeBounds
from opslib.tables.database_state import DatabaseState
from tests.aws.fakes import reads_with
from tests.parameters.test_column_name import DRILL

BASELINE = datetime(2026, 3, 2, 3, tzinfo=UTC)
RESTORED = datetime(2026, 3, 2, 4, tzinfo=UTC)
BOUNDS = AgeBounds(
    baseline=BASELINE,
    settled=RESTORED - timedelta(minutes=15),
    latest=RESTORED + timedelta(minutes=15),
)
SINCE, RECENT, AFTER = "2026-03-02 03:20Z", "2026-03-02 03:50Z", "2026-03-02 04:30Z"
MADE = """
    CREATE SCHEMA shop;
    CREATE TABLE shop.log (id int PRIMARY KEY, at timestamptz, v text);
    CREATE TABLE shop.orders (id int PRIMARY KEY, created timestamp, updated timestamptz, v text);
    CREATE TABLE shop.parts (id int PRIMARY KEY, at bigint, v text) PARTITION BY RANGE (id);
    CREATE TABLE shop.parts_1 PARTITION OF shop.parts FOR VALUES FROM (0) TO (2500);
    CREATE TABLE shop.parts_2 PARTITION OF shop.parts FOR VALUES FROM (2500) TO (10000)"""
NEWER = "CREATE TABLE shop.parts_3 PARTITION OF shop.parts FOR VALUES FROM (10000) TO (20000)"
INSERT = """
    INSERT INTO shop.log SELECT i, {at}, 'v' || i FROM generate_series({a}, {b}) AS i;
    INSERT INTO shop.orders SELECT i, ({at}) AT TIME ZONE 'Asia/Tokyo', {at}, 'v' || i
        FROM generate_series({a}, {b}) AS i;
    INSERT INTO shop.parts SELECT i, extract(epoch FROM {at}) * 1000, 'v' || i
        FROM generate_series({a}, {b}) AS i"""
UPDATE = "UPDATE shop.orders SET v = v || '!', updated = '{at}' WHERE id % {each} = 0"
LOG = DeclaredChanges(table="shop.log", appended_at="at")
ORDERS = DeclaredChanges(
    table="shop.orders", changed_at="updated", inserted_at="created", zone="Asia/Tokyo"
)
PARTS = DeclaredChanges(table="shop.parts", appended_at="at")
DECLARED = (LOG, ORDERS, PARTS)
BUSY = ["shop.log", "shop.orders", "shop.parts_2", "shop.parts_3"]


@dataclass(frozen=True)
class History:
    """Databases of one server: the source as it is, and the copy."""

    server: PostgresServer
    baseline: DatabaseState
    kept: DatabaseState

    def database(self, name: str) -> Database:
        label = "source" if name == "busy" else "restored"
        return Database(label=label, conninfo=self.server.conninfo(name))


def run(server: PostgresServer, statements: str, name: str = "postgres") -> None:
    with psycopg.connect(server.conninfo(name), autocommit=True) as connection:
        for statement in statements.split(";"):
            connection.execute(statement.encode())


def insert(server: PostgresServer, at: str, first: int, last: int) -> None:
    run(server, INSERT.format(at=at, a=first, b=last), "busy")


@pytest.fixture(scope="module")
def history(server: PostgresServer) -> Iterator[History]:
    run(server, "CREATE DATABASE busy TEMPLATE template0")
    run(server, MADE, "busy")
    insert(server, "timestamptz '2026-02-20Z' + i * interval '1 s'", 1, 3000)
    run(server, "ANALYZE", "busy")
    source = Database(label="source", conninfo=server.conninfo("busy"))
    kept = replace(read_state(source, rows_limit=10_000), captured_at=BASELINE)
    insert(server, f"timestamptz '{SINCE}'", 3001, 3400)
    insert(server, f"timestamptz '{RECENT}'", 3401, 3450)
    run(server, NEWER, "busy")
    insert(server, f"timestamptz '{SINCE}'", 10_001, 10_040)
    run(server, UPDATE.format(at=SINCE, each=20), "busy")
    run(server, "CREATE DATABASE copied TEMPLATE busy")
    insert(server, f"timestamptz '{AFTER}'", 3451, 3800)
    insert(server, f"timestamptz '{AFTER}'", 10_041, 10_080)
    run(server, UPDATE.format(at=AFTER, each=30), "busy")
    yield History(server=server, baseline=replace(kept, rows=kept.rows.iloc[:0]), kept=kept)
    run(server, "DROP DATABASE copied WITH (FORCE); DROP DATABASE busy WITH (FORCE)")


@pytest.fixture
def copy(history: History) -> Iterator[Database]:
    """Return a copy that a test may injure."""
    run(history.server, "CREATE DATABASE injured TEMPLATE copied")
    yield history.database("injured")
    run(history.server, "DROP DATABASE injured WITH (FORCE)")


def read_both(history: History, copy: Database, *, kept: bool, source: bool) -> RestoredStates:
    baseline = history.kept if kept else history.baseline
    restored = read_state(copy, baseline.algorithm, baseline.plans)
    wanted = differing_buckets(baseline, restored)
    rows = read_rows(copy, baseline.algorithm, wanted, baseline.plans)
    states = RestoredStates(baseline=baseline, restored=restored, restored_rows=rows)
    if not source:
        return states
    busy = history.database("busy")
    now = read_state(busy, baseline.algorithm, {**restored.plans, **baseline.plans})
    now_rows = read_rows(busy, baseline.algorithm, wanted, baseline.plans)
    return replace(states, now=now, now_rows=now_rows)


def judge(
    history: History,
    copy: Database,
    declared: tuple[DeclaredChanges, ...] = DECLARED,
    *,
    rows_limit: int = 2000,
    kept: bool = False,
    source: bool = True,
    restored_to: datetime | None = RESTORED,
) -> dict[str, CheckResult]:
    states = read_both(history, copy, kept=kept, source=source)
    databases = {"restored": copy, "source": history.database("busy")}
    asked = ChangesAsked(
        declared=declared, restored_to=restored_to, tolerance_seconds=900, rows_limit=rows_limit
    )

    def read(label: str, rows: RowsAsked) -> pd.DataFrame:
        return read_changed_rows(databases[label], rows)

    changes = gather_changes(states, asked, find_declared(copy, declared), read)
    assert states.baseline is not None
    assert states.restored is not None
    assert states.restored_rows is not None
    found = validate_restore(
        states.baseline,
        states.restored,
        states.restored_rows,
        states.now,
        states.now_rows,
        restored_to=restored_to,
        changes=changes,
    )
    return {one.subject: one for one in found if one.check in {"content", "changes"}}


@pytest.mark.parametrize("kept", [False, True])
def test_a_busy_table_is_explained_by_what_is_declared(
    history: History, copy: Database, kept: bool
) -> None:
    found = judge(history, copy, kept=kept)
    assert {one.verdict for one in found.values()} == {Verdict.PASS}, found
    assert "490 rows appended since the baseline by at" in found["shop.log"].sentence
    assert "changed since the baseline by updated" in found["shop.orders"].sentence
    bare = judge(history, copy, ())
    assert [name for name, one in bare.items() if one.verdict is not Verdict.PASS] == BUSY


@pytest.mark.parametrize(
    ("injury", "says"),
    [
        ("DELETE FROM {} WHERE id = 2777", "1 row lost"),
        ("DELETE FROM {} WHERE id = 3333", "1 row lost"),
        ("UPDATE {} SET v = 'x' WHERE id = 2777", "1 row changed"),
        ("UPDATE {} SET v = 'x' WHERE id = 3333", "1 row changed"),
    ],
)
def test_what_was_lost_or_changed_fails_among_all_the_writes(
    history: History, copy: Database, injury: str, says: str
) -> None:
    hurt = ["shop.log", "shop.orders", "shop.parts_2"]
    run(history.server, ";".join(injury.format(table) for table in hurt), "injured")
    found = judge(history, copy)
    assert [name for name, one in found.items() if one.verdict is Verdict.FAIL] == hurt, found
    assert all(says in found[name].sentence for name in hurt), found
    found = judge(history, copy, kept=True)
    assert [name for name, one in found.items() if one.verdict is Verdict.FAIL] == hurt, found


@pytest.mark.parametrize(
    ("table", "injury", "verdict", "says"),
    [
        ("shop.orders", "DELETE FROM {} WHERE id = 30", Verdict.FAIL, "1 row lost"),
        ("shop.orders", "UPDATE {} SET v = 'x' WHERE id = 30", Verdict.PASS, "506 rows"),
        ("shop.log", "UPDATE {} SET v = 'x' WHERE id = 3433", Verdict.FAIL, "1 row changed"),
        ("shop.log", "DELETE FROM {} WHERE id = 3433", Verdict.PASS, "391 rows appended at"),
        ("shop.log", "INSERT INTO {} VALUES (9000, NULL, '')", Verdict.FAIL, "1 row not expected"),
        (
            "shop.log",
            f"INSERT INTO {{}} VALUES (9000, '{AFTER}', '')",
            Verdict.INCONCLUSIVE,
            "1 row unlike both baseline and source and not explained by at (dated after",
        ),
        ("shop.orders", "TRUNCATE {}", Verdict.FAIL, "rows lost"),
    ],
)
def test_what_is_changed_or_close_to_the_recovery_point_is_told_as_far_as_it_can_be(
    history: History, copy: Database, table: str, injury: str, verdict: Verdict, says: str
) -> None:
    with psycopg.connect(copy.conninfo, autocommit=True) as connection:
        connection.execute(injury.format(table).encode())
    found = judge(history, copy)[table]
    assert found.verdict is verdict, found
    assert says in found.sentence, found


def test_without_the_recovery_points_moment_nothing_is_explained(
    history: History, copy: Database
) -> None:
    found = judge(history, copy, restored_to=None)["shop.log"]
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "without the recovery point's moment" in found.sentence


def test_a_declaration_of_what_is_not_there_is_told_and_never_a_pass(
    history: History, copy: Database
) -> None:
    declared: tuple[DeclaredChanges, ...] = (
        DeclaredChanges(table="shop.nope", appended_at="at"),
        DeclaredChanges(table="shop.orders", changed_at="updatet"),
        DeclaredChanges(table="shop.parts", appended_at="v"),
    )
    with psycopg.connect(copy.conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE shop.later (at timestamptz)")
    declared = (*declared, DeclaredChanges(table="shop.later", appended_at="at"))
    found = judge(history, copy, declared)
    assert "no such table" in found["shop.nope"].sentence
    assert "did you mean 'updated'?" in found["shop.orders"].sentence
    assert "type text, which tells no time" in found["shop.parts"].sentence
    assert "the baseline has no such table" in found["shop.later"].sentence
    assert {one.check for one in found.values() if one.subject != "shop.log"} >= {"changes"}
    assert Verdict.PASS not in {found[one.table].verdict for one in declared}


def test_a_source_that_cannot_be_asked_leaves_the_baseline(
    history: History, copy: Database
) -> None:
    found = judge(history, copy, source=False)
    assert found["shop.log"].verdict is Verdict.PASS
    assert found["shop.orders"].verdict is Verdict.INCONCLUSIVE
    kept = judge(history, copy, source=False, kept=True, rows_limit=4000)
    assert kept["shop.orders"].verdict is Verdict.PASS
    run(history.server, "DELETE FROM shop.log WHERE id = 77", "injured")
    assert judge(history, copy, source=False)["shop.log"].verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("timestamptz", "{}"),
        ("timestamp", "{} AT TIME ZONE 'UTC'"),
        ("int", "extract(epoch FROM {})"),
        ("numeric", "extract(epoch FROM {}) * 1000000"),
    ],
)
def test_columns_of_every_type_that_tells_a_time_are_compared_in_the_server(
    copy: Database, kind: str, value: str
) -> None:
    times = ["2026-03-02 02:59Z", "2026-03-02 03:44Z", "2026-03-02 03:46Z", "2026-03-02 04:16Z"]
    with psycopg.connect(copy.conninfo, autocommit=True) as connection:
        connection.execute(f'CREATE TABLE shop.t (id int PRIMARY KEY, "at%s" {kind})'.encode())
        for number, time in enumerate(times):
            told = value.format(f"timestamptz '{time}'")
            connection.execute(f"INSERT INTO shop.t VALUES ({number}, {told})".encode())
        connection.execute("INSERT INTO shop.t VALUES (9)")
        if kind.startswith("timestamp"):
            connection.execute("INSERT INTO shop.t VALUES (10, 'infinity')")
    found = read_changed_rows(copy, asked_of("at%s"))
    assert dict(zip(found["Age"], found["Rows"], strict=True)) == {
        "settled before": 1,
        "settled since": 1,
        "recent since": 1,
        "later": 1,
        "undated": 2 if kind.startswith("timestamp") else 1,
    }
    assert found[found["Age"] == "recent since"]["Key"].str.fullmatch("[0-9a-f]{16}").all()
    assert set(found[found["Age"] != "recent since"]["Key"]) == {""}


def test_a_number_that_stands_for_never_tells_no_unit(copy: Database) -> None:
    with psycopg.connect(copy.conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE shop.t (id int PRIMARY KEY, at bigint)")
        connection.execute("INSERT INTO shop.t VALUES (1, 1772420400), (2, 9223372036854775807)")
    with pytest.raises(ReadError, match="yet to come"):
        read_changed_rows(copy, asked_of("at"))


def test_a_date_stands_for_any_moment_of_its_day(copy: Database) -> None:
    with psycopg.connect(copy.conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE shop.t (id int PRIMARY KEY, at date)")
        connection.execute("INSERT INTO shop.t VALUES (1, '2026-03-01'), (2, '2026-03-02')")
    found = read_changed_rows(copy, asked_of("at"))
    assert sorted(found["Age"]) == ["recent before", "settled before"]


def asked_of(column: str) -> RowsAsked:
    return RowsAsked(
        declared=DeclaredChanges(table="shop.t", appended_at=column),
        table=("shop", "t"),
        algorithm="record",
        plan=(4, ("id",)),
        bounds=BOUNDS,
        single=frozenset({Age.RECENT_SINCE, Age.RECENT_BEFORE}),
        limit=10,
    )


def test_a_replay_reads_no_database(history: History, copy: Database, tmp_path: Path) -> None:
    states = read_both(history, copy, kept=False, source=True)
    declared = [one.model_dump() for one in DECLARED]
    parameters = DrParameters.parse({**DRILL, "changes": declared, "rows_limit": 2000})
    reads = reads_with(tmp_path)
    busy = history.database("busy")

    def no_database() -> Database:
        raise AssertionError("a replay asks for a database")

    first = record_changes(
        reads, parameters, states, lambda: copy, lambda: busy, RESTORED, Statements()
    )
    again = Reads(reads.parameters, RunFolder(path=tmp_path, replay=True))
    second = record_changes(
        again, parameters, states, no_database, no_database, RESTORED, Statements()
    )
    assert first is not None
    assert second is not None
    assert [".".join(one.table) for one in first.tables] == BUSY
    for one, other in zip(first.tables, second.tables, strict=True):
        for name in ("copy", "source", "copy_rows", "source_rows"):
            mine, theirs = getattr(one, name), getattr(other, name)
            assert (mine is None and theirs is None) or mine.equals(theirs)


def test_too_many_rows_are_a_gap_and_doubt_the_table(
    history: History, copy: Database, tmp_path: Path
) -> None:
    states = read_both(history, copy, kept=False, source=True)
    declared = [one.model_dump() for one in DECLARED]
    parameters = DrParameters.parse({**DRILL, "changes": declared, "rows_limit": 10})
    reads, busy = reads_with(tmp_path), history.database("busy")
    changes = record_changes(
        reads, parameters, states, lambda: copy, lambda: busy, RESTORED, Statements()
    )
    assert changes is not None
    assert any("more than 10 rows" in line.detail for line in reads.coverage)
    assert states.baseline is not None
    assert states.restored is not None
    assert states.restored_rows is not None
    found = validate_restore(
        states.baseline,
        states.restored,
        states.restored_rows,
        states.now,
        states.now_rows,
        restored_to=RESTORED,
        changes=changes,
    )
    (log,) = [one for one in found if one.subject == "shop.log" and one.check == "content"]
    assert log.verdict is Verdict.INCONCLUSIVE
    assert "its at could not be read" in log.sentence


def test_injuries_of_declared_tables_are_caught_by_content(
    history: History, copy: Database
) -> None:
    state = read_state(copy, rows_limit=10_000, is_restored=True)
    made = make_controls(copy, INJURIES, state, 100_000)
    by = {name: (outcome, checks) for name, outcome, _, checks, _ in made}
    assert {outcome for outcome, _ in by.values()} <= {"caught", "not applicable"}, by
    assert sum("content" in checks for _, checks in by.values()) >= 5
