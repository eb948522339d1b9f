"""The tables of an incident: what to suspect, what could have told, how long it took, events."""

from __future__ import annotations

import json
from typing import Final

from opslib.analysis.incident.change_words import describe_change
from opslib.analysis.incident.durations import measure_intervals
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.wording import clock, lasted, moment
from opslib.present.html import Column, Html, stacked, table
from opslib.wording import count, printable

__all__ = ["tabulate_events", "tabulate_signals", "tabulate_suspects", "tabulate_times"]

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
            told.origin,
            f"{clock(suspect.time)}, {told.time}",
            told.place,
            told.rarity,
            told.consequence,
            suspect.confidence.value,
            f"{suspect.factors.score:+.1f}",
        )
        for suspect, told in rows
    ]
    names = ["", "Change", "Who and how", "When", "Where", "How rare", "What it touches"]
    columns = [
        *(Column(name, FIGURE) if name == "" else Column(name) for name in names),
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
    note = "No metric left the usual: no component is to suspect."
    if ranking is not None:
        why = "; ".join(ranking.reservations)
        note = (
            "The first is more than quiet windows show." if ranking.confident else f"Unsure: {why}."
        )
    names = ["", "Component", "Score", "Explained", "Deviations", "Calls away", "Beside"]
    figures = {"", "Score", "Explained", "Deviations", "Calls away"}
    columns = [Column(name, FIGURE) if name in figures else Column(name) for name in names]
    return table(columns, rows, caption="Components to suspect", note=note)


def tabulate_times(analysis: IncidentAnalysis) -> Html:
    """Return the times to detect, acknowledge, mitigate and recover, with what they rest on."""
    rows = [
        (
            interval.name,
            lasted(interval.span) if interval.span else "not known",
            moment(interval.start),
            moment(interval.end),
            printable(interval.end.by) if interval.end else "",
        )
        for interval in measure_intervals(analysis.times)
    ]
    columns = [Column(name) for name in ("Time", "Took", "From", "To", "By")]
    return table(columns, rows, caption="How long it took")


def tabulate_signals(analysis: IncidentAnalysis) -> Html:
    """Return what could have told, the earliest first."""
    rows = [
        (
            printable(signal.name),
            signal.kind,
            clock(signal.told_at) if signal.told_at else "never",
            ""
            if signal.after_onset is None
            else f"{signal.after_onset.total_seconds() / 60:+.1f} min",
        )
        for signal in analysis.signals
    ]
    columns = [
        Column("Signal"),
        Column("Kind"),
        Column("Told, or would have"),
        Column("After onset", FIGURE),
    ]
    return table(columns, rows, caption="When could it have been known?")


def tabulate_events(analysis: IncidentAnalysis, top: int) -> Html:
    """Return the events around the onset; the whole timeline is beside the report."""
    events = analysis.timeline
    onset = analysis.times.onset
    if onset is not None and len(events) > top:
        near = (events["At"] - onset.earliest).abs().sort_values(kind="stable").index[:top]
        events = events.loc[sorted(near)]
    rows = [
        (
            f"{'~' if row['IsOrderUncertain'] else ''}{row['At']:%d %b %H:%M:%S}",
            row["Kind"],
            printable(row["Summary"]) + (f" [{printable(row['Note'])}]" if row["Note"] else ""),
            printable(row["Actor"].rpartition("/")[2]),
            ", ".join(json.loads(row["Sources"])),
        )
        for row in events.head(top).to_dict("records")
    ]
    note = (
        f"{len(rows)} of {count(len(analysis.timeline), 'event')}, those nearest to the onset; all "
        "are in tables/timeline.csv. ~: the order of neighbours is uncertain."
    )
    columns = [Column(name) for name in ("Time (UTC)", "Kind", "What", "Who", "Recorded by")]
    return table(columns, rows, caption="The timeline", note=note)
