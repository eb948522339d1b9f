"""The shapes of a season, each forecasting from many origins at once.

Every model takes the filled cycles of a history (`opslib.analysis.forecast.blocks`) and forecasts
the cycles that follow each origin from those before it alone.

Method: the last cycle and the last long season (seasonal naive); means by phase of the cycle (a
day) or of the long season (a week), with weights that halve every few of them; medians of the last
ones; a cycle's shape on the level that its place in the long season has; and a level without shape.

Assumption: tomorrow looks like the same hours of days before it.
Failure mode: what repeats at no multiple of the cycle is noise to a profile.
Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., sections 5.2
(naive) and 8.1 (exponential smoothing).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.forecast.results import Floats

__all__ = ["FLAT", "LONG_SHAPES", "SHAPE", "SLOW", "Origins", "Profile", "profiles_of"]

Origins = NDArray[np.int64]
Profile = Callable[[Origins, int], Floats]
"""From the cycles known at each origin and the cycles ahead to (origins, ahead, blocks) values."""

FLAT, SHAPE = "flat level", "slow profile"
LONG_SHAPES = ("long profile", "profile on long level")

NEWEST, SLOW, LONG = 0.7, 7.0, 4.0
"""Half-lives: of a cycle's profile in cycles, of a long season's in long seasons."""
LAST_CYCLES, LAST_LONG = 7, 3


def profiles_of(cycles: Floats, long: int | None) -> dict[str, Profile]:
    """Return the models by name.

    Args:
        cycles: (cycles, blocks a cycle), without gaps. An origin has at least one of them known,
            ``long`` if that is given.
        long: cycles of the long season, none if there is no such season.
    """
    found: dict[str, Profile] = {
        "seasonal naive": partial(_last_cycle, cycles),
        FLAT: partial(_flat, cycles),
        "newest profile": partial(_cycle_mean, cycles, NEWEST),
        SHAPE: partial(_cycle_mean, cycles, SLOW),
        "median profile": partial(_cycle_median, cycles),
    }
    if long:
        found |= {
            "long seasonal naive": partial(_last_long, cycles, long),
            LONG_SHAPES[0]: partial(_long_mean, cycles, long),
            LONG_SHAPES[1]: partial(_shape_on_level, cycles, long),
            "median long profile": partial(_long_median, cycles, long),
        }
    return found


def _last_cycle(cycles: Floats, origins: Origins, ahead: int) -> Floats:
    return np.repeat(cycles[origins - 1][:, None], ahead, axis=1)


def _cycle_mean(cycles: Floats, half_life: float, origins: Origins, ahead: int) -> Floats:
    age = origins[:, None] - 1 - np.arange(len(cycles))
    weights = np.where(age >= 0, 0.5 ** (np.maximum(age, 0) / half_life), 0.0)
    profile = (weights / weights.sum(axis=1, keepdims=True)) @ cycles
    return np.repeat(profile[:, None], ahead, axis=1)


def _flat(cycles: Floats, origins: Origins, ahead: int) -> Floats:
    level = _cycle_mean(cycles.mean(axis=1, keepdims=True), SLOW, origins, ahead)
    return np.repeat(level, cycles.shape[1], axis=2)


def _cycle_median(cycles: Floats, origins: Origins, ahead: int) -> Floats:
    before = np.maximum(origins[:, None] - np.arange(1, LAST_CYCLES + 1), 0)
    return np.repeat(np.median(cycles[before], axis=1)[:, None], ahead, axis=1)


def _long_mean(cycles: Floats, long: int, origins: Origins, ahead: int) -> Floats:
    target = origins[:, None] + np.arange(min(ahead, long))
    back = target[:, :, None] - np.arange(len(cycles))
    same = (np.arange(len(cycles)) < origins[:, None, None]) & (back % long == 0)
    weights = np.where(same, 0.5 ** (np.maximum(back, 0) / long / LONG), 0.0)
    weights /= weights.sum(axis=2, keepdims=True)
    return np.asarray((weights @ cycles)[:, np.arange(ahead) % long])


def _last_long(cycles: Floats, long: int, origins: Origins, ahead: int, times: int = 1) -> Floats:
    """Return the cycles ``times`` long seasons before, or before the origin where that is later."""
    step = np.arange(ahead)
    lag = long * (step // long + times)
    return np.asarray(cycles[np.maximum(origins[:, None] + step - lag, step % long)])


def _long_median(cycles: Floats, long: int, origins: Origins, ahead: int) -> Floats:
    last = [_last_long(cycles, long, origins, ahead, times + 1) for times in range(LAST_LONG)]
    return np.median(np.stack(last), axis=0)


def _shape_on_level(cycles: Floats, long: int, origins: Origins, ahead: int) -> Floats:
    level = cycles.mean(axis=1, keepdims=True)
    shape = _cycle_mean(cycles - level, SLOW, origins, ahead)
    return shape + _long_mean(level, long, origins, ahead)
