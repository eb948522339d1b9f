"""CloudTrail's events on a timeline: who did what to what, in one sentence each.

Source: AWS CloudTrail User Guide, CloudTrail record contents, and userIdentity element. CloudTrail
gives times to the second. Of a call's parameters only short scalar ones whose names do not speak
of secrets or contents are told.

Kinds: a call that changes something is a change; one that failed changed nothing and is context,
as are sign-ins, reading calls and records of an unknown shape. An Insights event is a symptom: it
says that a rate of calls or of errors was unusual.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from opslib.aws.cloudtrail_resources import is_untold, parsed_mapping, resource_of
from opslib.tables.event_rows import Event, events_frame
from opslib.tables.resource_names import resource_name
from opslib.tables.timeline import EventKind
from opslib.wording import printable

__all__ = ["actor_of", "cloudtrail_timeline"]

Row = dict[str, Any]

MOST_TOLD, LONGEST_TOLD = 4, 60
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


def _summary(row: Row, service: str, name: str) -> str:
    resource = printable(resource_of(row))
    about = f" on {resource}" if resource else ""
    told = _told(parsed_mapping(row.get("RequestParameters")), resource)
    code = row.get("ErrorCode")
    failed = f", refused with {printable(str(code))}" if code else ""
    who = printable(actor_of(row))
    return f"{who} called {service}:{name}{about}{told}{failed}"


def _told(asked: dict[str, Any], resource: str) -> str:
    scalars = [
        f"{key}={value}"
        for key, value in sorted(asked.items())
        if isinstance(value, str | int | float)
        and not is_untold(key)
        and len(str(value)) <= LONGEST_TOLD
        and resource_name(str(value)) != resource
    ]
    return f" ({', '.join(scalars[:MOST_TOLD])})" if scalars else ""


def _act_id(row: Row) -> str:
    """Return what other sources know the act by: a deployment, an execution, else the event."""
    answer = parsed_mapping(row.get("ResponseElements"))
    for key in ("deploymentId", "pipelineExecutionId"):
        if answer.get(key):
            return str(answer[key])
    for deployment in parsed_mapping(answer.get("service")).get("deployments") or []:
        if parsed_mapping(deployment).get("status") == "PRIMARY" and deployment.get("id"):
            return str(deployment["id"])
    return str(row.get("SharedEventId") or row["EventId"])
