"""Forecast by combined profiles, with intervals from a rolling backtest.

Method: simple seasonal models (`candidates`) forecast from the end of each cycle in the later part
of the history; they are combined by their errors (`combination`), the detail within blocks is added
(`detail`), and what the combination missed gives the intervals (`spread`). Level shifts of a
cycle's mean that are clear and have lasted are taken out of the history first.

Assumption: there are several horizons' worth of history, so that errors at that distance can be
seen. Where there are not, see `opslib.analysis.forecast.slow`.
Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.10
(cross-validation with a rolling origin).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from opslib.analysis.forecast.blocks import Folded, fold
from opslib.analysis.forecast.candidates import candidate_forecasts
from opslib.analysis.forecast.combination import absolute_errors, combined, weights
from opslib.analysis.forecast.copula import CopulaSampler, dependence_of
from opslib.analysis.forecast.detail import details, joined
from opslib.analysis.forecast.profiles import FLAT, LONG_SHAPES, SHAPE, Origins
from opslib.analysis.forecast.results import KNOWING_NOTHING, Backtest, Floats, Found
from opslib.analysis.forecast.scores import mean_absolute, naive_scale, smape
from opslib.analysis.forecast.shifted import at_last_level
from opslib.analysis.forecast.spread import GRID, coverage, spread_of

__all__ = ["forecast_seasonal"]

MOST_ORIGINS = 40
FEWEST_CYCLES = 3
CARRIED = 0.98
"""A season is carried if a profile with it errs less than this times what one without it does."""
NAMED = 3


def forecast_seasonal(values: Floats, horizon: int, seasons: Sequence[int]) -> Found:
    """Return the forecast of what follows ``values``.

    Args:
        values: one a step, some known; NaN where there is none.
        horizon: steps to forecast.
        seasons: that may be there, in steps, shortest first, each a multiple of the first.
    """
    cycle = seasons[0]
    long = _long(seasons, len(values) // cycle)
    values, shift = at_last_level(values, cycle, long)
    folded, ahead = fold(values, cycle), -(-horizon // cycle)
    origins = _origins(len(folded.filled), long)
    positive = bool(np.nanmin(values) > 0)
    forecasts = candidate_forecasts(folded.filled, origins, ahead, long, positive=positive)
    stacked = np.stack(list(forecasts.values()))
    seen = _following(folded.means, origins, ahead, -(-horizon // folded.block))
    windows = float(origins[-2] - origins[0]) / ahead + 1
    sums, counts = absolute_errors(stacked[:, :-1], seen[:-1])
    shares = weights((sums, counts), windows)
    blocks = combined(stacked, shares).reshape(len(origins), -1)
    mids = joined(blocks, folded.block) + np.tile(details(folded, origins), ahead)
    mids = mids[:, :horizon]
    actual = _following(folded.fine, origins, ahead, horizon).reshape(len(origins), -1)
    missed = (actual[:, :horizon] - mids)[:-1]
    spread = spread_of(missed, cycle // 12, windows)
    fan = spread.around(mids[-1])
    mid = fan[len(GRID) // 2]
    held = coverage(missed, cycle // 12, (len(origins) - 1) / windows)
    by_model = dict(zip(forecasts, _mean_errors(sums, counts), strict=True))
    carried = _carried(by_model, cycle, cycle * (long or 1))
    scale = naive_scale(values, carried[-1] if carried else 1)
    naive = _naive(folded, origins, ahead, carried)[:, :horizon]
    return Found(
        mid=mid,
        fan=fan,
        sampler=CopulaSampler(fan=fan, dependence=dependence_of(spread, cycle)),
        seasons=carried,
        model=_words(list(forecasts), shares[:, -1].mean(axis=1)),
        shift=shift,
        backtest=Backtest(
            origins=len(origins) - 1,
            horizon=horizon,
            windows=windows,
            mase=mean_absolute(missed) / scale,
            smape=smape(actual[:-1, :horizon], mids[:-1]),
            coverage=held,
            held_now=held,
            naive_mase=mean_absolute((actual[:, :horizon] - naive)[:-1]) / scale,
            scores={
                **{name: error / scale for name, error in by_model.items()},
                KNOWING_NOTHING: _past_medians_error(folded, origins, seen) / scale,
            },
        ),
    )


def _long(seasons: Sequence[int], cycles: int) -> int | None:
    """Return the cycles of the long season, if the history holds two and three cycles more."""
    ratios = [season // seasons[0] for season in seasons[1:]]
    fitting = [ratio for ratio in ratios if cycles >= 2 * ratio + FEWEST_CYCLES]
    return fitting[-1] if fitting else None


def _origins(cycles: int, long: int | None) -> Origins:
    """Return the cycles known at each moment to forecast from; the last one is now."""
    first = max(2 * long if long else FEWEST_CYCLES, cycles // 3)
    first = min(first, cycles - 1)
    count = min(MOST_ORIGINS, cycles - first + 1)
    return np.unique(np.linspace(first, cycles, count).round().astype(np.int64))


def _following(values: Floats, origins: Origins, ahead: int, horizon: int) -> Floats:
    """Return (origins, ahead, steps) what followed; NaN where unknown or past the horizon.

    Args:
        values: (cycles, steps).
        origins: how many cycles were known.
        ahead: cycles that follow.
        horizon: steps that count.
    """
    target = origins[:, None] + np.arange(ahead)
    padded = np.vstack([values, np.full((1, values.shape[1]), np.nan)])
    actual: Floats = padded[np.minimum(target, len(values))]
    actual.reshape(len(origins), -1)[:, horizon:] = np.nan
    return actual


def _naive(folded: Folded, origins: Origins, ahead: int, carried: tuple[int, ...]) -> Floats:
    """Return (origins, steps) the last season, repeated."""
    cycle = folded.fine.shape[1]
    long = max(carried[-1] // cycle if carried else 1, 1)
    whole = joined(folded.filled, folded.block)
    whole = np.where(np.isfinite(folded.fine), folded.fine, whole)
    before = np.maximum(origins[:, None] + np.arange(ahead) % long - long, 0)
    return whole[before].reshape(len(origins), -1)


def _past_medians_error(folded: Folded, origins: Origins, seen: Floats) -> float:
    medians = np.array([np.median(folded.filled[:origin]) for origin in origins])
    return mean_absolute((seen - medians[:, None, None])[:-1])


def _mean_errors(sums: Floats, counts: Floats) -> list[float]:
    total = max(float(counts.sum()), 1.0)
    return [float(error) / total for error in sums.sum(axis=(1, 2))]


def _carried(errors: dict[str, float], cycle: int, long: int) -> tuple[int, ...]:
    """Return the seasons with which a profile errs less than the same without."""
    kept: list[int] = []
    if errors[SHAPE] < CARRIED * errors[FLAT]:
        kept.append(cycle)
    longer = [errors[name] for name in LONG_SHAPES if name in errors]
    if longer and min(longer) < CARRIED * min(errors[SHAPE], errors[FLAT]):
        kept.append(long)
    return tuple(kept)


def _words(names: list[str], shares: Floats) -> str:
    best = np.argsort(-shares, kind="stable")[:NAMED]
    parts = [f"{names[place]} ({shares[place]:.0%})" for place in best]
    return f"combination of {len(names)} models, most of {'; '.join(parts)}"
