"""What each alarm asks for, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from opslib.analysis.incident.alarm_conditions import alarm_conditions
from opslib.tables.alarms import ALARMS


def alarms(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {
        **dict.fromkeys(ALARMS.columns, ""),
        "AlarmName": "web-slow",
        "Type": "metric",
        "Metric": "TargetResponseTime",
        "Statistic": "p95",
        "Comparison": "GreaterThanThreshold",
        "Threshold": 0.5,
        "PeriodSeconds": 60.0,
        "EvaluationPeriods": 5.0,
        "DatapointsToAlarm": 3.0,
        "HasActions": True,
    }
    return pd.DataFrame([{**usual, **row} for row in rows], columns=list(ALARMS.columns))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "TargetResponseTime p95 above 0.5 in 3 of 5 periods of 60 s"),
        (
            {"Comparison": "LessThanOrEqualToThreshold", "Threshold": 2.0},
            "TargetResponseTime p95 at or below 2 in 3 of 5 periods of 60 s",
        ),
        ({"Threshold": None}, "TargetResponseTime p95 outside of its expected band"),
        (
            {"Metric": "", "Statistic": "", "Queries": "[]", "PeriodSeconds": None},
            "an expression above 0.5",
        ),
        (
            {"Type": "composite", "Rule": "ALARM(a) AND ALARM(b)", "Threshold": None},
            "by its rule ALARM(a) AND ALARM(b)",
        ),
    ],
)
def test_a_condition_is_said_in_words(told: dict[str, Any], said: str) -> None:
    assert alarm_conditions(alarms(told)) == {"web-slow": said}


def test_alarms_of_one_name_in_several_accounts_are_told_together() -> None:
    told = alarms({"Account": "a"}, {"Account": "b"}, {"Account": "c", "Threshold": 1.0})
    (said,) = alarm_conditions(told).values()
    assert said.count("; or ") == 1
    assert "above 0.5" in said
    assert "above 1 " in said


def test_no_alarm_has_no_condition() -> None:
    assert alarm_conditions(alarms()) == {}
