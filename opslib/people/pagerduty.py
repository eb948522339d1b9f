"""PagerDuty's log entries: who was called, who took it on, and when it was resolved.

Source: PagerDuty REST API, List log entries (of an incident or of all): ``log_entries``, each with
``type``, ``created_at``, ``agent``, ``service`` and ``incident``.

Kinds: a trigger is a detection; acknowledging, taking back, escalating, assigning and annotating
are responses; resolving is a recovery as people judged it; any other entry, notifications among
them, is context.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.event_reads import Told
from opslib.aws.reads import Reads
from opslib.coverage import CoverageStatus
from opslib.findings import Severity
from opslib.people.recorded_files import RecordedFile, read_people_events
from opslib.tables.event_rows import Event
from opslib.tables.resource_names import resource_name
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import printable

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_pagerduty_events"]

KINDS = {
    "trigger": EventKind.DETECTION,
    "acknowledge": EventKind.RESPONSE,
    "unacknowledge": EventKind.RESPONSE,
    "escalate": EventKind.RESPONSE,
    "assign": EventKind.RESPONSE,
    "delegate": EventKind.RESPONSE,
    "annotate": EventKind.RESPONSE,
    "resolve": EventKind.RECOVERY,
}
URGENCIES = {"high": Severity.HIGH.value, "low": Severity.LOW.value}


def read_pagerduty_events(
    reads: Reads, path: str, window: TimeWindow, *, account: Account | None = None
) -> pd.DataFrame:
    """Read log entries, a file or a folder of pages; columns of `EVENTS`.

    What cannot be read of them is passed over and counted in coverage.
    """

    def tell(files: list[RecordedFile]) -> Told:
        told = Told()
        for file in files:
            _tell_file(told, file)
        return told

    return read_people_events(
        reads, "pagerduty", path, window, tell, account=account, suffixes=(".json",)
    )


def _tell_file(told: Told, file: RecordedFile) -> None:
    entries = _entries(file.text)
    if entries is None:
        told.lacks(CoverageStatus.PARTIAL, f"{printable(file.name)} holds no log_entries")
        return
    events = [_event(entry) for entry in entries]
    broken = sum(event is None for event in events)
    if broken:
        entry = f"{broken} log entries" if broken > 1 else "1 log entry"
        told.lacks(CoverageStatus.PARTIAL, f"{printable(file.name)}: {entry} without id or time")
    told.events.extend(event for event in events if event is not None)


def _entries(text: str) -> list[Any] | None:
    try:
        told = json.loads(text)
    except ValueError:
        return None
    if isinstance(told, dict):
        told = told.get("log_entries", [told["log_entry"]] if "log_entry" in told else None)
    return told if isinstance(told, list) else None


def _event(entry: Any) -> Event | None:
    """Return the event of an entry; None without an id, or a time with its zone."""
    try:
        at, identity = datetime.fromisoformat(entry["created_at"]), str(entry["id"])
    except (KeyError, TypeError, ValueError):
        return None
    if at.tzinfo is None:
        return None
    said = str(entry.get("type", "")).removesuffix("_reference").removesuffix("_log_entry")
    incident, service = _named(entry, "incident"), _named(entry, "service")
    kind = KINDS.get(said, EventKind.CONTEXT)
    urgency = (entry.get("incident") or {}).get("urgency", "")
    return Event(
        at=at.astimezone(UTC),
        source="pagerduty",
        kind=kind,
        actor=_named(entry, "agent") or "pagerduty",
        action=said,
        resource=incident,
        service=service,
        severity=URGENCIES.get(urgency, "") if kind is EventKind.DETECTION else "",
        summary=_summary(entry, said, incident),
        reference=identity,
        act_id=_alarm_act(entry, at) if said == "trigger" else "",
    )


def _summary(entry: dict[str, Any], said: str, incident: str) -> str:
    about = f" ({printable(incident)})" if incident else ""
    what = str(entry.get("summary") or said or "entry of an unknown type")
    note = _mapping(entry.get("channel")).get("summary") if said == "annotate" else ""
    return f"PagerDuty: {what}{about}{f': {note}' if note else ''}"


def _alarm_act(entry: dict[str, Any], at: datetime) -> str:
    """Return CloudWatch's alarm and transition where a trigger tells of them, else nothing.

    The alarm may be told as CloudWatch sends it, or be the key that alerts are joined by; the
    transition is then taken for the second of the trigger.
    """
    channel = _mapping(entry.get("channel"))
    details = _mapping(entry.get("event_details"))
    parts = (channel, details, *(_mapping(channel.get(key)) for key in ("details", "cef_details")))
    for told in parts:
        key = told.get("AlarmArn") or told.get("dedup_key") or told.get("incident_key")
        is_alarm = ":alarm:" in str(key)
        name = told.get("AlarmName") or (resource_name(str(key)) if is_alarm else "")
        if name:
            return f"alarm:{name}:{_changed(told, at):%Y-%m-%dT%H:%M:%S}Z"
    return ""


def _changed(told: dict[str, Any], at: datetime) -> datetime:
    try:
        return datetime.fromisoformat(str(told["StateChangeTime"])).astimezone(UTC)
    except (KeyError, ValueError):
        return at.astimezone(UTC)


def _named(entry: dict[str, Any], part: str) -> str:
    told = _mapping(entry.get(part))
    return str(told.get("summary") or told.get("name") or told.get("id") or "")


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
