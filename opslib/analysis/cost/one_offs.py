"""Days that stand alone, before a forecast, which would carry them on.

Method: a day's deviation is its cost less the median of its weekday over the four weeks before.
Up to six days in a row that deviate to one side, four robust standard deviations further than the
day before them, and are over, are a one-off: each is taken for what the days beside them deviate
by. Two of them in the last four weeks recur, and stay; so does one of which another, of at least
half its size, came at any time before.

Failure mode: what comes once in more months than the history holds is a one-off each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from opslib.analysis.cost.level import (
    SEARCHED,
    SPREADS,
    WEEK,
    WEEKS,
    daily_noise,
    is_beyond,
    weekday_median,
)

__all__ = ["without_one_off"]

LONGEST = 6
SMALLEST_SHARE = 0.1
LIKE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _OneOff:
    """Days in a row that deviate.

    Args:
        first, last: indices of its days.
        size: median of what they deviate by.
    """

    first: int
    last: int
    size: float


def without_one_off(costs: Sequence[float]) -> tuple[float, ...]:
    """Return daily costs with the days of a one-off brought to the days beside them."""
    reference = WEEK * WEEKS
    if len(costs) < reference * 2:
        return tuple(costs)
    usual = {day: weekday_median(costs, day, 0) for day in range(reference, len(costs))}
    found = _find(costs, usual)
    recent = [one for one in found if one.last >= len(costs) - SEARCHED]
    if len(recent) != 1:
        return tuple(costs)
    (single,) = recent
    if any(is_beyond(one.size, LIKE * single.size) for one in found if one is not single):
        return tuple(costs)
    beside = mean(costs[day] - usual[day] for day in (single.first - 1, single.last + 1))
    replaced = range(single.first, single.last + 1)
    return tuple(usual[day] + beside if day in replaced else cost for day, cost in enumerate(costs))


def _find(costs: Sequence[float], usual: Mapping[int, float]) -> list[_OneOff]:
    """Return what deviated for a few days and was over, in order."""
    noise = SPREADS * daily_noise(costs)
    limits = {day: max(noise, SMALLEST_SHARE * abs(level)) for day, level in usual.items()}
    off = {day: costs[day] - level for day, level in usual.items()}
    found = []
    day = min(usual) + 1
    while day < len(costs):
        last = max(_last(off, limits, day, side) for side in (1, -1))
        if day <= last < min(day + LONGEST, len(costs) - 1):
            size = median(off[one] for one in range(day, last + 1)) - off[day - 1]
            found.append(_OneOff(first=day, last=last, size=size))
            day = last + 1
        day += 1
    return found


def _last(off: Mapping[int, float], limits: Mapping[int, float], day: int, side: int) -> int:
    """Return the last of the days from ``day`` on that are further off than the day before it.

    Of a level that moved, a quiet weekend is less off than the days before it, and no one-off.
    """
    base = max(0.0, side * off[day - 1])
    last = day - 1
    while last + 1 in off and side * off[last + 1] - base > limits[last + 1]:
        last += 1
    return last
