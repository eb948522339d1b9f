"""How usual changes are: who made which in the days before an incident, by LookupEvents.

Source: AWS CloudTrail API Reference, LookupEvents; as `opslib.aws.cloudtrail_lookup`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd

from opslib.aws.cloudtrail_lookup import MOST_PAGES, REQUESTS_PER_SECOND, look_up
from opslib.aws.places import Place, read_places
from opslib.aws.reads import Fetched, Reads
from opslib.tables.change_history import CHANGE_HISTORY, HISTORY_KEYS
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
    """Read what was changed in the days before ``before``, counted.

    Args:
        reads: the context of the run.
        before: the window's beginning.
        days: so many.
        most_pages: of 50 events, in an account and region.
        wait: what waits between the pages, in seconds.

    Returns:
        Columns of `CHANGE_HISTORY`; what could not be read of the days is in coverage, so that
        what is unread is not taken for what is rare.
    """
    window = TimeWindow(start=before - timedelta(days=days), end=before)

    def fetch(place: Place) -> Fetched:
        wait(1 / REQUESTS_PER_SECOND)  # the window's own lookup went before
        events, told = look_up(place, window, most_pages, wait)
        return replace(told.fetched(window), frame=_counted(events))

    return read_places(
        reads,
        "change history",
        f"changes of the {days} days before {before:%Y-%m-%dT%H:%MZ}",
        CHANGE_HISTORY,
        fetch,
        lambda _: {"start": window.start, "end": window.end, "pages": most_pages},
    )


def _counted(events: pd.DataFrame) -> pd.DataFrame:
    keys = ["Hour", *HISTORY_KEYS]
    hours = events.assign(Hour=events["EventTime"].dt.floor("h"))
    counted = hours.groupby(keys, dropna=False).size().rename("Events").reset_index()
    return counted.astype({"Events": object})
