from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opslib.aws.capacity.measures import Measures, MetricQuery, metric
from opslib.aws.capacity.rows import Resource
from opslib.aws.capacity.usage import UsageRead, read_usage
from opslib.aws.metric_periods import choose_history
from opslib.aws.places import Place
from opslib.aws.reads import Reads
from opslib.coverage import CoverageStatus
from opslib.run_folder import RunFolder
from opslib.tables.capacity import CapacityService, UsageRole
from tests.aws.capacity_answers import REGION, metric_data, open_capacity
from tests.aws.fakes import refusal
from tests.aws.model_clients import ModelConnection

AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
FINE, COARSE = 300, 3600


def server(name: str, service: CapacityService = CapacityService.EC2) -> Resource:
    return Resource(
        identity=name, service=service, name=name, account="acme", region=REGION, settings={}
    )


def cpu(name: str) -> MetricQuery:
    return metric("AWS/EC2", "CPUUtilization", "Average", InstanceId=name)


def of_servers(count: int) -> Measures:
    measures = Measures()
    for number in range(count):
        measures.usage(server(f"i-{number}"), "CPU", "percent", cpu(f"i-{number}"))
    return measures


def open_usage(folder: Path, answer: Any, **answers: Any) -> tuple[Place, ModelConnection]:
    clients = {"cloudwatch": {"GetMetricData": answer, **answers}}
    reads, connection, parameters = open_capacity(folder, clients)
    return Place(reads, parameters.accounts[0], REGION), connection


def read(place: Place, measures: Measures, days: float = 455) -> UsageRead:
    return read_usage(list(measures.series.values()), [place], days)


def requests(connection: ModelConnection) -> list[dict[str, Any]]:
    return [asked for name, asked in connection.asked if name == "GetMetricData"]


