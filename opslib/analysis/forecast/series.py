"""The forecast of one series, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.forecast.results import (
    KNOWING_NOTHING,
    LEVELS,
    Backtest,
    Floats,
    Forecast,
    NoForecast,
    PathSampler,
)
from opslib.analysis.forecast.seasonal import forecast_seasonal
from opslib.analysis.forecast.slow import forecast_slow
from opslib.analysis.forecast.spread import bounds
from opslib.tables.regular_series import RegularSeries

__all__ = ["forecast_series"]

DAY_SECONDS, WEEK_SECONDS = 86_400, 604_800
FEWEST_KNOWN = 10
FEWEST_SEASONS = 2
KNOWN_SHARE = 0.2
DEVIATIONS = 3.0
"""Standard deviations by which the 95% intervals of the backtest may hold less than they say."""
LARGEST_SLOW_SEASON = 13
"""A season of more steps has a shape that profiles know better than effects of single steps."""
SINGLE_PRECISION = 1e-7
"""Share of its size by which a series moves that paths, in single precision, cannot tell."""
MOST_SLOW = 600
"""Steps of a slow series that are looked at."""


def forecast_series(
    series: RegularSeries,
    horizon: int,
    *,
    factors: Floats | None = None,
    seasons: Sequence[int] | None = None,
) -> Forecast | NoForecast:
    """Return what ``series`` will do in its next ``horizon`` steps, or why nobody can say.

    Args:
        series: the history.
        horizon: steps to forecast.
        factors: (history + horizon) multipliers of known events, 1 where there is none.
        seasons: lengths in steps that may be there; none given: a day and a week.

    Raises:
        ValueError: a horizon below one, factors of another length or not positive.
    """
    values = _without_events(series.values, horizon, factors)
    why = _too_little(values, horizon, series.step_seconds)
    if why:
        return NoForecast(why=why)
    later = np.ones(horizon) if factors is None else factors[len(values) :]
    known = values[np.isfinite(values)]
    if np.ptp(known) <= SINGLE_PRECISION * np.abs(known).max():
        return _constant(series, float(np.median(known)) * later)
    lengths, first = _fitting(values, series.step_seconds, seasons), 0
    if lengths and lengths[0] > LARGEST_SLOW_SEASON:
        found = forecast_seasonal(values, horizon, lengths)
    else:
        first = max(int(np.flatnonzero(np.isfinite(values))[0]), len(values) - MOST_SLOW)
        found = forecast_slow(values[first:], horizon, lengths[0] if lengths else None)
    why = _dishonest(found.backtest)
    if why:
        return NoForecast(why=why)
    floor = 0.0 if known.min() >= 0 else -np.inf
    fan = np.maximum(found.fan, floor) * later
    return Forecast(
        start=series.end,
        step_seconds=series.step_seconds,
        mid=np.maximum(found.mid, floor) * later,
        intervals={level: bounds(fan, level) for level in LEVELS},
        model=found.model,
        seasons=found.seasons,
        level_shift=None if found.shift is None else series.time_of(found.shift + first),
        backtest=found.backtest,
        sampler=EventSampler(sampler=found.sampler, factors=later, floor=floor),
    )


def _dishonest(backtest: Backtest) -> str:
    """Return why a forecast is worse than none: intervals that failed around a middle that did.

    Args:
        backtest: of the forecast.
    """
    level = LEVELS[-1]
    least = level - DEVIATIONS * np.sqrt(level * (1 - level) / max(backtest.windows, 1.0))
    held, nothing = backtest.coverage[level], backtest.scores[KNOWING_NOTHING]
    if held < least and backtest.mase > nothing:
        return (
            f"too erratic: in {backtest.origins} earlier forecasts, {held:.0%} of the points lay in"
            f" their 95% intervals, and the median of the past erred less"
            f" (MASE {nothing:.2f} against {backtest.mase:.2f})"
        )
    return ""


def _constant(series: RegularSeries, values: Floats) -> Forecast:
    """Return the forecast of what never moved: the same, with no width but what events make."""
    return Forecast(
        start=series.end,
        step_seconds=series.step_seconds,
        mid=values,
        intervals=dict.fromkeys(LEVELS, (values, values)),
        model="the value that never changed",
        seasons=(),
        level_shift=None,
        backtest=Backtest(
            origins=0,
            horizon=len(values),
            windows=0.0,
            mase=0.0,
            smape=0.0,
            coverage=dict.fromkeys(LEVELS, 1.0),
            held_now=dict.fromkeys(LEVELS, 1.0),
            naive_mase=0.0,
            scores={},
        ),
        sampler=ConstantSampler(values=values),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConstantSampler:
    """The same path every time.

    Args:
        values: (horizon,).
    """

    values: Floats

    def sample(self, count: int, seed: int) -> NDArray[np.float32]:  # noqa: ARG002  a PathSampler
        """Return (count, horizon) paths."""
        return np.repeat(self.values[None].astype(np.float32), count, axis=0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EventSampler:
    """Paths with known events, not below what the history suggests as a floor.

    Args:
        sampler: of paths without them.
        factors: (horizon,) multipliers.
        floor: of values without them.
    """

    sampler: PathSampler
    factors: Floats
    floor: float

    def sample(self, count: int, seed: int) -> NDArray[np.float32]:
        """Return (count, horizon) paths."""
        paths = np.maximum(self.sampler.sample(count, seed), np.float32(self.floor))
        return np.asarray(paths * self.factors, dtype=np.float32)


def _without_events(values: Floats, horizon: int, factors: Floats | None) -> Floats:
    if horizon < 1:
        raise ValueError(f"a forecast is of one step or more, not {horizon}")
    known = np.where(np.isfinite(values), values, np.nan)
    if factors is None:
        return known
    if factors.shape != (len(values) + horizon,):
        raise ValueError(
            f"{len(values)} values and {horizon} to come need as many factors, not {factors.shape}"
        )
    if not (factors > 0).all():
        raise ValueError("factors of events are above 0")
    return np.asarray(known / factors[: len(values)])


def _too_little(values: Floats, horizon: int, step_seconds: int) -> str:
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return "no datapoint"
    span = len(values) - int(known[0])
    if known.size < FEWEST_KNOWN:
        return f"{known.size} datapoints"
    if known.size < KNOWN_SHARE * span:
        return f"{known.size} datapoints in {span} periods"
    if span < horizon:
        return (
            f"{_duration(span * step_seconds)} of history"
            f" for a forecast of {_duration(horizon * step_seconds)}"
        )
    return ""


def _duration(seconds: int) -> str:
    for unit, length in (("days", DAY_SECONDS), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds} seconds"


def _fitting(values: Floats, step_seconds: int, seasons: Sequence[int] | None) -> tuple[int, ...]:
    """Return the seasons that the history holds often enough, each a multiple of the first."""
    lengths = seasons
    if lengths is None:
        lengths = [
            length // step_seconds
            for length in (DAY_SECONDS, WEEK_SECONDS)
            if length % step_seconds == 0
        ]
    held = sorted({length for length in lengths if 1 < length <= len(values) // FEWEST_SEASONS})
    return tuple(length for length in held if length % held[0] == 0)
