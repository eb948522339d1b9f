from __future__ import annotations

import doctest
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.aws import log_patterns
from opslib.aws.log_error_events import log_error_events, patterns_by_minute
from opslib.aws.log_errors import read_error_lines, read_log_errors
from opslib.aws.log_patterns import pattern_of
from opslib.aws.log_slices import line_slices
from opslib.aws.reads import Reads
from opslib.coverage import CoverageStatus
from opslib.parameters import IncidentParameters
from opslib.tables.log_errors import ERROR_LINES, LOG_ERRORS
from opslib.timewindow import TimeWindow
from tests.aws.fakes import refusal
from tests.aws.model_clients import ModelConnection, model_reads

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = TimeWindow(start=NOON, end=NOON + timedelta(minutes=80))
GROUPS = [{"logGroupName": "/ecs/web", "retentionInDays": 30}, {"logGroupName": "/ecs/web2"}]
Row = dict[str, str]


def fields(row: Row) -> list[dict[str, str]]:
    return [{"field": name, "value": value} for name, value in row.items()]


class Insights:
    """Answers each query after having been asked twice."""

    def __init__(self, *rows: Row, size: int = 10**9, ends_as: str = "Complete") -> None:
        self.started: list[dict[str, Any]] = []
        self._rows, self._size, self._ends_as = rows, size, ends_as
        self._polled: dict[str, int] = {}

    def start(self, **asked: Any) -> dict[str, Any]:
        self.started.append(asked)
        return {"queryId": str(len(self.started))}

    def results(self, queryId: str) -> dict[str, Any]:  # noqa: N803
        self._polled[queryId] = self._polled.get(queryId, 0) + 1
        if self._polled[queryId] == 1:
            return {"status": "Running", "results": []}
        asked = self.started[int(queryId) - 1]
        told = [row for row in self._rows if _is_in(row, asked)]
        return {
            "status": self._ends_as,
            "results": [fields(row) for row in told],
            "statistics": {"bytesScanned": float(self._size)},
        }


def _is_in(row: Row, asked: dict[str, Any]) -> bool:
    text = row.get("@timestamp") or row["bin(1m)"]
    at = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    return bool(asked["startTime"] <= at <= asked["endTime"])


def counted(minute: int, errors: int, group: str = "/ecs/web") -> Row:
    at = NOON + timedelta(minutes=minute)
    return {"bin(1m)": f"{at:%Y-%m-%d %H:%M}:00.000", "@log": f"1:{group}", "errors": str(errors)}


def line(minute: int, text: str, group: str = "/ecs/web") -> Row:
    at = NOON + timedelta(minutes=minute)
    stamp = f"{at:%Y-%m-%d %H:%M}:30.500"
    return {"@timestamp": stamp, "@message": text, "@log": f"1:{group}", "@ptr": f"p{minute}"}


def logs(folder: Path, insights: Insights, **values: Any) -> tuple[Reads, ModelConnection]:
    answers = {
        "DescribeLogGroups": {"logGroups": GROUPS},
        "StartQuery": insights.start,
        "GetQueryResults": insights.results,
    }
    return model_reads(folder, {"logs": answers}, **values)


def test_errors_are_counted_slice_by_slice(tmp_path: Path) -> None:
    insights = Insights(counted(0, 3), counted(79, 4), counted(79, 1, "/ecs/web2"))
    reads, _ = logs(tmp_path, insights)
    errors = read_log_errors(reads, ["/ecs/"], WINDOW, wait=lambda _: None)
    assert errors[["LogGroup", "Errors"]].to_numpy().tolist() == [
        ["/ecs/web", 3],
        ["/ecs/web", 4],
        ["/ecs/web2", 1],
    ]
    assert errors["At"].tolist()[0] == pd.Timestamp(NOON)
    spans = [(one["startTime"], one["endTime"]) for one in insights.started]
    assert len(spans) == 8
    assert spans[0] == (int(NOON.timestamp()), int(NOON.timestamp()) + 599)
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]
    assert reads.ledger.usd == 8 * Decimal("0.005")


