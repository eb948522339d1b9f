"""What happens within a block: the way between block means, and what repeats every cycle.

Method: block means are joined by straight lines between their middles. What the values then leave
is taken at each phase of the cycle as the median of the last cycles, so that a job at five past
every hour comes back and a spike that was there once does not. These medians are drawn to their
common median, as far as their spread over phases is no more than what medians of noise have
(empirical Bayes).

Assumption: what repeats within a block keeps its size while the level moves.
Source: Efron and Morris, "Data analysis using Stein's estimator and its generalizations", Journal
of the American Statistical Association 70 (1975).
"""

from __future__ import annotations

import numpy as np

from opslib.analysis.forecast.blocks import Folded
from opslib.analysis.forecast.profiles import Origins
from opslib.analysis.forecast.results import Floats

__all__ = ["details", "joined"]

LAST_CYCLES = 14
MEDIAN_VARIANCE = np.pi / 2
"""Variance of a median of many normal values over that of their mean."""
TO_DEVIATION = 1.4826
"""Standard deviation of normal values over their median absolute deviation."""


def joined(means: Floats, block: int) -> Floats:
    """Return (..., blocks * block) the straight lines between the middles of blocks."""
    if block == 1:
        return means
    blocks = means.shape[-1]
    at = (np.arange(blocks * block) + 0.5) / block - 0.5
    left = np.clip(np.floor(at).astype(int), 0, max(blocks - 2, 0))
    share = np.clip(at - left, 0.0, 1.0)
    right = np.minimum(left + 1, blocks - 1)
    return np.asarray(means[..., left] * (1 - share) + means[..., right] * share)


def details(folded: Folded, origins: Origins) -> Floats:
    """Return (origins, steps a cycle) what to add to joined block means after each origin."""
    if folded.block == 1:
        return np.zeros((len(origins), folded.fine.shape[1]))
    left = folded.fine - joined(folded.filled.ravel(), folded.block).reshape(folded.fine.shape)
    left = np.where(np.isfinite(left), left, np.nanmedian(left))
    last = min(LAST_CYCLES, int(origins.min()))
    window = left[origins[:, None] - np.arange(1, last + 1)]
    phases = np.median(window, axis=1)
    common = np.median(phases, axis=1, keepdims=True)
    noise = TO_DEVIATION * np.median(np.abs(window - phases[:, None]), axis=(1, 2))
    of_median = MEDIAN_VARIANCE * noise**2 / last
    spread = phases.var(axis=1)
    kept = np.clip(1 - of_median / np.maximum(spread, np.finfo(float).tiny), 0.0, 1.0)
    return np.asarray(common + kept[:, None] * (phases - common))
