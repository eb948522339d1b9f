"""Episodes in a series of daily amounts: which days are unlike its past, from when and how long.

The detector of metrics (`opslib.analysis.anomaly.detector`) wants 100 points before it says
anything; a bill has that many days in all. Daily amounts are therefore told by what is known of
them: they have a weekday pattern, they come again on the same day of a month, and they grow in
proportion. The rarity of a day is told by the same tail (`opslib.analysis.anomaly.tail`).

Method: an amount y is taken as asinh(y / scale): a logarithm above ``scale``, the money that
matters, and linear below it, so that growth and noise in proportion are alike everywhere and zero
and credits are numbers. A day is expected at the median of two weeks with weekday patterns taken
out, plus its weekday's. Its residual, and the mean residual of three days, are held against those
of the days before: an episode begins where the chance of one is below `CHANCE`. It is held against
the same day of the neighbouring months, one day earlier or later, and only what is beyond that
counts; what came twice before at that size is a habit, and what comes now and then where nothing is
usual is one more occasion (`opslib.analysis.anomaly.occasions`). An episode ends where three days
in a row are as usual. One that lasts a week is a new level: the past is brought to it, and from
then on it is the usual.

Assumption: the first four weeks are taken as they are. Days of an episode tell nothing of what is
usual.
Failure mode: a pattern of another period (quarters, the first Monday of a month) is an episode
until it has been seen twice; a rise of less than a tenth in noise of a tenth is not seen.
Source: median and weekday profile after Vallis, Hochenbaum and Kejariwal (HotCloud 2014), as in
`opslib.analysis.anomaly.views`; level shifts after Chen and Liu, Journal of the American
Statistical Association 88 (1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from opslib.analysis.anomaly.daily_profile import departure, expected_next, unexpected
from opslib.analysis.anomaly.month_days import same_days_of_months
from opslib.analysis.anomaly.occasions import chance_of_occasion
from opslib.analysis.anomaly.tail import BEYOND, rarity_beyond
from opslib.analysis.anomaly.views import Floats

__all__ = ["FEWEST_DAYS", "DailyEpisode", "DailyEpisodes", "find_daily_episodes"]

FEWEST_DAYS = 28
"""Days that are taken as they are before the first is judged."""
CHANCE = 3e-4
"""Nominal chance of a residual that begins an episode: the tail says it with few points."""
NEEDED = -float(np.log10(CHANCE))
SPANS = (1, 3)
"""Days over which residuals are averaged."""
STILL = 0.25
"""Part of its first day's residual down to which an episode goes on."""
CALM = 3
LEVEL = 7
"""Days after which what lasts is the new usual."""
LIKE_BEFORE = 0.8
HABIT = 2
FEWEST_BEFORE = 6
"""Days before the first whose departure from its week is known."""
LEAST_SPREAD = 0.005
"""Scale of a tail in which nothing varies, as a share of the amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyEpisode:
    """Days in a row that are unlike the past.

    Args:
        first, last: indices of its days.
        rises: whether the amount is above what was expected.
        is_level: whether it stays: a week of it, or the series ended within it.
        rarity: minus the decimal logarithm of the nominal chance of the day that began it.
    """

    first: int
    last: int
    rises: bool
    is_level: bool
    rarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyEpisodes:
    """What a series shows.

    Args:
        expected, low, high: a value a day with the interval asked for; NaN for the first weeks.
        episodes: in order of time.
    """

    expected: Floats
    low: Floats
    high: Floats
    episodes: tuple[DailyEpisode, ...]


def find_daily_episodes(
    days: Sequence[date], amounts: Floats, *, scale: float, confidence: float
) -> DailyEpisodes:
    """Return the episodes of a series and what was expected of every day.

    Args:
        days: consecutive, in order.
        amounts: one a day, of any sign; NaN where it is not known or not to be judged.
        scale: the amount below which differences do not matter, above 0.
        confidence: of the interval around what is expected.
    """
    series = _Series(days, np.arcsinh(amounts / scale), confidence)
    series.walk()
    return DailyEpisodes(
        expected=scale * np.sinh(series.expected),
        low=scale * np.sinh(series.low),
        high=scale * np.sinh(series.high),
        episodes=tuple(series.episodes),
    )


class _Series:
    """A series on its walk from the first day to the last."""

    def __init__(self, days: Sequence[date], values: Floats, confidence: float) -> None:
        self.values = values
        self.months = same_days_of_months(days)
        self.confidence = confidence
        count = len(values)
        self.past = np.full(count, np.nan)
        """Values at today's level; NaN on days of an episode."""
        self.departures = np.full(count, np.nan)
        self.residuals = np.full(count, np.nan)
        """Of every day, in an episode or not."""
        self.usual = np.full(count, np.nan)
        """Of the days outside of episodes."""
        self.expected, self.low, self.high = (np.full(count, np.nan) for _ in range(3))
        self.episodes: list[DailyEpisode] = []
        self.peaks: list[float] = []
        """Residuals of what came and went before."""

    def walk(self) -> None:
        """Take the first weeks together, and judge every day after them by those before it."""
        self._begin(min(FEWEST_DAYS, len(self.values)))
        day = FEWEST_DAYS
        while day < len(self.values):
            self._expect(day, day)
            rarity, side = self._rarity(day)
            if rarity >= NEEDED:
                day = self._episode(day, side, rarity)
            else:
                self._accept(day)
                day += 1
        self.episodes = [one for one in self.episodes if not self._came_again(one)]

    def _begin(self, first: int) -> None:
        """Take the first days for usual, but those as rare among them as an episode."""
        self.past[:first] = self.values[:first]
        for day in range(FEWEST_BEFORE, first):
            self.departures[day] = departure(self.past[: day + 1])
        self.residuals[:first] = unexpected(self.departures[:first])
        for day in range(FEWEST_BEFORE, first):
            others = np.delete(self.residuals[:first], day)
            value = float(self.residuals[day])
            if _rarity(others[~np.isnan(others)], value, 1) >= NEEDED:
                self.past[day] = self.departures[day] = np.nan
                self.peaks.append(value)
            else:
                self.usual[day] = self.residuals[day]

    def _expect(self, day: int, until: int) -> None:
        """Set what was expected of ``day`` by what is known before ``until``."""
        middle = expected_next(self.past[:until], self.departures[:until], day - until)
        known = self.usual[:until][~np.isnan(self.usual[:until])]
        bias = float(np.median(known)) if known.size else 0.0
        width = _quantile(np.abs(known - bias), self.confidence)
        self.expected[day] = middle + bias
        self.low[day], self.high[day] = middle + bias - width, middle + bias + width
        self.residuals[day] = self.values[day] - middle - bias

    def _accept(self, day: int) -> None:
        """Take a day for usual, unless it is an occasion or told by its date of every month."""
        if self._unmonthly(day) == self.residuals[day] and not self._is_occasion(day):
            self.usual[day], self.past[day] = self.residuals[day], self.values[day]
            self.departures[day] = departure(self.past[: day + 1])

    def _rarity(self, day: int) -> tuple[float, int]:
        """Return the rarity of a day, and on which side of the expected it lies."""
        best = (0.0, 1)
        if self._is_occasion(day):
            return best
        for span in SPANS:
            recent = np.append(self.usual[day - span + 1 : day], self._unmonthly(day))
            value = float(recent.mean())
            side = 1 if value > 0 else -1
            if recent[-1] * side <= 0 or np.isnan(value) or self._is_habit(value):
                continue
            past = _means(self.usual[:day], span)
            best = max(best, (_rarity(past[~np.isnan(past)], value, span), side))
        return best

    def _unmonthly(self, day: int) -> float:
        """Return the residual of a day, less what came on that date of a neighbouring month."""
        value = float(self.residuals[day])
        side = 1 if value > 0 else -1
        unusual = [n for n in self.months[day] if np.isnan(self.usual[n])]
        found = [float(self.residuals[n]) * side for n in unusual]
        monthly = max((one for one in found if one > 0), default=0.0)
        return value - side * min(monthly, abs(value))

    def _came_again(self, episode: DailyEpisode) -> bool:
        """Say whether every day of an episode is told by the same date of a later month."""
        days = range(episode.first, episode.last + 1)
        return not episode.is_level and all(
            abs(self._unmonthly(day)) < (1 - LIKE_BEFORE) * abs(self.residuals[day]) for day in days
        )

    def _is_habit(self, value: float) -> bool:
        side = 1 if value > 0 else -1
        alike = [peak for peak in self.peaks if peak * side >= LIKE_BEFORE * abs(value)]
        return len(alike) >= HABIT

    def _is_occasion(self, day: int) -> bool:
        past, amount = np.sinh(self.values[:day]), float(np.sinh(self.values[day]))
        return chance_of_occasion(past, amount) >= CHANCE

    def _episode(self, seen: int, side: int, rarity: float) -> int:
        """Note the episode that shows on the day ``seen``; return the first day after it."""
        edge = _quantile(np.abs(self.usual[:seen][~np.isnan(self.usual[:seen])]), 1 - BEYOND)
        high = max(edge, STILL * abs(float(self.residuals[seen])))
        first = self._onset(seen, side, high)
        last, day = seen, first
        while day < len(self.values) and day - last <= CALM and day - first < LEVEL:
            self._expect(day, first)
            if self.residuals[day] * side > high:
                last = max(last, day)
            day += 1
        is_level = day - first >= LEVEL and last >= first + LEVEL - 2
        for unusual in range(first, last + 1):
            self.usual[unusual] = self.past[unusual] = self.departures[unusual] = np.nan
        if is_level:
            last = day - 1
            self._settle(first, day)
        else:
            self.peaks.append(float(self.residuals[seen]))
        lasts = is_level or last == len(self.values) - 1
        self.episodes.append(
            DailyEpisode(first=first, last=last, rises=side > 0, is_level=lasts, rarity=rarity)
        )
        return last + 1

    def _onset(self, day: int, side: int, high: float) -> int:
        """Return the first of the days just before that are as high on the same side."""
        first = day
        while first > day - max(SPANS) + 1 and self._leads(first - 1) * side > high:
            first -= 1
        return first

    def _leads(self, day: int) -> float:
        """Return the residual of a day that an episode after it may have begun with."""
        known = self.residuals if self._is_occasion(day) else self.usual
        return float(known[day])

    def _settle(self, first: int, end: int) -> None:
        """Bring the past to the level of the days from ``first`` to before ``end``."""
        level = float(np.nanmedian(self.residuals[first:end]))
        self.past[:first] += level
        self.past[first:end] = self.values[first:end]
        self.usual[first:end] = self.residuals[first:end] - level
        for day in range(first, end):
            self.departures[day] = departure(self.past[: day + 1])


