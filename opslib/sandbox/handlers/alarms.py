"""CloudWatch's alarms and their history: the shop's, and whatever else moto holds.

Source: Amazon CloudWatch API Reference, DescribeAlarms and DescribeAlarmHistory.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from moto.backends import get_backend

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.shop import REGION
from opslib.sandbox.shop_alarms import (
    ON_CALL_TOPIC,
    ShopAlarm,
    Transition,
    alarm_arn,
    list_alarms,
    transitions,
)

__all__ = ["describe_alarm_history", "describe_alarms"]

MOST_A_PAGE = 100
MADE_BEFORE = timedelta(days=300)
KEPT = timedelta(days=30)


@op("cloudwatch", "DescribeAlarms")
def describe_alarms(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer cloudwatch:DescribeAlarms."""
    held: Any = get_backend("cloudwatch")[caller.account][caller.region]
    alarms = [_held(alarm, caller) for alarm in held.describe_alarms() if alarm.rule is None]
    alarms += [_alarm(alarm, caller) for alarm in _alarms(caller)]
    chosen = [alarm for alarm in alarms if _is_wanted(alarm, asked)]
    chosen.sort(key=lambda alarm: str(alarm["AlarmName"]))
    size = min(asked.get("MaxRecords") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(chosen, asked.get("NextToken"), size)
    answer: dict[str, Any] = {"MetricAlarms": page, "CompositeAlarms": []}
    return answer | ({"NextToken": token} if token else {})


@op("cloudwatch", "DescribeAlarmHistory")
def describe_alarm_history(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer cloudwatch:DescribeAlarmHistory, newest first unless asked otherwise."""
    epoch = caller.scenario.epoch
    begin = max(asked.get("StartDate") or epoch - KEPT, epoch - KEPT)
    end = asked.get("EndDate") or epoch
    items = [
        item
        for alarm in _alarms(caller)
        if asked.get("AlarmName", alarm.name) == alarm.name
        for change in transitions(caller.scenario.incident, alarm)
        for item in _items(alarm, change)
        if begin <= item["Timestamp"] <= end
        and asked.get("HistoryItemType", item["HistoryItemType"]) == item["HistoryItemType"]
    ]
    is_rising = asked.get("ScanBy") == "TimestampAscending"
    items.sort(key=lambda item: (item["Timestamp"], item["AlarmName"]), reverse=not is_rising)
    size = min(asked.get("MaxRecords") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(items, asked.get("NextToken"), size)
    return {"AlarmHistoryItems": page} | ({"NextToken": token} if token else {})


def _alarms(caller: Caller) -> tuple[ShopAlarm, ...]:
    is_here = (caller.account, caller.region) == (PRODUCTION, REGION)
    return list_alarms() if is_here and not caller.scenario.incident.is_empty else ()


def _is_wanted(alarm: dict[str, Any], asked: dict[str, Any]) -> bool:
    name = alarm["AlarmName"]
    actions = (*alarm["AlarmActions"], *alarm["OKActions"])
    prefix = asked.get("ActionPrefix")
    return (
        "MetricAlarm" in asked.get("AlarmTypes", ["MetricAlarm"])
        and name in (asked.get("AlarmNames") or [name])
        and name.startswith(asked.get("AlarmNamePrefix") or "")
        and asked.get("StateValue", alarm["StateValue"]) == alarm["StateValue"]
        and (prefix is None or any(action.startswith(prefix) for action in actions))
    )


def _items(alarm: ShopAlarm, change: Transition) -> list[dict[str, Any]]:
    states = "OK to ALARM" if change.is_alarm else "ALARM to OK"
    named = {"AlarmName": alarm.name, "AlarmType": "MetricAlarm"}
    update = {
        **named,
        "Timestamp": change.at,
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {states}",
        "HistoryData": change.data(alarm),
    }
    if not change.is_alarm or alarm.name.startswith("batch-"):
        return [update]
    action = {
        **named,
        "Timestamp": change.at + timedelta(milliseconds=310),
        "HistoryItemType": "Action",
        "HistorySummary": f"Successfully executed action {ON_CALL_TOPIC}",
        "HistoryData": json.dumps(
            {"actionState": "Succeeded", "notificationResource": ON_CALL_TOPIC}
        ),
    }
    return [update, action]


def _alarm(alarm: ShopAlarm, caller: Caller) -> dict[str, Any]:
    epoch = caller.scenario.epoch
    told = transitions(caller.scenario.incident, alarm)
    last = told[-1] if told else None
    kind = "ExtendedStatistic" if alarm.statistic.startswith("p") else "Statistic"
    pages = [] if alarm.name.startswith("batch-") else [ON_CALL_TOPIC]
    return {
        "AlarmName": alarm.name,
        "AlarmArn": alarm_arn(alarm.name),
        "AlarmDescription": f"{alarm.metric.component}: {alarm.metric.name}",
        "AlarmConfigurationUpdatedTimestamp": epoch - MADE_BEFORE,
        "ActionsEnabled": True,
        "AlarmActions": pages,
        "OKActions": [],
        "InsufficientDataActions": [],
        "StateValue": "ALARM" if last and last.is_alarm else "OK",
        "StateReason": last.reason(alarm) if last else "Unchecked: Initial alarm creation",
        "StateUpdatedTimestamp": last.at if last else epoch - MADE_BEFORE,
        "Namespace": alarm.metric.namespace,
        "MetricName": alarm.metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in alarm.metric.dimensions],
        kind: alarm.statistic,
        "Period": alarm.period,
        "EvaluationPeriods": alarm.periods,
        "DatapointsToAlarm": alarm.periods,
        "Threshold": alarm.threshold,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": alarm.treats_missing,
    }


def _held(alarm: Any, caller: Caller) -> dict[str, Any]:
    """Return an alarm that moto holds, dated from the epoch."""
    made: datetime = caller.scenario.epoch - MADE_BEFORE
    told = {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.alarm_arn,
        "AlarmDescription": alarm.description or None,
        "AlarmConfigurationUpdatedTimestamp": made,
        "ActionsEnabled": alarm.actions_enabled,
        "AlarmActions": alarm.alarm_actions or [],
        "OKActions": alarm.ok_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "StateValue": alarm.state_value,
        "StateReason": alarm.state_reason,
        "StateUpdatedTimestamp": made,
        "Namespace": alarm.namespace,
        "MetricName": alarm.metric_name,
        "Dimensions": [{"Name": one.name, "Value": one.value} for one in alarm.dimensions],
        "Statistic": alarm.statistic,
        "ExtendedStatistic": alarm.extended_statistic,
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "Threshold": alarm.threshold,
        "ComparisonOperator": alarm.comparison_operator,
        "TreatMissingData": alarm.treat_missing_data,
        "Unit": alarm.unit,
    }
    return {name: value for name, value in told.items() if value is not None}
