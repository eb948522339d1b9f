"""One record of CloudTrail: who did what to what, in one sentence.

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
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from opslib.redaction import redact_text
from opslib.tables.event_rows import Event
from opslib.tables.resource_names import resource_name
from opslib.tables.timeline import EventKind
from opslib.wording import printable

__all__ = ["actor_of", "cloudtrail_event", "principal_of", "resource_of"]

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


def cloudtrail_event(record: dict[str, Any], *, account: str, region: str) -> Event:
    """Return the event of one record, as of `opslib.aws.cloudtrail_lookup` or of a log file.

    Args:
        record: with eventID and eventTime; the rest may be absent.
        account: what reports call the account that was asked.
        region: the region that was asked, where the record names none.
    """
    name = str(record.get("eventName") or "")
    service = str(record.get("eventSource") or "").removesuffix(".amazonaws.com")
    return Event(
        at=_moment(record["eventTime"]),
        source="cloudtrail",
        kind=_kind(record),
        actor=actor_of(record),
        action=f"{service}:{name}" if service else name,
        resource=resource_of(record),
        service=service,
        account=account,
        region=str(record.get("awsRegion") or region),
        summary=_summary(record, service, name),
        reference=str(record["eventID"]),
        act_id=_act_id(record),
    )


def _moment(text: Any) -> datetime:
    moment = text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
    return moment.astimezone(UTC)


def _kind(record: dict[str, Any]) -> EventKind:
    if record.get("eventCategory") == "Insight" or record.get("insightDetails"):
        return EventKind.SYMPTOM
    reads = str(record.get("readOnly")).lower() != "false"
    if reads or record.get("errorCode") or record.get("eventSource") in SIGN_INS:
        return EventKind.CONTEXT
    return EventKind.CHANGE


def actor_of(record: dict[str, Any]) -> str:
    """Return who acted: a role with its session, a user, or a service."""
    identity = _mapping(record.get("userIdentity"))
    arn = str(identity.get("arn") or "")
    if ":assumed-role/" in arn:
        return arn.partition(":assumed-role/")[2]
    return _named(identity, arn)


def principal_of(record: dict[str, Any]) -> str:
    """Return who acted without the session, which is another one each time."""
    identity = _mapping(record.get("userIdentity"))
    arn = str(identity.get("arn") or "")
    if ":assumed-role/" in arn:
        return arn.partition(":assumed-role/")[2].partition("/")[0]
    return _named(identity, arn)


def _named(identity: dict[str, Any], arn: str) -> str:
    if identity.get("type") == "Root":
        return "root"
    behalf = _mapping(identity.get("onBehalfOf")).get("userId")
    known = ("userName", "invokedBy")
    named = next((str(identity[key]) for key in known if identity.get(key)), "")
    return named or resource_name(arn) or str(behalf or identity.get("principalId") or "") or "?"


def resource_of(record: dict[str, Any]) -> str:
    """Return the name of what a call was about; empty where the record names nothing.

    The parameter whose name the operation's own name holds says it (UpdateService: service), or
    a plain name or id; else what the answer so names, the first of the record's resources, or the
    first name of any kind.
    """
    noun = VERB.sub("", API_VERSION.sub("", str(record.get("eventName") or ""))).lower()
    asked = _nearest(_names(_mapping(record.get("requestParameters"))), noun)
    if asked[0] > ANY_NAME:
        return asked[1]
    answered = _nearest(_answered_names(record), noun)
    if answered[0] > ANY_NAME:
        return answered[1]
    return next(_listed_resources(record), "") or asked[1]


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
    """Yield parameters that hold one name, and the first of a list of names."""
    for key, value in asked.items():
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


def _answered_names(record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the names that the answer gives to what was made, itself or one step inside.

    A key's id is no name to show: whose it is says the request.
    """
    answer = _mapping(record.get("responseElements"))
    inside = [value for value in answer.values() if isinstance(value, dict)]
    for part in (answer, *inside):
        yield from (one for one in _names(part) if redact_text(one[1]) == one[1])


def _is_untold(key: str) -> bool:
    return bool(UNTOLD.search(key)) and not NAME_ENDINGS.search(key.lower())


def _listed_resources(record: dict[str, Any]) -> Iterator[str]:
    for one in record.get("resources") or []:
        named = _mapping(one).get("ARN") or _mapping(one).get("ResourceName")
        if named:
            yield resource_name(str(named))


def _summary(record: dict[str, Any], service: str, name: str) -> str:
    resource = printable(resource_of(record))
    about = f" on {resource}" if resource else ""
    told = _told(_mapping(record.get("requestParameters")), resource)
    code = record.get("errorCode")
    failed = f", refused with {printable(str(code))}" if code else ""
    who = printable(actor_of(record))
    return f"{who} called {service}:{name}{about}{told}{failed}"


def _told(asked: dict[str, Any], resource: str) -> str:
    scalars = [
        f"{key}={value}"
        for key, value in asked.items()
        if isinstance(value, str | int | float)
        and not _is_untold(key)
        and len(str(value)) <= LONGEST_TOLD
        and resource_name(str(value)) != resource
    ]
    return f" ({', '.join(scalars[:MOST_TOLD])})" if scalars else ""


def _act_id(record: dict[str, Any]) -> str:
    """Return what other sources know the act by: a deployment, an execution, else the request."""
    answer = _mapping(record.get("responseElements"))
    for key in ("deploymentId", "pipelineExecutionId"):
        if answer.get(key):
            return str(answer[key])
    for deployment in _mapping(answer.get("service")).get("deployments") or []:
        if _mapping(deployment).get("status") == "PRIMARY" and deployment.get("id"):
            return str(deployment["id"])
    return str(record.get("sharedEventID") or record.get("requestID") or record["eventID"])


def _mapping(value: Any) -> dict[str, Any]:
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}
