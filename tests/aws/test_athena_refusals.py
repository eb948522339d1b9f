"""What Athena refuses of a bill: a gap that says what to do, and no figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.bill_athena import read_athena_bill
from opslib.coverage import Coverage, CoverageStatus
from opslib.errors import TableError
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with, refusal
from tests.tables.exports import focus_row

MARCH = TimeWindow(start=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 3, 4, tzinfo=UTC))
COLUMNS = [{"Name": name.lower(), "Type": "string"} for name in focus_row()]
PARTITION = {"Name": "billing_period", "Type": "string"}
TABLE = {"Columns": COLUMNS, "PartitionKeys": [PARTITION]}


class FakeAthena:
    """Answers as Athena would, but for what a test replaces."""

    def __init__(self, answers: dict[str, Any]) -> None:
        ended = {"QueryExecution": {"Status": {"State": "SUCCEEDED"}, "Statistics": {}}}
        self._answers = {
            "get_table_metadata": {"TableMetadata": TABLE},
            "start_query_execution": {"QueryExecutionId": "q"},
            "get_query_execution": ended,
            **answers,
        }

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**_: Any) -> Any:
            answer = self._answers[operation]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def ended(state: str, reason: str) -> dict[str, Any]:
    status = {"State": state, "StateChangeReason": reason}
    return {"get_query_execution": {"QueryExecution": {"Status": status}}}


def refused(operation: str, code: str) -> dict[str, Any]:
    return {operation: refusal(code, operation)}


def read(folder: Path, answers: dict[str, Any]) -> tuple[Coverage, ...]:
    reads = reads_with(folder, {"athena": FakeAthena(answers)})
    bill, _ = read_athena_bill(
        reads, None, "billing.focus", MARCH.days, workgroup="finops", tag_keys=(), currency=""
    )
    assert bill.first_day is None
    assert bill.charges.empty
    return reads.coverage


@pytest.mark.parametrize(
    ("answers", "status", "said", "remedy"),
    [
        (
            refused("get_table_metadata", "MetadataException"),
            CoverageStatus.FAILED,
            "MetadataException",
            "billing.focus",
        ),
        (
            refused("start_query_execution", "InvalidRequestException"),
            CoverageStatus.FAILED,
            "InvalidRequestException",
            "workgroup finops",
        ),
        (
            refused("start_query_execution", "TooManyRequestsException"),
            CoverageStatus.THROTTLED,
            "still throttled",
            "later",
        ),
        (ended("FAILED", "NoSuchBucket"), CoverageStatus.FAILED, "NoSuchBucket", "Athena's list"),
        (ended("CANCELLED", "by limit"), CoverageStatus.FAILED, "CANCELLED", "Athena's list"),
        (
            refused("get_query_execution", "AccessDeniedException"),
            CoverageStatus.DENIED,
            "GetQueryExecution",
            "Grant",
        ),
    ],
)
def test_a_refusal_is_a_gap_that_says_what_to_do(
    tmp_path: Path, answers: dict[str, Any], status: CoverageStatus, said: str, remedy: str
) -> None:
    coverage = read(tmp_path, answers)
    assert {line.status for line in coverage} == {status}
    for line in coverage:
        assert said in line.detail
        assert "athena:" in line.detail
        assert remedy in line.remedy


def test_a_table_that_no_billing_period_divides_is_refused(tmp_path: Path) -> None:
    answers = {"get_table_metadata": {"TableMetadata": {**TABLE, "PartitionKeys": []}}}
    with pytest.raises(TableError, match="billing"):
        read(tmp_path, answers)


def test_a_table_of_no_known_columns_is_refused(tmp_path: Path) -> None:
    columns = [{"Name": "name", "Type": "string"}]
    answers = {"get_table_metadata": {"TableMetadata": {**TABLE, "Columns": columns}}}
    with pytest.raises(TableError, match="no column of FOCUS"):
        read(tmp_path, answers)
