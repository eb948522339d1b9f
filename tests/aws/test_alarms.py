from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.alarms import read_alarm_events, read_alarms
from opslib.coverage import CoverageStatus
from opslib.timewindow import TimeWindow
from tests.aws.fakes import refusal
from tests.aws.model_clients import model_reads

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = TimeWindow(start=NOON - timedelta(hours=1), end=NOON + timedelta(hours=1))


def entry(minute: int, old: str, new: str, **facts: Any) -> dict[str, Any]:
    data = {
        "type": "Update",
        "version": "1.0",
        "oldState": {"stateValue": old},
        "newState": {"stateValue": new, "stateReason": "Threshold Crossed:\n1 datapoint"},
    }
    return {
        "AlarmName": "shop-p95",
        "AlarmType": "MetricAlarm",
        "Timestamp": NOON + timedelta(minutes=minute),
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {old} to {new}",
        "HistoryData": json.dumps(data),
        **facts,
    }


def history(folder: Path, *pages: list[dict[str, Any]], **values: Any) -> tuple[Any, Any]:
    last = len(pages) - 1
    told = [
        {"AlarmHistoryItems": page, **({} if n == last else {"NextToken": str(n)})}
        for n, page in enumerate(pages)
    ]
    reads, _ = model_reads(folder, {"cloudwatch": {"DescribeAlarmHistory": told}}, **values)
    return read_alarm_events(reads, WINDOW), reads


def test_transitions_are_detections_and_recoveries(tmp_path: Path) -> None:
    pages = [
        [entry(1, "OK", "ALARM"), entry(2, "ALARM", "INSUFFICIENT_DATA")],
        [entry(3, "INSUFFICIENT_DATA", "OK"), entry(4, "INSUFFICIENT_DATA", "ALARM")],
        [entry(9, "ALARM", "OK")],
    ]
    events, reads = history(tmp_path, *pages)
    assert events["Kind"].tolist() == ["detection", "context", "context", "detection", "recovery"]
    assert events["Summary"][0] == (
        "alarm shop-p95 went from OK to ALARM: Threshold Crossed: 1 datapoint"
    )
    assert events["ActId"][0] == "alarm:shop-p95:2026-03-01T12:01:00Z"
    assert events["Severity"].tolist() == ["high", "", "", "high", ""]
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


@pytest.mark.parametrize("data", ["null", "{", "[]", '{"newState": 1}'])
def test_a_transition_without_its_data_is_read_from_the_summary(data: str, tmp_path: Path) -> None:
    events, _ = history(tmp_path, [entry(1, "OK", "ALARM", HistoryData=data)])
    assert events["Kind"].tolist() == ["detection"]


def test_other_entries_are_kept(tmp_path: Path) -> None:
    entries = [
        entry(1, "", "", HistoryItemType="ConfigurationUpdate", HistorySummary="Alarm updated"),
        entry(2, "", "", HistoryItemType="Action", HistorySummary="Published to a"),
        entry(2, "", "", HistoryItemType="Action", HistorySummary="Published to b"),
        entry(3, "", "", HistoryData="{}", HistorySummary="something new"),
    ]
    events, _ = history(tmp_path, entries)
    assert events["Kind"].tolist() == ["change", "context", "context", "context"]


def test_history_is_kept_thirty_days(tmp_path: Path) -> None:
    _, reads = history(tmp_path, [], as_of=WINDOW.start + timedelta(days=30, minutes=30))
    (line,) = reads.coverage
    assert line.status is CoverageStatus.PARTIAL
    assert "from 2026-03-01T11:30Z on it remains" in line.detail


def test_alarms_say_what_they_watch(tmp_path: Path) -> None:
    simple = {
        "AlarmName": "shop-p95",
        "Namespace": "AWS/ApplicationELB",
        "MetricName": "TargetResponseTime",
        "ExtendedStatistic": "p95",
        "Dimensions": [{"Name": "LoadBalancer", "Value": "app/shop/1"}],
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 0.5,
        "ComparisonOperator": "GreaterThanThreshold",
        "ActionsEnabled": True,
        "AlarmActions": ["arn:aws:sns:us-east-1:1:pages"],
    }
    stat = {"Metric": {"MetricName": "m"}, "Period": 300, "Stat": "Sum"}
    ratio = {
        "AlarmName": "ratio",
        "Metrics": [{"Id": "a", "MetricStat": stat}, {"Id": "e", "Expression": "a/b"}],
        "Threshold": 1.0,
    }
    pages = [
        {"MetricAlarms": [simple], "NextToken": "t"},
        {
            "MetricAlarms": [ratio],
            "CompositeAlarms": [{"AlarmName": "any", "AlarmRule": "ALARM(x)"}],
        },
    ]
    reads, _ = model_reads(tmp_path, {"cloudwatch": {"DescribeAlarms": pages}})
    alarms = {one["AlarmName"]: one for one in read_alarms(reads).to_dict("records")}
    told = alarms["shop-p95"]
    assert (told["Statistic"], told["DatapointsToAlarm"], told["HasActions"]) == ("p95", 3.0, True)
    assert alarms["ratio"]["PeriodSeconds"] == 300
    assert json.loads(alarms["ratio"]["Queries"])[1]["Expression"] == "a/b"
    assert (alarms["any"]["Type"], alarms["any"]["Rule"]) == ("composite", "ALARM(x)")
    assert math.isnan(alarms["any"]["Threshold"])


def test_refused_alarms_are_a_gap(tmp_path: Path) -> None:
    denied = refusal("AccessDenied", "DescribeAlarms")
    reads, _ = model_reads(tmp_path, {"cloudwatch": {"DescribeAlarms": denied}})
    assert read_alarms(reads).empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.DENIED]