def _means(values: Floats, span: int) -> Floats:
    sums = np.concatenate(([0.0], np.cumsum(np.nan_to_num(values))))
    gaps = np.concatenate(([0], np.cumsum(np.isnan(values))))
    whole = gaps[span:] == gaps[:-span]
    means: Floats = np.where(whole, sums[span:] - sums[:-span], np.nan) / span
    return means


def _quantile(values: Floats, share: float) -> float:
    if not values.size:
        return 0.0
    place = min(int(share * len(values)), len(values) - 1)
    return float(np.partition(values, place)[place])


def _rarity(past: Floats, value: float, span: int) -> float:
    """Return the rarity of a residual among those of the past, of either sign.

    No tail is narrower than `LEAST_SPREAD`: it is filled up with as many values of that size.
    """
    if past.size < FEWEST_DAYS // 2 or np.isnan(value):
        return 0.0
    sizes = np.abs(past)
    edge = _quantile(sizes, 1 - BEYOND)
    beyond = np.flatnonzero(sizes > edge)
    spells = 1 + int(np.count_nonzero(np.diff(beyond) > span)) if beyond.size else 0
    few = max(int(len(sizes) * BEYOND) - beyond.size, 0)
    excess = np.concatenate((sizes[beyond] - edge, np.zeros(few))) + LEAST_SPREAD
    return float(
        rarity_beyond(excess, np.array([abs(value) - edge]), spells + few, LEAST_SPREAD)[0]
    )
