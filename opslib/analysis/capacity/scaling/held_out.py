"""Whether a choice of settings holds on weeks that it has not seen.

Method: the weeks of the history are parted into every other one, so that each half has every day of
the week, old days and young ones. The choice made on each half alone, with bounds of that half
alone and no forecast, is held against the other one; the busiest day is held out in one of the two.
Failure mode: what is busier than all weeks of the history is in neither half.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.scaling.choice import Bounds, SettingResult, choose, weigh
from opslib.analysis.capacity.scaling.proposals import HeldOut
from opslib.analysis.capacity.scaling.replay import Replay
from opslib.analysis.capacity.scaling.rules import ScalingSetting

__all__ = ["hold_out"]

FEWEST_DAYS = 7
WEEK_DAYS = 7
Days = NDArray[np.bool_]


def hold_out(
    settings: Sequence[ScalingSetting],
    done: Replay,
    bounds_of: Callable[[SettingResult, Days], Bounds],
    unit: str,
) -> HeldOut | None:
    """Return how the choice of a half of the weeks does on the other; the worse of both ways.

    None where a half has fewer than seven days with a recorded load.

    Args:
        settings: that were replayed, those in force first.
        done: what they came to day by day.
        bounds_of: what a setting has to keep, from what is in force came to on some days.
        unit: of the bounds.
    """
    is_known = done.known_minutes > 0
    is_even = np.arange(len(is_known)) // WEEK_DAYS % 2 == 0
    halves = is_known & is_even, is_known & ~is_even
    if min(int(half.sum()) for half in halves) < FEWEST_DAYS:
        return None
    both = (
        _held(settings, done, bounds_of, unit, seen, other)
        for seen, other in (halves, halves[::-1])
    )
    return max(both, key=lambda one: one.under_minutes_a_week)


def _held(
    settings: Sequence[ScalingSetting],
    done: Replay,
    bounds_of: Callable[[SettingResult, Days], Bounds],
    unit: str,
    seen: Days,
    other: Days,
) -> HeldOut:
    results = weigh(settings, done, None, seen)
    bounds = bounds_of(results[0], seen)
    chosen = choose(results, bounds, unit).setting
    under = weigh(settings, done, None, other)[settings.index(chosen)].under_minutes_a_week
    return HeldOut(
        setting=chosen,
        chosen_days=int(seen.sum()),
        held_days=int(other.sum()),
        under_minutes_a_week=under,
        keeps=under <= bounds.most_under_minutes,
    )
