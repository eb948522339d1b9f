"""A window of logs in slices: what each is asked, and what of it could not be answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from opslib.aws.event_reads import Told, in_batches, window_words
from opslib.aws.log_insights import BYTES_A_GB, MOST_GROUPS, Answer, fetch_rows, start_query
from opslib.aws.places import Place
from opslib.coverage import CoverageStatus
from opslib.errors import ReadError
from opslib.timewindow import TimeWindow
from opslib.wording import printable

__all__ = ["Slices", "find_groups", "line_slices", "slices_of"]

LINE_SLICE, MOST_LINE_SLICES = timedelta(minutes=15), 64


@dataclass(slots=True)
class Slices:
    """The queries of one place, slice by slice until the limit is used up.

    Args:
        place: account and region.
        window: that is asked for.
        most_gb: scanned, beyond which no further slice is asked.
        wait: what waits, in seconds.
        told: what could not be answered.
        scanned: bytes so far.
    """

    place: Place
    window: TimeWindow
    most_gb: float
    wait: Callable[[float], None]
    told: Told = field(default_factory=Told)
    scanned: int = 0

    def answers(
        self, groups: Sequence[str], query: str, parts: Iterable[TimeWindow], limit: int
    ) -> Iterator[Answer]:
        """Yield the answer of every part and batch of groups; what fails is a gap."""
        for part in parts:
            if self.scanned >= self.most_gb * BYTES_A_GB:
                self.told.lacks(
                    CoverageStatus.TRUNCATED,
                    f"{self.scanned / BYTES_A_GB:.1f} GB were scanned, the limit is "
                    f"{self.most_gb:g}: nothing from {part.start:%Y-%m-%dT%H:%MZ} on was asked",
                )
                return
            for batch in in_batches(groups, MOST_GROUPS):
                yield self._answer(batch, query, part, limit)

    def _answer(self, groups: list[str], query: str, part: TimeWindow, limit: int) -> Answer:
        try:
            answer = fetch_rows(
                self.place, start_query(self.place, groups, query, part, limit), self.wait
            )
        except ReadError as error:
            if not self.scanned:
                raise
            self.told.lacks(CoverageStatus.FAILED, f"{window_words(part)}: {error.what}")
            return Answer(rows=[], scanned_bytes=0)
        self.scanned += answer.scanned_bytes
        return answer


def line_slices(window: TimeWindow) -> list[TimeWindow]:
    """Return the slices that lines are sampled in."""
    number = min(-(-window.duration // LINE_SLICE), MOST_LINE_SLICES)
    return list(slices_of(window, number))


def slices_of(window: TimeWindow, number: int) -> Iterator[TimeWindow]:
    """Yield at most ``number`` slices in order, each of whole minutes."""
    minutes = max(-(-window.duration // timedelta(minutes=number)), 1)
    step, start = timedelta(minutes=minutes), window.start
    while start < window.end:
        yield TimeWindow(start=start, end=min(start + step, window.end))
        start += step


def find_groups(slices: Slices, groups: Sequence[str]) -> list[str]:
    """Return the log groups that there are; what is absent or kept too briefly is a gap."""
    place = slices.place
    found = _listed_groups(slices.told, place, groups)
    for name, group in found.items():
        days = group.get("retentionInDays")
        if days:
            kept = place.reads.parameters.as_of - timedelta(days=days)
            slices.told.lacks_before(kept, slices.window, f"{printable(name)} is kept {days} days")
    return sorted(found)


def _listed_groups(told: Told, place: Place, groups: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in groups:
        listed = list(
            place.items("logs", "DescribeLogGroups", "logGroups", logGroupNamePrefix=name)
        )
        exact = [one for one in listed if one["logGroupName"] == name]
        found.update({one["logGroupName"]: one for one in exact or listed})
        if not listed:
            told.lacks(CoverageStatus.NOT_FOUND, f"no log group begins with {printable(name)}")
    return found
