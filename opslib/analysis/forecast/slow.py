"""Forecast of a slow series, such as a year of daily peaks, with the backtest of its intervals.

Method: futures are drawn from the posterior of trend, wandering level and noise (`trend`); mid and
intervals are their quantiles. The same is done from a few earlier moments, after the last level
shift, with what was known then. Where values strayed further than the intervals said, futures are
drawn out around their median by the ratio, tempered as if a few origins more had been as expected;
they are never drawn in. Then the errors of the earlier forecasts are held against the intervals of
now (`held_errors`), and where these would clearly have held too few, slopes are made less sure.

Assumption: the model's, see `trend`. A long horizon leaves few origins, and those overlap, so that
errors at that distance say little by themselves: intervals come from the model first.
Source: Gelman et al., Bayesian Data Analysis, 3rd ed. (2013), chapter 6 (predictive checks).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.forecast.held_errors import held_by_others, slope_deviation, widened
from opslib.analysis.forecast.results import KNOWING_NOTHING, LEVELS, Backtest, Floats, Found
from opslib.analysis.forecast.scores import mean_absolute, naive_scale, smape
from opslib.analysis.forecast.spread import GRID, bounds
from opslib.analysis.forecast.trend import TrendModel, fit_trend

__all__ = ["forecast_slow"]

DRAWN, DRAWN_BACK = 1000, 200
MOST_ORIGINS = 3
FEWEST_BEHIND, SETTLED = 20, 14
EXPECTED = 3.0
"""Origins that are counted as if they had strayed as the model says."""
FURTHEST = 2.0
NORMAL_RATIO = 0.6745
"""Median of absolute normal deviates."""
SEED = 20_240_229


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WidenedSampler:
    """Futures of a model, drawn out around their median, with slopes less sure.

    Args:
        model: to draw from.
        mid: (horizon,) the median.
        stretch: 1 or more.
        deviation: standard deviation of what is added to a path's slope, a step.
    """

    model: TrendModel
    mid: Floats
    stretch: float
    deviation: float

    def sample(self, count: int, seed: int) -> NDArray[np.float32]:
        """Return (count, horizon) paths."""
        paths = self.mid + self.stretch * (self.model.sample(count, seed) - self.mid)
        if self.deviation:
            slopes = np.random.default_rng([seed, 1]).standard_normal((count, 1))
            paths += self.deviation * slopes * np.arange(1, len(self.mid) + 1)
        return np.asarray(paths, dtype=np.float32)


def forecast_slow(values: Floats, horizon: int, season: int | None) -> Found:
    """Return the forecast of what follows (steps,) ``values``, the last known."""
    model = fit_trend(values, horizon, season)
    fan = _fan(model.sample(DRAWN, SEED))
    mid = fan[len(GRID) // 2]
    origins = _origins(len(values), horizon, model.shifts)
    tries = [_tried(values, int(origin), model, season) for origin in origins]
    windows = 1 + float(origins[-1] - origins[0]) / horizon if origins.size else 0.0
    stretch = _stretch([tried.ratio for tried in tries])
    errors = [tried.actual - tried.fan[len(GRID) // 2] for tried in tries]
    away = stretch * (fan - mid)
    deviation = slope_deviation(errors, away, windows)
    return Found(
        mid=mid,
        fan=mid + widened(away, deviation),
        sampler=WidenedSampler(model=model, mid=mid, stretch=stretch, deviation=deviation),
        seasons=(model.season,) if model.season else (),
        model=_words(model),
        shift=model.shifts[-1] if model.shifts else None,
        backtest=_backtest(
            (values, model.season), tries, (horizon, windows), held_by_others(errors, away, windows)
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """A forecast from an earlier moment.

    Args:
        actual: (steps,) what followed; NaN where unknown.
        fan: (probabilities of `GRID`, steps).
        naive: (steps,) the seasonal naive.
        median: of what was before.
        ratio: median absolute error over what the fan lets expect.
    """

    actual: Floats
    fan: Floats
    naive: Floats
    median: float
    ratio: float


def _origins(steps: int, horizon: int, shifts: tuple[int, ...]) -> NDArray[np.int64]:
    """Return how much was known at each earlier moment; none if there is too little.

    None from which a level shift lay ahead or had only just come: no past told it, and the
    forecast is made after it.
    """
    settled = max([0, *(shift + SETTLED for shift in shifts)])
    last = steps - max(1, min(horizon, (steps - settled) // 4))
    first = max(FEWEST_BEHIND, steps // 2, settled)
    if last < first:
        return np.array([], dtype=np.int64)
    return np.unique(np.linspace(first, last, MOST_ORIGINS).round().astype(np.int64))


def _tried(values: Floats, origin: int, now: TrendModel, season: int | None) -> Tried:
    """Return the forecast from ``origin``, made as ``now``, the model of all values, is."""
    actual, behind = values[origin : origin + now.horizon], values[:origin]
    model = fit_trend(behind, len(actual), season, like=now)
    fan = _fan(model.sample(DRAWN_BACK, SEED))
    mid = fan[len(GRID) // 2]
    low, high = bounds(fan, LEVELS[0])
    half = (high - low) / (2 * NORMAL_RATIO)
    told = np.isfinite(actual) & (half > 0)
    strayed = (actual - mid)[told] / half[told]
    known = behind[np.isfinite(behind)]
    return Tried(
        actual=actual,
        fan=fan,
        median=float(np.median(known)),
        naive=np.resize(known[-(season or 1) :], len(actual)),
        ratio=float(np.median(np.abs(strayed))) / NORMAL_RATIO if strayed.size else 1.0,
    )


def _fan(paths: NDArray[np.float32]) -> Floats:
    """Return (probabilities, horizon) quantiles."""
    ordered = np.sort(np.ascontiguousarray(paths.T), axis=1)
    at = GRID * (len(paths) - 1)
    below = np.minimum(at.astype(np.int64), len(paths) - 2)
    low, high = ordered[:, below].T.astype(np.float64), ordered[:, below + 1].T
    return np.asarray(low + (at - below)[:, None] * (high - low))


def _stretch(ratios: list[float]) -> float:
    total = sum(ratio**2 for ratio in ratios) + EXPECTED
    return float(np.clip(np.sqrt(total / (len(ratios) + EXPECTED)), 1.0, FURTHEST))


def _backtest(
    history: tuple[Floats, int | None],
    tries: list[Tried],
    spanned: tuple[int, float],
    held_now: Mapping[float, float],
) -> Backtest:
    (values, season), (horizon, windows) = history, spanned
    scale = naive_scale(values, season or 1)
    actual = np.concatenate([np.empty(0), *(tried.actual for tried in tries)])
    mids = np.concatenate([np.empty(0), *(tried.fan[len(GRID) // 2] for tried in tries)])
    naive = np.concatenate([np.empty(0), *(tried.naive for tried in tries)])
    medians = np.concatenate([np.empty(0), *(np.full(len(t.actual), t.median) for t in tries)])
    mase = mean_absolute(actual - mids) / scale
    naive_mase = mean_absolute(actual - naive) / scale
    return Backtest(
        origins=len(tries),
        horizon=horizon,
        windows=windows,
        mase=mase,
        smape=smape(actual, mids),
        coverage={level: _covered(tries, level) for level in LEVELS},
        held_now=held_now,
        naive_mase=naive_mase,
        scores={
            "trend and wandering level": mase,
            "seasonal naive": naive_mase,
            KNOWING_NOTHING: mean_absolute(actual - medians) / scale,
        },
    )


def _covered(tries: list[Tried], level: float) -> float:
    """Return the share of points inside, each origin's interval stretched as the others say."""
    inside, known = 0, 0
    for place, tried in enumerate(tries):
        others = [other.ratio for other in (*tries[:place], *tries[place + 1 :])]
        low, high = bounds(tried.fan, level)
        mid, stretch = tried.fan[len(GRID) // 2], _stretch(others)
        low, high = mid + stretch * (low - mid), mid + stretch * (high - mid)
        inside += int(((tried.actual >= low) & (tried.actual <= high)).sum())
        known += int(np.isfinite(tried.actual).sum())
    return inside / known if known else float("nan")


def _words(model: TrendModel) -> str:
    growth = "compound growth" if model.compound else "trend"
    season = ", season" if model.season else ""
    shifts = f", {len(model.shifts)} level shifts" if model.shifts else ""
    return f"{growth}{season}{shifts}, wandering level and noise, averaged by probability"
