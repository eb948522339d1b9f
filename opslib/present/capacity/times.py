"""When each limit is reached, as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import plotly.graph_objects as go

from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.time_to_limit import TimeToLimit
from opslib.analysis.capacity.walls.wording import distinct_words
from opslib.present.theme import MUTED, PALETTE, UP, figure, plain_text

__all__ = ["DatedWall", "plot_times"]

DatedWall = tuple[LimitForecast, TimeToLimit, date | None]
"""A limit, the time until it is reached, and the day to act by."""

MOST_BARS = 15
BLUE = PALETTE[0]


def plot_times(walls: Sequence[DatedWall], today: date, horizon_days: int) -> go.Figure:
    """Return one bar a limit from its P10 to its P90, a mark at P50, and the day to act by.

    Args:
        walls: the first first; those that no path reaches are left out.
        today: of the report.
        horizon_days: right end of the axis.
    """
    shown = [one for one in walls if one[1].low is not None][:MOST_BARS]
    drawn = figure("When each limit is reached", height=178 + 34 * max(1, len(shown)))
    if not shown:
        drawn.add_annotation(
            text=f"No limit is reached within {horizon_days} days.", showarrow=False
        )
        drawn.update_xaxes(visible=False)
        drawn.update_yaxes(visible=False)
        return drawn
    named = distinct_words([limit for limit, _, _ in shown])
    names = [plain_text(named[limit]) for limit, _, _ in shown]
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
    drawn.update_layout(legend={"yref": "container", "y": 0, "yanchor": "bottom"}, margin={"b": 76})
    return drawn


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
