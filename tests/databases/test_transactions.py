"""Synthetic transactions on a real server: judged, timed and taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from opslib.databases.latency_rounds import run_until_within
from opslib.databases.postgres import Database, connect
from opslib.databases.read_set import read_set
from opslib.databases.recorded_transactions import (
    choose_transactions,
    record_baseline_latencies,
    record_rounds,
    record_transaction_file,
    record_transactions,
)
from opslib.databases.state import read_state
from opslib.databases.transactions import capture_latencies, run_transactions
from opslib.errors import DatabaseUnreachable, ReadError
from opslib.parameters.synthetic import Step, Transaction, load_transactions, parse_transactions
from opslib.sandbox.postgres import PostgresServer
from opslib.tables.transactions import LatencyTolerance, repeats_of
from tests.aws.fakes import reads_with

EXAMPLE = Path(__file__).parents[2] / "parameters" / "sandbox" / "dr_transactions.yaml"
LOOK = "SELECT customer_id, name, credit FROM shop.customer WHERE customer_id = $1"
NEW = "INSERT INTO shop.setting (name) VALUES ('new')"


def made(*steps: dict[str, Any], **values: Any) -> Transaction:
    steps = steps if any("expect" in step for step in steps) else (*steps, GOOD)
    return Transaction.model_validate({"name": "t", "steps": steps, "repeat": 2, **values})


GOOD = {"sql": "SELECT 1", "expect": {"rows": 1}}


def last(database: Database, transaction: Transaction) -> tuple[str, str]:
    ran = run_transactions(database, [transaction]).iloc[-1]
    return ran["Outcome"], ran["Detail"]


def digests(database: Database) -> list[Any]:
    state = read_state(database)
    frames = (state.digests, state.tables[["Schema", "Table", "Rows"]], state.schema_objects)
    return [frame.to_dict("records") for frame in frames]


def test_the_example_does_what_it_expects_and_leaves_nothing(orders: Database) -> None:
    before = digests(orders)
    ran = run_transactions(orders, load_transactions(EXAMPLE))
    assert set(ran["Outcome"]) == {"met"}
    assert ran.groupby("Transaction")["Repeat"].nunique().tolist() == [41] * 4
    assert (ran["Milliseconds"] > 0).all()
    writing = ran[ran["Transaction"] == "place an order"]
    assert writing["Step"].max() == 4, "three steps, and the deferred constraints"
    assert digests(orders) == before


@pytest.mark.parametrize(
    ("expect", "detail"),
    [
        ({"rows": 1, "value": 17, "columns": ["int8", "text", "shop.amount"]}, ""),
        ({"rows": {"min": 1}}, ""),
        ({"rows": 2}, "1 rows, expected 2"),
        ({"rows": {"min": 2, "max": 5}}, "1 rows, expected at least 2 and at most 5"),
        ({"rows": {"max": 0}}, "1 rows, expected 0"),
        ({"value": 18}, "the value is not the expected one"),
        ({"value": None}, "the value is not the expected one"),
        ({"columns": ["bigint", "text"]}, "columns of bigint, text, numeric, expected"),
        (
            {"columns": ["bigint", "text", "shop.none"]},
            "columns of bigint, text, numeric, expected",
        ),
        ({"error": "23505"}, "no error, expected 23505"),
    ],
)
def test_a_result_is_held_against_what_is_expected(
    orders: Database, expect: dict[str, Any], detail: str
) -> None:
    found = last(orders, made({"sql": LOOK, "parameters": [17], "expect": expect}, read_only=True))
    outcome = "unmet" if detail else "met"
    assert found[0] == outcome
    assert found[1].startswith(detail)
    assert "17" not in found[1], "no value of a row is told"


@pytest.mark.parametrize(
    ("value", "written", "is_met"),
    [
        ("12.50::numeric", "12.5", True),
        ("0.1::float8", "0.1", True),
        ("true", "true", True),
        ("true", "false", False),
        ("'t'::text", "true", True),
        ("'x'", "x", True),
        ("NULL", "null", True),
        ("1", "null", False),
        ("'1'::text", "'1'", True),
        ("'abc'", "12", False),
        ("date '2026-03-02'", "2026-03-02", True),
        ("timestamptz '2026-03-02 07:00+01'", "2026-03-02T06:00:00Z", True),
        ("timestamptz '2026-03-02 07:00+01'", "2026-03-02T07:00:00Z", False),
        ("$1::int", "5", True),
    ],
)
def test_values_are_compared_by_the_type_that_the_file_gives(
    orders: Database, value: str, written: str, is_met: bool
) -> None:
    parameters = "parameters: [5], " if "$1" in value else ""
    text = f"""transactions:
