"""Amazon RDS and Aurora: what happened to instances, clusters and what belongs to them.

Source: Amazon RDS API Reference, DescribeEvents (the last 14 days); Amazon RDS User Guide, Amazon
RDS event categories and event messages.

Kinds, by the event's categories, the first of: failover, failure, availability and low storage are
symptoms; recovery is a recovery; a change of configuration, creation, deletion, maintenance and
security patching are changes; any other is context.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pandas as pd

from opslib.aws.event_reads import Told, read_event_source
from opslib.aws.places import Place, utc
from opslib.aws.reads import Reads
from opslib.tables.event_rows import Event
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import printable

__all__ = ["read_rds_events"]

KEPT_DAYS = 14
KINDS = (
    (EventKind.SYMPTOM, {"failover", "failure", "availability", "low storage", "global-failover"}),
    (EventKind.RECOVERY, {"recovery"}),
    (
        EventKind.CHANGE,
        {
            "configuration change",
            "creation",
            "deletion",
            "maintenance",
            "security patching",
            "restoration",
        },
    ),
)


def read_rds_events(reads: Reads, window: TimeWindow) -> pd.DataFrame:
    """Read the events of databases, clusters, proxies and parameter groups; columns of `EVENTS`."""
    kept = reads.parameters.as_of - timedelta(days=KEPT_DAYS)

    def fetch(place: Place) -> Told:
        told = Told()
        told.lacks_before(kept, window, f"RDS keeps events {KEPT_DAYS} days")
        start = max(window.start, kept)
        if start < window.end:
            listed = place.items(
                "rds", "DescribeEvents", "Events", StartTime=start, EndTime=window.end
            )
            told.events.extend(_event(place, event) for event in listed)
        return told

    return read_event_source(reads, "rds", window, fetch)


def _event(place: Place, event: dict[str, Any]) -> Event:
    at = utc(event["Date"])
    assert at is not None
    name, message = str(event.get("SourceIdentifier", "")), str(event.get("Message", ""))
    categories = [str(one) for one in event.get("EventCategories", [])]
    kind = str(event.get("SourceType", "")).replace("-", " ")
    digest = hashlib.sha256(message.encode()).hexdigest()[:12]
    where = str(event.get("SourceArn") or f"{place.label}:{place.region}:{kind}:{name}")
    return Event(
        at=at,
        source="rds",
        kind=_kind({category.lower() for category in categories}),
        actor="rds",
        action=categories[0] if categories else "event",
        resource=name,
        service="rds",
        account=place.label,
        region=place.region,
        summary=f"{kind} {printable(name)}: {message}".strip(),
        reference=f"{where}:{at.isoformat()}:{digest}",
    )


def _kind(categories: set[str]) -> EventKind:
    found = (kind for kind, named in KINDS if categories & named)
    return next(found, EventKind.CONTEXT)
