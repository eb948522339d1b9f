"""Whole futures whose spread at each step is the interval's.

Method: the normal scores of the backtest's relative errors are taken for the sum of three parts:
one that an origin's errors all share, one that fades from step to step, and noise of a single step
(a variance components model on three autocorrelations). Paths are drawn from it and each step's
values put onto that step's quantiles: a Gaussian copula.

Assumption: how errors hang together is the same at every phase of the season.
Source: Pinson, Madsen, Nielsen, Papaefthymiou and Kloeckl, "From probabilistic forecasts to
statistical scenarios of short-term wind power production", Wind Energy 12 (2009).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from opslib.analysis.forecast.results import Floats
from opslib.analysis.forecast.spread import GRID, Spread, normal_scores

__all__ = ["CopulaSampler", "Dependence", "dependence_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """Shares of the variance of normal scores.

    Args:
        common: of what all steps of a path share.
        fading: of what fades; the rest is noise of a single step.
        kept: the correlation of the fading part from a step to the next.
    """

    common: float
    fading: float
    kept: float


def dependence_of(spread: Spread, far: int) -> Dependence:
    """Return how the errors of an origin hang together.

    Args:
        spread: of a backtest.
        far: steps after which only the common part is left.
    """
    scores = normal_scores(spread.relative, spread.quantiles)
    horizon = scores.shape[1]
    far = max(1, min(far, horizon // 2))
    middle = max(1, far // 4)
    next_, middling, farthest = (_correlation(scores, lag) for lag in (1, middle, far))
    common = float(np.clip(farthest, 0.0, 0.95))
    fading = float(np.clip(next_ - common, 0.0, 1.0 - common))
    if fading < 0.01 or middle == 1:  # noqa: PLR2004  nothing left to date
        return Dependence(common=common, fading=fading, kept=0.9 if fading else 0.0)
    left = np.clip((middling - common) / fading, 0.01, 0.9999)
    kept = float(left ** (1 / (middle - 1)))
    return Dependence(common=common, fading=min(fading / kept, 1.0 - common), kept=kept)


def _correlation(scores: Floats, lag: int) -> float:
    if scores.shape[1] <= lag:
        return 0.0
    products = scores[:, lag:] * scores[:, :-lag]
    squares = scores[np.isfinite(scores)]
    if not np.isfinite(products).any() or not (squares**2).sum():
        return 0.0
    return float(np.nanmean(products) / (squares**2).mean())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CopulaSampler:
    """Draws paths through a fan.

    Args:
        fan: (probabilities of `GRID`, horizon) quantiles by step.
        dependence: of the steps of a path.
    """

    fan: Floats
    dependence: Dependence

    def sample(self, count: int, seed: int) -> NDArray[np.float32]:
        """Return (count, horizon) paths."""
        random = np.random.default_rng(seed)
        horizon, part = self.fan.shape[1], self.dependence
        fresh = random.standard_normal((horizon, count), dtype=np.float32)
        fresh[1:] *= np.float32(np.sqrt(1 - part.kept**2))
        kept = np.float32(part.kept)
        for step in range(1, horizon):
            fresh[step] += kept * fresh[step - 1]
        fresh *= np.float32(np.sqrt(part.fading))
        fresh += np.float32(np.sqrt(part.common)) * random.standard_normal(count, dtype=np.float32)
        noise = random.standard_normal((horizon, count), dtype=np.float32)
        noise *= np.float32(np.sqrt(max(0.0, 1 - part.common - part.fading)))
        fresh += noise
        return _through(self.fan, fresh.T)


def _through(fan: Floats, scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the values at each step of normal scores, linear between the quantiles of the fan."""
    deviates = ndtri(GRID)
    place = np.interp(scores, deviates, np.arange(len(GRID)))
    below = np.minimum(place.astype(np.int64), len(GRID) - 2)
    steps = np.arange(fan.shape[1])
    low, high = fan[below, steps], fan[below + 1, steps]
    return np.asarray(low + (place - below) * (high - low), dtype=np.float32)
