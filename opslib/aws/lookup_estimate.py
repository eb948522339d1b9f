"""How long CloudTrail's LookupEvents will take, said beforehand from a few of its pages.

Method: CloudTrail does not count. One page is asked for the whole span; where it does not hold all,
the page of 50 changing events that ends at each quarter is, and the rate before each holds for its
quarter. Assumption: the rate within a quarter is that of its last events; the interval spans the
least and the most of the probed rates.
Failure mode: a burst between two probes is not seen, and the reading takes longer than said.
Source: AWS CloudTrail API Reference, LookupEvents (50 a page, two requests a second in an account
and region).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from opslib.aws.change_history import HISTORY_DAYS
from opslib.aws.cloudtrail_lookup import CHANGING, PAGE_EVENTS, REQUESTS_PER_SECOND
from opslib.aws.event_reads import window_words
from opslib.aws.places import Place, read_places, utc
from opslib.aws.reads import MOST_THREADS, Reads
from opslib.tables.lookup_probes import LOOKUP_PROBES
from opslib.timewindow import TimeWindow

__all__ = ["LookupEstimate", "estimate_lookup", "probe_lookup"]

PROBES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupEstimate:
    """How many events there are to read, and how long that takes at CloudTrail's pace.

    Args:
        places: accounts and regions that answered a probe; the others are in coverage.
        events: about how many changing events there are.
        seconds_low: with the least rate that was probed.
        seconds: about how long all of it takes.
        seconds_high: with the most.
    """

    places: int
    events: int
    seconds_low: float
    seconds: float
    seconds_high: float

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        return (
            f"about {self.events:,} changing events in {self.places} accounts and regions take "
            f"about {self.seconds:,.0f} seconds to look up "
            f"({self.seconds_low:,.0f} to {self.seconds_high:,.0f})"
        )


def probe_lookup(
    reads: Reads,
    window: TimeWindow,
    *,
    history_days: int = HISTORY_DAYS,
    wait: Callable[[float], None] = time.sleep,
) -> pd.DataFrame:
    """Ask for a few pages of the window and of its history.

    Args:
        reads: the context of the run.
        window: that `read_cloudtrail_events` is to read.
        history_days: those that `read_change_history` is to read before it.
        wait: what waits between the pages, in seconds.

    Returns:
        Columns of `LOOKUP_PROBES`; two to eight requests an account and region.
    """
    history = TimeWindow(start=window.start - timedelta(days=history_days), end=window.start)

    def fetch(place: Place) -> list[tuple[Any, ...]]:
        parts = (("window", window), ("history", history))
        return [row for part, span in parts for row in _probes(place, part, span, wait)]

    return read_places(
        reads,
        "cloudtrail probes",
        window_words(TimeWindow(start=history.start, end=window.end)),
        LOOKUP_PROBES,
        fetch,
        lambda _: {"start": window.start, "end": window.end, "days": history_days},
    )


def _probes(
    place: Place, part: str, span: TimeWindow, wait: Callable[[float], None]
) -> list[tuple[Any, ...]]:
    """Return one row that counts all, or one a quarter, the last first."""
    rows = []
    for number in range(PROBES, 0, -1):
        until = span.start + span.duration * number / PROBES
        events, seconds, holds_all = _probe(place, span.start, until)
        rows.append((place.label, place.region, part, until, events, seconds))
        wait(1 / REQUESTS_PER_SECOND)
        if holds_all and number == PROBES:
            break
    return rows


def _probe(place: Place, since: datetime, until: datetime) -> tuple[int, float, bool]:
    """Return how many events a page holds, the seconds that they span, and if they are all."""
    page = place.call(
        "cloudtrail",
        "LookupEvents",
        LookupAttributes=CHANGING,
        StartTime=since,
        EndTime=until - timedelta(seconds=1),
    )
    listed, holds_all = page.get("Events", []), not page.get("NextToken")
    oldest = since if holds_all or not listed else utc(listed[-1]["EventTime"])
    return len(listed), max((until - (oldest or since)).total_seconds(), 1.0), holds_all


def estimate_lookup(
    probes: pd.DataFrame, window: TimeWindow, *, history_days: int = HISTORY_DAYS
) -> LookupEstimate:
    """Return how long `read_cloudtrail_events` and `read_change_history` will take.

    Args:
        probes: columns of `LOOKUP_PROBES`.
        window: that of the probes.
        history_days: those of the probes.
    """
    lengths = {
        "window": window.duration.total_seconds(),
        "history": timedelta(days=history_days).total_seconds(),
    }
    probed = probes.assign(Rate=probes["Events"] / probes["Seconds"])
    spans = [
        (f"{account} {region}", lengths[str(part)], rates["Rate"])
        for (account, region, part), rates in probed.groupby(["Account", "Region", "Part"])
    ]
    return LookupEstimate(
        places=len({place for place, _, _ in spans}),
        events=round(sum(length * rates.mean() for _, length, rates in spans)),
        seconds_low=_seconds([(place, length * rates.min()) for place, length, rates in spans]),
        seconds=_seconds([(place, length * rates.mean()) for place, length, rates in spans]),
        seconds_high=_seconds([(place, length * rates.max()) for place, length, rates in spans]),
    )


def _seconds(events: list[tuple[str, float]]) -> float:
    """Return the time for so many events a place, places side by side as far as threads go."""
    a_place: dict[str, float] = {}
    for place, number in events:
        pages = max(math.ceil(number / PAGE_EVENTS), 1)
        a_place[place] = a_place.get(place, 0.0) + pages / REQUESTS_PER_SECOND
    if not a_place:
        return 0.0
    return max(*a_place.values(), sum(a_place.values()) / MOST_THREADS)
