"""The timeline over its metrics: lanes by source, metric panels below, onset to recovery shaded.

Where a lane holds more events than a figure can show, of neighbours of one kind only every so
manyth is drawn; the table and the exports hold all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from pandas.tseries.frequencies import to_offset

from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.symptoms import ShownMetric
from opslib.coverage import Coverage, gaps
from opslib.present.theme import DOWN, MUTED, PALETTE, TOTAL, UP, figure, plain_text
from opslib.tables.timeline import EventKind
from opslib.wording import printable

__all__ = ["plot_timeline"]

MOST_DRAWN = 1500
MOST_PANELS = 4
LANE_PIXELS, PANEL_PIXELS = 26, 110
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


def plot_timeline(
    analysis: IncidentAnalysis,
    coverage: Sequence[Coverage],
    timeline: pd.DataFrame | None = None,
) -> go.Figure:
    """Return events by source and time, over the metrics that left the usual.

    Args:
        analysis: what was found.
        coverage: of what was read; a lane of a source with a gap says so.
        timeline: the events to draw; all of them where None.
    """
    events = analysis.timeline if timeline is None else timeline
    told = events.assign(Lane=[json.loads(sources)[0] for sources in events["Sources"]])
    lanes = sorted(told["Lane"].unique(), reverse=True)
    panels = _panels(analysis)
    lanes_pixels = LANE_PIXELS * max(3, len(lanes))
    height = 110 + lanes_pixels + PANEL_PIXELS * len(panels)
    chart = figure("What happened when", height=height)
    bottom = PANEL_PIXELS * len(panels) / (height - 96) if panels else 0.0
    _add_events(chart, told, lanes, _named(lanes, coverage))
    chart.update_layout(yaxis={"domain": [bottom, 1.0], "automargin": True, "title": None})
    for place, shown in enumerate(panels):
        _add_panel(chart, analysis, shown, place, bottom / len(panels))
    _shade(chart, analysis)
    window = analysis.window
    chart.update_layout(
        xaxis={"range": [window.start, window.end], "anchor": "free", "position": 0}
    )
    return chart


def _panels(analysis: IncidentAnalysis) -> list[ShownMetric]:
    """Return the symptom first, then the other metrics that left the usual, by their evidence."""
    left = [one for one in analysis.shown if one.symptom.onset is not None]
    left.sort(key=lambda one: (one is not analysis.symptom, -one.symptom.evidence, one.name))
    return (left or list(analysis.shown))[:MOST_PANELS]


def _named(lanes: Sequence[str], coverage: Sequence[Coverage]) -> dict[str, str]:
    missing = [line.table for line in gaps(coverage)]
    return {
        lane: f"{lane} (gaps)" if any(table.startswith(lane) for table in missing) else lane
        for lane in lanes
    }


def _add_events(
    chart: go.Figure, told: pd.DataFrame, lanes: Sequence[str], names: dict[str, str]
) -> None:
    thinned = _thinned(told)
    for kind in EventKind:
        of_kind = thinned[thinned["Kind"] == kind.value]
        if of_kind.empty:
            continue
        chart.add_trace(
            go.Scatter(
                x=list(of_kind["At"]),
                y=[names[lane] for lane in of_kind["Lane"]],
                mode="markers",
                name=kind.value,
                marker={
                    "symbol": MARKS[kind],
                    "color": COLOURS[kind],
                    "size": [13 if star else 9 for star in of_kind["IsStarred"]],
                },
                text=[plain_text(printable(summary)) for summary in of_kind["Summary"]],
                hovertemplate="%{x|%H:%M:%S} %{text}<extra></extra>",
            )
        )
    chart.update_yaxes(categoryorder="array", categoryarray=[names[lane] for lane in lanes])


def _thinned(told: pd.DataFrame) -> pd.DataFrame:
    """Leave out neighbours of one lane and kind, never a star."""
    if len(told) <= MOST_DRAWN:
        return told
    step = -(-len(told) // MOST_DRAWN)
    place = told.groupby(["Lane", "Kind"]).cumcount()
    return told[(place % step == 0) | told["IsStarred"]]


def _add_panel(
    chart: go.Figure, analysis: IncidentAnalysis, shown: ShownMetric, place: int, share: float
) -> None:
    window, axis = analysis.window, f"y{place + 2}"
    inside = shown.points[(shown.points.index >= window.start) & (shown.points.index < window.end)]
    regular = inside.asfreq(to_offset(analysis.series[shown.metric.name].period))
    chart.add_trace(
        go.Scatter(
            x=list(regular.index),
            y=list(regular),
            yaxis=axis,
            mode="lines",
            line={"color": TOTAL, "width": 1.5},
            name=plain_text(printable(shown.name)),
            showlegend=False,
            connectgaps=False,
            hovertemplate="%{x|%H:%M} %{y:.4g}<extra></extra>",
        )
    )
    low = share * place
    layout: dict[str, Any] = {
        "domain": [low + 0.02, low + share * 0.8],
        "title": {"text": shown.unit},
        "rangemode": "tozero",
        "nticks": 3,
    }
    chart.update_layout({f"yaxis{place + 2}": layout})
    chart.add_annotation(
        text=plain_text(printable(shown.name)),
        xref="paper",
        yref="paper",
        x=0,
        y=low + share * 0.82,
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
    )


def _shade(chart: go.Figure, analysis: IncidentAnalysis) -> None:
    onset = analysis.times.onset
    if onset is None:
        return
    recovery = analysis.times.recovery
    chart.add_shape(
        type="rect",
        x0=onset.earliest,
        x1=recovery.latest if recovery else analysis.window.end,
        yref="paper",
        y0=0,
        y1=1,
        fillcolor=UP,
        opacity=0.1,
        line={"width": 0},
    )
