"""One forecast of many: each model weighs as it did in the backtest.

Method: a model's weight in a cycle to come is the inverse of its mean absolute error to a power, so
that those that do clearly worse vanish and those that do alike share. Errors of a cycle count most
for that cycle, half as much for the next, and all count a little, since what forecasts tomorrow
well may not forecast the day in a week. The power grows with the root of the number of horizons
that the backtest holds without overlap, as the precision of a mean error does: with few, all share
(a choice would be chance); with many, the best are chosen. A model is weighed for an origin without
that origin's errors.

Source: Bates and Granger, "The combination of forecasts", Operational Research Quarterly 20 (1969);
Makridakis, Spiliotis and Assimakopoulos, "The M4 Competition", International Journal of Forecasting
36 (2020), where combinations took most of the first places; Fiorucci and Louzada, "GROEC", the same
issue, for weights by rolling origins.
"""

from __future__ import annotations

import numpy as np

from opslib.analysis.forecast.results import Floats

__all__ = ["Errors", "absolute_errors", "combined", "weights"]

SHARPNESS = 3.5
NEAR, ALL = 0.5, 0.1

Errors = tuple[Floats, Floats]
"""Sums of absolute errors (models, origins, cycles) and the blocks known (origins, cycles)."""


def absolute_errors(forecasts: Floats, actual: Floats) -> Errors:
    """Return the errors of (models, origins, cycles, blocks) forecasts by cycle ahead."""
    known = np.isfinite(actual)
    missed = np.abs(forecasts - np.where(known, actual, 0.0)) * known
    return missed.sum(axis=-1), known.sum(axis=-1).astype(float)


def weights(errors: Errors, windows: float) -> Floats:
    """Return (models, origins + 1, cycles) weights, each origin's without its errors; now's last.

    Args:
        errors: of past origins.
        windows: how many horizons without overlap these span.
    """
    sums, counts = errors
    cycle = np.arange(counts.shape[-1])
    kernel = NEAR ** np.abs(cycle[:, None] - cycle) + ALL
    sums, counts = sums @ kernel, counts @ kernel
    all_sums, all_counts = sums.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    sums = np.concatenate([all_sums - sums, all_sums], axis=1)
    counts = np.concatenate([all_counts - counts, all_counts])
    means = np.where(counts > 0, sums / np.maximum(counts, NEAR * ALL), 1.0)
    least = means.min(axis=0)
    relative = np.where(means > 0, least / np.maximum(means, np.finfo(float).tiny), 1.0) ** (
        SHARPNESS * np.sqrt(windows)
    )
    return np.asarray(relative / relative.sum(axis=0))


def combined(forecasts: Floats, shares: Floats) -> Floats:
    """Return (origins, cycles, blocks) the mean of the models by their weights."""
    return np.asarray(np.einsum("mock,moc->ock", forecasts, shares))
