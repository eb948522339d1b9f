"""Where a source tells nothing: which part of the window, of which account and region.

Method: every read of a source leaves a line of coverage. Of a line with a gap each clause is taken
by itself: one that says from when on the source tells, or until when, narrows the gap to that part
of the window; any other makes it the whole window. What may still come late is a gap too, from the
moment that its line names.
Assumption: clauses are worded as the readers word them; one that is worded otherwise makes the gap
too wide, never too narrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from opslib.coverage import Coverage, CoverageStatus
from opslib.timewindow import TimeWindow

__all__ = ["SourceGap", "find_source_gaps"]

EVENTS = " events"
LOGS = {"log errors": "logs", "error lines": "logs"}
MOMENT = r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z)"
UNTIL = re.compile(rf"(?:nothing before|from) {MOMENT}(?: was read| on it remains|$)")
SINCE = re.compile(rf"(?:since {MOMENT}$|nothing from {MOMENT} on was asked$)")
SPAN = re.compile(rf"^{MOMENT} to {MOMENT}: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGap:
    """A part of the window that a source tells nothing of, or not all.

    Args:
        source: as events call it, or the part of it that coverage tells of by itself.
        place: account and region; empty where none applies.
        strip, strips: which of the source's places it is, from 0, and how many there are.
        span: within the window.
        why: status and detail.
    """

    source: str
    place: str
    strip: int
    strips: int
    span: TimeWindow
    why: str


def find_source_gaps(coverage: Sequence[Coverage], window: TimeWindow) -> tuple[SourceGap, ...]:
    """Return the gaps of every source of events, by source, place and time.

    Args:
        coverage: of the run; lines that are about no source of events are passed over.
        window: of the incident.
    """
    lines = [(source, line) for line in coverage if (source := _source(line.table))]
    places: dict[str, list[str]] = {}
    for source, line in lines:
        known = places.setdefault(source, [])
        if (place := _place(line)) not in known:
            known.append(place)
    found = {
        SourceGap(
            source=source,
            place=_place(line),
            strip=places[source].index(_place(line)),
            strips=len(places[source]),
            span=span,
            why=f"{line.status.words}: {clause or line.asked}",
        )
        for source, line in lines
        for clause, span in _spans(line, window)
    }
    return tuple(sorted(found, key=lambda one: (one.source, one.strip, one.span.start, one.why)))


def _source(table: str) -> str:
    """Return the source that a table of coverage is about; '' for one without events."""
    if table.endswith(EVENTS):
        return table.removesuffix(EVENTS)
    return LOGS.get(table, "")


def _place(line: Coverage) -> str:
    return " ".join(part for part in (line.account, line.region) if part)


def _spans(line: Coverage, window: TimeWindow) -> Iterable[tuple[str, TimeWindow]]:
    """Yield each clause of what is missing, with the part of the window that it leaves untold."""
    if not line.status.is_gap and line.status is not CoverageStatus.UNSETTLED:
        return
    for clause in line.detail.split("; "):
        named = _named_span(clause, window)
        if named is None and line.status is CoverageStatus.UNSETTLED:
            continue
        start, end = named or (window.start, window.end)
        start, end = max(start, window.start), min(end, window.end)
        if start < end:
            yield clause, TimeWindow(start=start, end=end)


def _named_span(clause: str, window: TimeWindow) -> tuple[datetime, datetime] | None:
    if found := SPAN.search(clause):
        return _moment(found[1]), _moment(found[2])
    if found := UNTIL.search(clause):
        return window.start, _moment(found[1])
    if found := SINCE.search(clause):
        return _moment(found[1] or found[2]), window.end
    return None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
