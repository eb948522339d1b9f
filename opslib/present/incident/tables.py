"""The tables of an incident: what to suspect, and the events around the onset."""

from __future__ import annotations

from typing import Final

import pandas as pd

from opslib.analysis.incident.change_words import describe_change
from opslib.analysis.incident.clock_skew import describe_skews
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.present.html import Column, Html, stacked, table
from opslib.present.incident.event_list import list_events, list_unknown_marks
from opslib.wording import count, printable

__all__ = ["tabulate_events", "tabulate_suspects"]

FIGURE: Final = "figure"


def tabulate_suspects(analysis: IncidentAnalysis, top: int) -> Html:
    """Return changes and components to suspect, each with what speaks for it."""
    return stacked(_changes(analysis, top), _components(analysis, top))


def _changes(analysis: IncidentAnalysis, top: int) -> Html:
    rows = [
        (suspect, describe_change(suspect, analysis.times.onset))
        for suspect in (analysis.changes or ())[:top]
    ]
    cells = [
        (
            str(suspect.rank),
            f"{printable(suspect.operation)} {printable(analysis.resources[suspect.event_id])}",
            f"{suspect.time:%H:%M:%S}, {told.time}",
            f"by {told.origin}; {told.place}; {told.rarity}; touches {told.consequence}",
            suspect.confidence.value,
            f"{suspect.factors.score:+.1f}",
        )
        for suspect, told in rows
    ]
    columns = [
        Column("", FIGURE),
        Column("Change"),
        Column("When (UTC)"),
        Column("Who and how, where, how rare, what it touches", "sentence"),
        Column("Confidence"),
        Column("Log-odds", FIGURE),
    ]
    return table(columns, cells, caption="Changes to suspect", note=_changes_note(analysis))


def _changes_note(analysis: IncidentAnalysis) -> str:
    if analysis.changes is None:
        return "The changes of the account were not read."
    if not analysis.changes:
        return "No change before the onset was read."
    first = analysis.changes[0]
    why = f" The first is no surer since {'; '.join(first.reservations)}."
    return (
        "Suspects, never causes. Log-odds add up from one in a thousand on; rarity rests on "
        f"{count(first.past_periods, 'period')} of the past.{why if first.reservations else ''}"
    )


def _components(analysis: IncidentAnalysis, top: int) -> Html:
    ranking = analysis.components
    suspects = ranking.suspects if ranking else ()
    rows = [
        (
            str(place),
            printable(one.component),
            f"{one.score:.2f}",
            f"{one.explained:.0%}",
            f"{one.significance:.1f}",
            "" if one.distance is None else str(one.distance),
            printable(one.departure),
        )
        for place, one in enumerate(suspects[:top], start=1)
        if one.score > 0
    ]
    note = f"Components are not ranked: {printable(analysis.unranked)}."
    if ranking is not None:
        why = "; ".join(ranking.reservations)
        note = (
            "The first is more than quiet windows show." if ranking.confident else f"Unsure: {why}."
        )
    names = ["", "Component", "Score", "Explained", "Deviations", "Calls away", "Beside"]
    figures = {"", "Score", "Explained", "Deviations", "Calls away"}
    columns = [Column(name, FIGURE) if name in figures else Column(name) for name in names]
    return table(columns, rows, caption="Components to suspect", note=note)


def tabulate_events(analysis: IncidentAnalysis, top: int) -> Html:
    """Return the events around the onset and all that people marked; the rest is in a file."""
    events = analysis.timeline
    onset = analysis.times.onset
    if len(events) > top:
        begin = onset.earliest if onset is not None else analysis.window.start
        distance = (events["At"] - begin).abs()
        marked = events["IsStarred"] | (events["Note"] != "")
        near = distance.mask(marked, pd.Timedelta(0)).sort_values(kind="stable")
        events = events.loc[sorted(near.index[: max(top, int(marked.sum()))])]
    which = "those that people marked and those nearest to the onset"
    note = (
        f"{len(events)} of {count(len(analysis.timeline), 'event')}, {which}; all are in "
        f"tables/timeline.csv. {describe_skews(analysis.skews)}"
    )
    listed = list_events(events, caption="The timeline", note=note)
    lost = list_unknown_marks(analysis.timeline, analysis.file)
    return stacked(listed, lost) if lost else listed
