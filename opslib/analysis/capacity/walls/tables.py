"""Limits, forecasts and constraints as tables for machines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pandas as pd

from opslib.analysis.capacity.walls.constraints import BindingConstraint
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.time_to_limit import TimeToLimit
from opslib.analysis.capacity.walls.week_ahead import WeekAhead
from opslib.analysis.forecast import Forecast

__all__ = ["constraints_table", "forecasts_table", "limits_table", "week_ahead_table"]

LIMITS = [
    "Resource",
    "Name",
    "Service",
    "Workload",
    "Account",
    "Region",
    "Limit",
    "Value",
    "Unit",
    "Change",
    "Source",
    "UsedPercent",
    "ActBy",
    "LeadDays",
    "WhyNot",
    "Model",
    "BacktestOrigins",
    "Mase",
    "NaiveMase",
    "Coverage50",
    "Coverage80",
    "Coverage95",
    "BacktestWindows",
    "HeldNow80",
    "HeldNow95",
]
TIMES = ["Low", "P10", "P50", "P90", "High", "Chance"]
TIMED = [f"{level}{name}" for level in ("Warn", "Full") for name in TIMES]
FORECASTS = ["Resource", "Limit", "Day", "Mid", "Low50", "High50", "Low80", "High80"]
FORECASTS += ["Low95", "High95"]
WEEK_AHEAD = [name.replace("Day", "Hour") for name in FORECASTS]
CONSTRAINTS = ["Workload", "Account", "Region", "Resource", "Limit", "SecondResource"]
CONSTRAINTS += ["SecondLimit", "DaysBetween", "Unknown"]
LEVELS = (0.5, 0.8, 0.95)


def limits_table(limits: Iterable[LimitForecast]) -> pd.DataFrame:
    """Return one row a limit: columns ``LIMITS``, and the days to the warning level and to it.

    Days are from ``as_of`` on; null where beyond the horizon or unknown.
    """
    return pd.DataFrame([_limit_row(limit) for limit in limits], columns=[*LIMITS, *TIMED])


def _limit_row(limit: LimitForecast) -> tuple[Any, ...]:
    backtest = limit.forecast.backtest if limit.forecast else None
    told = (
        limit.resource,
        limit.name,
        limit.service,
        limit.workload,
        limit.account,
        limit.region,
        limit.limit,
        limit.value,
        limit.unit,
        limit.change,
        limit.source,
        limit.used_percent,
        limit.act_by,
        limit.lead_days,
        limit.why_not,
        limit.forecast.model if limit.forecast else "",
    )
    scores: tuple[Any, ...] = (None,) * 9
    if backtest is not None:
        covered = (backtest.coverage.get(level) for level in LEVELS)
        errors = (backtest.origins, backtest.mase, backtest.naive_mase)
        now = (backtest.held_now.get(level) for level in LEVELS[1:])
        scores = (*errors, *covered, backtest.windows, *now)
    return (*told, *scores, *_time_row(limit.warn), *_time_row(limit.full))


def _time_row(time: TimeToLimit | None) -> tuple[Any, ...]:
    if time is None:
        return (None,) * len(TIMES)
    return (time.low, time.p10, time.p50, time.p90, time.high, time.chance)


def forecasts_table(limits: Iterable[LimitForecast]) -> pd.DataFrame:
    """Return one row a limit and day ahead: the peak's median, and its intervals."""
    parts = [
        _ahead(limit, limit.forecast, "Day", timedelta(days=1))
        for limit in limits
        if limit.forecast is not None
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=FORECASTS)


def week_ahead_table(weeks: Iterable[WeekAhead]) -> pd.DataFrame:
    """Return one row a series and hour of the next seven days: its median, and its intervals."""
    parts = [
        _ahead(week.limit, week.forecast, "Hour", timedelta(hours=1))
        for week in weeks
        if week.forecast is not None
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=WEEK_AHEAD)


def _ahead(limit: LimitForecast, forecast: Forecast, unit: str, step: timedelta) -> pd.DataFrame:
    first = forecast.start.date() if unit == "Day" else forecast.start
    columns: dict[str, Any] = {
        "Resource": limit.resource,
        "Limit": limit.limit,
        unit: [first + step * n for n in range(len(forecast.mid))],
        "Mid": forecast.mid,
    }
    for level in LEVELS:
        low, high = forecast.intervals[level]
        columns |= {f"Low{level * 100:.0f}": low, f"High{level * 100:.0f}": high}
    return pd.DataFrame(columns)


def constraints_table(constraints: Iterable[BindingConstraint]) -> pd.DataFrame:
    """Return one row a workload: its first wall, the second, and the days between."""
    rows = [
        (
            one.workload,
            one.account,
            one.region,
            one.first.resource,
            one.first.limit,
            one.second.resource if one.second else "",
            one.second.limit if one.second else "",
            one.days_between,
            len(one.unknown),
        )
        for one in constraints
    ]
    return pd.DataFrame(rows, columns=CONSTRAINTS)
