"""The past that Athena counts, against the log files that its table is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.athena import fetch_rows, wait_for_query
from opslib.aws.change_history_athena import read_athena_history
from opslib.aws.cloudtrail_files import read_cloudtrail_history
from opslib.aws.connection import WritingCallRefused
from opslib.aws.places import Place
from opslib.aws.reads import Reads
from opslib.coverage import CoverageStatus
from opslib.errors import ParameterError, ReadError
from opslib.run_folder import RunFolder
from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.tables.change_history import HISTORY_KEYS
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with

END = datetime(2026, 3, 1, 22, tzinfo=UTC)
WINDOW = TimeWindow(start=END - timedelta(days=2), end=END)
TABLE = "default.cloudtrail_logs"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="troubled", seed=1) as running:
        yield running


@pytest.fixture
def reads(sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reads:
    for name, value in {**sandbox.environ, "OPSLIB_CACHE": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)
    return reads_with(tmp_path / "run")


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["Hour", *HISTORY_KEYS], ignore_index=True)


@pytest.mark.slow
def test_athena_counts_what_the_log_files_hold(reads: Reads) -> None:
    asked = read_athena_history(reads, None, TABLE, WINDOW)
    files = read_cloudtrail_history(reads, None, "s3://acme-cloudtrail/AWSLogs/", WINDOW)
    assert len(asked.frame) > 50
    pd.testing.assert_frame_equal(in_order(asked.frame), in_order(files.frame), check_dtype=False)
    paid = {line.operation: line.usd for line in reads.ledger.records if line.service == "athena"}
    assert paid["StartQueryExecution"] > 0
    replayed = reads_with(reads.run.path)
    replayed.run = RunFolder(path=reads.run.path, replay=True)
    again = read_athena_history(replayed, None, TABLE, WINDOW)
    pd.testing.assert_frame_equal(again.frame, asked.frame)


@pytest.mark.slow
def test_days_without_a_change_are_empty_and_said_to_be(reads: Reads) -> None:
    before = TimeWindow(start=END - timedelta(days=90), end=END - timedelta(days=80))
    assert read_athena_history(reads, None, TABLE, before).frame.empty
    (line,) = reads.coverage
    assert line.status is CoverageStatus.EMPTY
    assert line.detail == "no change of these days in default.cloudtrail_logs"


@pytest.mark.slow
def test_a_table_that_is_not_there_is_a_gap(reads: Reads) -> None:
    assert read_athena_history(reads, None, "default.trail", WINDOW).frame.empty
    (line,) = reads.coverage
    assert line.status.is_gap
    assert "trail" in line.detail


@pytest.mark.slow
def test_a_reader_sends_athena_nothing_but_a_query(reads: Reads) -> None:
    client = reads.connection.client("athena")
    for statement in ("DROP TABLE cloudtrail_logs", "INSERT INTO t SELECT 1", "UNLOAD (SELECT 1)"):
        with pytest.raises(WritingCallRefused):
            client.start_query_execution(QueryString=statement)


@pytest.mark.parametrize("name", ["cloudtrail_logs", "a.b.c.d", ".logs", ""])
def test_a_name_that_is_no_table_says_how_to_write_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(ParameterError, match=r"database\.table"):
        read_athena_history(reads_with(tmp_path), None, name, WINDOW)


class Executions:
    """Answers GetQueryExecution, a state after the other."""

    def __init__(self, *states: str, kept: str = "") -> None:
        self.states, self.kept = list(states), kept

    def get_query_execution(self, **_: Any) -> dict[str, Any]:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        status = {"State": state, "StateChangeReason": "bytes scanned limit was exceeded"}
        kept = {"ResultConfiguration": {"OutputLocation": self.kept}} if self.kept else {}
        statistics = {"DataScannedInBytes": 40 * 10**9}
        return {"QueryExecution": {"Status": status, "Statistics": statistics, **kept}}


class Answers:
    """Answers s3:GetObject with one file."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked: list[tuple[str, str]] = []

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append((Bucket, Key))
        return {"Body": BytesIO(self.content)}


