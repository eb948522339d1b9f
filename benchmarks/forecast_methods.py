"""The forecasts that need nothing but numpy: opslib's and the naive ones.

Intervals of the naive methods are normal, from errors within the history: seasonal naive and the
mean of the last day as in Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd
edition, section 5.5. Naive2 is that of the M4 competition: the last value after a multiplicative
classical decomposition, made only where the autocorrelation at the season is significant at 90 %.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from benchmarks.forecast_scores import LEVELS
from benchmarks.forecast_tasks import Task, Values
from opslib.analysis.forecast import NoForecast, forecast_series

__all__ = [
    "Answer",
    "by_last_day",
    "by_naive2",
    "by_opslib",
    "by_seasonal_naive",
    "seasonal_indices",
]

SIGNIFICANT = 1.645
"""Quantile of the 90 % test of autocorrelation."""

Intervals = Mapping[float, tuple[Values, Values]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What a method answers to a task.

    Args:
        mid: (h,).
        intervals: low and high, (h,) each, by level.
        seconds: of processor time, all threads together.
        refusal: why the method would rather not forecast; what is given then is seasonal naive's.
    """

    mid: Values
    intervals: Intervals
    seconds: float
    refusal: str = ""


def by_opslib(task: Task) -> Answer:
    """Return the package's forecast."""
    begun = time.process_time()
    told = forecast_series(task.history, task.horizon, seasons=task.seasons)
    seconds = time.process_time() - begun
    if isinstance(told, NoForecast):
        naive = by_seasonal_naive(task)
        return Answer(mid=naive.mid, intervals=naive.intervals, seconds=seconds, refusal=told.why)
    return Answer(mid=told.mid, intervals=told.intervals, seconds=seconds)


def by_seasonal_naive(task: Task) -> Answer:
    """Return the last season over and over; its error grows with the seasons ahead."""
    begun = time.process_time()
    known, season = task.filled, task.season
    steps = np.arange(task.horizon)
    mid = known[len(known) - season + steps % season]
    spread = _deviation(known[season:] - known[:-season])
    intervals = _normal(mid, spread * np.sqrt(steps // season + 1.0))
    return Answer(mid=mid, intervals=intervals, seconds=time.process_time() - begun)


def by_last_day(task: Task) -> Answer:
    """Return the mean of the last season over and over; its error is that season's spread."""
    begun = time.process_time()
    last = task.filled[-task.season :]
    mid = np.full(task.horizon, last.mean())
    spread = last.std() * np.sqrt(1 + 1 / len(last))
    intervals = _normal(mid, np.full(task.horizon, spread))
    return Answer(mid=mid, intervals=intervals, seconds=time.process_time() - begun)


def by_naive2(task: Task) -> Answer:
    """Return the last value, its season taken out before and put back after."""
    begun = time.process_time()
    known = task.filled
    indices = seasonal_indices(known, task.season)
    level = known / np.resize(indices, len(known))
    ahead = indices[(len(known) + np.arange(task.horizon)) % len(indices)]
    spread = _deviation(np.diff(level)) * np.sqrt(np.arange(1.0, task.horizon + 1))
    mid = level[-1] * ahead
    intervals = _normal(mid, spread * np.abs(ahead))
    return Answer(mid=mid, intervals=intervals, seconds=time.process_time() - begun)


def seasonal_indices(values: Values, season: int) -> Values:
    """Return the multiplicative index of each step of the season; ones where there is no season.

    Args:
        values: (n,) without gaps.
        season: in steps.
    """
    if not _is_seasonal(values, season):
        return np.ones(season)
    ratios = values / _centred_mean(values, season)
    cycles = -(-len(ratios) // season)
    padded = np.full(cycles * season, np.nan)
    padded[: len(ratios)] = ratios
    indices = np.nanmean(padded.reshape(cycles, season), axis=0)
    return np.asarray(indices / indices.mean())


def _is_seasonal(values: Values, season: int) -> bool:
    """Return whether the autocorrelation at the season is significant, given those before it."""
    if season < 2 or len(values) < 3 * season:  # noqa: PLR2004
        return False
    away = values - values.mean()
    total = float(away @ away)
    if total == 0:
        return False
    correlations = np.array([away[lag:] @ away[:-lag] / total for lag in range(1, season + 1)])
    error = np.sqrt((1 + 2 * float(correlations[:-1] @ correlations[:-1])) / len(values))
    return bool(abs(correlations[-1]) > SIGNIFICANT * error)


def _centred_mean(values: Values, season: int) -> Values:
    """Return moving means over one season, centred; NaN for half a season at both ends."""
    weights = np.full(season + 1, 1 / season) if season % 2 == 0 else np.full(season, 1 / season)
    if season % 2 == 0:
        weights[[0, -1]] /= 2
    means = np.full(len(values), np.nan)
    margin = len(weights) // 2
    means[margin : len(values) - margin] = np.convolve(values, weights, mode="valid")
    return means


def _deviation(errors: Values) -> float:
    """Return the root of the mean square; 0 of none."""
    return float(np.sqrt(np.mean(errors**2))) if errors.size else 0.0


def _normal(mid: Values, spread: Values) -> Intervals:
    """Return intervals of a normal law about the middle."""
    widths = {level: float(norm.ppf((1 + level) / 2)) * spread for level in LEVELS}
    return {level: (mid - width, mid + width) for level, width in widths.items()}
