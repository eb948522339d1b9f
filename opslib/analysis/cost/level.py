"""A level that was reached and stays, and a day that stands alone, before a forecast.

Without this, a mean over four weeks takes a month to notice that a new cluster runs.

Method: a day's deviation is its cost less the mean of the same weekday over the four weeks before
the candidate step. A step is taken where every day since deviates to the same side and about as
much (their median absolute deviation is at most half of their median), and that median exceeds four
robust standard deviations of daily deviations; the clearest is applied, up to three times (after
Chen and Liu 1993, Journal of the American Statistical Association 88, level shifts).

A single day that deviates as much further than the days beside it is a spike: it is taken for what
these deviate by, so that a forecast does not carry it on. Two such days in four weeks recur, and
stay; so does one that came a month before too.

Assumption: what has lasted since the step goes on. A one-off of two days or more of like size at
the very end looks like a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median, stdev

__all__ = ["Level", "LevelStep", "at_current_level", "find_step", "without_spike"]

WEEK = 7
WEEKS = 4
SEARCHED = 28
SHORTEST = 2
SPREADS = 4
MAD_TO_SIGMA = 1.4826
SMALLEST_SHARE = 0.01
SMALLEST_SPIKE = 0.1
MOST_STEPS = 3
MONTHS = range(28, 32)
"""Days from one month's charge to the next one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelStep:
    """A step in daily cost.

    Args:
        start: index of the first day at the new level.
        amount: daily cost since, less before.
        error: standard error of ``amount``: the spread of the days since over the root of their
            number.
    """

    start: int
    amount: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A history at its current level.

    Args:
        costs: the history, earlier days brought to the level.
        error: standard error of the level, in cost a day; 0 where there was no step.
    """

    costs: tuple[float, ...]
    error: float


def at_current_level(costs: Sequence[float]) -> Level:
    """Return daily costs with the days before each recent step moved to the level after it."""
    level = list(costs)
    variance = 0.0
    for _ in range(MOST_STEPS):
        step = find_step(level)
        if step is None:
            break
        level = [cost + step.amount for cost in level[: step.start]] + level[step.start :]
        variance += step.error**2
    return Level(costs=tuple(level), error=sqrt(variance))


def without_spike(costs: Sequence[float]) -> tuple[float, ...]:
    """Return daily costs with a day that stands alone brought to the days beside it."""
    reference = WEEK * WEEKS
    if len(costs) < reference * 2:
        return tuple(costs)
    usual = {day: _weekday_median(costs, day, 0) for day in range(reference, len(costs))}
    limit = SPREADS * _daily_noise(costs)
    around = {
        day: (costs[day - 1] - usual[day - 1], costs[day + 1] - usual[day + 1])
        for day in range(reference + 1, len(costs) - 1)
    }
    alone = [
        day
        for day, beside in around.items()
        if _beyond(costs[day] - usual[day], beside) > max(limit, SMALLEST_SPIKE * abs(usual[day]))
    ]
    recent = [
        day
        for day in alone
        if day >= len(costs) - SEARCHED and not any(day - month in alone for month in MONTHS)
    ]
    if len(recent) != 1:
        return tuple(costs)
    (spike,) = recent
    level = usual[spike] + sum(around[spike]) / len(around[spike])
    return tuple(level if day == spike else cost for day, cost in enumerate(costs))


def _beyond(deviation: float, beside: Sequence[float]) -> float:
    """Return by how much a day deviates further, to its side, than the days beside it."""
    side = 1 if deviation >= 0 else -1
    return side * deviation - max(0.0, *(side * other for other in beside))


def find_step(costs: Sequence[float]) -> LevelStep | None:
    """Return the clearest step within the last four weeks that has lasted, if there is one."""
    reference = WEEK * WEEKS
    if len(costs) < reference * 2:
        return None
    noise = _daily_noise(costs[:-SEARCHED])
    smallest = max(SPREADS * noise, SMALLEST_SHARE * abs(sum(costs[-reference:])) / reference)
    best, clearest = None, 0.0
    for start in range(len(costs) - SEARCHED, len(costs) - SHORTEST + 1):
        deviations = [
            cost - _weekday_median(costs, start, offset)
            for offset, cost in enumerate(costs[start:])
        ]
        amount = median(deviations)
        if abs(amount) <= smallest or not _is_level(deviations, amount):
            continue
        clear = _clearness(deviations, amount)
        if clear > clearest:
            error = stdev(deviations) / sqrt(len(deviations))
            best, clearest = LevelStep(start=start, amount=amount, error=error), clear
    return best


def _clearness(deviations: Sequence[float], amount: float) -> float:
    """Return the sum of deviations over the root of their number, a spike counted as two days."""
    counted = [min(abs(deviation), 2 * abs(amount)) for deviation in deviations]
    return sum(counted) / sqrt(len(counted))


def _is_level(deviations: Sequence[float], amount: float) -> bool:
    """Say whether days deviate to one side and by about as much: a spike after a step is none."""
    scatter = median(abs(deviation - amount) for deviation in deviations)
    return scatter <= abs(amount) / 2 and all(deviation * amount > 0 for deviation in deviations)


def _weekday_median(costs: Sequence[float], start: int, offset: int) -> float:
    """Return the median, over the four weeks before ``start``, of the weekday at ``offset``."""
    nearest = start - WEEK + offset % WEEK
    return median(costs[nearest - WEEK * week] for week in range(WEEKS))


def _daily_noise(costs: Sequence[float]) -> float:
    """Return the robust standard deviation of a day from the median of the four weeks before."""
    deviations = [
        abs(costs[day] - _weekday_median(costs, day, 0)) for day in range(WEEK * WEEKS, len(costs))
    ]
    return MAD_TO_SIGMA * median(deviations) if deviations else 0.0
