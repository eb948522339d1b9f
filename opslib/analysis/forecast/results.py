"""What a forecast says: values, intervals, and how often its like were right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "KNOWING_NOTHING",
    "LEVELS",
    "Backtest",
    "Floats",
    "Forecast",
    "Found",
    "NoForecast",
    "PathSampler",
]

Floats = NDArray[np.float64]

KNOWING_NOTHING = "median of the past"
"""The score that a forecast has to be better than, if its intervals are not right either."""

LEVELS = (0.5, 0.8, 0.95)
"""The shares of points that intervals are to hold."""


class PathSampler(Protocol):
    """Draws futures, each whole."""

    def sample(self, count: int, seed: int) -> NDArray[np.float32]:
        """Return (count, horizon) values; equal seeds give equal ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """How forecasts made the same way from earlier days did.

    Args:
        origins: number of moments that were forecast from.
        horizon: steps ahead.
        windows: how many horizons without overlap it spans: a share of so few is uncertain.
        mase: mean absolute error over that of the seasonal naive one step ahead in the history
            (the longest season that the data carries, else the value before), as in M4.
        smape: symmetric mean absolute percentage error, 0 to 200, as in M4.
        coverage: by level, the share of points inside the interval, each origin's interval
            made without that origin's errors.
        held_now: by level, the share of their errors that intervals as wide as those of now hold,
            their width as the other origins let it be.
        naive_mase: that of the seasonal naive at the same origins.
        scores: MASE by candidate model.
    """

    origins: int
    horizon: int
    windows: float
    mase: float
    smape: float
    coverage: Mapping[float, float]
    held_now: Mapping[float, float]
    naive_mase: float
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """What one way of forecasting says of values without known events.

    Args:
        mid: (horizon,) the median of each step.
        fan: (probabilities of `opslib.analysis.forecast.spread.GRID`, horizon) quantiles.
        sampler: draws paths.
        seasons: lengths in steps that the data carries.
        model: what it was made with, in words.
        shift: first step of the last level shift taken into account.
        backtest: how such forecasts did.
    """

    mid: Floats
    fan: Floats
    sampler: PathSampler
    seasons: tuple[int, ...]
    model: str
    shift: int | None
    backtest: Backtest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """What a series will do.

    Args:
        start: aware UTC, the beginning of the first period to come.
        step_seconds: length of a period.
        mid: (horizon,) the median of each period.
        intervals: by level of `LEVELS`, lows and highs, each (horizon,).
        model: what it was made with, in words.
        seasons: lengths in steps that the data carries.
        level_shift: the last one taken into account; what was before it counts less.
        backtest: how such forecasts did.
        sampler: draws what `paths` returns.
    """

    start: datetime
    step_seconds: int
    mid: Floats
    intervals: Mapping[float, tuple[Floats, Floats]]
    model: str
    seasons: tuple[int, ...]
    level_shift: datetime | None
    backtest: Backtest
    sampler: PathSampler

    def paths(self, count: int, seed: int) -> NDArray[np.float32]:
        """Return (count, horizon) possible futures, whose spread at each step is the intervals'.

        Neighbouring steps of a path err together as they did in the backtest, so that the day on
        which a path first passes a limit can be read from it.

        Raises:
            ValueError: fewer than one path.
        """
        if count < 1:
            raise ValueError(f"at least one path, not {count}")
        return self.sampler.sample(count, seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoForecast:
    """Why there is none.

    Args:
        why: one clause with figures.
    """

    why: str