def whole(asked: dict[str, Any]) -> dict[str, Any]:
    period = asked["MetricDataQueries"][0]["MetricStat"]["Period"]
    return metric_data(asked, (asked["EndTime"] - asked["StartTime"]) // timedelta(seconds=period))


@pytest.mark.parametrize(("series", "calls"), [(1, 2), (5, 2), (11, 5), (23, 8)])
def test_requests_are_as_few_as_their_pages_allow(series: int, calls: int, tmp_path: Path) -> None:
    """Five series of 18,144 datapoints are a page, and ten of 9,408."""
    place, connection = open_usage(tmp_path, lambda **asked: metric_data(asked))
    read(place, of_servers(series))
    asked = requests(connection)
    assert len(asked) == calls
    assert calls == -(-series // 5) + -(-series // 10)
    for one in asked:
        period = one["MetricDataQueries"][0]["MetricStat"]["Period"]
        periods = (one["EndTime"] - one["StartTime"]) // timedelta(seconds=period)
        assert len(one["MetricDataQueries"]) * periods <= 100_800
    spent = sum(len(one["MetricDataQueries"]) for one in asked)
    assert place.reads.ledger.usd * 100_000 == spent == 2 * series


def test_five_minutes_join_the_hours_before_them(tmp_path: Path) -> None:
    place, _ = open_usage(tmp_path, lambda **asked: whole(asked))
    told = read(place, of_servers(1)).histories["i-0#CPU"]
    assert told.fine is not None
    assert told.coarse is not None
    assert (told.fine.step_seconds, told.coarse.step_seconds) == (FINE, COARSE)
    assert told.fine.end == AS_OF
    assert told.fine.start == AS_OF - timedelta(days=63) == told.coarse.end
    assert told.coarse.start == AS_OF - timedelta(days=455)
    assert len(told.fine.values) == 63 * 288


@pytest.mark.parametrize(
    ("as_of", "days", "starts"),
    [
        ("2026-03-02T06:07:31", 14, ["2026-02-16T07:00:00"]),
        ("2026-03-02T06:00:00", 63, ["2025-12-29T06:00:00"]),
        ("2026-03-02T06:59:00", 64, ["2025-12-29T07:00:00", "2025-12-28T07:00:00"]),
    ],
)
def test_spans_are_whole_periods_that_are_kept(as_of: str, days: float, starts: list[str]) -> None:
    moment = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
    spans = choose_history(moment, days)
    assert [f"{span.start:%Y-%m-%dT%H:%M:%S}" for span in spans] == starts
    assert all(span.start >= moment - timedelta(days=days) for span in spans)
    assert spans[0].end.timestamp() % FINE == 0
    assert moment - spans[0].end < timedelta(seconds=FINE)


def test_gaps_are_nan_and_a_young_series_begins_where_it_does(tmp_path: Path) -> None:
    def answer(**asked: Any) -> dict[str, Any]:
        start = asked["StartTime"] + timedelta(hours=1)
        moments = [start, start + timedelta(minutes=15)]
        result = {"Id": "m0", "StatusCode": "Complete", "Timestamps": moments, "Values": [4, 6]}
        return {"MetricDataResults": [result]}

    place, _ = open_usage(tmp_path, answer)
    fine = read(place, of_servers(1), 14).histories["i-0#CPU"].fine
    assert fine is not None
    assert fine.start == AS_OF - timedelta(days=14) + timedelta(hours=1)
    np.testing.assert_equal(fine.values[:5], [4, np.nan, np.nan, 6, np.nan])
    assert fine.end == AS_OF


def test_a_metric_of_two_series_is_asked_once_and_sums_add_up(tmp_path: Path) -> None:
    place, connection = open_usage(tmp_path, lambda **asked: metric_data(asked))
    measures, one = Measures(), server("i-0")
    measures.usage(one, "CPU", "percent", cpu("i-0"))
    measures.usage(one, "idle", "percent", cpu("i-0"), scale=-1, offset=100)
    measures.usage(one, "both", "percent", cpu("i-0"), cpu("i-1"), is_rate=True, scale=FINE)
    told = read(place, measures, 14).histories
    (asked,) = requests(connection)
    assert len(asked["MetricDataQueries"]) == 2
    values = {name: history.fine.values[:3].tolist() for name, history in told.items()}  # type: ignore[union-attr]
    assert values == {"i-0#CPU": [1, 2, 3], "i-0#idle": [99, 98, 97], "i-0#both": [2, 4, 6]}


def test_a_sum_with_a_part_that_tells_nothing_is_no_sum(tmp_path: Path) -> None:
    def answer(**asked: Any) -> dict[str, Any]:
        told = metric_data(asked)
        told["MetricDataResults"][1] |= {"Timestamps": [], "Values": []}
        return told

    place, _ = open_usage(tmp_path, answer)
    measures = Measures()
    measures.usage(server("i-0"), "both", "percent", cpu("i-0"), cpu("i-1"))
    used = read(place, measures, 14)
    assert used.histories == {}
    assert used.silent == {"i-0#both"}
    (gap,) = [line for line in place.reads.coverage if line.status.is_gap]
    assert "InstanceId=i-1" in gap.asked


def silent(**_: Any) -> dict[str, Any]:
    return {"MetricDataResults": []}


def test_a_silent_series_is_told_with_what_cloudwatch_lists(tmp_path: Path) -> None:
    dimensions = [{"Name": "InstanceId", "Value": "i-1"}]
    listed = {"MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Dimensions": dimensions}
    place, connection = open_usage(tmp_path, silent, ListMetrics={"Metrics": [listed]})
    measures = of_servers(2)
    measures.usage(
        server("i-0"),
        "throttles",
        "events/s",
        metric("AWS/EC2", "Throttles", "Sum", InstanceId="i-0"),
        role=UsageRole.THROTTLES,
    )
    used = read(place, measures, 14)
    assert used.histories == {}
    assert used.silent == {"i-0#CPU", "i-1#CPU", "i-0#throttles"}
    gaps = {line.asked: line.status for line in place.reads.coverage if line.status.is_gap}
    assert sorted(gaps.values()) == [CoverageStatus.EMPTY, CoverageStatus.NOT_FOUND]
    assert sum(name == "ListMetrics" for name, _ in connection.asked) == 1


def test_silent_quotas_are_one_line_a_place(tmp_path: Path) -> None:
    place, connection = open_usage(tmp_path, silent)
    measures = Measures()
    for name in ("vCPUs", "tables"):
        query = metric("AWS/Usage", "ResourceCount", "Maximum", Resource=name)
        measures.usage(server(name, CapacityService.QUOTA), name, "count", query)
    read(place, measures, 14)
    (gap,) = [line for line in place.reads.coverage if line.status.is_gap]
    assert (gap.table, gap.asked) == ("quota usage", "use of 2 quotas")
    assert [name for name, _ in connection.asked] == ["GetMetricData"]


def test_a_refused_request_leaves_the_others_and_says_nothing_of_its_series(tmp_path: Path) -> None:
    def answer(**asked: Any) -> Any:
        told = asked["MetricDataQueries"][0]["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
        return refusal("Throttling", "GetMetricData") if told == "i-0" else metric_data(asked)

    place, connection = open_usage(tmp_path, answer)
    used = read(place, of_servers(26), 14)
    assert set(used.histories) == {"i-25#CPU"}
    assert used.silent == frozenset()
    told = {line.asked.partition(",")[0]: line.status for line in place.reads.coverage}
    assert told == {
        "metrics 1 to 25 of 26 every 300 s": CoverageStatus.THROTTLED,
        "metrics 26 to 26 of 26 every 300 s": CoverageStatus.COMPLETE,
    }
    assert "ListMetrics" not in {name for name, _ in connection.asked}


def test_a_resumed_run_asks_only_for_what_it_lacks(tmp_path: Path) -> None:
    refused = [refusal("Throttling", "GetMetricData")]

    def answer(**asked: Any) -> Any:
        return refused.pop() if refused else metric_data(asked)

    place, first = open_usage(tmp_path, answer)
    read(place, of_servers(5))
    again, second = open_usage(tmp_path, lambda **asked: metric_data(asked))
    told = read(again, of_servers(5))
    assert (len(requests(first)), len(requests(second))) == (2, 1)
    assert len(told.histories) == 5


def test_a_replay_tells_the_same_without_asking(tmp_path: Path) -> None:
    place, _ = open_usage(tmp_path, lambda **asked: metric_data(asked))
    first = read(place, of_servers(3))
    reads = Reads(place.reads.parameters, RunFolder(path=tmp_path, replay=True))
    again = read(dataclasses.replace(place, reads=reads), of_servers(3))
    assert list(again.histories) == list(first.histories)
    for name, history in first.histories.items():
        assert again.histories[name].fine is not None
        np.testing.assert_equal(again.histories[name].fine.values, history.fine.values)  # type: ignore[union-attr]
    asked = [(one.operation, one.count) for one in place.reads.ledger.records]
    assert [(one.operation, one.count) for one in reads.ledger.records] == asked


@pytest.mark.parametrize(("lost_days", "told"), [(0, False), (20, True)])
def test_five_minutes_that_are_thrown_away_are_told(
    lost_days: int, told: bool, tmp_path: Path
) -> None:
    def answer(**asked: Any) -> dict[str, Any]:
        period = asked["MetricDataQueries"][0]["MetricStat"]["Period"]
        kept = whole(asked)
        lost = lost_days * 288 if period == FINE else 0
        for result in kept["MetricDataResults"]:
            result |= {name: result[name][lost:] for name in ("Timestamps", "Values")}
        return kept

    place, _ = open_usage(tmp_path, answer)
    read(place, of_servers(2), 100)
    gaps = [line for line in place.reads.coverage if line.status.is_gap]
    assert bool(gaps) is told
    for gap in gaps:
        assert gap.asked == "every five minutes since 2025-12-29T06:00Z"
        assert "before 2026-01-18T06:00Z" in gap.detail
