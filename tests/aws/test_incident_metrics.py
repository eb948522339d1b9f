from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.incident_metrics import IncidentMetrics, read_incident_metrics
from opslib.aws.metric_periods import choose_span
from opslib.coverage import CoverageStatus
from opslib.errors import ParameterError
from opslib.parameters.incident_metrics import IncidentMetric
from opslib.run_folder import RunFolder
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with, refusal
from tests.aws.model_clients import model_reads

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
WINDOW = TimeWindow(start=NOON, end=NOON + timedelta(minutes=10))
BASELINE = timedelta(minutes=20) / timedelta(days=1)


def metric(name: str = "p95", **facts: Any) -> IncidentMetric:
    given = {
        "name": name,
        "component": "checkout",
        "namespace": "AWS/ApplicationELB",
        "metric": "TargetResponseTime",
        "dimensions": {"LoadBalancer": "app/shop/1"},
        "statistic": "p95",
        "unit": "s",
        **facts,
    }
    return IncidentMetric.model_validate(given)


def minutes(first: int, last: int) -> list[datetime]:
    return [NOON + timedelta(minutes=one) for one in range(first, last)]


def result(number: int, moments: list[datetime], code: str = "Complete") -> dict[str, Any]:
    values = [float(place) for place, _ in enumerate(moments)]
    return {"Id": f"m{number}", "StatusCode": code, "Timestamps": moments, "Values": values}


def read(
    folder: Path, answer: Any, *metrics: IncidentMetric, listed: Any = (), **values: Any
) -> tuple[IncidentMetrics, Any, Any]:
    answers = {"GetMetricData": answer, "ListMetrics": {"Metrics": list(listed)}}
    reads, connection = model_reads(folder, {"cloudwatch": answers}, **values)
    tables = read_incident_metrics(reads, metrics, WINDOW, baseline_days=BASELINE)
    return tables, reads, connection


def test_a_series_goes_on_over_pages(tmp_path: Path) -> None:
    pages = [
        {"MetricDataResults": [result(0, minutes(-20, 0), "PartialData")], "NextToken": "t"},
        {"MetricDataResults": [result(0, minutes(0, 10))]},
    ]
    tables, reads, connection = read(tmp_path, pages, metric())
    assert len(tables.datapoints) == 30
    assert tables.datapoints["At"].is_monotonic_increasing
    (series,) = tables.series.to_dict("records")
    assert (series["Series"], series["PeriodSeconds"], series["Statistic"]) == ("p95", 60, "p95")
    (line,) = reads.coverage
    assert (line.status, line.detail) == (CoverageStatus.COMPLETE, "")
    asked = connection.asked[0][1]
    assert (asked["StartTime"], asked["EndTime"]) == (NOON - timedelta(minutes=20), WINDOW.end)
    assert reads.ledger.usd == Decimal("0.00002")