def test_beyond_the_limit_nothing_is_asked(tmp_path: Path) -> None:
    insights = Insights(counted(0, 3))
    reads, _ = logs(tmp_path, insights)
    read_log_errors(reads, ["/ecs/"], WINDOW, most_gb=2.5, wait=lambda _: None)
    assert len(insights.started) == 3
    (gap,) = reads.coverage
    assert gap.status is CoverageStatus.TRUNCATED
    assert "3.0 GB were scanned, the limit is 2.5: nothing from 2026-03-01T12:30Z" in gap.detail


@pytest.mark.parametrize("end", ["Failed", "Timeout", "Cancelled"])
def test_a_query_that_fails_is_a_gap(end: str, tmp_path: Path) -> None:
    reads, _ = logs(tmp_path, Insights(ends_as=end))
    assert read_log_errors(reads, ["/ecs/"], WINDOW, wait=lambda _: None).empty
    assert reads.coverage[0].status is CoverageStatus.FAILED
    assert end in reads.coverage[0].detail


def test_a_query_that_goes_on_is_given_up(tmp_path: Path) -> None:
    waited: list[float] = []
    reads, _ = logs(tmp_path, Insights(ends_as="Running"))
    assert read_log_errors(reads, ["/ecs/"], WINDOW, wait=waited.append).empty
    assert reads.coverage[0].status is CoverageStatus.FAILED
    assert 600 <= sum(waited) < 605


def test_denied_and_absent_groups_are_gaps(tmp_path: Path) -> None:
    denied = refusal("AccessDeniedException", "StartQuery")
    answers = {"DescribeLogGroups": {"logGroups": GROUPS}, "StartQuery": denied}
    reads, _ = model_reads(tmp_path / "a", {"logs": answers})
    assert read_log_errors(reads, ["/ecs/"], WINDOW).empty
    assert reads.coverage[0].status is CoverageStatus.DENIED
    absent, connection = model_reads(
        tmp_path / "b", {"logs": {"DescribeLogGroups": {"logGroups": []}}}
    )
    assert read_log_errors(absent, ["/ecs/"], WINDOW).empty
    assert absent.coverage[0].status is CoverageStatus.NOT_FOUND
    assert [name for name, _ in connection.asked] == ["DescribeLogGroups"]


def test_what_a_group_no_longer_keeps_is_told(tmp_path: Path) -> None:
    as_of = NOON + timedelta(days=30, minutes=30)
    reads, _ = logs(tmp_path, Insights(), as_of=as_of)
    read_log_errors(reads, ["/ecs/web"], WINDOW, wait=lambda _: None)
    assert "/ecs/web is kept 30 days" in reads.coverage[0].detail


