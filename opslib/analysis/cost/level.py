"""A level that was reached and stays, before a forecast.

Without this, a mean over four weeks takes a month to notice that a new cluster runs.

Method: a day's deviation is its cost less the mean of the same weekday over the four weeks before
the candidate step. A step is taken where every day since deviates to the same side and about as
much (their median absolute deviation is at most half of their median), and that median exceeds four
robust standard deviations of daily deviations; the clearest is applied, up to three times (after
Chen and Liu 1993, Journal of the American Statistical Association 88, level shifts). Days that
deviate as much for as long have come and gone before are no step: batches and bursts do.

What has lasted n days may be over tomorrow with a chance of 1 / (n + 2) (rule of succession); the
level is uncertain by that part of the step too.

Assumption: what has lasted since the step goes on. A first one-off of two days or more of like size
at the very end looks like a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import hypot, sqrt
from statistics import mean, median, stdev

__all__ = [
    "Level",
    "LevelStep",
    "at_current_level",
    "daily_noise",
    "find_step",
    "is_beyond",
    "weekday_median",
]

WEEK = 7
WEEKS = 4
SEARCHED = 28
SHORTEST = 2
SPREADS = 4
MAD_TO_SIGMA = 1.4826
MEAN_TO_SIGMA = 1.2533
SMALLEST_SHARE = 0.01
MOST_STEPS = 3
LIKE = 0.5
"""Part of a deviation's size from which on another is like it."""
LASTED = 14
"""Days after which a step is in half of the weeks that a day is held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelStep:
    """A step in daily cost.

    Args:
        start: index of the first day at the new level.
        amount: daily cost since, less before.
        error: standard error of ``amount`` as the level of days to come: the spread of the days
            since over the root of their number, and the chance that it is over soon.
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


def is_beyond(deviation: float, size: float) -> bool:
    """Say whether ``deviation`` is as far as ``size``, and to the same side."""
    return deviation * size > 0 and abs(deviation) >= abs(size)


def find_step(costs: Sequence[float]) -> LevelStep | None:
    """Return the clearest step within the last four weeks that has lasted, if there is one."""
    reference = WEEK * WEEKS
    if len(costs) < reference * 2:
        return None
    usual = [costs[day] - weekday_median(costs, day, 0) for day in range(reference, len(costs))]
    noise = daily_noise(costs[:-SEARCHED])
    smallest = max(SPREADS * noise, SMALLEST_SHARE * abs(sum(costs[-reference:])) / reference)
    best, clearest = None, 0.0
    for start in range(len(costs) - SEARCHED, len(costs) - SHORTEST + 1):
        deviations = [
            cost - weekday_median(costs, start, offset) for offset, cost in enumerate(costs[start:])
        ]
        amount = median(deviations)
        if abs(amount) <= smallest or not _is_level(deviations, amount):
            continue
        clear = _clearness(deviations, amount)
        before = usual[: start - reference]
        if clear > clearest and not _came_and_went(before, amount, len(deviations)):
            error = _error(deviations, amount)
            best, clearest = LevelStep(start=start, amount=amount, error=error), clear
    return best


def _error(deviations: Sequence[float], amount: float) -> float:
    number = len(deviations)
    over = 1 / (number + 2)
    return hypot(stdev(deviations) / sqrt(number), amount * sqrt(over * (1 - over)))


def _came_and_went(deviations: Sequence[float], amount: float, length: int) -> bool:
    """Say whether ``length`` days were as far off before, half of it in the mean, and then over."""
    means = [mean(deviations[day : day + length]) for day in range(len(deviations) - length + 1)]
    spells = groupby(means, key=lambda one: is_beyond(one, LIKE * amount))
    lengths = [len(list(spell)) + length - 1 for is_beyond, spell in spells if is_beyond]
    return any(lasted < LASTED for lasted in lengths)


def _clearness(deviations: Sequence[float], amount: float) -> float:
    """Return the sum of deviations over the root of their number, a spike counted as two days."""
    counted = [min(abs(deviation), 2 * abs(amount)) for deviation in deviations]
    return sum(counted) / sqrt(len(counted))


def _is_level(deviations: Sequence[float], amount: float) -> bool:
    """Say whether days deviate to one side and by about as much: a spike after a step is none."""
    scatter = median(abs(deviation - amount) for deviation in deviations)
    return scatter <= abs(amount) / 2 and all(deviation * amount > 0 for deviation in deviations)


def weekday_median(costs: Sequence[float], start: int, offset: int) -> float:
    """Return the median, over the four weeks before ``start``, of the weekday at ``offset``."""
    nearest = start - WEEK + offset % WEEK
    return median(costs[nearest - WEEK * week] for week in range(WEEKS))


def daily_noise(costs: Sequence[float]) -> float:
    """Return the robust standard deviation of a day from the median of the four weeks before.

    From the mean of absolute deviations where their median is nothing, as of batches (Iglewicz and
    Hoaglin, "How to Detect and Handle Outliers", 1993).
    """
    deviations = [
        abs(costs[day] - weekday_median(costs, day, 0)) for day in range(WEEK * WEEKS, len(costs))
    ]
    if not deviations:
        return 0.0
    return MAD_TO_SIGMA * median(deviations) or MEAN_TO_SIGMA * mean(deviations)
