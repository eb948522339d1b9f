"""The week ahead: the hour of the peak, how much of the limit it may be, and the first fans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.week_ahead import WeekAhead
from opslib.analysis.capacity.walls.wording import distinct_words
from opslib.present.capacity.fans import fan_grid, fan_traces
from opslib.present.capacity.walls import backtest_words
from opslib.present.html import Column, Html, table
from opslib.wording import count

__all__ = ["plot_weeks", "tabulate_weeks"]

MOST_FANS = 4
SHOWN_HOURS = 14 * 24


def tabulate_weeks(weeks: Sequence[WeekAhead], top: int) -> Html:
    """Return the limits of which the week ahead may take most."""
    told = [one for one in weeks if one.forecast is not None]
    ranked = sorted(told, key=lambda one: -(one.peak_percent(0.95) or 0.0))
    names = distinct_words([one.limit for one in told])
    rows = [_row(one, names[one.limit]) for one in ranked[:top]]
    columns = [
        Column("Limit"),
        Column("Highest hour (UTC)"),
        Column("Its median", "figure"),
        Column("At most, 80 %", "figure"),
        Column("At most, 95 %", "figure"),
        Column("Backtest", "figure"),
    ]
    note = (
        f"{len(rows)} of {count(len(told), 'limit')}, in percent of the limit; "
        f"{count(len(weeks) - len(told), 'limit')} without an honest forecast of a week. Means "
        "of hours: a quarter of an hour may be higher."
    )
    return table(columns, rows, caption="The week ahead", note=note)


def _row(week: WeekAhead, name: str) -> tuple[str, ...]:
    assert week.forecast is not None
    assert week.peak_at is not None
    return (
        name,
        f"{week.peak_at:%a %d %b %H:%M}",
        f"{week.forecast.mid.max() / week.limit.value * 100:.0f} %",
        f"{week.peak_percent(0.8):.0f} %",
        f"{week.peak_percent(0.95):.0f} %",
        backtest_words(week.forecast.backtest),
    )


def plot_weeks(weeks: Sequence[WeekAhead]) -> go.Figure:
    """Return the last two weeks and the next of the limits that may be used most."""
    told = [one for one in weeks if one.forecast is not None]
    ranked = sorted(told, key=lambda one: -(one.peak_percent(0.95) or 0.0))[:MOST_FANS]
    names = distinct_words([one.limit for one in ranked])
    fans: list[tuple[str, list[Any], LimitForecast]] = []
    for one in ranked:
        assert one.forecast is not None
        traces = fan_traces(one.history, one.forecast, SHOWN_HOURS)
        fans.append((names[one.limit], traces, one.limit))
    return fan_grid(fans, "The week ahead, by the hour")
