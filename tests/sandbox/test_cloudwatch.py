from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from opslib.sandbox.estate import PAYER, PRODUCTION
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import DEFAULT_EPOCH
from opslib.sandbox.shop import ALB
from tests.sandbox.answers import ask, ask_all

HOUR = timedelta(hours=1)
BALANCER = [{"Name": "LoadBalancer", "Value": ALB}]


def query(
    name: str,
    metric: str = "RequestCount",
    stat: str = "Sum",
    period: int = 60,
    dimensions: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    named = {
        "Namespace": "AWS/ApplicationELB",
        "MetricName": metric,
        "Dimensions": BALANCER if dimensions is None else dimensions,
    }
    return {"Id": name, "MetricStat": {"Metric": named, "Period": period, "Stat": stat}}


def get(queries: list[dict[str, Any]], **asked: Any) -> list[dict[str, Any]]:
    told: dict[str, Any] = {"StartTime": DEFAULT_EPOCH - HOUR, "EndTime": DEFAULT_EPOCH, **asked}
    told = {"account": PRODUCTION, **told, "MetricDataQueries": queries}
    pages = ask_all("cloudwatch", "GetMetricData", "NextToken", **told)
    return [result for page in pages for result in page["MetricDataResults"]]


def test_values_come_newest_first_unless_asked_otherwise() -> None:
    (falling,) = get([query("m")])
    (rising,) = get([query("m")], ScanBy="TimestampAscending")
    assert falling["Timestamps"][0] == (DEFAULT_EPOCH - timedelta(minutes=1)).timestamp()
    assert rising["Timestamps"] == falling["Timestamps"][::-1]
    assert rising["Values"] == falling["Values"][::-1]
    assert len(rising["Values"]) == 60
    assert rising["StatusCode"] == "Complete"


def test_pages_go_on_where_the_last_one_ended() -> None:
    queries = [query("a"), query("b", "TargetResponseTime", "p95")]
    whole = get(queries, ScanBy="TimestampAscending")
    parts = get(queries, ScanBy="TimestampAscending", MaxDatapoints=25)
    for result in whole:
        mine = [part for part in parts if part["Id"] == result["Id"]]
        assert [value for part in mine for value in part["Values"]] == result["Values"]
        assert [at for part in mine for at in part["Timestamps"]] == result["Timestamps"]
    assert [part["StatusCode"] for part in parts if part["Id"] == "a"][:2] == ["PartialData"] * 2
    assert parts[-1]["StatusCode"] == "Complete"


def test_a_window_of_old_minutes_has_none() -> None:
    old: dict[str, Any] = {"StartTime": DEFAULT_EPOCH - timedelta(days=30)}
    old["EndTime"] = old["StartTime"] + HOUR
    minutes, fives = get([query("m"), query("f", period=300)], **old)
    assert minutes["Values"] == []
    assert len(fives["Values"]) == 12


@pytest.mark.parametrize(
    "dimensions", [[], [*BALANCER, {"Name": "AvailabilityZone", "Value": "us-east-1a"}]]
)
def test_dimensions_are_met_exactly_or_not_at_all(dimensions: list[dict[str, str]]) -> None:
    assert get([query("m", dimensions=dimensions)])[0]["Values"] == []


@pytest.mark.parametrize(
    "asked", [{"account": PAYER}, {"region": "eu-west-1"}, {"scenario": "empty"}]
)
def test_elsewhere_nothing_is_reported(asked: dict[str, str]) -> None:
    assert get([query("m")], **asked)[0]["Values"] == []


def test_metric_math_shares_sums_and_fills() -> None:
    failed = "HTTPCode_Target_5XX_Count"
    queries = [
        query("e", failed),
        query("n"),
        {"Id": "share", "Expression": "100 * FILL(e, 0) / n"},
        {"Id": "total", "Expression": "SUM([e, n])"},
    ]
    queries[0]["ReturnData"] = False
    asked: dict[str, Any] = {"ScanBy": "TimestampAscending"}
    requests, share, total = get(queries, **asked)
    (errors,) = get([query("e", failed)], **asked)
    by_moment = dict(zip(errors["Timestamps"], errors["Values"], strict=True))
    assert len(by_moment) < 60
    counted = zip(requests["Timestamps"], requests["Values"], strict=True)
    failing = {at: by_moment.get(at, 0.0) for at in requests["Timestamps"]}
    expected = [(100 * failing[at] / number, failing[at] + number) for at, number in counted]
    assert share["Values"] == pytest.approx([one for one, _ in expected])
    assert total["Values"] == pytest.approx([one for _, one in expected])


@pytest.mark.parametrize(
    "queries",
    [
        [query("m"), query("m")],
        [query("m", period=30)],
        [query("m", stat="Median")],
        [{"Id": "x", "Expression": "unknown * 2"}],
        [{"Id": "x", "Expression": "ANOMALY_DETECTION_BAND(m)"}, query("m")],
        [{"Id": "x", "Expression": "m ** "}, query("m")],
        [query(f"m{number}") for number in range(501)],
    ],
)
def test_what_cloudwatch_refuses(queries: list[dict[str, Any]]) -> None:
    with pytest.raises(AwsError) as refused:
        get(queries)
    assert refused.value.code == "ValidationError"


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(AwsError, match="StartTime must be less"):
        get([query("m")], StartTime=DEFAULT_EPOCH, EndTime=DEFAULT_EPOCH - HOUR)


def test_metrics_are_listed_by_name_and_dimension() -> None:
    asked: dict[str, Any] = {"account": PRODUCTION, "Namespace": "AWS/ECS"}
    wanted = [{"Name": "ServiceName", "Value": "checkout"}]
    listed = ask("cloudwatch", "ListMetrics", **asked, Dimensions=wanted)["Metrics"]
    assert {one["MetricName"] for one in listed} == {"CPUUtilization", "MemoryUtilization"}
    everything = ask("cloudwatch", "ListMetrics", account=PRODUCTION)["Metrics"]
    assert len(everything) > 60
    of_services = [{"Name": "ClusterName", "Value": "shop"}, {"Name": "ServiceName"}]
    named = ask("cloudwatch", "ListMetrics", **asked, Dimensions=of_services)
    assert len(named["Metrics"]) == 12
    assert ask("cloudwatch", "ListMetrics", account=PAYER)["Metrics"] == []


def test_alarms_are_described_in_pages_and_by_name() -> None:
    asked: dict[str, Any] = {"account": PRODUCTION, "scenario": "troubled", "seed": 3}
    pages = ask_all("cloudwatch", "DescribeAlarms", "NextToken", **asked, MaxRecords=7)
    names = [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]
    assert len(pages) > 1
    assert names == sorted(names)
    assert {"shop-web-p95", "shop-checkout-errors", "batch-reports-late"} <= set(names)
    one = ask("cloudwatch", "DescribeAlarms", **asked, AlarmNamePrefix="shop-web-p")
    (alarm,) = one["MetricAlarms"]
    told = (alarm["ExtendedStatistic"], alarm["Threshold"], alarm["StateValue"])
    assert told == ("p95", 0.5, "OK")
    composite = ask("cloudwatch", "DescribeAlarms", **asked, AlarmTypes=["CompositeAlarm"])
    assert composite["MetricAlarms"] == []


def test_the_history_tells_states_and_actions() -> None:
    asked: dict[str, Any] = {"account": PRODUCTION, "scenario": "troubled", "seed": 3}
    since = DEFAULT_EPOCH - timedelta(days=1)
    pages = ask_all(
        "cloudwatch", "DescribeAlarmHistory", "NextToken", **asked, StartDate=since, MaxRecords=5
    )
    items = [item for page in pages for item in page["AlarmHistoryItems"]]
    moments = [item["Timestamp"] for item in items]
    assert moments == sorted(moments, reverse=True)
    updates = [item for item in items if item["HistoryItemType"] == "StateUpdate"]
    for item in updates:
        data = json.loads(item["HistoryData"])
        states = f"{data['oldState']['stateValue']} to {data['newState']['stateValue']}"
        assert item["HistorySummary"].endswith(states)
    paged = {item["AlarmName"] for item in items if item["HistoryItemType"] == "Action"}
    assert "shop-web-p95" in paged
    assert "batch-reports-late" not in paged
    one: dict[str, Any] = {
        "AlarmName": "orders-cpu",
        "HistoryItemType": "Action",
        "StartDate": since,
    }
    told = ask("cloudwatch", "DescribeAlarmHistory", **asked, **one)["AlarmHistoryItems"]
    assert {item["AlarmName"] for item in told} == {"orders-cpu"}
