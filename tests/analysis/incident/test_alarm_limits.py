"""Which alarm watches which metric."""

from __future__ import annotations

from typing import Any

import pandas as pd

from opslib.analysis.incident.alarm_limits import limits_by_series
from opslib.tables.alarms import ALARMS
from opslib.tables.metrics import METRIC_SERIES

WATCHED = {
    "Account": "production",
    "Region": "eu-west-1",
    "Namespace": "AWS/ApplicationELB",
    "Metric": "TargetResponseTime",
    "Dimensions": '{"LoadBalancer": "app/web/1"}',
    "Statistic": "p95",
}
SERIES = pd.DataFrame(
    [{**WATCHED, "Series": "web p95", "Component": "web", "Role": "latency", "Unit": "s",
      "PeriodSeconds": 60}],
    columns=list(METRIC_SERIES.columns),
)  # fmt: skip


def alarms(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {
        **dict.fromkeys(ALARMS.columns, ""),
        **WATCHED,
        "Type": "metric",
        "Threshold": 0.5,
        "PeriodSeconds": 60.0,
        "EvaluationPeriods": 3.0,
        "DatapointsToAlarm": 3.0,
        "HasActions": True,
    }
    return pd.DataFrame([{**usual, **row} for row in rows], columns=list(ALARMS.columns))


def test_limits_of_the_alarms_on_a_metric_the_lowest_first() -> None:
    told = alarms({"AlarmName": "late", "Threshold": 2.0}, {"AlarmName": "early"})
    found = limits_by_series(told, SERIES)["web p95"]
    assert [(one.alarm, one.limit) for one in found] == [("early", 0.5), ("late", 2.0)]


def test_an_alarm_on_something_else_is_left_out() -> None:
    told = alarms(
        {"AlarmName": "other statistic", "Statistic": "Average"},
        {"AlarmName": "other region", "Region": "us-east-1"},
        {"AlarmName": "other dimension", "Dimensions": "{}"},
        {"AlarmName": "band", "Threshold": None},
        {"AlarmName": "expression", "Queries": "[]", "Metric": ""},
    )
    assert limits_by_series(told, SERIES) == {}
    assert limits_by_series(alarms(), SERIES) == {}
