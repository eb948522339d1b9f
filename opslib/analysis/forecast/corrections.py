"""A profile carried on by what it missed of late.

Method: a profile's own errors one cycle ahead are a series too, and what they were until an origin
tells what they will be after it, in four ways: the last cycle's mean error fades as such means did;
the last block's error does; the errors of the last cycle are projected on those to come by the
errors' autocorrelation (the best linear forecast, with a ridge); and what a profile lags behind a
trend goes on growing.

Assumption: the errors hang together now as they did.
Failure mode: a lone spike just before the end is taken for a new level, as far as spikes were.
Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 10.1
(regression with ARIMA errors); Taylor, "Short-term electricity demand forecasting using double
seasonal exponential smoothing", Journal of the Operational Research Society 54 (2003); Brockwell
and Davis, Time Series: Theory and Methods, 2nd ed. (1991), section 5.1, for the projection.
"""

from __future__ import annotations

import numpy as np

from opslib.analysis.forecast.profiles import SLOW, Origins, Profile
from opslib.analysis.forecast.results import Floats

__all__ = ["corrected", "own_errors"]

STEADIEST = 0.995
SHRUNK = 0.05
"""Share of the squares by which persistence and projection are drawn to nothing."""
GROUPS = 4
"""Groups of origins; each shares the autocorrelation of what was known at its first."""


def own_errors(cycles: Floats, profile: Profile, first: int) -> Floats:
    """Return (cycles, blocks) errors one cycle ahead; zero in the ``first``, without forecasts."""
    errors = np.zeros_like(cycles)
    origins = np.arange(first, len(cycles))
    if origins.size:
        errors[first:] = cycles[first:] - profile(origins, 1)[:, 0]
    return errors


def corrected(forecast: Floats, errors: Floats, origins: Origins) -> dict[str, Floats]:
    """Return by kind of correction the forecast with what its last errors add.

    Args:
        forecast: (origins, ahead, blocks).
        errors: of the same profile, by `own_errors`.
        origins: cycles known at each.
    """
    _, ahead, blocks = forecast.shape
    means = errors.mean(axis=1)
    step, cycle = np.arange(1, ahead * blocks + 1), np.arange(1, ahead + 1)
    daily = _persistence(means)[origins - 1, None] ** cycle * means[origins - 1, None]
    kept = _persistence(errors.ravel())[origins * blocks - 1, None] ** step
    last = (kept * errors[origins - 1, -1:]).reshape(forecast.shape)
    projected = _projected(errors, origins, ahead * blocks).reshape(forecast.shape)
    return {
        "last cycle's error": forecast + daily[:, :, None],
        "last error": forecast + last,
        "projected errors": forecast + projected,
        "trend": forecast + _lag(means, origins, ahead)[:, :, None],
    }


def _persistence(errors: Floats) -> Floats:
    """Return at each point how an error's size carried to the next, from those until then."""
    following = np.concatenate([[0.0], np.cumsum(errors[1:] * errors[:-1])])
    squares = np.concatenate([[0.0], np.cumsum(errors[:-1] ** 2)])
    shrunk = SHRUNK * squares[-1] + np.finfo(float).tiny
    return np.asarray(np.clip(following / (squares + shrunk), 0.0, STEADIEST))


def _projected(errors: Floats, origins: Origins, steps: int) -> Floats:
    """Return (origins, steps) the best linear forecast of the errors from the last cycle's."""
    blocks, line = errors.shape[1], errors.ravel()
    found = np.zeros((len(origins), steps))
    for group in np.array_split(np.arange(len(origins)), GROUPS):
        if not group.size:
            continue
        known = int(origins[group[0]]) * blocks
        back = np.arange(min(blocks, known))
        products = _autocovariance(line[:known], len(back) + steps)
        if products[0] <= 0:
            continue
        among = products[np.abs(back[:, None] - back)]
        among[back, back] *= 1 + SHRUNK
        weights = np.linalg.solve(among, products[back[:, None] + np.arange(1, steps + 1)])
        found[group] = line[origins[group, None] * blocks - 1 - back] @ weights
    return found


def _autocovariance(line: Floats, lags: int) -> Floats:
    """Return (lags + 1,) sums of products of values so many steps apart, zero past the end."""
    size = 1 << (2 * len(line) - 1).bit_length()
    turned = np.fft.rfft(line, size)
    products = np.fft.irfft((turned * turned.conj()).real, size)[: len(line)]
    return np.concatenate([products, np.zeros(lags + 1)])[: lags + 1]


def _lag(means: Floats, origins: Origins, ahead: int) -> Floats:
    """Return (origins, ahead) the mean error of late, growing.

    A mean whose weights shrink by a share each cycle lags behind a steady trend by its slope over
    that share: the slope is the lag times the share.
    """
    age = origins[:, None] - 1 - np.arange(len(means))
    weights = np.where(age >= 0, 0.5 ** (np.maximum(age, 0) / SLOW), 0.0)
    lag = (weights / weights.sum(axis=1, keepdims=True)) @ means
    growing = 1 + (1 - 0.5 ** (1 / SLOW)) * np.arange(ahead)
    return np.asarray(lag[:, None] * growing)
