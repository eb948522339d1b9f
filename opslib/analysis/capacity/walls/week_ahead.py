"""The week ahead by the hour: what load comes, when its peak is, and how much of the limit it is.

Days to a limit are told of daily peaks; this tells the hours, with the day and the week where the
series carries them. Means of hours are lower than the quarters of which peaks are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from opslib.analysis.capacity.walls.known_events import day_factors, follows_load
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.peaks import HOUR_SECONDS, hourly_means
from opslib.analysis.forecast import Forecast, NoForecast, forecast_series
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import UsageHistory
from opslib.tables.regular_series import RegularSeries

__all__ = ["WeekAhead", "forecast_weeks", "hourly_history"]

HOURS_A_WEEK = 168
HISTORY_HOURS = 13 * HOURS_A_WEEK


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeekAhead:
    """What a series does in the next seven days.

    Args:
        limit: that it is held against.
        history: by the hour.
        forecast: by the hour; None where there is no honest one.
        why_not: why there is none; '' where there is.
    """

    limit: LimitForecast
    history: RegularSeries
    forecast: Forecast | None
    why_not: str

    @property
    def peak_at(self) -> datetime | None:
        """Return the hour with the highest median."""
        if self.forecast is None:
            return None
        return self.forecast.start + timedelta(hours=int(np.argmax(self.forecast.mid)))

    def peak_percent(self, level: float) -> float | None:
        """Return the highest upper end of the interval of a level, in percent of the limit."""
        if self.forecast is None:
            return None
        return float(self.forecast.intervals[level][1].max() / self.limit.value * 100)


def hourly_history(history: UsageHistory, until: datetime) -> RegularSeries | None:
    """Return the last quarter of a year by whole hours before ``until``; None where nothing is."""
    parts = [one for one in (history.coarse, _by_hour(history.fine)) if one is not None]
    if not parts:
        return None
    end = min(max(one.end for one in parts), until.replace(minute=0, second=0, microsecond=0))
    start = max(min(one.start for one in parts), end - timedelta(hours=HISTORY_HOURS))
    hours = int((end - start).total_seconds() // HOUR_SECONDS)
    values = np.full(max(0, hours), np.nan)
    for one in parts:
        place = int((one.start - start).total_seconds() // HOUR_SECONDS)
        first, last = max(0, place), min(hours, place + len(one.values))
        if last > first:
            values[first:last] = one.values[first - place : last - place]
    start = start.astimezone(UTC)
    return RegularSeries(start=start, step_seconds=HOUR_SECONDS, values=values)


def _by_hour(fine: RegularSeries | None) -> RegularSeries | None:
    return hourly_means(fine) if fine is not None else None


def forecast_weeks(
    limits: Iterable[tuple[LimitForecast, UsageHistory]], parameters: CapacityParameters
) -> Iterator[WeekAhead]:
    """Yield the week ahead of each limit whose usage was measured.

    Args:
        limits: each with the history of its usage.
        parameters: events and growth.
    """
    for limit, history in limits:
        hours = hourly_history(history, parameters.as_of)
        if hours is None or not np.isfinite(hours.values).any():
            continue
        made = _forecast(limit, hours, parameters)
        yield WeekAhead(
            limit=limit,
            history=hours,
            forecast=made if isinstance(made, Forecast) else None,
            why_not=made.why if isinstance(made, NoForecast) else "",
        )


def _forecast(
    limit: LimitForecast, hours: RegularSeries, parameters: CapacityParameters
) -> Forecast | NoForecast:
    total = len(hours.values) + HOURS_A_WEEK
    places = (np.arange(total) + hours.start.hour) // 24
    past = places[len(hours.values)]
    daily = day_factors(
        parameters,
        limit.name,
        hours.start.date(),
        (int(past), int(places[-1] - past) + 1),
        events=follows_load(limit.change),
    )
    return forecast_series(hours, HOURS_A_WEEK, factors=daily[places])
