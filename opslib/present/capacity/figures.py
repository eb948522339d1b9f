"""The walls as figures: when each is reached, and the forecasts behind the first ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from opslib.analysis.capacity.limit_forecast import LimitForecast
from opslib.analysis.capacity.time_to_limit import TimeToLimit
from opslib.analysis.capacity.wording import limit_words
from opslib.present.theme import MUTED, PALETTE, TOTAL, UP, figure, plain_text

__all__ = ["DatedWall", "plot_forecasts", "plot_times"]

DatedWall = tuple[LimitForecast, TimeToLimit, date | None]
"""A limit, the time until it is reached, and the day to act by."""

MOST_BARS, MOST_FANS, COLUMNS = 15, 6, 2
SHOWN_DAYS = 180
BLUE = PALETTE[0]
FILLS = {0.95: "rgba(0,114,178,0.12)", 0.8: "rgba(0,114,178,0.18)", 0.5: "rgba(0,114,178,0.28)"}


def plot_times(walls: Sequence[DatedWall], today: date, horizon_days: int) -> go.Figure:
    """Return one bar a limit from its P10 to its P90, a mark at P50, and the day to act by.

    Args:
        walls: the first first; those that no path reaches are left out.
        today: of the report.
        horizon_days: right end of the axis.
    """
    shown = [one for one in walls if one[1].low is not None][:MOST_BARS]
    drawn = figure("When each limit is reached", height=150 + 34 * max(1, len(shown)))
    if not shown:
        drawn.add_annotation(
            text=f"No limit is reached within {horizon_days} days.", showarrow=False
        )
        return drawn
    names = _names([limit for limit, _, _ in shown])
    end = today + timedelta(days=horizon_days)
    for ends, width, shade, label in (
        (("low", "high"), 4, "rgba(0,114,178,0.35)", "95 % of the paths"),
        (("p10", "p90"), 12, "rgba(0,114,178,0.55)", "80 % of the paths"),
    ):
        drawn.add_trace(_spans(shown, names, ends, end, width, shade, label))
    drawn.add_trace(_marks(shown, names, "p50", BLUE, "diamond", "median"))
    drawn.add_trace(_act_by(shown, names, today))
    drawn.add_vline(x=today.isoformat(), line={"color": MUTED, "dash": "dot"})
    drawn.update_xaxes(range=[(today - timedelta(days=4)).isoformat(), end.isoformat()])
    drawn.update_yaxes(autorange="reversed", automargin=True)
    drawn.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0.3})
    return drawn


def _names(limits: Sequence[LimitForecast]) -> list[str]:
    """Return what the rows are called, each only once."""
    names: list[str] = []
    for limit in limits:
        name = plain_text(limit_words(limit))
        again = f"{name} ({limit.region} {plain_text(limit.account)})"
        names.append(again if name in names else name)
    return names


def _spans(
    shown: Sequence[DatedWall],
    names: Sequence[str],
    ends: tuple[str, str],
    last: date,
    width: int,
    shade: str,
    label: str,
) -> go.Scatter:
    x: list[str | None] = []
    y: list[str | None] = []
    for name, (limit, time, _) in zip(names, shown, strict=True):
        begin, end = (limit.day(getattr(time, one)) for one in ends)
        if begin is not None:
            x += [begin.isoformat(), (end or last).isoformat(), None]
            y += [name, name, None]
    line = {"width": width, "color": shade}
    return go.Scatter(x=x, y=y, mode="lines", line=line, name=label, hoverinfo="skip")


def _marks(shown: Sequence[DatedWall], names: Sequence[str], which: str, *style: str) -> go.Scatter:
    colour, symbol, label = style
    places = [
        (limit.day(getattr(time, which)), name)
        for name, (limit, time, _) in zip(names, shown, strict=True)
    ]
    told = [(day.isoformat(), name) for day, name in places if day is not None]
    return go.Scatter(
        x=[day for day, _ in told],
        y=[name for _, name in told],
        mode="markers",
        marker={"color": colour, "symbol": symbol, "size": 10},
        name=label,
    )


def _act_by(shown: Sequence[DatedWall], names: Sequence[str], today: date) -> go.Scatter:
    told = [
        (max(act_by, today - timedelta(days=2)).isoformat(), name)
        for name, (_, _, act_by) in zip(names, shown, strict=True)
        if act_by is not None
    ]
    return go.Scatter(
        x=[day for day, _ in told],
        y=[name for _, name in told],
        mode="markers",
        marker={"color": UP, "symbol": "line-ns-open", "size": 16, "line": {"width": 3}},
        name="act by",
    )


def plot_forecasts(limits: Sequence[LimitForecast]) -> go.Figure:
    """Return the daily peaks and the fans of the limits that are reached first.

    Args:
        limits: the first first.
    """
    shown = [limit for limit in limits if limit.forecast is not None][:MOST_FANS]
    rows = max(1, -(-len(shown) // COLUMNS))
    grid = make_subplots(
        rows=rows,
        cols=COLUMNS,
        subplot_titles=[plain_text(limit_words(limit)) for limit in shown],
        vertical_spacing=0.35 / rows,
        horizontal_spacing=0.08,
    )
    styled = figure("What the first dates rest on", height=90 + 230 * rows)
    grid.update_layout(styled.layout, showlegend=False)
    for place, limit in enumerate(shown):
        where = {"row": place // COLUMNS + 1, "col": place % COLUMNS + 1}
        for trace in _fan(limit):
            grid.add_trace(trace, **where)
        for level, colour, dash in ((1.0, UP, "solid"),):
            grid.add_hline(
                y=limit.value * level, line={"color": colour, "dash": dash, "width": 1.5}, **where
            )
        grid.update_yaxes(title={"text": limit.unit}, rangemode="tozero", **where)
    grid.update_xaxes(gridcolor="rgba(128,128,128,0.2)")
    grid.update_yaxes(gridcolor="rgba(128,128,128,0.2)", zeroline=False)
    return grid


def _fan(limit: LimitForecast) -> list[Any]:
    assert limit.forecast is not None
    assert limit.peaks is not None
    past = limit.peaks.values[-SHOWN_DAYS:]
    first = limit.peaks.end.date() - timedelta(days=len(past))
    days = [(first + timedelta(days=n)).isoformat() for n in range(len(past))]
    ahead = limit.forecast.start.date()
    coming = [(ahead + timedelta(days=n)).isoformat() for n in range(len(limit.forecast.mid))]
    traces: list[Any] = []
    for level, shade in FILLS.items():
        low, high = limit.forecast.intervals[level]
        traces.append(
            go.Scatter(
                x=[*coming, *reversed(coming)],
                y=np.round(np.concatenate([high, low[::-1]]), 4),
                fill="toself",
                fillcolor=shade,
                line={"width": 0},
                hoverinfo="skip",
                name=f"{level:.0%} interval",
            )
        )
    told = np.round(past, 4)
    traces.append(go.Scatter(x=days, y=told, line={"color": TOTAL, "width": 1.2}, name="peak"))
    mid = np.round(limit.forecast.mid, 4)
    traces.append(go.Scatter(x=coming, y=mid, line={"color": BLUE, "width": 1.5}, name="median"))
    return traces
