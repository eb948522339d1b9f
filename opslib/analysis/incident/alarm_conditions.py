"""What each alarm asks for before it tells, in words.

Source: Amazon CloudWatch API Reference, PutMetricAlarm and PutCompositeAlarm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from opslib.tables.alarms import ALARMS
from opslib.tables.schema import check_table

__all__ = ["alarm_conditions"]

SIGNS = {
    "GreaterThanThreshold": "above",
    "GreaterThanOrEqualToThreshold": "at or above",
    "LessThanThreshold": "below",
    "LessThanOrEqualToThreshold": "at or below",
}


def alarm_conditions(alarms: pd.DataFrame) -> Mapping[str, str]:
    """Return what every alarm asks for, by its name.

    Alarms of one name in several accounts or regions are told together.

    Args:
        alarms: columns of `ALARMS`.
    """
    found: dict[str, list[str]] = {}
    for alarm in check_table(alarms, ALARMS, "alarms").to_dict("records"):
        told = found.setdefault(str(alarm["AlarmName"]), [])
        condition = _condition(alarm)
        if condition not in told:
            told.append(condition)
    return {name: "; or ".join(told) for name, told in sorted(found.items())}


def _condition(alarm: dict[Any, Any]) -> str:
    if alarm["Rule"]:
        return f"by its rule {alarm['Rule']}"
    watched = f"{alarm['Metric']} {alarm['Statistic']}".strip() or "an expression"
    if pd.isna(alarm["Threshold"]):
        return f"{watched} outside of its expected band"
    sign = SIGNS.get(alarm["Comparison"], alarm["Comparison"])
    return f"{watched} {sign} {alarm['Threshold']:g}{_how_long(alarm)}"


def _how_long(alarm: dict[Any, Any]) -> str:
    wanted, of, period = (
        alarm[name] for name in ("DatapointsToAlarm", "EvaluationPeriods", "PeriodSeconds")
    )
    if pd.isna(wanted) or pd.isna(of) or pd.isna(period):
        return ""
    return f" in {wanted:g} of {of:g} periods of {period:g} s"
