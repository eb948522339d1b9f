"""The panels under the lanes: metrics on the same time axis, alarms' limits, gaps hatched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from pandas.tseries.frequencies import to_offset

from opslib.analysis.incident.alarm_limits import AlarmLimit
from opslib.analysis.incident.metric_gaps import find_metric_gaps
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.symptoms import ShownMetric
from opslib.present.incident.lanes import gap_area
from opslib.present.theme import PALETTE, TOTAL, plain_text
from opslib.timewindow import TimeWindow
from opslib.wording import printable

__all__ = ["add_panel", "chosen_panels"]

MOST_PANELS = 4
HEADROOM = 1.08
UNITS = {"percent": "%"}


def chosen_panels(analysis: IncidentAnalysis) -> list[ShownMetric]:
    """Return the symptom first, then the other metrics that left the usual, by their evidence.

    A metric that is silent has a place among them, since nobody knows whether it left the usual.
    """
    left = [
        one for one in analysis.shown if one.symptom.onset is not None or one is analysis.symptom
    ]
    left.sort(key=lambda one: (one is not analysis.symptom, -one.symptom.evidence, one.name))
    names = {one.name for one in left}
    silent = [one for one in analysis.shown if one.name not in names and _gaps(analysis, one)]
    silent.sort(key=lambda one: (-_silence(analysis, one), one.name))
    room = MOST_PANELS - min(1, len(silent))
    chosen = [*left[:room], *silent][:MOST_PANELS]
    return chosen or list(analysis.shown)[:MOST_PANELS]


def _gaps(analysis: IncidentAnalysis, shown: ShownMetric) -> tuple[TimeWindow, ...]:
    period = analysis.series[shown.metric.name].period
    return find_metric_gaps(shown.points, period, analysis.window)


def _silence(analysis: IncidentAnalysis, shown: ShownMetric) -> float:
    return sum(gap.duration.total_seconds() for gap in _gaps(analysis, shown))


def add_panel(
    chart: go.Figure,
    analysis: IncidentAnalysis,
    shown: ShownMetric,
    number: int,
    domain: tuple[float, float],
) -> None:
    """Draw one metric.

    Args:
        chart: with the lanes on its first value axis.
        analysis: whose window, series and limits it is of.
        shown: the metric.
        number: of its value axis, from 2 on.
        domain: bottom and top of the panel, title included, as shares of the plot.
    """
    window, axis = analysis.window, f"y{number}"
    period = analysis.series[shown.metric.name].period
    # The share of requests that failed is not in the unit that an alarm on the count has.
    limits = analysis.limits.get(shown.name, ())
    points = shown.points[(shown.points.index >= window.start) & (shown.points.index < window.end)]
    low, high = _extent(points, limits)
    if not points.empty:
        chart.add_trace(_line(shown, points.asfreq(to_offset(period)), axis))
    for limit in limits:
        chart.add_trace(_limit(limit, shown.unit, window, axis, first=_is_first_limit(chart)))
    for gap in _gaps(analysis, shown):
        chart.add_trace(
            gap_area(gap, axis, (low, high), "no datapoints", legend=_is_first_gap(chart))
        )
    bottom, top = domain
    layout: dict[str, Any] = {
        "domain": [bottom, bottom + (top - bottom) * 0.78],
        "title": {"text": UNITS.get(shown.unit, shown.unit), "standoff": 4},
        "range": [low, high],
        "fixedrange": True,
        "nticks": 3,
        "automargin": True,
        "gridcolor": "rgba(128,128,128,0.2)",
        "zeroline": False,
    }
    chart.update_layout({f"yaxis{number}": layout})
    chart.add_annotation(
        text=plain_text(printable(shown.name)),
        xref="paper",
        yref="paper",
        x=0,
        y=bottom + (top - bottom) * 0.79,
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
    )


def _extent(points: pd.Series, limits: Sequence[AlarmLimit]) -> tuple[float, float]:
    """Return the ends of the value axis: zero, every value and every limit lie within."""
    values = [0.0, *points.dropna(), *(limit.limit for limit in limits)]
    low, high = min(values), max(values)
    return _rounded(low * HEADROOM), _rounded(high * HEADROOM) or 1.0


def _line(shown: ShownMetric, points: pd.Series, axis: str) -> go.Scatter:
    """Return the metric's line, by its beginning and step: half of the size of a list of times."""
    step = (points.index[1] - points.index[0]).total_seconds() if len(points) > 1 else 0.0
    return go.Scatter(
        x0=points.index[0].tz_localize(None).to_pydatetime(),
        dx=step * 1000,
        y=[None if pd.isna(value) else _rounded(value) for value in points],
        yaxis=axis,
        mode="lines" if len(points) > 1 else "markers",
        line={"color": TOTAL, "width": 1.5},
        name=plain_text(printable(shown.name)),
        showlegend=False,
        connectgaps=False,
        hovertemplate="%{x|%d %b %H:%M} UTC: %{y:.4g} " + shown.unit + "<extra></extra>",
    )


def _rounded(value: float) -> float:
    """Return six significant digits: what a figure can show, and the same on every processor."""
    return float(f"{value:.6g}")


def _limit(
    limit: AlarmLimit, unit: str, window: TimeWindow, axis: str, *, first: bool
) -> go.Scatter:
    return go.Scatter(
        x=[moment.replace(tzinfo=None) for moment in (window.start, window.end)],
        y=[_rounded(limit.limit)] * 2,
        yaxis=axis,
        mode="lines",
        line={"color": PALETTE[1], "width": 1.5, "dash": "dot"},
        name="limit of an alarm",
        legendgroup="limit",
        showlegend=first,
        hovertemplate=f"alarm {plain_text(printable(limit.alarm))}: %{{y:.4g}} {unit}"
        "<extra></extra>",
    )


def _is_first_limit(chart: go.Figure) -> bool:
    return all(trace.legendgroup != "limit" for trace in chart.data)


def _is_first_gap(chart: go.Figure) -> bool:
    return all(trace.legendgroup != "not seen" for trace in chart.data)
