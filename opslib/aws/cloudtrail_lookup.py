"""CloudTrail's LookupEvents: the changing calls of a window.

Source: AWS CloudTrail API Reference, LookupEvents: management events of the last 90 days, 50 a
page, newest first, two requests a second in an account and region. Events are typically delivered
within 5 minutes and up to 15 (CloudTrail User Guide, How CloudTrail works): the last 15 minutes
before ``as_of`` are not settled. Data events are not told; log files hold them. Global services
(IAM, STS, CloudFront, Route 53) are recorded in one region of a partition.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from opslib.aws.cloudtrail_records import cloudtrail_event
from opslib.aws.event_reads import Told, read_event_source
from opslib.aws.places import Place
from opslib.aws.reads import Reads
from opslib.coverage import Coverage, CoverageStatus
from opslib.errors import Throttled
from opslib.tables.event_rows import Event
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow

__all__ = [
    "CHANGING",
    "MOST_PAGES",
    "PAGE_EVENTS",
    "REQUESTS_PER_SECOND",
    "Lookup",
    "event_of",
    "note_limits",
    "read_cloudtrail_events",
    "record_of",
]

CLOUDTRAIL = "cloudtrail"
PAGE_EVENTS, REQUESTS_PER_SECOND = 50, 2.0
KEPT_DAYS = 90
SETTLES = timedelta(minutes=15)
MOST_PAGES = 1200
"""Ten minutes of asking: 60,000 events."""
CHANGING = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]


@dataclass(slots=True)
class Lookup:
    """The pages of one place, at the pace that CloudTrail allows.

    Args:
        place: account and region.
        most_pages: how many are asked for at most.
        wait: what waits, in seconds.
        cut: why the pages ended before the window's start, with its status.
    """

    place: Place
    most_pages: int
    wait: Callable[[float], None] = time.sleep
    cut: tuple[CoverageStatus, str] | None = None
    reached: datetime | None = field(default=None, init=False)

    def records(self, window: TimeWindow) -> Iterator[dict[str, Any]]:
        """Yield the records of ``window``, newest first, as far as they can be read."""
        last = window.end - timedelta(seconds=1)  # EndTime is inclusive, to the second
        asked: dict[str, Any] = {
            "LookupAttributes": CHANGING,
            "StartTime": window.start,
            "EndTime": last,
        }
        token: dict[str, str] = {}
        for number in range(self.most_pages):
            if number:
                self.wait(1 / REQUESTS_PER_SECOND)
            try:
                page = self.place.call("cloudtrail", "LookupEvents", **asked, **token)
            except Throttled as error:
                if not number:
                    raise
                self._stop(CoverageStatus.THROTTLED, error.what)
                return
            yield from self._told(page)
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}
        self._stop(CoverageStatus.TRUNCATED, f"{self.most_pages} pages were asked for")

    def _told(self, page: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for event in page.get("Events", []):
            self.reached = event["EventTime"].astimezone(UTC)
            yield event

    def _stop(self, status: CoverageStatus, why: str) -> None:
        known = f"{self.reached:%Y-%m-%dT%H:%M:%SZ}" if self.reached else "the end"
        self.cut = (status, f"{why}: nothing before {known} was read")


def read_cloudtrail_events(
    reads: Reads,
    window: TimeWindow,
    *,
    most_pages: int = MOST_PAGES,
    wait: Callable[[float], None] = time.sleep,
) -> pd.DataFrame:
    """Read the changing calls of ``window``; columns of `EVENTS`, ObservedAt unknown.

    Args:
        reads: the context of the run.
        window: what is older than 90 days is gone.
        most_pages: of 50 events, in an account and region; coverage says what is left unread.
        wait: what waits between the pages, in seconds.
    """
    as_of = reads.parameters.as_of

    def fetch(place: Place) -> Told:
        told, lookup = Told(), Lookup(place, most_pages, wait)
        note_limits(told, window, as_of)
        told.events.extend(event_of(place, record) for record in lookup.records(window))
        if lookup.cut:
            told.lacks(*lookup.cut)
        return told

    _note_global_services(reads)
    return read_event_source(reads, CLOUDTRAIL, window, fetch, pages=most_pages)


def note_limits(told: Told, window: TimeWindow, as_of: datetime) -> None:
    """Note what of ``window`` is gone by ``as_of``, and what may still come."""
    kept = as_of - timedelta(days=KEPT_DAYS)
    told.lacks_before(kept, window, f"LookupEvents reaches back {KEPT_DAYS} days")
    if window.end > as_of - SETTLES:
        since = f"{as_of - SETTLES:%Y-%m-%dT%H:%MZ}"
        told.lacks(
            CoverageStatus.UNSETTLED,
            f"events are delivered up to 15 minutes late: more may come of what is since {since}",
        )


def event_of(place: Place, told: dict[str, Any]) -> Event:
    """Return the event of what LookupEvents lists; context where its record cannot be read."""
    record = record_of(told)
    if record is not None:
        return cloudtrail_event(record, account=place.label, region=place.region)
    service = str(told.get("EventSource") or "").removesuffix(".amazonaws.com")
    action = f"{service}:{told.get('EventName', '')}"
    return Event(
        at=told["EventTime"].astimezone(UTC),
        source=CLOUDTRAIL,
        kind=EventKind.CONTEXT,
        actor=str(told.get("Username") or "?"),
        action=action,
        service=service,
        account=place.label,
        region=place.region,
        summary=f"{told.get('Username') or '?'} called {action}; its record cannot be read",
        reference=str(told["EventId"]),
    )


def record_of(told: dict[str, Any]) -> dict[str, Any] | None:
    """Return the record inside of what LookupEvents lists; None where it cannot be read."""
    try:
        record = json.loads(told.get("CloudTrailEvent") or "")
    except ValueError:
        return None
    if not isinstance(record, dict):
        return None
    record = {"eventID": told["EventId"], "eventTime": told["EventTime"], **record}
    if record.get("readOnly") is None and told.get("ReadOnly") is not None:
        record["readOnly"] = told["ReadOnly"]
    if not record.get("resources"):
        record["resources"] = told.get("Resources") or []
    return record


def _note_global_services(reads: Reads) -> None:
    """Say where the records of global services are, for accounts whose regions leave it out."""
    for account in reads.parameters.accounts or (None,):
        regions = (account.regions if account else ()) or (reads.parameters.region,)
        home = _home_of_global(regions[0])
        if home not in regions:
            reads.note(
                Coverage(
                    table=f"{CLOUDTRAIL} events",
                    asked="changes of global services (IAM, CloudFront, Route 53)",
                    status=CoverageStatus.NOT_ASKED,
                    account=account.label if account else "",
                    region=home,
                    detail=f"they are recorded in {home}, which is not asked",
                    remedy=f"Add {home} to the account's regions.",
                )
            )


def _home_of_global(region: str) -> str:
    homes = {"cn-": "cn-north-1", "us-gov-": "us-gov-west-1"}
    found = [home for start, home in homes.items() if region.startswith(start)]
    return found[0] if found else "us-east-1"
