"""What is to be forecast: a history, the values that came after it, and its season."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.forecast_series_files import DAY
from opslib.tables.regular_series import RegularSeries

__all__ = ["Task", "Values", "fill_gaps", "origins_of", "rolling_tasks", "season_of"]

Values = NDArray[np.float64]
SHORTEST_HISTORY_DAYS = 3
SMALLEST_SHARE_PRESENT = 0.2
DAYS_OF_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """One forecast that is asked of every method.

    Args:
        name: of the series.
        history: what is known at the origin.
        actual: (h,) what came after; NaN where nothing was recorded (not scored).
        season: in steps; what errors are scaled by and seasonal naive repeats.
        seasons: all seasonal lengths that methods may consider, in steps.
    """

    name: str
    history: RegularSeries
    actual: Values
    season: int
    seasons: tuple[int, ...]

    @property
    def horizon(self) -> int:
        """Return how many steps are to be forecast."""
        return len(self.actual)

    @property
    def filled(self) -> Values:
        """Return the history without gaps, for methods that cannot have them."""
        return fill_gaps(self.history.values, self.season)


def season_of(step_seconds: int) -> tuple[int, ...]:
    """Return day and week in steps; the week alone where a step is a day."""
    day = DAY // step_seconds
    return (day, DAYS_OF_WEEK * day) if day > 1 else (DAYS_OF_WEEK,)


def origins_of(length: int, horizon: int, steps_a_day: int, count: int) -> list[int]:
    """Return up to ``count`` history lengths, evenly spaced over the last half of a series.

    A history is never shorter than the horizon nor than three days; none where that cannot be.
    """
    first = max(length // 2, horizon, SHORTEST_HISTORY_DAYS * steps_a_day)
    last = length - horizon
    if last < first:
        return []
    return sorted({round(at) for at in np.linspace(last, first, count)})


def rolling_tasks(name: str, series: RegularSeries, days: int, count: int) -> list[Task]:
    """Return the forecasts of one series some days ahead, from several origins.

    Left out are origins with fewer than a fifth of the values present, before or after.
    """
    steps_a_day = DAY // series.step_seconds
    horizon = days * steps_a_day
    seasons = season_of(series.step_seconds)
    tasks = []
    for at in origins_of(len(series.values), horizon, steps_a_day, count):
        history, actual = series.values[:at], series.values[at : at + horizon]
        if min(_share_present(history), _share_present(actual)) >= SMALLEST_SHARE_PRESENT:
            known = replace(series, values=history)
            carried = _carried(seasons, at)
            tasks.append(
                Task(name=name, history=known, actual=actual, season=carried[0], seasons=carried)
            )
    return tasks


def fill_gaps(values: Values, season: int) -> Values:
    """Return values with each gap filled by the value one season before, else after, else the mean.

    Args:
        values: (n,), at least one of them present.
        season: in steps.
    """
    cycles = -(-len(values) // season)
    padded = np.full(cycles * season, np.nan)
    padded[: len(values)] = values
    rows = padded.reshape(cycles, season)
    for row in range(1, cycles):
        rows[row] = np.where(np.isnan(rows[row]), rows[row - 1], rows[row])
    for row in range(cycles - 2, -1, -1):
        rows[row] = np.where(np.isnan(rows[row]), rows[row + 1], rows[row])
    filled = rows.ravel()[: len(values)]
    return np.where(np.isnan(filled), np.nanmean(values), filled)


def _carried(seasons: Sequence[int], length: int) -> tuple[int, ...]:
    """Return the seasons that a history holds at least twice, and always the first."""
    return (seasons[0], *(season for season in seasons[1:] if 2 * season <= length))


def _share_present(values: Values) -> float:
    return float(np.isfinite(values).mean())
