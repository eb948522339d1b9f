"""When the level of a slow series moved at once and stayed.

Method: a shift is a pulse in the differences. For every step at once, the score test of such a
pulse is taken under the most probable point of the posterior of trend, level and noise; the largest
is a shift if it passes a bound that grows with the number of steps looked at. The model is fitted
again with it, until none is left.

Assumption: a shift stands out of what the level usually does in a step, and the values after it
are enough to tell it from a lone outlier.
Failure mode: the last few steps cannot show that a move lasts.
Source: Chen and Liu, "Joint estimation of model parameters and outlier effects in time series",
Journal of the American Statistical Association 88 (1993); Atkinson, Koopman and Shephard,
"Detecting shocks: outliers and breaks in time series", Journal of Econometrics 80 (1997).
"""

from __future__ import annotations

import numpy as np
from scipy.fft import dst

from opslib.analysis.forecast.results import Floats
from opslib.analysis.forecast.trend_posterior import Design, Posterior, left_out
from opslib.analysis.forecast.tridiagonal import eigenvalues, inverse_bands

__all__ = ["next_shift"]

TOLD = 1e-6
"""Share of the range below which a residual may be rounding."""
CLEAR = 2.0
"""Standard deviations by which a shift passes what the largest of as many noises is."""


def next_shift(values: Floats, design: Design, posterior: Posterior, lasting: int) -> int | None:
    """Return the first step of the clearest level shift, none if none is clear.

    Args:
        values: (steps,) without gaps.
        design: that the posterior was taken with.
        posterior: of the model without the shift.
        lasting: steps that must follow, and go before.
    """
    best = posterior.best
    rho, ratio = posterior.persistence[best], posterior.ratio[best]
    explained = design.columns[: len(values) - 1] @ posterior.coefficients[best]
    left = np.diff(values) - explained
    filtered = left[1:] - rho * left[:-1]
    diagonal, beside = inverse_bands(rho, ratio, len(filtered))
    turned = dst(filtered, type=1, norm="ortho") / eigenvalues(rho, ratio, len(filtered))
    weighted = dst(turned, type=1, norm="ortho")
    score = weighted[:-1] - rho * weighted[1:]
    variance = diagonal[:-1] - 2 * rho * beside + rho**2 * diagonal[1:]
    noise = np.sqrt(posterior.residual[best] / posterior.freedom) + TOLD * np.ptp(values)
    size = np.abs(score) / (noise * np.sqrt(variance))
    steps = np.arange(len(size)) + 2
    size[(steps < left_out(len(values)) + lasting) | (steps > len(values) - lasting)] = 0.0
    place = int(size.argmax())
    return int(steps[place]) if size[place] > np.sqrt(2 * np.log(len(size))) + CLEAR else None
