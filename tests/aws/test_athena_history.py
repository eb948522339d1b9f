"""The past that Athena counts, against the log files that its table is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.athena import wait_for_query
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

    def __init__(self, *states: str) -> None:
        self.states = list(states)

    def get_query_execution(self, **_: Any) -> dict[str, Any]:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        status = {"State": state, "StateChangeReason": "bytes scanned limit was exceeded"}
        return {"QueryExecution": {"Status": status}}


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
