"""Events as the readers hand them on, made by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd

from opslib.analysis.incident.cloudtrail import classify_events
from opslib.tables.cloudtrail import CLOUDTRAIL_EVENTS
from opslib.tables.operations import OPERATIONS

OWN = "111122223333"
NOTHING_TOLD = pd.DataFrame(columns=list(OPERATIONS.columns))


def event(day: int = 0, number: int = 0, **values: Any) -> dict[str, Any]:
    """Return a call by the role ``deploy`` at noon of a day; ``values`` take its own's place."""
    moment = pd.Timestamp("2026-02-01T12:00:00Z") + pd.Timedelta(days=day, seconds=number)
    return {
        **dict.fromkeys(CLOUDTRAIL_EVENTS.columns),
        "EventTime": moment,
        "EventId": f"event-{day:02d}-{number:03d}",
        "EventType": "AwsApiCall",
        "EventCategory": "Management",
        "ManagementEvent": "true",
        "EventSource": "ecs.amazonaws.com",
        "EventName": "UpdateService",
        "AwsRegion": "eu-west-1",
        "AccountId": OWN,
        "PrincipalType": "AssumedRole",
        "Principal": f"arn:aws:iam::{OWN}:role/deploy",
        "SourceIpAddress": "192.0.2.7",
        "ReadOnly": "false",
        **values,
    }


def frame(*events: dict[str, Any]) -> pd.DataFrame:
    """Return the table of ``events``."""
    return pd.DataFrame(list(events), columns=list(CLOUDTRAIL_EVENTS.columns))


def classified(*events: dict[str, Any]) -> pd.DataFrame:
    """Return the table of ``events`` with what each is, by their records alone."""
    return classify_events(frame(*events), NOTHING_TOLD)
