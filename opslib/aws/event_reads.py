"""Reading one source of an incident's events in every account and region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.places import Place, join_parts, read_places
from opslib.aws.reads import FATAL, Fetched, ReadRequest, Reads
from opslib.coverage import CoverageStatus, status_of_error
from opslib.errors import ReadError
from opslib.tables.event_rows import Event, events_frame
from opslib.tables.timeline import EVENTS
from opslib.timewindow import TimeWindow

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["Told", "in_batches", "read_account_events", "read_event_source", "window_words"]

WORST_FIRST = (
    CoverageStatus.DENIED,
    CoverageStatus.THROTTLED,
    CoverageStatus.FAILED,
    CoverageStatus.NOT_FOUND,
    CoverageStatus.TRUNCATED,
    CoverageStatus.PARTIAL,
    CoverageStatus.UNSETTLED,
)


@dataclass(slots=True)
class Told:
    """What one place told of a source: its events, and what it could not tell.

    Args:
        events: in any order, in the window or not.
        gaps: what is missing, each with its status and one clause.
        refused: errors of what was asked one by one.
    """

    events: list[Event] = field(default_factory=list)
    gaps: list[tuple[CoverageStatus, str]] = field(default_factory=list)
    refused: list[ReadError] = field(default_factory=list)

    def ask(self, question: Callable[[], Any]) -> Any:
        """Return the answer, or None where it is refused, which is told.

        Raises:
            CredentialsError, Unreachable: nothing else would work either.
        """
        try:
            return question()
        except FATAL:
            raise
        except ReadError as error:
            self.refused.append(error)
            return None

    def lacks(self, status: CoverageStatus, clause: str) -> None:
        """Note what is missing."""
        self.gaps.append((status, clause))

    def lacks_before(self, kept_from: datetime, window: TimeWindow, why: str) -> None:
        """Note that the part of ``window`` before ``kept_from`` is not kept by the service."""
        if window.start < kept_from:
            remains = f"from {kept_from:%Y-%m-%dT%H:%MZ} on it remains"
            if kept_from >= window.end:
                remains = "nothing of it remains"
            self.lacks(
                CoverageStatus.PARTIAL,
                f"{why}: {window.start:%Y-%m-%dT%H:%MZ} is gone, {remains}",
            )

    def fetched(self, window: TimeWindow) -> Fetched:
        """Return the events of ``window`` with the coverage that the gaps leave."""
        gaps = list(self.gaps)
        for error in self.refused[:1]:
            others = f" and {len(self.refused) - 1} more" if self.refused[1:] else ""
            gaps.append((status_of_error(error), f"{error.what} [{error.where}]{others}"))
        found = [status for status, _ in gaps]
        worst = next((one for one in WORST_FIRST if one in found), CoverageStatus.COMPLETE)
        return Fetched(
            frame=events_frame(self.events, window),
            status=worst,
            detail="; ".join(dict.fromkeys(clause for _, clause in gaps)),
            remedy=next((error.remedy for error in self.refused), ""),
        )


def read_event_source(
    reads: Reads,
    source: str,
    window: TimeWindow,
    fetch: Callable[[Place], Told | Iterable[Event]],
    **arguments: Any,
) -> pd.DataFrame:
    """Read a source in every region of every account; columns of `EVENTS`.

    Args:
        reads: the context of the run.
        source: what the table calls it; coverage says ``<source> events``.
        window: events outside of it are left out.
        fetch: asks one place.
        arguments: what the answer depends on, beside window, account and region.
    """

    def ask(place: Place) -> Fetched:
        told = fetch(place)
        return (told if isinstance(told, Told) else Told(events=list(told))).fetched(window)

    asked = {"start": window.start, "end": window.end, **arguments}
    frame = read_places(
        reads, f"{source} events", window_words(window), EVENTS, ask, lambda _: asked
    )
    return frame.drop_duplicates(["Source", "Reference"], ignore_index=True)


def read_account_events(
    reads: Reads,
    source: str,
    window: TimeWindow,
    region: str,
    fetch: Callable[[Place], Told],
) -> pd.DataFrame:
    """Read a source that an account tells in one region for all of them; columns of `EVENTS`.

    Args:
        reads: the context of the run.
        source: what the table calls it.
        window: events outside of it are left out.
        region: where it is asked.
        fetch: asks one account.
    """

    def read(account: Account | None) -> Fetched:
        place = Place(reads, account, region)
        request = ReadRequest(
            table=f"{source} events",
            asked=window_words(window),
            schema=EVENTS,
            account=place.label,
            arguments={"start": window.start, "end": window.end},
        )
        return reads.read(request, lambda: fetch(place).fetched(window))

    frame = join_parts([part.frame for _, part in reads.fan_out(read)], EVENTS)
    return frame.drop_duplicates(["Source", "Reference"], ignore_index=True)


def in_batches(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    """Yield ``items`` as many at once as an operation takes."""
    for first in range(0, len(items), size):
        yield list(items[first : first + size])


def window_words(window: TimeWindow) -> str:
    """Return the window as coverage states it."""
    return f"{window.start:%Y-%m-%dT%H:%MZ} to {window.end:%Y-%m-%dT%H:%MZ}"
