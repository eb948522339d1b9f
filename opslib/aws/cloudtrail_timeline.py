"""CloudTrail's events on a timeline: who did what to what, in one sentence each.

Source: AWS CloudTrail User Guide, CloudTrail record contents, and userIdentity element. CloudTrail
gives times to the second. Of a call's parameters only short scalar ones whose names do not speak
of secrets or contents are told.

Kinds: a call that changes something is a change; one that failed changed nothing and is context,
as are sign-ins, reading calls and records of an unknown shape. An Insights event is a symptom: it
says that a rate of calls or of errors was unusual.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from opslib.redaction import redact_text
from opslib.tables.event_rows import Event, events_frame
from opslib.tables.resource_names import resource_name
from opslib.tables.timeline import EventKind
from opslib.wording import printable

__all__ = ["actor_of", "cloudtrail_timeline", "resource_of"]

Row = dict[str, Any]

VERB = re.compile(r"^[A-Z][a-z]+")
API_VERSION = re.compile(r"\d{8}(v\d+)?$")
NAME_ENDINGS = re.compile(r"(name|identifier|id|arn)s?$")
UNTOLD = re.compile(
    r"(?i)pass|secret|token|credential|key$|value|body|content|data$|document|environment"
    r"|variables|policy$|string|payload|message"
)
MOST_TOLD, LONGEST_TOLD = 4, 60
ANY_NAME = 1
"""Closeness of a parameter that is a name, of whatever."""
SCALED = re.compile(r"^(service|table|cluster|function|fleet-request)[/:](.*/)?")
SIGN_INS = {"signin.amazonaws.com"}


def cloudtrail_timeline(events: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return CloudTrail's events as a timeline has them; columns of `EVENTS`, ObservedAt unknown.

    Args:
        events: columns of `opslib.tables.cloudtrail.CLOUDTRAIL_EVENTS`, from LookupEvents or log
            files. With a column ``Changes`` that says what changes anything, where the record
            itself may not.
        labels: what reports call an account, by its id.
    """
    rows = events.to_dict("records")
    return events_frame(_event({str(key): row[key] for key in row}, labels) for row in rows)


def _event(told: Row, labels: Mapping[str, str]) -> Event:
    row = {name: value for name, value in told.items() if not pd.isna(value)}
    service = str(row.get("EventSource") or "").removesuffix(".amazonaws.com")
    name, account = str(row.get("EventName") or ""), str(row.get("AccountId") or "")
    return Event(
        at=row["EventTime"].to_pydatetime(),
        source="cloudtrail",
        kind=_kind(row),
        actor=actor_of(row),
        action=f"{service}:{name}" if service else name,
        resource=resource_of(row),
        service=service,
        account=labels.get(account, account),
        region=str(row.get("AwsRegion") or ""),
        summary=_summary(row, service, name),
        reference=str(row["EventId"]),
        act_id=_act_id(row),
    )


def _kind(row: Row) -> EventKind:
    if row.get("EventCategory") == "Insight":
        return EventKind.SYMPTOM
    changes = row.get("Changes", row.get("ReadOnly") == "false")
    if not changes or row.get("ErrorCode") or row.get("EventSource") in SIGN_INS:
        return EventKind.CONTEXT
    return EventKind.CHANGE


def actor_of(row: Row) -> str:
    """Return who acted: a role with its session, a user, or a service."""
    principal, session = str(row.get("Principal") or ""), str(row.get("SessionName") or "")
    if row.get("PrincipalType") == "Root":
        return "root"
    if session:
        return f"{resource_name(principal.removesuffix(f'/{session}'))}/{session}"
    return resource_name(principal) or "?"


def resource_of(row: Row) -> str:
    """Return the name of what a call was about; empty where the record names nothing.

    The parameter whose name the operation's own name holds says it (UpdateService: service), or
    a plain name or id; else what the answer so names, the first of the record's resources, or the
    first name of any kind.
    """
    noun = VERB.sub("", API_VERSION.sub("", str(row.get("EventName") or ""))).lower()
    asked = _nearest(_names(_mapping(row.get("RequestParameters"))), noun)
    if asked[0] > ANY_NAME:
        return asked[1]
    answered = _nearest(_answered_names(row), noun)
    if answered[0] > ANY_NAME:
        return answered[1]
    return next(_listed_resources(row), "") or asked[1]