- name: t
  repeat: 1
  steps: [{{sql: "SELECT {value}", {parameters}expect: {{value: {written}}}}}]"""
    outcome, _ = last(orders, parse_transactions(text, "f")[0])
    assert (outcome == "met") == is_met


@pytest.mark.parametrize(
    ("sql", "outcome", "detail"),
    [
        ("SELECT 1/0", "error", "22012 DivisionByZero"),
        ("SELECT * FROM shop.nothing", "error", '42P01 UndefinedTable: relation "shop.nothing"'),
        ("SELECT name::int FROM shop.customer", "error", "22P02 InvalidTextRepresentation"),
        ("SELECT pg_sleep(5)", "timed out", "57014 QueryCanceled"),
        (
            "INSERT INTO shop.setting VALUES ('schema')",
            "error",
            "23505 UniqueViolation of setting of setting_pkey",
        ),
        ("SELECT 1; COMMIT", "error", "42601 SyntaxError: cannot insert multiple commands"),
    ],
)
def test_a_refused_statement_is_told_without_values(
    orders: Database, sql: str, outcome: str, detail: str
) -> None:
    # What the file would refuse comes here all the same: the runner relies on the server.
    transaction = made(GOOD, timeout_seconds=1)
    steps = (Step.model_construct(sql=sql), *transaction.steps)
    found = last(orders, transaction.model_copy(update={"steps": steps}))
    assert found[0] == outcome
    assert found[1].startswith(detail)
    assert "Zoë" not in found[1]


def test_a_transaction_ends_with_its_first_failure_and_others_go_on(orders: Database) -> None:
    bad = made({"sql": "SELECT 1/0"}, name="bad", repeat=5)
    ran = run_transactions(orders, [bad, made(GOOD, repeat=5)])
    assert ran[ran["Transaction"] == "bad"]["Repeat"].tolist() == [1]
    assert ran[(ran["Transaction"] == "t") & (ran["Step"] == 1)]["Repeat"].tolist() == [
        1,
        2,
        3,
        4,
        5,
    ]
    assert set(repeats_of(ran)) == {"t"}


def test_a_step_after_an_expected_error_sees_what_came_before_it(orders: Database) -> None:
    steps: list[dict[str, Any]] = [
        {"sql": NEW},
        {"sql": NEW, "expect": {"error": "23505"}},
        {"sql": "SELECT 1 FROM shop.setting WHERE name = 'new'", "expect": {"rows": 1}},
    ]
    assert last(orders, made(*steps)) == ("met", "")
    wrong = {**steps[1], "expect": {"error": "23503"}}
    outcome, detail = last(orders, made(steps[0], wrong))
    assert (outcome, detail) == (
        "error",
        "23505 UniqueViolation of setting of setting_pkey, expected 23503",
    )


def test_deferred_constraints_are_checked_as_a_commit_would(orders: Database) -> None:
    orphan = {
        "sql": "INSERT INTO shop.orders (ordered_at, customer_id, total) "
        "VALUES ('2026-05-05', 999999, 1)",
        "expect": {"rows": 1},
    }
    outcome, detail = last(orders, made(orphan))
    assert outcome == "error"
    assert detail.startswith("at its end: 23503 ForeignKeyViolation")


def test_a_read_only_transaction_cannot_be_made_to_write(orders: Database) -> None:
    before = digests(orders)
    for first in (
        "SET LOCAL transaction_read_only = off",
        "SET TRANSACTION READ WRITE",
        "SELECT 1",
    ):
        steps = (Step.model_construct(sql=first), Step(sql=NEW))
        transaction = made(GOOD, read_only=True).model_copy(update={"steps": steps})
        outcome, detail = last(orders, transaction)
        assert outcome == "error", first
        assert detail[:5] == "25001" or detail.startswith("25006 ReadOnlySqlTransaction")
    assert digests(orders) == before


@pytest.mark.parametrize("ending", ["COMMIT", "ROLLBACK", "COMMIT AND CHAIN", "END"])
def test_a_step_that_ends_its_transaction_is_an_error_of_the_run(
    orders: Database, ending: str
) -> None:
    step = Step.model_construct(sql=ending, name="", parameters=(), expect=None)
    transaction = made(GOOD).model_copy(update={"steps": (step,)})
    with pytest.raises(ReadError, match="a step ended its transaction"):
        run_transactions(orders, [transaction])


def test_only_read_only_ones_are_run_on_a_source(orders: Database) -> None:
    found = capture_latencies(orders, load_transactions(EXAMPLE))
    assert set(found["ReadOnly"]) == {True}
    assert found["Transaction"].nunique() == 2
    assert capture_latencies(orders, [made(GOOD)]).empty


def test_a_transaction_that_moves_touches_rows_first_and_then_again(orders: Database) -> None:
    moving = {"sql": "SELECT current_setting('opslib.round')::int", "expect": {"rows": 1}}
    ran = run_transactions(orders, [made(moving, repeat=4), made(GOOD, name="still", repeat=4)])
    touches = ran[ran["Step"] == 1].groupby("Transaction", sort=False)["Touch"].agg(list)
    assert touches["t"] == ["first", "warm", "first", "warm"]
    assert touches["still"] == ["first", "warm", "warm", "warm"]


def test_rounds_count_on_where_they_ended(orders: Database) -> None:
    counted = made(
        {"sql": "SELECT current_setting('opslib.round')::int", "expect": {"value": 6}}, repeat=1
    )
    assert run_transactions(orders, [counted], first_repeat=11)["Outcome"].tolist()[0] == "met"
    assert run_transactions(orders, [counted])["Outcome"].tolist() == ["unmet"]


def test_reads_of_every_kind_of_table_use_its_indexes(
    orders: Database, server: PostgresServer
) -> None:
    found = read_set(orders, repeat=4)
    names = [one.name for one in found]
    assert "read shop.customer" in names
    assert "read shop.orders_2026" in names, "partitions, and not the table over them"
    assert not {"read shop.orders", "read shop.session", "read shop.open_order"} & set(names)
    ran = run_transactions(orders, found)
    assert set(ran["Outcome"]) == {"met"}
    assert set(ran["ReadOnly"]) == {True}
    steps = {one.name: [step.name for step in one.steps] for one in found}
    assert steps["read shop.order_line"] == ["a row by its key", "a page", "the newest rows"]
    assert steps["read shop.event_log"] == ["a page"], "a block range index finds no newest row"
    by_key = next(one for one in found if one.name == "read shop.order_line").steps[0].sql
    with psycopg.connect(server.conninfo("orders")) as connection:
        connection.execute("SELECT set_config('opslib.round', '3', true)")
        lines = connection.execute(f"EXPLAIN {by_key}".encode()).fetchall()
        (rows,) = connection.execute(f"SELECT count(*) FROM ({by_key}) x".encode()).fetchone() or ()
    plan = "\n".join(line for (line,) in lines)
    assert "Index Scan using order_line_pkey" in plan
    assert "Tid Range Scan" in plan
    assert rows == 1


def test_the_read_set_is_bounded_and_follows_its_baseline(orders: Database) -> None:
    largest = read_set(orders, tables=2)
    assert len(largest) == 2
    names = ["read shop.setting", "read shop.heartbeat"]
    assert {one.name for one in read_set(orders, tables=1, names=names)} == set(names)
    mine = made(GOOD, name="read shop.setting")
    chosen = choose_transactions(orders, [mine])
    assert sum(one.name == "read shop.setting" for one in chosen) == 1


def test_a_database_that_has_no_table_has_no_reads(server: PostgresServer) -> None:
    empty = Database(label="empty", conninfo=server.conninfo("postgres"))
    assert read_set(empty) == ()
    assert run_transactions(empty, []).empty


def test_the_first_round_within_the_baseline_is_the_last(orders: Database) -> None:
    reads = read_set(orders, tables=3, repeat=10)
    baseline = capture_latencies(orders, reads)
    found = run_until_within(orders, reads, baseline, 30)
    assert set(found["Round"]) == {1}
    assert (found["P95Milliseconds"] <= found["WithinMilliseconds"]).all()
    assert (found["Seconds"] > 0).all()


def test_rounds_end_with_their_deadline_where_none_is_within(orders: Database) -> None:
    reads = read_set(orders, tables=2, repeat=10)
    baseline = capture_latencies(orders, reads)
    impossible = LatencyTolerance(share=0.0, milliseconds=-1_000.0)
    found = run_until_within(orders, reads, baseline, 1.5, impossible)
    assert found["Round"].max() >= 2
    assert found["Seconds"].max() < 10
    assert not (found["P95Milliseconds"] <= found["WithinMilliseconds"]).any()


def test_a_round_with_a_failure_is_not_within(orders: Database) -> None:
    good = made(GOOD, read_only=True)
    baseline = capture_latencies(orders, [good])
    bad = made({"sql": "SELECT 1/0"}, read_only=True)
    found = run_until_within(orders, [bad], baseline, 0.1)
    assert found["P95Milliseconds"].isna().all()
    assert found["Detail"].tolist() == ["22012 DivisionByZero"]


def test_nothing_is_run_without_a_baseline(orders: Database) -> None:
    none = capture_latencies(orders, [])
    assert run_until_within(orders, [made(GOOD)], none, 30).empty


def test_a_replay_runs_nothing(orders: Database, tmp_path: Path) -> None:
    file = tmp_path / "transactions.yaml"
    file.write_text(EXAMPLE.read_text())
    reads = reads_with(tmp_path / "run")

    def ask(opened: Any, read: Any) -> list[Any]:
        asked = record_transaction_file(reads, str(file))
        before = record_baseline_latencies(reads, read)
        assert before is not None
        rounds = record_rounds(reads, "restored", opened, asked, before, 5, LatencyTolerance())
        return [
            asked,
            before,
            record_transactions(reads, "restored", opened, asked, before),
            rounds,
        ]

    def refuse() -> Any:
        raise AssertionError("a replay asked a database")

    chosen = choose_transactions(orders, load_transactions(file))
    first = ask(lambda: orders, lambda: capture_latencies(orders, chosen))
    file.unlink()
    again = ask(refuse, refuse)
    assert again[0] == first[0]
    for one, other in zip(first[1:], again[1:], strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert set(first[2]["Transaction"]) > {"place an order", "read shop.customer"}


def test_what_was_not_captured_is_a_gap(tmp_path: Path) -> None:
    reads = reads_with(tmp_path / "run")
    assert record_baseline_latencies(reads, lambda: None) is None
    assert [line.detail for line in reads.coverage] == ["the baseline was captured without them"]
    assert record_transaction_file(reads, "") == ()


def test_a_server_that_goes_away_is_unreachable(server: PostgresServer, orders: Database) -> None:
    step = {"sql": "SELECT pg_terminate_backend(pg_backend_pid())"}
    with pytest.raises(DatabaseUnreachable):
        run_transactions(orders, [made(step)])
    nobody = replace(orders, conninfo=server.conninfo("orders").replace(str(server.port), "1"))
    with pytest.raises(DatabaseUnreachable), connect(nobody):
        pass
