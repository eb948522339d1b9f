from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from opslib.actions.controls import Control, make_controls
from opslib.actions.injuries import Injury
from opslib.actions.injury_list import FILE_CLASSES, INJURIES
from opslib.databases.postgres import Database, ReadLimits
from opslib.databases.state import read_state
from opslib.sandbox.database_scripts import load_script
from opslib.sandbox.file_injuries import FILE_INJURIES, injured_copy
from opslib.sandbox.physical_backup import take_backup
from opslib.sandbox.postgres import PostgresServer

UNUSUAL = Path(__file__).with_name("unusual.sql")
EVERYTHING = 10**9


@pytest.fixture(scope="module")
def unusual(server: PostgresServer) -> Iterator[Database]:
    loaded = load_script(server, UNUSUAL, "unusual")
    assert loaded.errors == ()
    yield Database(label="restored", conninfo=server.conninfo("unusual"))
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("DROP DATABASE unusual WITH (FORCE)")


def injury(*statements: str, find: str = "SELECT 'orders' AS schema", worth: str = "") -> Injury:
    return Injury(
        name=statements[0][:30],
        find=find,
        statements=statements,
        caught_by=("content",),
        worth=worth,
    )


def controls_of(database: Database, *injuries: Injury, limit: int = EVERYTHING) -> list[Control]:
    state = read_state(database, rows_limit=200_000, is_restored=True)
    made = make_controls(database, injuries, state, limit)
    after = read_state(database, rows_limit=200_000, is_restored=True)
    for part in ("schema_objects", "digests", "sequences"):
        assert getattr(after, part).equals(getattr(state, part)), f"{part}: an injury stayed"
    return made


@pytest.mark.parametrize(
    ("name", "limit"), [("orders", 50), ("unusual", 50), ("unusual", EVERYTHING)]
)
def test_every_injury_is_caught_over_all_rows_and_over_samples(
    name: str, limit: int, request: pytest.FixtureRequest
) -> None:
    made = controls_of(request.getfixturevalue(name), *INJURIES, limit=limit)
    outcomes = Counter(outcome for _, outcome, *_ in made)
    skipped = [control for control in made if control[1] != "caught"]
    assert set(outcomes) <= {"caught", "not applicable"}, skipped
    assert outcomes["caught"] == len(INJURIES) - 1, skipped
    assert all(reason for _, outcome, _, _, reason in made if outcome == "not applicable")


def test_a_control_that_takes_too_long_is_not_judged_and_the_others_are(orders: Database) -> None:
    slow = injury("SELECT pg_sleep(30)")
    limited = replace(orders, limits=ReadLimits(statement_seconds=2))
    lost = injury("DELETE FROM ONLY shop.setting")
    assert [control[1] for control in controls_of(limited, slow, lost)] == ["not judged", "caught"]


def test_an_injury_after_which_something_cannot_be_read_is_never_a_catch(orders: Database) -> None:
    hidden = injury(
        "DELETE FROM ONLY shop.booking",
        "UPDATE pg_class SET relfilenode = 4000000000 WHERE oid = 'shop.setting'::regclass",
    )
    (control,) = controls_of(orders, hidden)
    assert control[1] == "not judged"
    assert "shop.setting: could not open file" in control[4]


def test_a_failing_control_is_an_error_with_its_reason_and_the_others_go_on(
    orders: Database,
) -> None:
    broken = replace(injury("SELECT 1"), find="SELECT no_such_column FROM pg_class")
    lost = injury("DELETE FROM ONLY shop.setting")
    first, second = controls_of(orders, broken, lost)
    assert first[1] == "error"
    assert "no_such_column" in first[4]
    assert second[1] == "caught"


def test_a_lost_connection_ends_one_control(orders: Database) -> None:
    cut = injury("SELECT pg_terminate_backend(pg_backend_pid())")
    lost = injury("DELETE FROM ONLY shop.setting")
    first, second = controls_of(orders, cut, lost)
    assert (first[1], second[1]) == ("error", "caught")


def test_a_database_that_is_gone_leaves_every_control_an_error(orders: Database) -> None:
    state = read_state(orders, is_restored=True)
    gone = replace(orders, conninfo=orders.conninfo.replace("orders", "no_such_database"))
    made = make_controls(gone, INJURIES, state, EVERYTHING)
    assert {outcome for _, outcome, *_ in made} == {"error"}
    assert len(made) == len(INJURIES)
    assert "no_such_database" in made[-1][4]


def test_an_injury_that_no_check_sees_is_missed(orders: Database) -> None:
    assert controls_of(orders, injury("SELECT 1"))[0][1] == "missed"


def test_what_the_schema_refuses_is_not_applicable_and_says_so(orders: Database) -> None:
    (control,) = controls_of(orders, injury("UPDATE shop.product SET price = -1"))
    assert control[1] == "not applicable"
    assert "violates check constraint" in control[4]


def test_a_reason_holds_no_value_of_a_row(orders: Database) -> None:
    (control,) = controls_of(orders, injury("SELECT name::int FROM shop.setting"))
    assert control[1] == "not applicable"
    assert "schema" not in control[4].removeprefix("the schema refuses it")


def test_a_role_without_rights_gets_errors_and_never_a_pass(
    server: PostgresServer, orders: Database
) -> None:
    with psycopg.connect(server.conninfo("orders"), autocommit=True) as connection:
        connection.execute("CREATE ROLE weak LOGIN BYPASSRLS PASSWORD 'weak'")
        connection.execute("GRANT pg_read_all_data TO weak")
    try:
        password = orders.conninfo.rpartition("password=")[2]
        conninfo = orders.conninfo.replace("user=postgres", "user=weak").replace(password, "weak")
        state = read_state(orders, rows_limit=200_000, is_restored=True)
        made = make_controls(replace(orders, conninfo=conninfo), INJURIES, state, EVERYTHING)
    finally:
        with psycopg.connect(server.conninfo("orders"), autocommit=True) as connection:
            connection.execute("DROP OWNED BY weak; DROP ROLE weak")
    assert {outcome for _, outcome, *_ in made} <= {"error", "not applicable"}
    assert sum(outcome == "error" for _, outcome, *_ in made) > len(INJURIES) - 4


def test_a_damaged_table_is_no_catch_and_keeps_no_control_from_being_made(
    server: PostgresServer,
) -> None:
    damage = next(made for made in FILE_INJURIES if made.name == "byte flipped in a table's file")
    with tempfile.TemporaryDirectory(prefix="opslib-test-") as folder:
        backup = take_backup(server, Path(folder) / "backup")
        copy = injured_copy(backup, server, Path(folder) / "copy", "orders", damage)
        with copy as (injured, relation):
            database = Database(label="restored", conninfo=injured.conninfo("orders"))
            state = read_state(database, rows_limit=200_000, is_restored=True)
            assert state.unread("content") == {tuple(relation.split("."))}
            nothing, lost = injury("SELECT 1"), injury("DELETE FROM ONLY shop.setting")
            made = make_controls(database, [nothing, lost], state, EVERYTHING)
    assert [outcome for _, outcome, *_ in made] == ["missed", "caught"]


def test_the_classes_that_need_files_are_the_ones_that_are_made_to_files() -> None:
    assert set(FILE_CLASSES) == {made.name for made in FILE_INJURIES}