def _nearest(names: Iterable[tuple[str, str]], noun: str) -> tuple[int, str]:
    """Return the name whose key is nearest to ``noun``, the first of equals, and how near it is."""
    scored = [
        (_closeness(key.lower(), noun), -place, value) for place, (key, value) in enumerate(names)
    ]
    best = max(scored, default=(0, 0, ""))
    return (best[0], _short(best[2])) if best[0] else (0, "")


def _short(name: str) -> str:
    """Return a name without ARN, type and revision; what scales is named service/cluster/name."""
    short = resource_name(name)
    if ":task-definition/" in name:
        return short.partition(":")[0]
    return SCALED.sub("", short) if short == name else short


def _closeness(key: str, noun: str) -> int:
    """Return how near a parameter's name is to what the operation is about; 0 for not at all."""
    stem = NAME_ENDINGS.sub("", key)
    if stem and stem == noun.removesuffix("s"):
        return 4
    if stem == "resource" or (stem and noun.startswith(stem)):
        return 3
    if not stem or stem in noun:
        return 2
    return ANY_NAME if stem != key else 0


def _names(asked: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield parameters that hold one name, and the first of a list of names, in order of key."""
    for key, value in sorted(asked.items()):
        if isinstance(value, str) and value and not _is_untold(key):
            yield key, value
        elif isinstance(value, list) and value and isinstance(value[0], str):
            yield key, value[0]
        elif isinstance(value, dict):
            yield from _names_inside(key, value)


def _names_inside(key: str, value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield names from a set of items, a request in the request, or XML's text with its tag."""
    items = value.get("items")
    if isinstance(items, list) and items and isinstance(items[0], dict):
        yield from _names(items[0])
    elif key.endswith("Request"):
        yield from _names(value)
    elif "tag" in value and isinstance(value.get("content"), str):
        yield key, value["content"]


def _answered_names(row: Row) -> Iterator[tuple[str, str]]:
    """Yield the names that the answer gives to what was made, itself or one step inside.

    A key's id is no name to show: whose it is says the request.
    """
    answer = _mapping(row.get("ResponseElements"))
    inside = [value for value in answer.values() if isinstance(value, dict)]
    for part in (answer, *inside):
        yield from (one for one in _names(part) if redact_text(one[1]) == one[1])


def _is_untold(key: str) -> bool:
    return bool(UNTOLD.search(key)) and not NAME_ENDINGS.search(key.lower())


def _listed_resources(row: Row) -> Iterator[str]:
    listed = _parsed(row.get("Resources"))
    for one in listed if isinstance(listed, list) else ():
        named = _mapping(one).get("ARN") or _mapping(one).get("ResourceName")
        if named:
            yield resource_name(str(named))


def _summary(row: Row, service: str, name: str) -> str:
    resource = printable(resource_of(row))
    about = f" on {resource}" if resource else ""
    told = _told(_mapping(row.get("RequestParameters")), resource)
    code = row.get("ErrorCode")
    failed = f", refused with {printable(str(code))}" if code else ""
    who = printable(actor_of(row))
    return f"{who} called {service}:{name}{about}{told}{failed}"


def _told(asked: dict[str, Any], resource: str) -> str:
    scalars = [
        f"{key}={value}"
        for key, value in sorted(asked.items())
        if isinstance(value, str | int | float)
        and not _is_untold(key)
        and len(str(value)) <= LONGEST_TOLD
        and resource_name(str(value)) != resource
    ]
    return f" ({', '.join(scalars[:MOST_TOLD])})" if scalars else ""


def _act_id(row: Row) -> str:
    """Return what other sources know the act by: a deployment, an execution, else the event."""
    answer = _mapping(row.get("ResponseElements"))
    for key in ("deploymentId", "pipelineExecutionId"):
        if answer.get(key):
            return str(answer[key])
    for deployment in _mapping(answer.get("service")).get("deployments") or []:
        if _mapping(deployment).get("status") == "PRIMARY" and deployment.get("id"):
            return str(deployment["id"])
    return str(row.get("SharedEventId") or row["EventId"])


def _mapping(value: Any) -> dict[str, Any]:
    parsed = _parsed(value)
    return parsed if isinstance(parsed, dict) else {}


def _parsed(value: Any) -> Any:
    """Return what JSON text holds, and other values as they are."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None
