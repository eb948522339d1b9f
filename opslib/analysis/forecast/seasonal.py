"""Forecast by combined profiles, with intervals from a rolling backtest.

Method: simple seasonal models (`profiles`, `autoregression`) forecast from the end of each cycle
in the later part of the history; they are combined by their errors (`combination`), the detail
within blocks is added (`detail`), and what the combination missed gives the intervals (`spread`).

Assumption: there are several horizons' worth of history, so that errors at that distance can be
seen. Where there are not, see `opslib.analysis.forecast.trend`.
Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.10
(cross-validation with a rolling origin).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from opslib.analysis.forecast.autoregression import autoregressive_forecast
from opslib.analysis.forecast.blocks import Folded, fold
from opslib.analysis.forecast.combination import (
    absolute_errors,
    combine,
    weights_within,
    weights_without,
)
from opslib.analysis.forecast.copula import CopulaSampler, dependence_of
from opslib.analysis.forecast.detail import details, joined
from opslib.analysis.forecast.profiles import Origins, profile_forecasts
from opslib.analysis.forecast.results import Backtest, Floats, Found
from opslib.analysis.forecast.scores import mean_absolute, naive_scale, smape
from opslib.analysis.forecast.spread import coverage, spread_of

__all__ = ["forecast_seasonal"]

MOST_ORIGINS = 40
FEWEST_CYCLES = 3
CARRIED = 0.98
"""A season is carried if models with it err less than this times what those without it do."""


def forecast_seasonal(values: Floats, horizon: int, seasons: Sequence[int]) -> Found:
    """Return the forecast of what follows ``values``.

    Args:
        values: one a step, some known; NaN where there is none.
        horizon: steps to forecast.
        seasons: that may be there, in steps, shortest first, each a multiple of the first.
    """
    cycle = seasons[0] if seasons else 1
    folded = fold(values, cycle)
    cycles, ahead = len(folded.filled), -(-horizon // cycle)
    long = _long(seasons, cycles)
    origins = _origins(cycles, long)
    forecasts = profile_forecasts(folded.filled, origins, ahead, long)
    if int(origins[0]) >= (long or 1) + 2 and cycles > (long or 2) + 2:
        regression = autoregressive_forecast(folded.filled, origins, ahead, long)
        forecasts["seasonal autoregression"] = regression
    names = list(forecasts)
    stacked = np.stack([forecasts[name] for name in names])
    return _calibrated(values, folded, origins, names, stacked, horizon, seasons)


def _long(seasons: Sequence[int], cycles: int) -> int | None:
    """Return the cycles of the long season, if the history holds two and three cycles more."""
    ratios = [season // seasons[0] for season in seasons[1:]]
    fitting = [ratio for ratio in ratios if cycles >= 2 * ratio + FEWEST_CYCLES]
    return fitting[-1] if fitting else None


def _origins(cycles: int, long: int | None) -> Origins:
    """Return the cycles known at each moment to forecast from; the last one is now."""
    first = max(2 * long if long else FEWEST_CYCLES, cycles // 3)
    first = min(first, max(cycles - 1, 1))
    count = min(MOST_ORIGINS, cycles - first + 1)
    return np.unique(np.linspace(first, cycles, count).round().astype(np.int64))


def _actual(values: Floats, origins: Origins, ahead: int, horizon: int) -> Floats:
    """Return (origins, ahead * blocks) what followed; NaN where unknown or past the horizon.

    Args:
        values: (cycles, blocks).
        origins: how many cycles were known.
        ahead: cycles that follow.
        horizon: blocks that count.
    """
    target = origins[:, None] + np.arange(ahead)
    padded = np.vstack([values, np.full((1, values.shape[1]), np.nan)])
    actual = padded[np.minimum(target, len(values))].reshape(len(origins), -1)
    actual[:, horizon:] = np.nan
    return actual


def _calibrated(
    values: Floats,
    folded: Folded,
    origins: Origins,
    names: list[str],
    stacked: Floats,
    horizon: int,
    seasons: Sequence[int],
) -> Found:
    _, _, ahead, blocks = stacked.shape
    cycle, past = folded.fine.shape[1], slice(None, -1)
    seen = _actual(folded.means, origins, ahead, -(-horizon // folded.block))
    errors = absolute_errors(stacked, seen.reshape(len(origins), ahead, blocks))[:, past]
    mixed = np.concatenate(
        [
            combine(stacked[:, past], weights_without(errors)),
            combine(stacked[:, -1:], weights_within(errors)),
        ]
    ).reshape(len(origins), ahead * blocks)
    fine = joined(mixed, folded.block) + np.tile(details(folded, origins), ahead)
    fine = fine[:, :horizon]
    actual = _actual(folded.fine, origins, ahead, horizon)[:, :horizon]
    missed = actual - fine
    spread = spread_of(missed[past], neighbours=cycle // 12)
    carried = _carried(names, np.nanmean(errors, axis=1), seasons, folded)
    scale = naive_scale(values, carried[-1] if carried else 1)
    backtest = Backtest(
        origins=len(origins) - 1,
        horizon=horizon,
        mase=mean_absolute(missed[past]) / scale,
        smape=smape(actual[past], fine[past]),
        coverage=coverage(spread.relative),
        naive_mase=_naive(folded, origins, ahead, horizon, carried, actual)[0] / scale,
        scores=dict(zip(names, (np.nanmean(errors, axis=1) / scale).tolist(), strict=True)),
    )
    fan = spread.at(fine[-1])
    return Found(
        mid=fine[-1],
        fan=fan,
        sampler=CopulaSampler(fan=fan, dependence=dependence_of(spread, far=cycle)),
        shift=None,
        seasons=carried,
        model=_words(names, weights_within(errors)),
        backtest=backtest,
    )


def _naive(
    folded: Folded,
    origins: Origins,
    ahead: int,
    horizon: int,
    carried: tuple[int, ...],
    actual: Floats,
) -> tuple[float, ...]:
    """Return the mean absolute error of the last season, repeated."""
    cycle = folded.fine.shape[1]
    long = max(carried[-1] // cycle if carried else 1, 1)
    fine = np.where(np.isfinite(folded.fine), folded.fine, joined(folded.filled, folded.block))
    step = np.arange(ahead)
    before = np.maximum(origins[:, None] + step % long - long, 0)
    naive = fine[before].reshape(len(origins), -1)[:, :horizon]
    return (mean_absolute((actual - naive)[:-1]),)


def _carried(
    names: list[str], errors: Floats, seasons: Sequence[int], folded: Folded
) -> tuple[int, ...]:
    """Return the seasons with which models err less than without them."""
    if not seasons:
        return ()
    long = [error for name, error in zip(names, errors, strict=True) if "long" in name]
    short = [
        error
        for name, error in zip(names, errors, strict=True)
        if "long" not in name and "flat" not in name
    ]
    flat = [error for name, error in zip(names, errors, strict=True) if "flat" in name]
    kept = []
    if not flat or min(short + long) < CARRIED * min(flat):
        kept.append(seasons[0])
        if long and min(long) < CARRIED * min(short):
            kept.append(seasons[-1])
    return tuple(kept)


def _words(names: list[str], weights: Floats) -> str:
    best = np.argsort(-weights)[:3]
    parts = [f"{names[place]} ({weights[place]:.0%})" for place in best]
    return "combination of " + ", ".join(parts)
