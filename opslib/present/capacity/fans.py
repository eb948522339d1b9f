"""Forecasts as fans: what was measured, the median ahead, and its intervals.

A fan tells of single days: a spike of one day in a hundred lies outside of it on every day, though
over months it comes. Beside the fan of daily peaks a dotted line follows the paths' highest peak so
far, which one path in ten has passed by then: where it meets the limit is the P10 that is printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.wording import distinct_words, unit_words
from opslib.analysis.forecast import Forecast
from opslib.present.theme import PALETTE, TOTAL, UP, figure, plain_text
from opslib.tables.regular_series import RegularSeries

__all__ = ["fan_grid", "fan_traces", "plot_forecasts"]

MOST_FANS, COLUMNS = 6, 2
SHOWN_DAYS = 180
FILLS = {0.95: "rgba(0,114,178,0.12)", 0.8: "rgba(0,114,178,0.18)", 0.5: "rgba(0,114,178,0.28)"}
DIGITS = 5
ONE_IN_TEN = 0.9
SO_FAR = (
    "Shaded: 50, 80 and 95 % of single days. Dotted: what the highest day so far has passed<br>"
    "in one path of ten; rare spikes add up over days, leave the fan and meet the limit at P10."
)


def plot_forecasts(limits: Sequence[LimitForecast]) -> go.Figure:
    """Return the daily peaks and the fans of the limits that are reached first.

    Args:
        limits: the first first.
    """
    shown = [limit for limit in limits if limit.forecast is not None][:MOST_FANS]
    names = distinct_words(shown)
    fans = [
        (
            names[limit],
            [*fan_traces(limit.peaks, limit.forecast, SHOWN_DAYS), _highest_so_far(limit)],
            limit,
        )
        for limit in shown
        if limit.forecast is not None and limit.peaks is not None
    ]
    drawn = fan_grid(fans, "What the first dates rest on: daily peaks")
    drawn.update_layout(margin={"t": 124}, title={"subtitle": {"text": SO_FAR}})
    drawn.update_xaxes(tickformat="%b<br>%Y", tickangle=0)
    return drawn


def _highest_so_far(limit: LimitForecast) -> go.Scatter:
    """Return the line that the highest peak so far has passed in one path of ten."""
    assert limit.forecast is not None
    assert limit.paths is not None
    highest = np.quantile(np.maximum.accumulate(limit.paths, axis=1), ONE_IN_TEN, axis=0)
    days = [_stamp(limit.forecast.start + timedelta(days=n)) for n in range(len(highest))]
    line = {"color": PALETTE[0], "width": 1.2, "dash": "dot"}
    return go.Scatter(x=days, y=_short(highest), line=line, name="highest so far, 1 path in 10")


def fan_grid(fans: Sequence[tuple[str, list[Any], LimitForecast]], title: str) -> go.Figure:
    """Return fans side by side.

    Args:
        fans: of each its name, its traces and its limit.
        title: of all.
    """
    rows = max(1, -(-len(fans) // COLUMNS))
    grid = make_subplots(
        rows=rows,
        cols=COLUMNS,
        subplot_titles=[plain_text(name) for name, *_ in fans],
        vertical_spacing=0.3 / rows,
        horizontal_spacing=0.09,
    )
    grid.update_layout(figure(title, height=110 + 230 * rows).layout, showlegend=False)
    grid.update_layout(margin={"t": 84})
    for place, (_, traces, limit) in enumerate(fans):
        where = {"row": place // COLUMNS + 1, "col": place % COLUMNS + 1}
        for trace in traces:
            grid.add_trace(trace, **where)
        grid.add_hline(y=limit.value, line={"color": UP, "width": 1.5}, **where)
        grid.update_yaxes(
            title_text=plain_text(unit_words(limit)) or "in use", rangemode="tozero", **where
        )
    grid.update_annotations(font={"size": 13})
    grid.update_xaxes(gridcolor="rgba(128,128,128,0.2)")
    grid.update_yaxes(title_font={"size": 13}, gridcolor="rgba(128,128,128,0.2)", zeroline=False)
    return grid


def fan_traces(history: RegularSeries, forecast: Forecast, shown: int) -> list[Any]:
    """Return the traces of one fan.

    Args:
        history: what was measured.
        forecast: of it.
        shown: periods of the history that are drawn.
    """
    past = history.values[-shown:]
    first = len(history.values) - len(past)
    step = timedelta(seconds=history.step_seconds)
    then = [_stamp(history.start + (first + n) * step) for n in range(len(past))]
    ahead = [_stamp(forecast.start + n * step) for n in range(len(forecast.mid))]
    traces: list[Any] = []
    for level, shade in FILLS.items():
        low, high = forecast.intervals[level]
        traces.append(
            go.Scatter(
                x=[*ahead, *reversed(ahead)],
                y=_short(np.concatenate([high, low[::-1]])),
                fill="toself",
                fillcolor=shade,
                line={"width": 0},
                hoverinfo="skip",
                name=f"{level:.0%} interval",
            )
        )
    line = {"color": TOTAL, "width": 1.2}
    traces.append(go.Scatter(x=then, y=_short(past), line=line, name="measured"))
    line = {"color": PALETTE[0], "width": 1.5}
    traces.append(go.Scatter(x=ahead, y=_short(forecast.mid), line=line, name="median"))
    return traces


def _stamp(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"


def _short(values: Any) -> list[float | None]:
    """Return values with as many digits as a figure shows; what is missing is a gap."""
    return [float(f"{one:.{DIGITS}g}") if np.isfinite(one) else None for one in values]
