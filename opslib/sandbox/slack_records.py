"""The Slack export of the window's day.

Source: Slack, "How to read Slack data exports".
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.incident_plan import IncidentPlan, window_of
from opslib.sandbox.incident_response import Response, alarm_changes, response_of
from opslib.sandbox.shop import hex_id
from opslib.sandbox.shop_deployments import Deployment
from opslib.sandbox.shop_history import list_deployments, on_call
from opslib.sandbox.shop_people import PEOPLE

__all__ = ["slack_export"]

DEPLOYS, OPS = "deploys", "shop-ops"
TEAM = "T0ACME"
ZIPPED_AT = (1980, 1, 1, 0, 0, 0)


def slack_export(plan: IncidentPlan, day: str) -> bytes:
    """Return the zip of both channels' messages of a day."""
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
