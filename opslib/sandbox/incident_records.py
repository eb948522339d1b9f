"""What people recorded of the window's day: a Slack export, PagerDuty's log, and a table.

Source: Slack, "How to read Slack data exports"; PagerDuty REST API, log entries.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.incident_plan import IncidentPlan, window_of
from opslib.sandbox.incident_response import AlarmChange, Response, alarm_changes, response_of
from opslib.sandbox.shop import hex_id
from opslib.sandbox.shop_alarms import alarm_arn
from opslib.sandbox.shop_deployments import Deployment
from opslib.sandbox.shop_history import list_deployments, on_call
from opslib.sandbox.shop_people import PEOPLE

__all__ = ["clock_skew", "incident_files"]

MOST_SKEW = 90
DEPLOYS, OPS = "deploys", "shop-ops"
TEAM = "T0ACME"
ZIPPED_AT = (1980, 1, 1, 0, 0, 0)
PAGED = "trigger_log_entry"
FIRST_INCIDENT = 4400
SERVICE = {"id": "PSHOP01", "type": "service_reference", "summary": "shop"}


def incident_files(plan: IncidentPlan) -> dict[str, bytes]:
    """Return the files of the day by key; none of an empty account."""
    if plan.is_empty:
        return {}
    opens, _ = window_of(plan.epoch)
    day = f"{opens:%Y-%m-%d}"
    return {
        f"{day}/slack.zip": _slack(plan, day),
        f"{day}/pagerduty.json": _pagerduty(plan),
        f"{day}/log.csv": _table(plan),
    }


def clock_skew(plan: IncidentPlan) -> timedelta:
    """Return how far the clock of whoever kept the table goes wrong."""
    return timedelta(seconds=(plan.seed * 37) % (2 * MOST_SKEW + 1) - MOST_SKEW)


def _slack(plan: IncidentPlan, day: str) -> bytes:
    channels = {DEPLOYS: _deploys(plan), OPS: _ops(plan)}
    files: dict[str, Any] = {
        "users.json": [_user(name) for name in PEOPLE],
        "channels.json": [
            {"id": _channel(name), "name": name, "is_archived": False, "members": []}
            for name in channels
        ],
        "integration_logs.json": [],
    }
    for name, messages in channels.items():
        files[f"{name}/{day}.json"] = sorted(messages, key=_moment)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            told = json.dumps(content, indent=4)
            archive.writestr(zipfile.ZipInfo(name, ZIPPED_AT), told)
    return held.getvalue()


def _moment(message: dict[str, Any]) -> float:
    return float(message["ts"])


def _user(name: str) -> dict[str, Any]:
    return {
        "id": _member(name),
        "team_id": TEAM,
        "name": name,
        "deleted": False,
        "real_name": name.capitalize(),
        "profile": {"real_name": name.capitalize(), "display_name": name},
        "is_bot": False,
        "tz": "America/New_York",
    }


def _member(name: str) -> str:
    return f"U0{hex_id(name, 8).upper()}"


def _channel(name: str) -> str:
    return f"C0{hex_id(name, 8).upper()}"


def _timestamp(at: datetime, text: str) -> str:
    return f"{int(at.timestamp())}.{int(hex_id(text, 5), 16) % 1_000_000:06d}"


def _said(name: str, at: datetime, text: str) -> dict[str, Any]:
    return {
        "type": "message",
        "user": _member(name),
        "text": text,
        "ts": _timestamp(at, text),
        "client_msg_id": hex_id(f"{name} {text}", 32),
        "team": TEAM,
    }


def _bot(name: str, at: datetime, text: str) -> dict[str, Any]:
    return {
        "type": "message",
        "subtype": "bot_message",
        "bot_id": f"B0{hex_id(name, 8).upper()}",
        "username": name,
        "text": text,
        "ts": _timestamp(at, text),
    }


def _deploys(plan: IncidentPlan) -> Iterator[dict[str, Any]]:
    opens, _ = window_of(plan.epoch)
    midnight = opens.replace(hour=0)
    for each in list_deployments(plan, PRODUCTION):
        if midnight <= each.at < midnight + timedelta(days=1):
            yield _bot("deploybot", each.updated_at + timedelta(seconds=9), _announced(each))
            done = f":white_check_mark: `{each.service}` is on revision {each.revision}"
            yield _bot("deploybot", each.completed_at + timedelta(seconds=20), done)


def _announced(each: Deployment) -> str:
    known = each.codedeploy_id if each.is_pipelined else each.ecs_id
    who = each.person.session.partition("@")[0] if each.person else f"ci-{each.run}"
    verb = "Rolling back" if each.is_rollback else "Deploying"
    link = f"<https://ci.acme.example/runs/{each.run}|run {each.run}>"
    return f":rocket: {verb} *{each.service}* to revision {each.revision} ({known}) by {who} {link}"


def _ops(plan: IncidentPlan) -> Iterator[dict[str, Any]]:
    opens, _ = window_of(plan.epoch)
    yield _said("margaret", opens + timedelta(minutes=4), "morning, I am around until noon")
    chat = "does anybody have the link to the <https://wiki.acme.example/q1|Q1 plan>? &gt; thanks"
    yield _said("linus", opens + timedelta(hours=1, minutes=31), chat)
    for one in alarm_changes(plan):
        state = ":rotating_light: ALARM" if one.change.is_alarm else ":green_circle: OK"
        at = one.change.at + timedelta(seconds=4)
        yield _bot("CloudWatch", at, f"{state}: {one.alarm.name}")
    response = response_of(plan)
    if response is not None:
        yield from _conversation(plan, response)


def _conversation(plan: IncidentPlan, response: Response) -> Iterator[dict[str, Any]]:
    duty = on_call(plan)
    other = PEOPLE[(PEOPLE.index(duty) + 1) % len(PEOPLE)]
    asked = f"<@{_member(duty)}> the shop feels broken, is anybody looking? customers complain"
    yield _said(other, response.noticed + timedelta(seconds=70), asked)
    yield _said(duty, response.acknowledged, "on it :eyes:")
    wrong = f"could it be {plan.decoy_service}? it was deployed at {plan.decoy_at:%H:%M}"
    yield _said(other, response.suspected, wrong)
    tried = "restarted web, no change. tried with `token=shop-debug-8f41d0c7` too"
    yield _said(duty, response.suspected + (response.found - response.suspected) / 2, tried)
    yield _said(duty, response.found, "found it, I think. taking it back now")
    yield _said(duty, response.rolled_back + timedelta(seconds=35), "took it back, watching")
    yield _said(duty, response.resolved, "all clear, back to normal. post-mortem tomorrow")


def _pagerduty(plan: IncidentPlan) -> bytes:
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
    return {"id": _member(name), "type": "user_reference", "summary": name.capitalize()}


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


def _table(plan: IncidentPlan) -> bytes:
    """Return the table that somebody kept by a clock that is not set right."""
    held = io.StringIO()
    rows = csv.writer(held, lineterminator="\n")
    rows.writerow(("time", "who", "what"))
    skew = clock_skew(plan)
    for at, who, what in _noted(plan):
        rows.writerow((f"{at + skew:%Y-%m-%dT%H:%M:%SZ}", who, what))
    return held.getvalue().encode()


def _noted(plan: IncidentPlan) -> Iterator[tuple[datetime, str, str]]:
    opens, _ = window_of(plan.epoch)
    duty = on_call(plan)
    yield opens + timedelta(minutes=5), duty, "on call until tomorrow"
    response = response_of(plan)
    if response is None:
        return
    yield response.acknowledged, duty, "acknowledged the page"
    yield response.suspected, duty, f"suspected {plan.decoy_service}, wrongly"
    yield response.rolled_back, duty, "took the change back"
    yield response.resolved, duty, "declared it over"