def place_with(folder: Path, *states: str) -> Place:
    return Place(reads_with(folder, {"athena": Executions(*states)}), None, "us-east-1")


def test_a_query_is_waited_for_and_its_failure_said(tmp_path: Path) -> None:
    pauses: list[float] = []
    done = wait_for_query(
        place_with(tmp_path, "QUEUED", "RUNNING", "SUCCEEDED"), "q", pauses.append
    )
    assert done["Status"]["State"] == "SUCCEEDED"
    assert len(pauses) == 2
    with pytest.raises(ReadError, match="FAILED: bytes scanned limit was exceeded"):
        wait_for_query(place_with(tmp_path, "RUNNING", "FAILED"), "q", pauses.append)
    pauses.clear()
    with pytest.raises(ReadError, match="goes on after"):
        wait_for_query(place_with(tmp_path, "RUNNING"), "q", pauses.append)
    assert sum(pauses) >= 1800


KEPT = "s3://results/of/q.csv"


def place_of_answer(
    folder: Path, content: bytes, region: str = "us-east-1"
) -> tuple[Place, Answers]:
    answers = Answers(content)
    clients = {"athena": Executions("SUCCEEDED", kept=KEPT), "s3": answers}
    place = Place(reads_with(folder, clients), None, region)
    place.reads.ledger._add("athena", "StartQueryExecution", "", region, 0.1)
    return place, answers


def test_every_row_comes_by_one_request_with_null_and_empty_told_apart(tmp_path: Path) -> None:
    rows = ['"Hour","Text"', '"1",', '"2",""', '"3","a ""b"", c\nd"', *['"4","x"'] * 3000]
    place, answers = place_of_answer(tmp_path, "\n".join([*rows, ""]).encode())
    told = fetch_rows(place, "q")
    assert answers.asked == [("results", "of/q.csv")]
    assert told.rows.column_names == ["Hour", "Text"]
    assert told.rows["Hour"].to_pylist()[:4] == ["1", "2", "3", "4"]
    assert told.rows["Text"].to_pylist()[:4] == [None, "", 'a "b", c\nd', "x"]
    assert told.rows.num_rows == 3003


def test_an_answer_without_rows_has_its_columns(tmp_path: Path) -> None:
    place, _ = place_of_answer(tmp_path, b'"Hour","Text"\n')
    told = fetch_rows(place, "q").rows
    assert (told.column_names, told.num_rows) == (["Hour", "Text"], 0)


@pytest.mark.parametrize("content", [b"", b'"Hour","Text"\n"1"\n'])
def test_an_answer_that_is_cut_off_is_an_error(tmp_path: Path, content: bytes) -> None:
    place, _ = place_of_answer(tmp_path, content)
    with pytest.raises(ReadError, match="cannot be read") as raised:
        fetch_rows(place, "q")
    assert raised.value.where == KEPT


@pytest.mark.parametrize(("region", "priced_in"), [("us-east-1", ""), ("sa-east-1", "us-east-1")])
def test_a_scan_is_priced_and_where_that_price_holds_is_said(
    tmp_path: Path, region: str, priced_in: str
) -> None:
    place, _ = place_of_answer(tmp_path, b'"Hour"\n', region)
    fetch_rows(place, "q")
    (call,) = place.reads.ledger.records
    assert (call.usd, call.priced_in) == (Decimal("0.2"), priced_in)


def test_a_workgroup_that_keeps_its_results_is_refused(tmp_path: Path) -> None:
    place = place_with(tmp_path, "SUCCEEDED")
    place.reads.ledger._add("athena", "StartQueryExecution", "", "us-east-1", 0.1)
    with pytest.raises(ReadError, match="keeps its results itself") as raised:
        fetch_rows(place, "q")
    assert "workgroup" in raised.value.remedy
