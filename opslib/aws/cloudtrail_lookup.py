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
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from opslib.aws.cloudtrail_timeline import cloudtrail_timeline
from opslib.aws.event_reads import Told, window_words
from opslib.aws.places import Place, read_places, redacted_json
from opslib.aws.reads import Fetched, Reads
from opslib.coverage import Coverage, CoverageStatus
from opslib.errors import Throttled
from opslib.tables.cloudtrail import CLOUDTRAIL_EVENTS
from opslib.tables.cloudtrail_log import EVENT_ORDER, gather_events
from opslib.tables.engine import FILE
from opslib.tables.log_engine import LogEngine
from opslib.timewindow import TimeWindow

__all__ = [
    "CHANGING",
    "MOST_PAGES",
    "PAGE_EVENTS",
    "REQUESTS_PER_SECOND",
    "look_up",
    "read_cloudtrail_events",
    "read_cloudtrail_lookup",
]

TABLE = "cloudtrail events"
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


def read_cloudtrail_lookup(
    reads: Reads,
    window: TimeWindow,
    *,
    most_pages: int = MOST_PAGES,
    wait: Callable[[float], None] = time.sleep,
) -> pd.DataFrame:
    """Read the changing calls of ``window``; columns of `CLOUDTRAIL_EVENTS`.

    Args:
        reads: the context of the run.
        window: what is older than 90 days is gone.
        most_pages: of 50 events, in an account and region; coverage says what is left unread.
        wait: what waits between the pages, in seconds.
    """

    def fetch(place: Place) -> Fetched:
        events, told = look_up(place, window, most_pages, wait)
        return replace(told.fetched(window), frame=events)

    _note_global_services(reads)
    asked = {"start": window.start, "end": window.end, "pages": most_pages}
    frame = read_places(
        reads, TABLE, window_words(window), CLOUDTRAIL_EVENTS, fetch, lambda _: asked
    )
    return frame.drop_duplicates("EventId", ignore_index=True)


def read_cloudtrail_events(
    reads: Reads,
    window: TimeWindow,
    *,
    most_pages: int = MOST_PAGES,
    wait: Callable[[float], None] = time.sleep,
) -> pd.DataFrame:
    """Read the changing calls of ``window``; columns of `EVENTS`.

    It is the read of `read_cloudtrail_lookup`: whoever wants both asks for that one, and has
    `opslib.aws.cloudtrail_timeline.cloudtrail_timeline` make these of it.
    """
    events = read_cloudtrail_lookup(reads, window, most_pages=most_pages, wait=wait)
    labels = {account.id: account.label for account in reads.parameters.accounts}
    return cloudtrail_timeline(events, labels)


def look_up(
    place: Place, window: TimeWindow, most_pages: int, wait: Callable[[float], None]
) -> tuple[pd.DataFrame, Told]:
    """Return the changing calls of one place, columns of `CLOUDTRAIL_EVENTS`, and what is missing.

    Raises:
        ReadError: what AWS refuses before anything was read.
    """
    told, lookup = Told(), Lookup(place, most_pages, wait)
    _note_limits(told, window, place.reads.parameters.as_of)
    records = [_record_of(told, listed) for listed in lookup.records(window)]
    if lookup.cut:
        told.lacks(*lookup.cut)
    return _normalised(told, records, window, f"LookupEvents in {place.region}"), told


def _normalised(
    told: Told, records: list[dict[str, Any]], window: TimeWindow, name: str
) -> pd.DataFrame:
    """Return records as log files' are: by the same expressions, of a file in passing."""
    with TemporaryDirectory() as folder, LogEngine() as engine:
        file = Path(folder) / "records.json"
        file.write_text(f'{{"Records": {redacted_json(records)}}}', encoding="utf-8")
        log = gather_events(engine, [file] if records else [], window)
        frame = engine.run(log.events.order_by(*EVENT_ORDER))
    for lost in log.losses.values():
        told.lacks(CoverageStatus.PARTIAL, f"answers not read whole: {lost}")
    times = pd.to_datetime(frame["EventTime"]).dt.tz_localize(UTC)
    return frame.assign(EventTime=times, **{FILE: name})


def _note_limits(told: Told, window: TimeWindow, as_of: datetime) -> None:
    kept = as_of - timedelta(days=KEPT_DAYS)
    told.lacks_before(kept, window, f"LookupEvents reaches back {KEPT_DAYS} days")
    if window.end > as_of - SETTLES:
        since = f"{as_of - SETTLES:%Y-%m-%dT%H:%MZ}"
        told.lacks(
            CoverageStatus.UNSETTLED,
            f"events are delivered up to 15 minutes late: more may come of what is since {since}",
        )


def _record_of(told: Told, listed: dict[str, Any]) -> dict[str, Any]:
    """Return the record inside of what LookupEvents lists, with what the list itself says of it."""
    try:
        record = json.loads(listed.get("CloudTrailEvent") or "")
    except ValueError:
        record = None
    if not isinstance(record, dict):
        told.lacks(CoverageStatus.PARTIAL, "some records cannot be read: told as they are listed")
        record = {"userIdentity": {"userName": listed.get("Username")}}
    known = {
        "eventID": listed["EventId"],
        "eventTime": f"{listed['EventTime'].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "eventName": listed.get("EventName"),
        "eventSource": listed.get("EventSource"),
        "readOnly": listed.get("ReadOnly"),
        "resources": listed.get("Resources"),
    }
    return {**known, **{key: value for key, value in record.items() if value is not None}}


def _note_global_services(reads: Reads) -> None:
    """Say where the records of global services are, for accounts whose regions leave it out."""
    for account in reads.parameters.accounts or (None,):
        regions = (account.regions if account else ()) or (reads.parameters.region,)
        home = _home_of_global(regions[0])
        if home not in regions:
            reads.note(
                Coverage(
                    table=TABLE,
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