def test_lines_become_patterns_and_events(tmp_path: Path) -> None:
    insights = Insights(
        line(1, "ERROR order 1 failed password=hunter22"),
        line(2, "ERROR order 2 failed password=hunter22"),
        *[line(35 + n // 2, "ERROR \x1b[31mno route to 10.0.0.1:443") for n in range(12)],
    )
    reads, _ = logs(tmp_path, insights)
    lines = read_error_lines(reads, ["/ecs/"], WINDOW, wait=lambda _: None)
    assert "hunter22" not in str(lines.to_dict("records"))
    assert lines["Pattern"].nunique() == 2
    events = log_error_events(lines, WINDOW)
    assert events["Kind"].tolist() == ["context", "symptom"]
    assert events["At"].tolist()[0] == pd.Timestamp("2026-03-01T12:01:30.5Z")
    assert events["Reference"].tolist() == ["p1", "p35"]
    assert "first of 2 sampled lines like it: ERROR order 1" in events["Summary"][0]
    assert "\x1b" not in events["Summary"][1]


@pytest.mark.parametrize("masked", [True, False])
def test_whom_a_line_speaks_of_is_masked_unless_told_otherwise(
    tmp_path: Path, masked: bool
) -> None:
    said = "ERROR no mail to {}@example.org from 81.2.69.142 by 10.0.0.1"
    reads, _ = logs(tmp_path, Insights(*[line(1, said.format(who)) for who in ("ada", "bob")]))
    reads.parameters = IncidentParameters.parse(
        {
            "environment": "prod",
            "as_of": "2026-03-01T14:00:00Z",
            "start": "2026-03-01T12:00:00Z",
            "end": "2026-03-01T13:20:00Z",
            "mask_personal_data": masked,
        }
    )
    lines = read_error_lines(reads, ["/ecs/"], WINDOW, wait=lambda _: None)
    kept = str(lines.to_dict("records"))
    assert ("ada@example.org" in kept) is not masked
    assert ("81.2.69.142" in kept) is not masked
    assert "10.0.0.1" in kept
    assert lines["Line"].nunique() == 2
    if masked:
        assert (
            lines["Pattern"].tolist()
            == ["ERROR no mail to <email> from <address> by <address>"] * 2
        )


def test_a_minutes_errors_are_shared_out_over_its_slices_patterns(tmp_path: Path) -> None:
    insights = Insights(*[line(1, "ERROR a")] * 3, line(2, "ERROR b"), line(50, "ERROR b"))
    reads, _ = logs(tmp_path, insights)
    lines = read_error_lines(reads, ["/ecs/"], WINDOW, wait=lambda _: None)
    rows = [("", "us-east-1", "/ecs/web", NOON + timedelta(minutes=m), 8) for m in (5, 55, 79)]
    errors = pd.DataFrame(rows, columns=["Account", "Region", "LogGroup", "At", "Errors"])
    told = patterns_by_minute(errors, lines, WINDOW)
    assert told[["Pattern", "Errors"]].to_numpy().tolist() == [
        ["ERROR a", 6.0],
        ["ERROR b", 2.0],
        ["ERROR b", 8.0],
        ["(not sampled)", 8.0],
    ]


@pytest.mark.parametrize(
    ("minutes", "kind"),
    [
        ([40, 50, 60], "context"),  # two more in 40 minutes: two expected before
        ([40, 50, 60, 65, 70], "symptom"),  # four more in 40 minutes: four expected before
        ([1, *range(2, 60)], "context"),  # there from the beginning
        ([79], "context"),
    ],
)
def test_a_pattern_came_up_where_its_absence_before_is_no_chance(
    minutes: list[int], kind: str, tmp_path: Path
) -> None:
    insights = Insights(*[line(minute, "ERROR a") for minute in minutes])
    reads, _ = logs(tmp_path, insights)
    lines = read_error_lines(reads, ["/ecs/"], WINDOW, wait=lambda _: None)
    assert log_error_events(lines, WINDOW)["Kind"].tolist() == [kind]


def test_without_lines_there_are_no_patterns() -> None:
    empty = pd.DataFrame(columns=list(ERROR_LINES.columns))
    rows = [("", "us-east-1", "/ecs/web", NOON, 8)]
    errors = pd.DataFrame(rows, columns=list(LOG_ERRORS.columns))
    told = patterns_by_minute(errors, empty, WINDOW)
    assert told[["Pattern", "Errors"]].to_numpy().tolist() == [["(not sampled)", 8.0]]
    assert patterns_by_minute(errors.head(0), empty, WINDOW).empty
    assert log_error_events(empty, WINDOW).empty


@given(st.integers(1, 10_000))
def test_slices_make_up_the_window(minutes: int) -> None:
    window = TimeWindow(start=NOON, end=NOON + timedelta(minutes=minutes))
    parts = line_slices(window)
    assert len(parts) <= 64
    assert window.duration > timedelta(hours=16) or parts[0].duration <= timedelta(minutes=15)
    assert (parts[0].start, parts[-1].end) == (window.start, window.end)
    assert all(one.end == two.start for one, two in pairwise(parts))


def test_the_examples_of_patterns_hold() -> None:
    assert doctest.testmod(log_patterns) == (0, 2)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("at 10.0.0.1:80", "at 10.22.0.1:8080"),
        ("id 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "id 3f2504e0-4f89-11d3-9a0c-0305e82c3302"),
        ("task 7c9e6679b8f94c2b", "task 0c9e6679b8f94c2c"),
        ("0xdeadbeef", "0x1"),
        ('{"message": "took 3 ms", "at": 1}', '{"message": "took 41 ms", "at": 2}'),
        ("2026-03-01 12:00:00,123 late", "2026-03-02 13:00:00,124 late"),
    ],
)
def test_lines_that_differ_in_numbers_are_one_pattern(one: str, two: str) -> None:
    assert pattern_of(one) == pattern_of(two)


def test_lines_that_differ_in_words_are_two() -> None:
    assert pattern_of("connection refused by orders") != pattern_of("connection refused by cache")
