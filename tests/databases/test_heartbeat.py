"""The newest committed time of columns of every type that tells one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from opslib.databases.heartbeat import read_newest, record_heartbeat
from opslib.databases.postgres import Database
from opslib.errors import NotFound, ReadError
from opslib.parameters.column_name import HEARTBEAT_COLUMN, ColumnName, parse_column
from opslib.sandbox.postgres import PostgresServer
from tests.aws.fakes import reads_with

NEWEST = datetime(2026, 3, 2, 5, 59, 30, tzinfo=UTC)
EPOCH_SECONDS = int(NEWEST.timestamp())


@pytest.fixture(scope="module")
def times(server: PostgresServer) -> Iterator[Database]:
    """Return a database of its own, for tables that stay for the module."""
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE times TEMPLATE template0")
    yield Database(label="restored", conninfo=server.conninfo("times"))
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("DROP DATABASE times WITH (FORCE)")


def make(database: Database, kind: str, *values: str, index: bool = True) -> ColumnName:
    with psycopg.connect(database.conninfo) as connection:
        connection.execute("DROP TABLE IF EXISTS t")
        connection.execute(
            f"CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, at {kind})".encode()
        )
        if index:
            connection.execute("CREATE INDEX ON t (at)")
        for value in values:
            connection.execute(f"INSERT INTO t (at) VALUES ({value})".encode())
    return parse_column("public.t.at")


@pytest.mark.parametrize(
    ("kind", "value", "resolution"),
    [
        ("timestamptz", "'2026-03-02 06:59:30+01'", 0),
        ("timestamp", "'2026-03-02 05:59:30'", 0),
        ("timestamp(0)", "'2026-03-02 05:59:30'", 0),
        ("bigint", f"{EPOCH_SECONDS}", 1),
        ("int", f"{EPOCH_SECONDS}", 1),
        ("numeric", f"{EPOCH_SECONDS}", 1),
        ("bigint", f"{EPOCH_SECONDS}000", 0.001),
        ("bigint", f"{EPOCH_SECONDS}000000", 0.000001),
        ("bigint", f"{EPOCH_SECONDS}000000000", 0.000000001),
    ],
)
@pytest.mark.parametrize("index", [True, False])
def test_every_type_that_tells_a_time_is_read(
    times: Database, kind: str, value: str, resolution: float, index: bool
) -> None:
    column = make(times, kind, value, "NULL", index=index)
    found = read_newest(times, column)
    assert found.newest == NEWEST
    assert found.times == (NEWEST,)
    assert found.resolution_seconds == resolution
    assert abs(found.read_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_date_stands_for_all_of_its_day_in_its_zone(times: Database) -> None:
    column = make(times, "date", "'2026-03-01'", "'2026-03-02'")
    found = read_newest(times, column, zone="Europe/Berlin")
    assert found.newest == datetime(2026, 3, 1, 23, tzinfo=UTC)
    assert found.resolution_seconds == 86_400


def test_a_timestamp_without_zone_is_read_in_the_one_that_is_given(times: Database) -> None:
    column = make(times, "timestamp", "'2026-07-02 08:00'")
    found = read_newest(times, column, zone="America/New_York")
    assert found.newest == datetime(2026, 7, 2, 12, tzinfo=UTC)


def test_a_domain_is_read_as_what_lies_below_it(times: Database) -> None:
    with psycopg.connect(times.conninfo) as connection:
        connection.execute("CREATE DOMAIN moment AS timestamptz; CREATE DOMAIN inner_one AS moment")
    column = make(times, "inner_one", "'2026-03-02 05:59:30Z'")
    assert read_newest(times, column).newest == NEWEST


@pytest.mark.parametrize("kind", ["timestamptz", "date"])
def test_infinite_times_are_no_commits(times: Database, kind: str) -> None:
    column = make(times, kind, "'infinity'", "'-infinity'", "'2026-03-02'")
    assert read_newest(times, column).newest == datetime(2026, 3, 2, tzinfo=UTC)


def test_recent_times_are_distinct_newest_first_and_bounded(times: Database) -> None:
    column = make(
        times,
        "timestamptz",
        *(f"timestamptz '2026-03-02Z' - interval '{n // 2} minutes'" for n in range(160)),
    )
    found = read_newest(times, column)
    assert len(found.times) == 50
    assert found.gaps_seconds == (60.0,) * 49
    assert found.times[0] == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("timestamptz", ("'2026-03-02 05:59Z'", "'2026-03-02 06:01Z'")),
        ("timestamp", ("'2026-03-02 05:59'", "'2026-03-02 06:01'")),
        ("bigint", (f"{EPOCH_SECONDS - 30}", f"{EPOCH_SECONDS + 90}")),
        ("bigint", (f"{EPOCH_SECONDS - 30}000", f"{EPOCH_SECONDS + 90}000")),
    ],
)
def test_what_is_later_can_be_left_out(times: Database, kind: str, values: tuple[str, ...]) -> None:
    column = make(times, kind, *values)
    until = datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert read_newest(times, column, until=until).newest == NEWEST - timedelta(seconds=30)
    with pytest.raises(NotFound, match="holds no time"):
        read_newest(times, column, until=datetime(2026, 3, 1, tzinfo=UTC))


def test_a_source_is_read_by_an_index_only(times: Database) -> None:
    column = make(times, "timestamptz", "now()", index=False)
    with pytest.raises(NotFound, match="no index begins with the column"):
        read_newest(times, column, until=datetime(2026, 3, 2, tzinfo=UTC))


def test_names_of_ours_may_be_names_of_theirs(times: Database) -> None:
    with psycopg.connect(times.conninfo) as connection:
        for table in ("known", "beat", "t2"):
            connection.execute(f"CREATE TABLE {table} (value timestamptz, place int)".encode())
            connection.execute(f"CREATE INDEX ON {table} (value)".encode())
            connection.execute(f"INSERT INTO {table} VALUES (now(), 1), ('2026-01-01', 2)".encode())
    for table in ("known", "beat", "t2"):
        assert len(read_newest(times, parse_column(f"public.{table}.value")).times) == 2


def test_an_index_of_some_rows_does_not_count(times: Database) -> None:
    column = make(times, "timestamptz", "now()", "now() - interval '1 hour'", index=False)
    with psycopg.connect(times.conninfo) as connection:
        connection.execute("CREATE INDEX ON t (at) WHERE id > 1")
    assert len(read_newest(times, column).times) == 1


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("public.t.att", NotFound, "did you mean 'at'"),
        ("public.none.at", NotFound, r"the table public\.none is not there"),
        ("none.t.at", NotFound, "is not there"),
        (HEARTBEAT_COLUMN, NotFound, r"heartbeat's table .*Set a heartbeat up \(opslib heartbeat"),
        ("public.t.id", ReadError, "no time since 1970"),
        ("public.t.ctid", NotFound, "no such column"),
    ],
)
def test_what_is_no_column_of_times_is_named(
    times: Database, name: str, error: type[Exception], says: str
) -> None:
    make(times, "timestamptz", "now()")
    with pytest.raises(error, match=says):
        read_newest(times, parse_column(name))


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        ("timestamptz", (), "holds no time"),
        ("timestamptz", ("NULL",), "holds no time"),
        ("text", ("'2026'",), "of type text, which tells no time"),
        ("timestamptz", ("'20260-01-01'",), "beyond the year 9999"),
        ("bigint", ("12345",), "no time since 1970"),
    ],
)
def test_what_tells_no_time_is_refused(
    times: Database, kind: str, values: tuple[str, ...], says: str
) -> None:
    with pytest.raises(ReadError, match=says):
        read_newest(times, make(times, kind, *values))


def test_a_replay_reads_the_same_and_a_gap_is_shown(times: Database, tmp_path: Path) -> None:
    column = make(times, "timestamptz", "now()", "now() - interval '1 minute'")
    reads = reads_with(tmp_path / "run")
    first = record_heartbeat(reads, "restored", lambda: times, column)

    def refuse() -> Database:
        raise AssertionError("a replay asked a database")

    assert record_heartbeat(reads, "restored", refuse, column) == first
    assert first is not None
    assert first.gaps_seconds == (60.0,)
    none = parse_column(HEARTBEAT_COLUMN)
    assert record_heartbeat(reads, "restored", lambda: times, none) is None
    (line,) = [line for line in reads.coverage if line.status.is_gap]
    assert line.table == "heartbeat of restored"
    assert "opslib heartbeat sql" in line.remedy
