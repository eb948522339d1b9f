"""The timeline over its metrics, all on one time axis, the incident's phases shaded."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from opslib.analysis.incident.phases import incident_phases, response_phases
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.source_gaps import find_source_gaps
from opslib.coverage import Coverage
from opslib.present.incident.lanes import add_events, add_gaps, add_response, lanes_of
from opslib.present.incident.panels import add_panel, chosen_panels
from opslib.present.theme import PALETTE, UP, figure
from opslib.wording import count

__all__ = ["plot_timeline"]

LANE_PIXELS, PANEL_PIXELS = 26, 112
TITLE_PIXELS, AXIS_PIXELS, LEGEND_PIXELS = 48, 52, 64
PHASE_COLOURS = {
    "onset": UP,
    "detection": PALETTE[1],
    "acknowledgement": PALETTE[4],
    "mitigation": PALETTE[2],
}
PHASE_OPACITY = 0.18


def plot_timeline(
    analysis: IncidentAnalysis,
    coverage: Sequence[Coverage],
    timeline: pd.DataFrame | None = None,
) -> go.Figure:
    """Return events by source and time, over the metrics that left the usual.

    Args:
        analysis: what was found.
        coverage: of what was read; what a source could not tell is hatched.
        timeline: the events to draw, of those of the analysis; all of them where None.
    """
    events = analysis.timeline if timeline is None else timeline
    gaps = find_source_gaps(coverage, analysis.window)
    response = response_phases(analysis.times, analysis.window)
    lanes = lanes_of(analysis.timeline, gaps, answered=bool(response))
    panels = chosen_panels(analysis)
    lanes_pixels = LANE_PIXELS * max(3, len(lanes))
    plot_pixels = lanes_pixels + PANEL_PIXELS * len(panels)
    chart = _empty(plot_pixels)
    add_gaps(chart, gaps, lanes)
    drawn = add_events(chart, events, lanes)
    if response:
        add_response(chart, response, lanes)
    _lay_lanes(chart, lanes, 1 - lanes_pixels / plot_pixels)
    share = PANEL_PIXELS / plot_pixels
    for place, shown in enumerate(panels):
        bottom = share * (len(panels) - 1 - place)
        add_panel(chart, analysis, shown, place + 2, (bottom, bottom + share))
    _shade(chart, analysis)
    window = analysis.window
    chart.update_xaxes(range=[window.start.replace(tzinfo=None), window.end.replace(tzinfo=None)])
    if drawn < len(events):
        title = f"What happened when: {drawn:,} of {count(len(events), 'event')} drawn"
        chart.update_layout(title={"text": title})
    return chart


def _empty(plot_pixels: int) -> go.Figure:
    margins = TITLE_PIXELS + AXIS_PIXELS + LEGEND_PIXELS
    chart = figure("What happened when", height=plot_pixels + margins)
    chart.update_layout(
        barmode="overlay",
        bargap=0,
        hovermode="closest",
        uniformtext={"minsize": 9, "mode": "hide"},
        margin={"t": TITLE_PIXELS, "b": AXIS_PIXELS + LEGEND_PIXELS},
        legend={
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "font": {"size": 12},
            "itemsizing": "constant",
        },
    )
    chart.update_xaxes(
        type="date",
        anchor="free",
        position=0,
        ticks="outside",
        ticklen=8,
        tickcolor="rgba(0,0,0,0)",
        tickangle=0,
        title={"text": "time (UTC)", "standoff": 6},
    )
    return chart


def _lay_lanes(chart: go.Figure, lanes: dict[str, int], bottom: float) -> None:
    chart.update_layout(
        yaxis={
            "domain": [bottom, 1.0],
            "range": [max(3, len(lanes)) - 0.5, -0.5],
            "tickmode": "array",
            "tickvals": list(lanes.values()),
            "ticktext": list(lanes),
            "fixedrange": True,
            "automargin": True,
            "zeroline": False,
            "title": None,
        }
    )


def _shade(chart: go.Figure, analysis: IncidentAnalysis) -> None:
    for phase in incident_phases(analysis.times, analysis.window):
        chart.add_shape(
            type="rect",
            layer="below",
            x0=phase.start.replace(tzinfo=None),
            x1=phase.end.replace(tzinfo=None),
            yref="paper",
            y0=0,
            y1=1,
            fillcolor=PHASE_COLOURS[phase.begins],
            opacity=PHASE_OPACITY,
            line={"width": 0},
            name=phase.name,
            showlegend=True,
        )
