"""The statements of a restored database's reads: all, as sent, and good to be sent again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from opslib.analysis.dr.validation import differing_buckets
from opslib.databases import content
from opslib.databases.heartbeat import record_heartbeat
from opslib.databases.postgres import Database, ReadLimits
from opslib.databases.read_set import read_set
from opslib.databases.recorded import record_rows, record_state
from opslib.databases.recorded_transactions import record_transactions
from opslib.databases.schema_queries import SCHEMA_QUERIES
from opslib.databases.state import read_state
from opslib.databases.statements import Statements
from opslib.databases.transactions import run_transactions
from opslib.parameters.column_name import parse_column
from opslib.parameters.synthetic import Transaction
from opslib.sandbox.postgres import PostgresServer
from opslib.tables.statements import SESSION
from tests.aws.fakes import reads_with

PLANTED = "planted-4711"
MADE = f"""
    CREATE SCHEMA "s ""%s; {{}} --";
    CREATE TABLE "s ""%s; {{}} --"."<b>t</b>" (
        "k é" text PRIMARY KEY, "100%" int GENERATED ALWAYS AS IDENTITY, at timestamptz);
    CREATE TABLE child (parent text REFERENCES "s ""%s; {{}} --"."<b>t</b>", at timestamptz);
    CREATE INDEX ON child (at);
    ALTER SEQUENCE "s ""%s; {{}} --"."<b>t</b>_100%_seq" RESTART 987654321;
    INSERT INTO "s ""%s; {{}} --"."<b>t</b>" VALUES ('{PLANTED}', DEFAULT, '2026-03-02 05:17:42Z');
    INSERT INTO child VALUES ('{PLANTED}', '2026-03-02 05:17:42Z')"""
VALUES = (PLANTED, "987654321", "05:17:42", "1772428662")
COLUMNS = {"odd": "public.child.at", "orders": "shop.heartbeat.beaten_at"}
READ_ONLY = {"content", "references", "sequences", "freshness"}
SECRET = "hunter2-secret"


@pytest.fixture(scope="module")
def odd(server: PostgresServer) -> Iterator[Database]:
    """Return a database of hostile names whose values can be told wherever they turn up."""
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE odd TEMPLATE template0")
    with psycopg.connect(server.conninfo("odd")) as connection:
        connection.execute(MADE.encode())
    yield Database(label="restored", conninfo=server.conninfo("odd"))
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("DROP DATABASE odd WITH (FORCE)")


@pytest.fixture(params=["odd", "orders"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


def statements_of(database: Database, folder: Path, *, differ: bool = False) -> pd.DataFrame:
    """Return what a drill keeps of a restored database, but for its writing transactions."""
    reads, kept = reads_with(folder), Statements()
    restored = record_state(
        reads, "restored", lambda: read_state(database, rows_limit=1000, is_restored=True)
    )
    assert restored is not None
    assert restored.statements is not None
    kept.extend(restored.statements.itertuples(index=False))
    if differ:
        before = restored.digests.assign(Rows=restored.digests["Rows"] + 1)
        wanted = differing_buckets(replace(restored, digests=before), restored)
        record_rows(reads, "restored", lambda: database, restored, wanted, kept)
    column = parse_column(COLUMNS[str(conninfo_to_dict(database.conninfo)["dbname"])])
    record_heartbeat(reads, "restored", lambda: database, column, statements=kept)
    record_transactions(reads, "restored", lambda: database, [], None, kept)
    return kept.frame()


def send(connection: psycopg.Connection[Any], line: Any) -> None:
    given = json.loads(line.Parameters) if line.Parameters else None
    psycopg.RawCursor(connection).execute(line.Statement.encode(), given)


def begin(connection: psycopg.Connection[Any], statements: pd.DataFrame) -> None:
    session = statements[statements["Check"] == SESSION]
    for line in session.sort_values("Parameters").itertuples(index=False):
        send(connection, line)


def test_every_kind_of_check_has_statements(orders: Database, tmp_path: Path) -> None:
    found = statements_of(orders, tmp_path / "run")
    kinds = {f"schema: {kind}" for kind in SCHEMA_QUERIES}
    others = READ_ONLY | {"physical", "transaction", SESSION}
    assert set(found["Check"]) == kinds | others
    assert (found["Seconds"] >= 0).all()
    assert found[found["Check"] == "physical"]["Seconds"].sum() > 0


def test_what_only_reads_can_be_sent_again_by_hand(database: Database, tmp_path: Path) -> None:
    found = statements_of(database, tmp_path / "run", differ=True)
    reading = found["Check"].isin(READ_ONLY) | found["Check"].str.startswith("schema: ")
    assert reading.sum() > 40
    with psycopg.connect(database.conninfo) as connection:
        connection.read_only = True
        begin(connection, found)
        for line in found[reading | (found["Check"] == "transaction")].itertuples(index=False):
            send(connection, line)


def test_amcheck_can_be_sent_again_in_its_order_and_taken_back(
    database: Database, tmp_path: Path
) -> None:
    found = statements_of(database, tmp_path / "run")
    with psycopg.connect(database.conninfo) as connection:
        for line in found[found["Check"] == "physical"].itertuples(index=False):
            send(connection, line)
        connection.rollback()
        gone = connection.execute("SELECT to_regnamespace('opslib_amcheck') IS NULL").fetchone()
    assert gone == (True,)


def test_no_statement_holds_a_value_of_a_row_or_a_secret(
    odd: Database, server: PostgresServer, tmp_path: Path
) -> None:
    found = statements_of(odd, tmp_path / "run", differ=True)
    text = "\n".join([*found["Statement"], *found["Parameters"]])
    password = conninfo_to_dict(odd.conninfo)["password"]
    assert not [value for value in (*VALUES, str(password)) if value in text]
    assert '"<b>t</b>"' in text, "names are in it, so that values would be too"


def test_a_secret_in_a_file_of_transactions_is_not_kept(orders: Database) -> None:
    step = {"sql": f"SELECT $1, 'password={SECRET}'", "expect": {"rows": 1}}
    step["parameters"] = [f"postgresql://me:{SECRET}@host/db"]
    one = Transaction.model_validate({"name": "t", "steps": [step], "read_only": True})
    kept = Statements()
    run_transactions(orders, [one], statements=kept)
    assert SECRET not in str(kept.rows())
    assert "redacted" in str(kept.rows())


def test_parameters_and_repeats_of_a_transaction_are_one_statement(orders: Database) -> None:
    step = {"sql": "SELECT $1::int, $2::text", "parameters": [17, None], "expect": {"rows": 1}}
    one = Transaction.model_validate(
        {"name": "look", "steps": [step], "read_only": True, "repeat": 5}
    )
    kept = Statements()
    ran = run_transactions(orders, [one], statements=kept)
    lines = [row for row in kept.rows() if row[0] == "transaction"]
    assert [line[1:4] for line in lines] == [("look", step["sql"], '["17", null]')]
    assert lines[0][4] == pytest.approx(ran["Milliseconds"].sum() / 1000)


def test_the_parts_of_a_large_table_are_one_statement_of_the_whole(
    orders: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "PAGES_A_PART", 2)
    limits = ReadLimits(connections=3)
    state = read_state(replace(orders, limits=limits), is_restored=True)
    found = state.statements
    assert found is not None
    monkeypatch.undo()
    again = read_state(orders, is_restored=True).statements
    assert again is not None
    names = ["Check", "Subject", "Statement", "Parameters"]
    assert found[names].equals(again[names])
    digests = found[found["Statement"].str.contains("ctid >= '(0,0)'", regex=False)]
    assert digests["Subject"].is_unique
    assert len(digests) == len(state.tables)


def test_a_replay_keeps_the_same_statements_without_a_database(
    orders: Database, tmp_path: Path
) -> None:
    first = statements_of(orders, tmp_path / "run", differ=True)
    gone = replace(orders, conninfo="host=127.0.0.1 port=1 dbname=orders")
    assert statements_of(gone, tmp_path / "run", differ=True).equals(first)


def test_a_source_keeps_none(orders: Database) -> None:
    assert read_state(orders).statements is None


def test_a_refused_statement_is_kept_with_its_time(orders: Database) -> None:
    kept = Statements()
    with psycopg.connect(orders.conninfo) as connection, pytest.raises(psycopg.errors.Error):
        kept.execute(
            connection, sql.SQL("SELECT 1 FROM {}").format(sql.Identifier("no")), "content"
        )
    ((check, _, statement, _, seconds),) = kept.rows()
    assert (check, statement) == ("content", 'SELECT 1 FROM "no"')
    assert seconds > 0


def test_reads_of_ours_are_told_with_what_they_need(orders: Database) -> None:
    kept = Statements()
    chosen = read_set(orders, tables=2, repeat=4, statements=kept)
    run_transactions(orders, chosen, statements=kept)
    frame = kept.frame()
    settings = frame[(frame["Check"] == SESSION) & (frame["Subject"] != "")]
    assert set(settings["Subject"]) == {one.name for one in chosen}
    assert all(json.loads(given)[-2:] == ["opslib.round", "1"] for given in settings["Parameters"])
    steps = frame[frame["Subject"] == chosen[0].name]
    assert set(steps[steps["Check"] == "transaction"]["Statement"]) == {
        step.sql for step in chosen[0].steps
    }
