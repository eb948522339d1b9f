"""How usual changes are: who made which in the days before an incident, by LookupEvents.

Source: AWS CloudTrail API Reference, LookupEvents; as `opslib.aws.cloudtrail_lookup`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from opslib.aws.cloudtrail_lookup import MOST_PAGES, Lookup, event_of, note_limits, record_of
from opslib.aws.cloudtrail_records import principal_of
from opslib.aws.event_reads import Told
from opslib.aws.places import Place, read_places
from opslib.aws.reads import Fetched, Reads
from opslib.tables.change_history import CHANGE_HISTORY
from opslib.tables.event_rows import one_line
from opslib.timewindow import TimeWindow

__all__ = ["HISTORY_DAYS", "read_change_history"]

HISTORY_DAYS = 7


def read_change_history(
    reads: Reads,
    before: datetime,
    *,
    days: int = HISTORY_DAYS,
    most_pages: int = MOST_PAGES,
    wait: Callable[[float], None] = time.sleep,
) -> pd.DataFrame:
    """Read how often each principal made each change in the days before ``before``.

    Returns:
        Columns of `CHANGE_HISTORY`; what could not be read of the days is in coverage, so that
        what is rare is not taken for what is unread.
    """
    window = TimeWindow(start=before - timedelta(days=days), end=before)

    def fetch(place: Place) -> Fetched:
        told, lookup = Told(), Lookup(place, most_pages, wait)
        note_limits(told, window, reads.parameters.as_of)
        counted = _count(place, list(lookup.records(window)))
        if lookup.cut:
            told.lacks(*lookup.cut)
        gaps = told.fetched(window)
        return Fetched(frame=counted, status=gaps.status, detail=gaps.detail)

    asked = f"changes of the {days} days before {before:%Y-%m-%dT%H:%MZ}"
    return read_places(
        reads,
        "change history",
        asked,
        CHANGE_HISTORY,
        fetch,
        lambda _: {"start": window.start, "end": window.end, "pages": most_pages},
    )


def _count(place: Place, listed: list[dict[str, Any]]) -> pd.DataFrame:
    rows = []
    for told in listed:
        record = record_of(told) or {"userIdentity": {"userName": told.get("Username")}}
        event = event_of(place, told)
        principal = one_line(principal_of(record))
        failed = int(bool(record.get("errorCode")))
        rows.append((place.label, place.region, event.action, principal, failed, event.at))
    names = ["Account", "Region", "Action", "Principal", "Failed", "At"]
    frame = pd.DataFrame(rows, columns=names)
    counted = frame.groupby(names[:4], as_index=False).agg(
        Events=("Failed", "size"),
        Failed=("Failed", "sum"),
        FirstAt=("At", "min"),
        LastAt=("At", "max"),
    )
    return counted.astype({"Events": int, "Failed": int})
