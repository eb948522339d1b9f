"""AWS Health: what AWS itself says of its services, and of what it will change in the account.

Source: AWS Health API Reference, DescribeEvents and DescribeEventDetails (90 days). The API answers
accounts with a Business, Enterprise On-Ramp or Enterprise support plan alone, from one region of a
partition; without a plan there is a gap, not an AWS without trouble.

Kinds: the beginning of an issue is a symptom and its end a recovery; a scheduled change, a
notification or an investigation is context.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pandas as pd

from opslib.aws.event_reads import Told, in_batches, read_account_events
from opslib.aws.places import Place, utc
from opslib.aws.reads import Reads
from opslib.errors import AccessDenied, ReadError
from opslib.tables.event_rows import Event
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import printable

__all__ = ["read_health_events"]

KEPT_DAYS = 90
DETAILS_A_CALL = 10
NO_PLAN = "SubscriptionRequiredException"
HOMES = {"cn-": "cn-northwest-1", "us-gov-": "us-gov-west-1"}


def read_health_events(reads: Reads, window: TimeWindow) -> pd.DataFrame:
    """Read what began or ended in ``window``, in every region; columns of `EVENTS`."""
    kept = reads.parameters.as_of - timedelta(days=KEPT_DAYS)
    region = reads.parameters.region
    home = next((where for start, where in HOMES.items() if region.startswith(start)), "us-east-1")

    def fetch(place: Place) -> Told:
        told = Told()
        told.lacks_before(kept, window, f"AWS Health keeps events {KEPT_DAYS} days")
        listed = _listed(place, window)
        said = told.ask(lambda: _details(place, listed)) or {}
        for event in listed:
            told.events.extend(_events(place, event, said.get(event["arn"], "")))
        return told

    return read_account_events(reads, "health", window, home, fetch)


def _listed(place: Place, window: TimeWindow) -> list[dict[str, Any]]:
    wanted = {"lastUpdatedTimes": [{"from": window.start}]}
    try:
        listed = list(place.items("health", "DescribeEvents", "events", filter=wanted))
    except ReadError as error:
        if NO_PLAN not in error.what:
            raise
        raise AccessDenied(
            "AWS Health answers accounts with a Business or Enterprise support plan alone",
            where=error.where,
            remedy="Look at the Health Dashboard by hand, or leave the source out.",
        ) from None
    return [event for event in listed if event.get("startTime")]


def _details(place: Place, listed: list[dict[str, Any]]) -> dict[str, str]:
    said = {}
    for batch in in_batches([event["arn"] for event in listed], DETAILS_A_CALL):
        told = place.call("health", "DescribeEventDetails", eventArns=batch)
        for one in told.get("successfulSet", []):
            description = one.get("eventDescription", {}).get("latestDescription", "")
            said[one["event"]["arn"]] = str(description)
    return said


def _events(place: Place, event: dict[str, Any], said: str) -> Iterator[Event]:
    is_issue = event.get("eventTypeCategory") == "issue"
    began = EventKind.SYMPTOM if is_issue else EventKind.CONTEXT
    yield _event(place, event, event["startTime"], began, f"began: {said}" if said else "began")
    if event.get("endTime"):
        ended = EventKind.RECOVERY if is_issue else EventKind.CONTEXT
        yield _event(place, event, event["endTime"], ended, "ended")


def _event(place: Place, event: dict[str, Any], moment: Any, kind: EventKind, said: str) -> Event:
    at, service = utc(moment), str(event.get("service", ""))
    assert at is not None
    code = printable(str(event.get("eventTypeCode", "")))
    region = str(event.get("region", ""))
    ended = ":ended" if said == "ended" else ""
    return Event(
        at=at,
        source="health",
        kind=kind,
        actor="aws",
        action=code,
        service=service.lower(),
        account=place.label,
        region=region,
        summary=f"AWS Health, {printable(service)} in {region or 'all regions'}: {code} {said}",
        reference=f"{event['arn']}{ended}",
    )
