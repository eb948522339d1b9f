"""Which events of a timeline are wanted, and which of them people marked."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd

from opslib.parameters.incident_file import IncidentFile
from opslib.timewindow import TimeWindow

__all__ = ["EventFilter", "filter_events", "marked_events", "unknown_marks"]

SEARCHED = ("Summary", "Action", "Resource", "Actor", "Note")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """What is wanted; all of it has to hold, and what is empty asks for nothing.

    Args:
        sources, kinds, services: any of them; a record of one of the sources is enough.
        actor: part of who acted, in any case.
        words: each of them in what an event says, does, is about, who did it, or its note.
        marked: only what people starred or noted.
        span: when it happened.
    """

    sources: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    actor: str = ""
    words: str = ""
    marked: bool = False
    span: TimeWindow | None = None


def filter_events(timeline: pd.DataFrame, wanted: EventFilter) -> pd.DataFrame:
    """Return the events that are wanted, in their order.

    Args:
        timeline: columns of `opslib.tables.timeline.TIMELINE`.
        wanted: which.
    """
    keep = pd.Series(data=True, index=timeline.index)
    if wanted.sources:
        told = timeline["Sources"].map(
            lambda names: not wanted.sources.isdisjoint(json.loads(names))
        )
        keep &= told.astype(bool)
    for column, asked in (("Kind", wanted.kinds), ("Service", wanted.services)):
        if asked:
            keep &= timeline[column].isin(asked)
    if wanted.actor:
        keep &= _holds(timeline["Actor"], wanted.actor)
    for word in wanted.words.split():
        found = [_holds(timeline[column], word) for column in SEARCHED]
        keep &= pd.concat(found, axis=1).any(axis=1)
    if wanted.marked:
        keep &= timeline["IsStarred"] | (timeline["Note"] != "")
    if wanted.span is not None:
        keep &= (timeline["At"] >= wanted.span.start) & (timeline["At"] < wanted.span.end)
    return timeline[keep]


def _holds(texts: pd.Series, part: str) -> pd.Series:
    return texts.str.casefold().str.contains(part.casefold(), regex=False)


def marked_events(timeline: pd.DataFrame, file: IncidentFile | None) -> pd.DataFrame:
    """Return the timeline with the stars and notes that a file holds, and no others."""
    stars, notes = (set(file.stars), file.notes) if file else (set(), {})
    ids = timeline["EventId"]
    told = [notes.get(event_id, "") for event_id in ids]
    return timeline.assign(IsStarred=ids.isin(stars), Note=told)


def unknown_marks(timeline: pd.DataFrame, file: IncidentFile | None) -> tuple[str, ...]:
    """Return the ids with a star or note whose event was not read, in order.

    The id of an event is of all of its records: a source that is read, or refused, for the first
    time gives it another one.
    """
    if file is None:
        return ()
    return tuple(sorted({*file.stars, *file.notes} - set(timeline["EventId"])))