def test_five_hundred_queries_make_one_request(tmp_path: Path) -> None:
    def answer(MetricDataQueries: list[Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        assert len(MetricDataQueries) <= 500
        return {
            "MetricDataResults": [
                result(n, minutes(-20, 10)) for n in range(len(MetricDataQueries))
            ]
        }

    metrics = [metric(f"m{number}") for number in range(501)]
    tables, _, connection = read(tmp_path, answer, *metrics)
    assert len(connection.asked) == 2
    assert tables.datapoints["Series"].nunique() == 501


def test_what_the_window_lacks_is_told_where_it_never_lacked_so_much(tmp_path: Path) -> None:
    dense, odd = minutes(-20, 4), [*minutes(-20, -12), *minutes(-9, 1), *minutes(3, 5)]
    sparse, stopped = minutes(-20, -12), [*minutes(-20, -10), *minutes(-6, 4)]
    told = [result(number, one) for number, one in enumerate((dense, odd, sparse, stopped))]
    named = [metric(name) for name in ("dense", "odd", "sparse", "stopped")]
    _, reads, _ = read(tmp_path, {"MetricDataResults": told}, *named)
    (line,) = reads.coverage
    assert line.status is CoverageStatus.PARTIAL
    assert line.detail == (
        "dense lacks 6 datapoints in a row from 2026-03-01T12:04Z (at most 0 before the window); "
        "odd lacks 5 datapoints in a row from 2026-03-01T12:05Z (at most 3 before the window); "
        "stopped lacks 6 datapoints in a row from 2026-03-01T12:04Z (at most 4 before the window)"
    )


def test_a_series_that_failed_is_told(tmp_path: Path) -> None:
    answer = {"MetricDataResults": [result(0, minutes(-20, 10), "Forbidden")]}
    _, reads, _ = read(tmp_path, answer, metric())
    assert reads.coverage[0].detail == "p95: not allowed"


def named(name: str, **dimensions: str) -> dict[str, Any]:
    told = [{"Name": one, "Value": value} for one, value in dimensions.items()]
    return {"Namespace": "AWS/ApplicationELB", "MetricName": name, "Dimensions": told}


@pytest.mark.parametrize(
    ("listed", "status", "said"),
    [
        ([named("TargetResponseTime", LoadBalancer="app/shop/1")], "empty", "is known but has no"),
        (
            [named("TargetResponseTime", LoadBalancer="app/shop/2")],
            "not_found",
            "nearest: LoadBalancer=app/shop/2",
        ),
        ([], "not_found", "nothing is listed"),
    ],
)
def test_a_series_without_datapoints_names_what_there_is(
    listed: list[Any], status: str, said: str, tmp_path: Path
) -> None:
    empty = {"MetricDataResults": [result(0, [])]}
    tables, reads, _ = read(tmp_path, empty, metric(), listed=listed)
    assert tables.datapoints.empty
    (gap,) = [line for line in reads.coverage if line.status.is_gap]
    assert gap.status == status
    assert said in gap.detail


def test_a_misspelt_metric_gets_the_nearest_name(tmp_path: Path) -> None:
    def listing(MetricName: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803
        if MetricName:
            return {"Metrics": []}
        return {"Metrics": [named("TargetResponseTime"), named("RequestCount")]}

    answers = {"GetMetricData": {"MetricDataResults": []}, "ListMetrics": listing}
    reads, _ = model_reads(tmp_path, {"cloudwatch": answers})
    read_incident_metrics(reads, [metric(metric="TargetResponsTime")], WINDOW)
    (gap,) = [line for line in reads.coverage if line.status.is_gap]
    assert gap.status is CoverageStatus.NOT_FOUND
    assert gap.detail.endswith("nearest: TargetResponseTime")


def test_denied_is_a_gap_and_names_are_not_asked_for(tmp_path: Path) -> None:
    denied = refusal("AccessDenied", "GetMetricData")
    tables, reads, connection = read(tmp_path, denied, metric())
    assert tables.datapoints.empty
    assert len(tables.series) == 1
    assert [line.status for line in reads.coverage] == [CoverageStatus.DENIED]
    assert [name for name, _ in connection.asked] == ["GetMetricData"]


def test_an_unknown_account_and_a_name_twice_are_refused(tmp_path: Path) -> None:
    accounts = [{"id": "222222222222", "name": "acme"}]
    with pytest.raises(ParameterError, match="did you mean 'acme'"):
        read(tmp_path, {}, metric(account="acmee"), accounts=accounts)
    with pytest.raises(ParameterError, match="same name"):
        read(tmp_path, {}, metric(), metric())


def test_a_replay_says_the_same(tmp_path: Path) -> None:
    answer = {"MetricDataResults": [result(0, minutes(-20, 10))]}
    tables, _, _ = read(tmp_path, answer, metric())
    replayed = reads_with(tmp_path)
    replayed.run = RunFolder(path=tmp_path, replay=True)
    again = read_incident_metrics(replayed, [metric()], WINDOW, baseline_days=BASELINE)
    pd.testing.assert_frame_equal(again.datapoints, tables.datapoints)


@pytest.mark.parametrize(
    ("age_days", "baseline_days", "period", "gone"),
    [
        (1, 7, 60, False),
        (10, 7, 60, True),
        (14.5, 7, 300, False),
        (14.5, 0.2, 60, False),
        (60, 7, 300, True),
        (70, 7, 3600, False),
        (454, 7, 3600, True),
    ],
)
def test_the_period_is_the_finest_that_is_kept(
    age_days: float, baseline_days: float, period: int, gone: bool
) -> None:
    start = AS_OF - timedelta(days=age_days)
    window = TimeWindow(start=start, end=start + timedelta(hours=6))
    span = choose_span(window, baseline_days, AS_OF)
    assert span is not None
    assert span.period_seconds == period
    assert bool(span.gone) is gone
    assert span.start.timestamp() % period == 0


def test_what_is_gone_and_what_remains_is_told(tmp_path: Path) -> None:
    old = TimeWindow(start=AS_OF - timedelta(days=500), end=AS_OF - timedelta(days=499))
    reads, connection = model_reads(tmp_path, {})
    tables = read_incident_metrics(reads, [metric()], old)
    assert tables.datapoints.empty
    assert connection.asked == []
    (line,) = reads.coverage
    assert line.status is CoverageStatus.NOT_FOUND
    half = TimeWindow(start=AS_OF - timedelta(days=456), end=AS_OF - timedelta(days=450))
    span = choose_span(half, 7, AS_OF)
    assert span is not None
    assert "the rest remains" in span.gone


def test_nothing_after_as_of_is_asked_for() -> None:
    window = TimeWindow(start=AS_OF - timedelta(hours=1), end=AS_OF + timedelta(hours=1))
    span = choose_span(window, 1, AS_OF)
    assert span is not None
    assert span.end == AS_OF
    assert choose_span(window.shifted(timedelta(hours=2)), 1, AS_OF) is None
