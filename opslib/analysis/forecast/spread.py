"""How far values stray from their forecast, from the errors of the backtest.

Method: errors at a step are divided by their usual size there, which comes from the other origins
and from neighbouring steps; these relative errors are pooled over origins and steps, and their
quantiles times the size are the interval. An origin's relative errors use a size made without it,
so that the quantiles carry what is not known of the size (a leave-one-out, that is jackknife,
conformal interval). The tails may differ, and no shape is assumed.

Assumption: relative errors to come are exchangeable with those of the backtest.
Failure mode: a series that becomes calmer or wilder; few origins, where the size is rough and the
intervals are wide for it.
Source: Barber, Candes, Ramdas and Tibshirani, "Predictive inference with the jackknife+", Annals of
Statistics 49 (2021); Lei et al., "Distribution-free predictive inference for regression", Journal of
the American Statistical Association 113 (2018), for errors relative to a local size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.special import ndtri, stdtrit

from opslib.analysis.forecast.results import LEVELS, Floats

__all__ = ["GRID", "Spread", "bounds", "coverage", "normal_scores", "spread_of"]

_TAIL = np.array(
    [0.0005, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45]
)
GRID = np.concatenate([_TAIL, [0.5], 1 - _TAIL[::-1]])
"""The probabilities at which quantiles are kept."""

FEWEST = 3
DRAWN = 20_000
BORROWED = 1.0
"""Origins' worth of weight that the size over all steps has in the size at one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """The distribution of errors.

    Args:
        size: (horizon,) mean absolute error by step.
        quantiles: of errors over size, at `GRID`.
        relative: (origins, horizon) errors over the size that the other origins give; NaN where
            nothing is known.
    """

    size: Floats
    quantiles: Floats
    relative: Floats

    def at(self, mid: Floats) -> Floats:
        """Return (probabilities, horizon) quantiles of what comes around ``mid``."""
        return mid + self.quantiles[:, None] * self.size


def spread_of(errors: Floats, neighbours: int) -> Spread:
    """Return the distribution of (origins, horizon) errors, NaN where nothing is known.

    Args:
        errors: actual less forecast.
        neighbours: steps on each side that are taken for alike.
    """
    size, without = _sizes(errors, neighbours)
    relative = errors / without
    known = relative[np.isfinite(relative)]
    if np.isfinite(errors).any(axis=1).sum() < FEWEST or not known.size:
        freedom = max(int(np.isfinite(errors).any(axis=1).sum()), 1)
        return Spread(
            size=size, quantiles=stdtrit(freedom, GRID) * np.sqrt(np.pi / 2), relative=relative
        )
    return Spread(size=size, quantiles=_quantiles(known), relative=relative)


def _quantiles(relative: Floats) -> Floats:
    stride = -(-len(relative) // DRAWN)
    return np.asarray(np.quantile(relative[::stride], GRID))


def _sizes(errors: Floats, neighbours: int) -> tuple[Floats, Floats]:
    """Return sizes by step from all origins, and by origin and step from the other origins."""
    known = np.isfinite(errors)
    absolute = np.where(known, np.abs(errors), 0.0)
    width = 2 * neighbours + 1
    sums = uniform_filter1d(absolute, width, axis=1, mode="nearest")
    counts = uniform_filter1d(known.astype(float), width, axis=1, mode="nearest")
    overall, seen = absolute.sum(), max(int(known.sum()), 1)
    size = _shrunk(sums.sum(axis=0), counts.sum(axis=0), overall / seen)
    own, own_seen = absolute.sum(axis=1, keepdims=True), known.sum(axis=1, keepdims=True)
    rest = (overall - own) / np.maximum(seen - own_seen, 1)
    without = _shrunk(sums.sum(axis=0) - sums, counts.sum(axis=0) - counts, rest)
    tiny = np.finfo(float).tiny
    return np.maximum(size, tiny), np.maximum(without, tiny)


def _shrunk(sums: Floats, counts: Floats, overall: Floats | float) -> Floats:
    return (sums + BORROWED * overall) / (counts + BORROWED)


def bounds(fan: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the low and high (horizon,) of a central interval of (probabilities, horizon)."""
    low = int(np.searchsorted(GRID, (1 - level) / 2 - 1e-9))
    return fan[low], fan[len(GRID) - 1 - low]


def coverage(relative: Floats) -> dict[float, float]:
    """Return by level the share of relative errors within the quantiles of the other origins'."""
    known = np.isfinite(relative)
    origins = np.flatnonzero(known.any(axis=1))
    if len(origins) < FEWEST:
        return dict.fromkeys(LEVELS, float("nan"))
    inside = dict.fromkeys(LEVELS, 0)
    for origin in origins:
        others = np.delete(relative, origin, axis=0)
        pooled = others[np.isfinite(others)]
        quantiles = _quantiles(pooled[:: max(1, len(pooled) // 4000)])
        own = relative[origin, known[origin]]
        for level in LEVELS:
            low = int(np.searchsorted(GRID, (1 - level) / 2 - 1e-9))
            inside[level] += int(
                ((own >= quantiles[low]) & (own <= quantiles[len(GRID) - 1 - low])).sum()
            )
    return {level: count / int(known.sum()) for level, count in inside.items()}


def normal_scores(relative: Floats, quantiles: Floats) -> Floats:
    """Return the normal deviates whose probabilities are those of ``relative``; NaN stays."""
    return np.interp(relative, quantiles, ndtri(GRID))
