"""CloudWatch alarms and what became of them: detections and recoveries.

Source: Amazon CloudWatch API Reference, DescribeAlarms and DescribeAlarmHistory (kept 30 days; it
tells of alarms that were deleted since). A transition is recorded to the millisecond, after the
metric's datapoints have come and the periods of evaluation have passed.

Kinds: into ALARM is a detection; from ALARM into OK is a recovery; any other transition, and an
action taken, is context; an alarm that was made, altered or deleted is a change.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from opslib.aws.event_reads import Told, read_event_source
from opslib.aws.places import Place, read_places, redacted_json, utc
from opslib.aws.reads import Reads
from opslib.findings import Severity
from opslib.tables.alarms import ALARMS
from opslib.tables.event_rows import Event
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import printable

__all__ = ["read_alarm_events", "read_alarms"]

KEPT_DAYS = 30


def read_alarms(reads: Reads) -> pd.DataFrame:
    """Read the alarms as they are now; columns of `ALARMS`."""

    def fetch(place: Place) -> list[tuple[Any, ...]]:
        types = ["MetricAlarm", "CompositeAlarm"]
        pages = list(place.pages("cloudwatch", "DescribeAlarms", AlarmTypes=types))
        simple = [one for page in pages for one in page.get("MetricAlarms", [])]
        composite = [one for page in pages for one in page.get("CompositeAlarms", [])]
        rows = [_alarm_row(place, "metric", alarm) for alarm in simple]
        return rows + [_alarm_row(place, "composite", alarm) for alarm in composite]

    return read_places(reads, "alarms", "all alarms", ALARMS, fetch)


def _alarm_row(place: Place, kind: str, alarm: dict[str, Any]) -> tuple[Any, ...]:
    dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions", [])}
    evaluated = _number(alarm.get("EvaluationPeriods"))
    return (
        place.label,
        place.region,
        alarm["AlarmName"],
        alarm.get("AlarmArn", ""),
        kind,
        alarm.get("Namespace", ""),
        alarm.get("MetricName", ""),
        json.dumps(dimensions, sort_keys=True),
        alarm.get("ExtendedStatistic") or alarm.get("Statistic", ""),
        redacted_json(alarm["Metrics"]) if alarm.get("Metrics") else "",
        alarm.get("AlarmRule", ""),
        alarm.get("ComparisonOperator", ""),
        _number(alarm.get("Threshold")),
        _period(alarm),
        evaluated,
        _number(alarm.get("DatapointsToAlarm", evaluated)),
        alarm.get("TreatMissingData", "missing" if kind == "metric" else ""),
        alarm.get("StateValue", ""),
        bool(alarm.get("ActionsEnabled") and alarm.get("AlarmActions")),
    )


def _period(alarm: dict[str, Any]) -> float | None:
    """Return the alarm's period, or the longest of the queries that it watches."""
    stats = [query.get("MetricStat", {}).get("Period") for query in alarm.get("Metrics", [])]
    periods = [float(period) for period in [alarm.get("Period"), *stats] if period]
    return max(periods, default=None)


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def read_alarm_events(reads: Reads, window: TimeWindow) -> pd.DataFrame:
    """Read what the history of every alarm tells of ``window``; columns of `EVENTS`."""
    kept = reads.parameters.as_of - timedelta(days=KEPT_DAYS)

    def fetch(place: Place) -> Told:
        told = Told()
        told.lacks_before(kept, window, f"alarm history is kept {KEPT_DAYS} days")
        items = place.items(
            "cloudwatch",
            "DescribeAlarmHistory",
            "AlarmHistoryItems",
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            StartDate=window.start,
            EndDate=window.end,
            ScanBy="TimestampAscending",
        )
        told.events.extend(_event(place, item) for item in items)
        return told

    return read_event_source(reads, "alarms", window, fetch)


def _event(place: Place, item: dict[str, Any]) -> Event:
    name, at = str(item.get("AlarmName", "")), utc(item["Timestamp"])
    assert at is not None
    kind, action, said = _meaning(item)
    return Event(
        at=at,
        resolution_seconds=0.001,
        source="alarms",
        kind=kind,
        actor="cloudwatch",
        action=action,
        resource=name,
        service="cloudwatch",
        account=place.label,
        region=place.region,
        severity=Severity.HIGH.value if kind is EventKind.DETECTION else "",
        summary=f"alarm {printable(name)} {said}",
        reference=_reference(place, item, at),
        act_id=f"alarm:{name}:{at:%Y-%m-%dT%H:%M:%S}Z" if action == "StateUpdate" else "",
    )


def _reference(place: Place, item: dict[str, Any], at: datetime) -> str:
    kind = str(item.get("HistoryItemType", ""))
    said = f":{item.get('HistorySummary', '')}" if kind == "Action" else ""
    return f"{place.label}:{place.region}:{item.get('AlarmName')}:{at.isoformat()}:{kind}{said}"


def _meaning(item: dict[str, Any]) -> tuple[EventKind, str, str]:
    """Return kind and action of an entry, and what is said after the alarm's name."""
    told = str(item.get("HistoryItemType", ""))
    said = printable(str(item.get("HistorySummary", "")))
    if told == "ConfigurationUpdate":
        return EventKind.CHANGE, told, f"was altered: {said}"
    if told != "StateUpdate":
        return EventKind.CONTEXT, told or "unknown", f"({told or 'unknown'}): {said}"
    old, new, why = _transition(item)
    if not new:
        return EventKind.CONTEXT, told, said
    kind = EventKind.CONTEXT
    if new == "ALARM":
        kind = EventKind.DETECTION
    elif (old, new) == ("ALARM", "OK"):
        kind = EventKind.RECOVERY
    return kind, told, f"went from {old or '?'} to {new}{f': {why}' if why else ''}"


def _transition(item: dict[str, Any]) -> tuple[str, str, str]:
    """Return the old and the new state and the reason, as far as the entry tells them."""
    try:
        data = json.loads(item.get("HistoryData") or "{}")
        old, new = data["oldState"], data["newState"]
        reason = printable(str(new.get("stateReason", "")))
        return str(old.get("stateValue", "")), str(new.get("stateValue", "")), reason
    except (ValueError, KeyError, TypeError, AttributeError):
        words = str(item.get("HistorySummary", "")).split(" from ")[-1].split()
        is_told = len(words) == 3 and words[1] == "to"  # noqa: PLR2004  "OK to ALARM"
        return (words[0], words[2], "") if is_told else ("", "", "")
