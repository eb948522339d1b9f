"""PagerDuty's log entries of the window's day.

Source: PagerDuty REST API, log entries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from opslib.sandbox.incident_plan import IncidentPlan
from opslib.sandbox.incident_response import AlarmChange, Response, alarm_changes, response_of
from opslib.sandbox.shop import hex_id
from opslib.sandbox.shop_alarms import alarm_arn
from opslib.sandbox.shop_history import on_call

__all__ = ["pagerduty_entries"]

PAGED = "trigger_log_entry"
FIRST_INCIDENT = 4400
SERVICE = {"id": "PSHOP01", "type": "service_reference", "summary": "shop"}


def pagerduty_entries(plan: IncidentPlan) -> bytes:
    """Return log entries as the REST API lists them, newest first."""
    entries = list(_batch_entries(plan))
    response = response_of(plan)
    if response is not None:
        entries += _incident_entries(plan, response)
    entries.sort(key=lambda entry: str(entry["created_at"]), reverse=True)
    page = {"log_entries": entries, "limit": 100, "offset": 0, "more": False, "total": None}
    return json.dumps(page, indent=2).encode()


def _entry(
    kind: str, at: datetime, summary: str, number: int, title: str, agent: dict[str, Any]
) -> dict[str, Any]:
    identity = f"R{hex_id(f'{kind} {at} {number}', 13).upper()}"
    return {
        "id": identity,
        "type": kind,
        "summary": summary,
        "created_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "agent": agent,
        "channel": {"type": "auto" if agent["type"].startswith("service") else "web_ui"},
        "service": SERVICE,
        "incident": {
            "id": f"Q{hex_id(f'{title} {number}', 13).upper()}",
            "type": "incident_reference",
            "summary": f"[#{number}] {title}",
        },
        "teams": [],
        "contexts": [],
    }


def _person(name: str) -> dict[str, Any]:
    return {
        "id": f"P{hex_id(name, 6).upper()}",
        "type": "user_reference",
        "summary": name.capitalize(),
    }


def _batch_entries(plan: IncidentPlan) -> Iterator[dict[str, Any]]:
    """Yield what the batch job's alarm opened and closed; nobody is paged for it."""
    number = FIRST_INCIDENT
    for one in alarm_changes(plan):
        if one.alarm.name.startswith("batch-"):
            number += one.change.is_alarm
            yield _alarm_entry(one, number)


def _alarm_entry(one: AlarmChange, number: int) -> dict[str, Any]:
    kind = PAGED if one.change.is_alarm else "resolve_log_entry"
    verb = "Triggered" if one.change.is_alarm else "Resolved"
    told = f"{verb} through the API."
    at = one.change.at + timedelta(seconds=3)
    entry = _entry(kind, at, told, number, f"ALARM: {one.alarm.name}", SERVICE)
    return entry | {"event_details": {"description": one.change.reason(one.alarm)}}


def _incident_entries(plan: IncidentPlan, response: Response) -> list[dict[str, Any]]:
    duty, number = on_call(plan), FIRST_INCIDENT + 37
    alarm = response.first_alarm
    title = f"ALARM: {alarm}" if alarm else "The shop is slow or failing"
    opened = SERVICE if alarm else _person(duty)
    paged = _entry(PAGED, response.noticed, "Triggered.", number, title, opened)
    if alarm:
        paged["event_details"] = {"description": title, "incident_key": alarm_arn(alarm)}
        paged["channel"]["cef_details"] = {"dedup_key": alarm_arn(alarm), "severity": "critical"}
    later = timedelta(seconds=6)
    who = _person(duty)
    name = duty.capitalize()
    moments = (
        ("notify_log_entry", response.noticed + later, f"Notified {name} by push.", SERVICE),
        ("acknowledge_log_entry", response.acknowledged, f"Acknowledged by {name}.", who),
        ("annotate_log_entry", response.found, f"Note added by {name}.", who),
        ("resolve_log_entry", response.resolved, f"Resolved by {name}.", who),
    )
    return [paged, *(_entry(*told[:3], number, title, told[3]) for told in moments)]
