"""Simple models of a seasonal series, each forecasting from many origins at once.

Every model takes the filled cycles of a history (`opslib.analysis.forecast.blocks`) and forecasts
the cycles that follow each origin from those before it alone.

Method: seasonal naive; means of a phase of the cycle (a day) and of the long season (a week), with
weights that halve every few cycles; medians of the last ones; a cycle's shape on the level that its
weekday has; and each profile carried on with its last error, which fades as such errors did
(a first-order autoregression of the profile's own errors one cycle ahead, by cycle and by block).

Assumption: tomorrow looks like the same hours of days before it.
Failure mode: what repeats at no multiple of the cycle is noise to a profile.
Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., sections 5.2
(naive), 8.1 (exponential smoothing) and 10.1 (regression with ARIMA errors); Taylor, "Short-term
electricity demand forecasting using double seasonal exponential smoothing", Journal of the
Operational Research Society 54 (2003), for correcting by the last error.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.forecast.results import Floats

__all__ = ["Origins", "profile_forecasts"]

Origins = NDArray[np.int64]

QUICK, SLOW = 2.0, 7.0
"""Half-lives of a cycle's profile, in cycles."""
LONG_QUICK, LONG_SLOW = 1.5, 4.0
"""Half-lives of a long season's profile, in long seasons."""
LAST_CYCLES, LAST_LONG = 7, 3
STEADIEST = 0.995

Profile = Callable[[Origins, int], Floats]


def profile_forecasts(
    cycles: Floats, origins: Origins, ahead: int, long: int | None
) -> dict[str, Floats]:
    """Return by model (origins, ahead, blocks) what follows each origin.

    Args:
        cycles: (cycles, blocks a cycle), without gaps.
        origins: how many cycles are known, each at least one (at least ``long``, if given).
        ahead: how many cycles to forecast.
        long: cycles of the long season, none if there is no such season.
    """
    profiles = _profiles(cycles, long)
    forecasts = {name: profile(origins, ahead) for name, profile in profiles.items()}
    forecasts["seasonal naive"] = np.repeat(cycles[origins - 1][:, None], ahead, axis=1)
    if long:
        forecasts["long seasonal naive"] = _lagged(cycles, origins, ahead, long, 1)
    for name, profile in profiles.items():
        if "median" not in name:
            errors = _own_errors(cycles, profile, long or 1)
            forecasts |= _corrected(name, forecasts[name], errors, origins)
    return forecasts


def _profiles(cycles: Floats, long: int | None) -> dict[str, Profile]:
    found: dict[str, Profile] = {
        "quick profile": partial(_cycle_mean, cycles, QUICK),
        "slow profile": partial(_cycle_mean, cycles, SLOW),
        "median profile": partial(_cycle_median, cycles),
    }
    if long:
        found |= {
            "quick long profile": partial(_long_mean, cycles, LONG_QUICK, long),
            "slow long profile": partial(_long_mean, cycles, LONG_SLOW, long),
            "median long profile": partial(_long_median, cycles, long),
            "profile on long level": partial(_shape_on_level, cycles, long),
        }
    return found


def _cycle_mean(cycles: Floats, half_life: float, origins: Origins, ahead: int) -> Floats:
    age = origins[:, None] - 1 - np.arange(len(cycles))
    weights = np.where(age >= 0, 0.5 ** (np.maximum(age, 0) / half_life), 0.0)
    profile = (weights / weights.sum(axis=1, keepdims=True)) @ cycles
    return np.repeat(profile[:, None], ahead, axis=1)


def _cycle_median(cycles: Floats, origins: Origins, ahead: int) -> Floats:
    before = np.maximum(origins[:, None] - np.arange(1, LAST_CYCLES + 1), 0)
    return np.repeat(np.median(cycles[before], axis=1)[:, None], ahead, axis=1)


def _long_weights(size: int, half_life: float, long: int, origins: Origins, ahead: int) -> Floats:
    """Return (origins, ahead, cycles) weights, those of the same phase of the long season."""
    target = origins[:, None] + np.arange(ahead)
    back = target[:, :, None] - np.arange(size)
    same = (np.arange(size) < origins[:, None, None]) & (back % long == 0)
    weights = np.where(same, 0.5 ** (back / long / half_life), 0.0)
    weights /= weights.sum(axis=2, keepdims=True)
    return weights


def _long_mean(cycles: Floats, half_life: float, long: int, origins: Origins, ahead: int) -> Floats:
    weights = _long_weights(len(cycles), half_life, long, origins, min(ahead, long))
    return (weights @ cycles)[:, np.arange(ahead) % long]


def _lagged(cycles: Floats, origins: Origins, ahead: int, long: int, times: int) -> Floats:
    """Return the cycles ``times`` long seasons before, or before the origin where that is later."""
    step = np.arange(ahead)
    lag = long * (step // long + times)
    return cycles[np.maximum(origins[:, None] + step - lag, step % long)]


def _long_median(cycles: Floats, long: int, origins: Origins, ahead: int) -> Floats:
    lagged = [_lagged(cycles, origins, ahead, long, times + 1) for times in range(LAST_LONG)]
    return np.median(np.stack(lagged), axis=0)


def _shape_on_level(cycles: Floats, long: int, origins: Origins, ahead: int) -> Floats:
    level = cycles.mean(axis=1, keepdims=True)
    shape = _cycle_mean(cycles - level, SLOW, origins, ahead)
    return shape + _long_mean(level, LONG_SLOW, long, origins, ahead)


def _own_errors(cycles: Floats, profile: Profile, first: int) -> Floats:
    """Return (cycles, blocks) errors one cycle ahead; zero in the first, which nothing forecasts."""
    errors = np.zeros_like(cycles)
    origins = np.arange(first, len(cycles))
    if origins.size:
        errors[first:] = cycles[first:] - profile(origins, 1)[:, 0]
    return errors


def _corrected(name: str, forecast: Floats, errors: Floats, origins: Origins) -> dict[str, Floats]:
    """Return the forecast with its last errors fading, by cycle and by block."""
    _, ahead, blocks = forecast.shape
    means = errors.mean(axis=1)
    by_cycle = _persistence(means)[origins - 1]
    by_block = _persistence(errors.ravel())[origins * blocks - 1]
    cycle = by_cycle[:, None] ** np.arange(1, ahead + 1) * means[origins - 1, None]
    steps = np.arange(1, ahead * blocks + 1)
    block = by_block[:, None] ** steps * errors[origins - 1, -1][:, None]
    return {
        f"{name}, daily error": forecast + cycle[:, :, None],
        f"{name}, last error": forecast + block.reshape(forecast.shape),
    }


def _persistence(errors: Floats) -> Floats:
    """Return at each point how an error's size carried to the next, from those until then."""
    following = np.concatenate([[0.0], np.cumsum(errors[1:] * errors[:-1])])
    squares = np.concatenate([[0.0], np.cumsum(errors[:-1] ** 2)])
    shrunk = 0.05 * squares[-1] + np.finfo(float).tiny
    return np.clip(following / (squares + shrunk), 0.0, STEADIEST)
