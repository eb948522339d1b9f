"""The lanes of the timeline: events by source, and hatched what a source could not tell.

Where there are more events than a figure can show, each kind of a source keeps an equal allowance:
rare kinds are drawn whole, of plentiful ones every so manyth event, and never is a star or a note
left out. The table and the exports hold all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from opslib.analysis.incident.phases import IncidentPhase
from opslib.analysis.incident.source_gaps import SourceGap
from opslib.present.theme import DOWN, MUTED, PALETTE, TOTAL, UP, plain_text
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import printable

__all__ = ["add_events", "add_gaps", "add_response", "gap_area", "lanes_of"]

MOST_DRAWN = 1500
RESPONSE = "response"
COLOURS = {
    EventKind.CHANGE: UP,
    EventKind.SYMPTOM: PALETTE[3],
    EventKind.DETECTION: PALETTE[1],
    EventKind.RESPONSE: PALETTE[0],
    EventKind.RECOVERY: DOWN,
    EventKind.CONTEXT: MUTED,
}
MARKS = {
    EventKind.CHANGE: "diamond",
    EventKind.SYMPTOM: "x",
    EventKind.DETECTION: "triangle-up",
    EventKind.RESPONSE: "circle",
    EventKind.RECOVERY: "square",
    EventKind.CONTEXT: "circle-open",
}
MARK_PIXELS, STAR_PIXELS = 9, 18
AFTER_EVENTS = 1001
"""Place in the legend: what is drawn first stands there after the kinds of events, 1000."""
LANE_SHARE = 0.86
"""Of a lane's height that its gap fills."""
HATCHED = {
    "shape": "/",
    "fgcolor": MUTED,
    "bgcolor": "rgba(0,0,0,0)",
    "size": 7,
    "solidity": 0.3,
    "fillmode": "replace",
}


def lanes_of(events: pd.DataFrame, gaps: Sequence[SourceGap], *, answered: bool) -> dict[str, int]:
    """Return each lane's place from the top: the response's phases, then the sources.

    Args:
        events: columns of `opslib.tables.timeline.TIMELINE`.
        gaps: a source that told nothing at all has a lane of its own.
        answered: there are phases of a response to show.
    """
    told = {name for sources in events["Sources"] for name in json.loads(sources)}
    names = [RESPONSE] if answered else []
    return {name: place for place, name in enumerate(names + sorted(told | _sources(gaps)))}


def _sources(gaps: Iterable[SourceGap]) -> set[str]:
    return {gap.source for gap in gaps}


def add_events(chart: go.Figure, events: pd.DataFrame, lanes: dict[str, int]) -> int:
    """Draw the events, a trace for each kind and one for stars; return how many are drawn."""
    drawn = _thinned(events)
    for kind in EventKind:
        of_kind = drawn[drawn["Kind"] == kind.value]
        if not of_kind.empty:
            marker = {"symbol": MARKS[kind], "color": COLOURS[kind], "size": MARK_PIXELS}
            chart.add_trace(_marks(of_kind, lanes, kind.value, marker))
    starred = drawn[drawn["IsStarred"]]
    if not starred.empty:
        ring = {"symbol": "star-open", "color": TOTAL, "size": STAR_PIXELS, "line": {"width": 2}}
        chart.add_trace(_marks(starred, lanes, "starred", ring))
    return len(drawn)


def _marks(
    events: pd.DataFrame, lanes: dict[str, int], name: str, marker: dict[str, Any]
) -> go.Scatter:
    return go.Scatter(
        x=[f"{at:%Y-%m-%d %H:%M:%S.%f}" for at in events["At"]],
        y=[lanes[source] for source in events["Source"]],
        mode="markers",
        name=name,
        marker=marker,
        text=[_hover(event) for event in events.to_dict("records")],
        customdata=list(events["EventId"]),
        hovertemplate="%{x|%d %b %H:%M:%S} UTC<br>%{text}<extra>%{fullData.name}</extra>",
    )


def _hover(event: dict[Any, Any]) -> str:
    parts = [event["Summary"], event["Actor"], event["Note"]]
    return "<br>".join(plain_text(printable(part)) for part in parts if part)


def _thinned(events: pd.DataFrame) -> pd.DataFrame:
    """Leave out neighbours of one source and kind, never a star or a note."""
    if len(events) <= MOST_DRAWN:
        return events
    groups = events.groupby(["Source", "Kind"])
    sizes = groups["EventId"].transform("size").to_numpy()
    place = groups.cumcount().to_numpy()
    most = _allowance([int(size) for size in groups.size()])
    # Of n events m are kept: those at which m * place / n passes a whole number.
    share = np.minimum(1.0, most / sizes)
    kept = np.floor((place + 1) * share + 1e-9) > np.floor(place * share + 1e-9)
    marked = events["IsStarred"].to_numpy() | (events["Note"] != "").to_numpy()
    drawn: pd.DataFrame = events[kept | marked]
    return drawn


def _allowance(sizes: Sequence[int]) -> float:
    """Return how many events of each group fit, so that all together are `MOST_DRAWN`."""
    left, groups = float(MOST_DRAWN), sorted(sizes)
    for place, size in enumerate(groups):
        fair = left / (len(groups) - place)
        if size > fair:
            return fair
        left -= size
    return float(MOST_DRAWN)


def add_gaps(chart: go.Figure, gaps: Sequence[SourceGap], lanes: dict[str, int]) -> None:
    """Hatch what could not be seen; of a lane of several places, the strip of each."""
    for number, gap in enumerate(gaps):
        height = LANE_SHARE / gap.strips
        top = lanes[gap.source] - LANE_SHARE / 2 + gap.strip * height
        why = " ".join(part for part in (gap.place, gap.why) if part)
        chart.add_trace(gap_area(gap.span, "y", (top, top + height), why, legend=number == 0))


def gap_area(
    span: TimeWindow, axis: str, place: tuple[float, float], why: str, *, legend: bool
) -> go.Scatter:
    """Return a hatched area over ``span``.

    Args:
        span: that nothing is known of.
        axis: the value axis that ``place`` is on.
        place: lower and upper end.
        why: told where the pointer is over it.
        legend: stand for all gaps in the legend.
    """
    start, end = (moment.replace(tzinfo=None) for moment in (span.start, span.end))
    low, high = place
    # No bars: plotly would no longer hide the texts in other bars that are too small to be read.
    return go.Scatter(
        x=[start, end, end, start],
        y=[low, low, high, high],
        yaxis=axis,
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillpattern=HATCHED,
        hoveron="fills",
        hoverinfo="text",
        text=f"not seen: {plain_text(printable(why))}",
        name="not seen",
        legendgroup="not seen",
        legendrank=AFTER_EVENTS,
        showlegend=legend,
    )


def add_response(chart: go.Figure, phases: Sequence[IncidentPhase], lanes: dict[str, int]) -> None:
    """Draw the phases of the response in the lane above all sources."""
    chart.add_trace(
        go.Bar(
            orientation="h",
            base=[phase.start.replace(tzinfo=None) for phase in phases],
            x=[(phase.end - phase.start).total_seconds() * 1000 for phase in phases],
            y=[lanes[RESPONSE]] * len(phases),
            width=LANE_SHARE,
            marker={"color": TOTAL, "opacity": [0.75, 0.6, 0.45, 0.3][: len(phases)]},
            text=[phase.name for phase in phases],
            textposition="inside",
            textangle=0,
            insidetextanchor="start",
            insidetextfont={"color": "#FFFFFF"},
            name="since detection",
            showlegend=False,
            hovertemplate="%{text} since the detection<extra></extra>",
        )
    )
