"""Use by day: of days, of shorter periods, in two pages, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from opslib.aws.savings.daily_use import Measure, read_daily_use
from opslib.coverage import CoverageStatus
from tests.aws.fakes import refusal
from tests.aws.model_clients import model_reads

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
PLACE = ("", "us-east-1")


def measure(name: str, period_seconds: int = 86_400) -> Measure:
    return Measure(
        resource="carts",
        measure=name,
        namespace="AWS/DynamoDB",
        metric="ConsumedReadCapacityUnits",
        statistic="Sum",
        dimensions={"TableName": "carts"},
        period_seconds=period_seconds,
    )


def result(moments: list[datetime], values: list[float], **facts: Any) -> dict[str, Any]:
    told = {"Id": "m0", "StatusCode": "Complete", "Timestamps": moments, "Values": values}
    return {**told, **facts}


def test_the_greatest_of_a_day_stands_for_it_over_two_pages(tmp_path: Path) -> None:
    noon = MIDNIGHT - timedelta(hours=12)
    pages = [
        {"MetricDataResults": [result([noon], [5.0])], "NextToken": "t"},
        {"MetricDataResults": [result([noon - timedelta(days=1), noon], [9.0, 3.0])]},
    ]
    reads, _ = model_reads(tmp_path, {"cloudwatch": {"GetMetricData": pages}})
    use = read_daily_use(reads, {PLACE: [measure("peak", 300)]}, 30)
    told = dict(zip(use["Day"], use["Value"], strict=True))
    assert told == {date(2026, 3, 1): 5.0, date(2026, 2, 28): 9.0}


def test_each_period_is_asked_for_as_long_as_it_is_kept(tmp_path: Path) -> None:
    answers: dict[str, Any] = {"cloudwatch": {"GetMetricData": {"MetricDataResults": []}}}
    reads, connection = model_reads(tmp_path, answers)
    asked = [measure("consumed"), measure("peak", 300), measure("minute", 60)]
    read_daily_use(reads, {PLACE: asked}, 30)
    spans = {
        query["MetricDataQueries"][0]["MetricStat"]["Period"]: query["EndTime"] - query["StartTime"]
        for _, query in connection.asked
    }
    assert spans == {
        60: timedelta(days=14),
        300: timedelta(days=30),
        86_400: timedelta(days=30),
    }
    assert {query["EndTime"] for _, query in connection.asked} == {MIDNIGHT}


def test_a_metric_that_is_refused_among_others_is_told(tmp_path: Path) -> None:
    refused = {"MetricDataResults": [result([], [], StatusCode="Forbidden")]}
    reads, _ = model_reads(tmp_path, {"cloudwatch": {"GetMetricData": refused}})
    assert read_daily_use(reads, {PLACE: [measure("consumed")]}, 30).empty
    (line,) = reads.coverage
    assert line.status is CoverageStatus.PARTIAL
    assert "carts consumed: not allowed" in line.detail


def test_metrics_that_are_denied_leave_a_gap(tmp_path: Path) -> None:
    denied = refusal("AccessDenied", "GetMetricData")
    reads, _ = model_reads(tmp_path, {"cloudwatch": {"GetMetricData": denied}})
    assert read_daily_use(reads, {PLACE: [measure("consumed")]}, 30).empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.DENIED]
