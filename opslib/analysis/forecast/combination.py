"""One forecast of many: each model weighs as it did in the backtest.

Method: a model's weight is the inverse of its mean absolute error to a power, so that those that do
clearly worse vanish and those that do alike share. A model is weighed for an origin without that
origin's errors. The power is a compromise between taking the best (noisy: few origins) and the mean
of all (robust, but held back by the bad).

Source: Bates and Granger, "The combination of forecasts", Operational Research Quarterly 20 (1969);
Makridakis, Spiliotis and Assimakopoulos, "The M4 Competition", International Journal of Forecasting
36 (2020), where combinations took most of the first places; Fiorucci and Louzada, "GROEC", the same
issue, for weights by rolling origins.
"""

from __future__ import annotations

import numpy as np

from opslib.analysis.forecast.results import Floats

__all__ = ["absolute_errors", "combine", "weights_within", "weights_without"]

POWER = 8.0


def absolute_errors(forecasts: Floats, actual: Floats) -> Floats:
    """Return (models, origins) mean absolute errors; NaN where nothing is known.

    Args:
        forecasts: (models, origins, ahead, blocks).
        actual: (origins, ahead, blocks), NaN where unknown.
    """
    known = np.isfinite(actual)
    errors = np.abs(forecasts - np.where(known, actual, 0.0)) * known
    counts = known.sum(axis=(1, 2))
    return np.where(counts > 0, errors.sum(axis=(2, 3)) / np.maximum(counts, 1), np.nan)


def weights_within(errors: Floats) -> Floats:
    """Return (models,) weights from (models, origins) errors."""
    return _weights(np.nanmean(errors, axis=1))


def weights_without(errors: Floats) -> Floats:
    """Return (models, origins) weights, each origin's from the errors of the others."""
    counted = np.isfinite(errors)
    sums = np.where(counted, errors, 0.0)
    others = counted.sum(axis=1, keepdims=True) - counted
    means = (sums.sum(axis=1, keepdims=True) - sums) / np.maximum(others, 1)
    return _weights(np.where(others > 0, means, 1.0))


def combine(forecasts: Floats, weights: Floats) -> Floats:
    """Return the weighted mean over the first axis of both."""
    spread = weights.reshape(weights.shape + (1,) * (forecasts.ndim - weights.ndim))
    return (forecasts * spread).sum(axis=0)


def _weights(means: Floats) -> Floats:
    least = np.maximum(means.min(axis=0), np.finfo(float).tiny)
    relative = (least / np.maximum(means, least)) ** POWER
    return relative / relative.sum(axis=0)
