"""The load that a resource bears, moment by moment: a day, a week, growth, noise and what is odd.

The noise of a moment depends on the moment alone, so that the same load goes on beyond the epoch:
what it will have come to on a day is known, its noise included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from opslib.sandbox.capacity_growth import DAY, FLAT, Growth, Values
from opslib.sandbox.capacity_plan import Crowd
from opslib.sandbox.estate import hash_text

__all__ = ["FINE_DAYS", "HISTORY_DAYS", "Grid", "Load", "fine_grid", "make_load", "old_grid"]

FIVE, HOUR = 300, 3600
HISTORY_DAYS, FINE_DAYS, MOST_AHEAD_DAYS = 455, 63, 366
SATURDAY = 5
CURVE_LEAST, CURVE_MOST = 0.32, 0.95636
"""Of the curve of a day before it is brought to the span of a load."""
SHARES = (0.6, 0.5, 0.6)
"""How the noise is made up: of what lasts a day, of what lasts an hour, of what is gone at once."""
SPIKES_A_DAY = 1 / 18
BURST_HOURS = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A load.

    Args:
        key: stream of chance of its own.
        level: at the peak of a weekday at the epoch.
        daily: how far it falls at night, as a share of the peak.
        weekend: of a day at the weekend as a share of a weekday's.
        noise: standard deviation, relative.
        growth: over months.
        spikes: how much a spike adds at the most, relative to the level; 0 for none.
        crowds: minutes in which far more came.
        young_days: for how long there is any; 0 for always.
        shift: days before the epoch and the factor of what came before them; (0, 1) for none.
        gap_days: days before the epoch at which it was silent, beginning and end.
        is_erratic: whether it comes in bursts of any height at any time.
    """

    key: str
    level: float
    daily: float = 0.6
    weekend: float = 0.8
    noise: float = 0.02
    growth: Growth = FLAT
    spikes: float = 0.0
    crowds: tuple[Crowd, ...] = field(default=())
    young_days: float = 0.0
    shift: tuple[float, float] = (0.0, 1.0)
    gap_days: tuple[float, float] = (0.0, 0.0)
    is_erratic: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """Consecutive periods.

    Args:
        epoch: seconds since 1970.
        begin_days: days from the epoch to the first one; negative before it.
        end_days: to where the last one ends.
        step: seconds of each.
    """

    epoch: float
    begin_days: float
    end_days: float
    step: int

    @property
    def starts(self) -> Values:
        """Return the beginning of each period, seconds since 1970."""
        first = self.epoch + self.begin_days * DAY
        count = round((self.end_days - self.begin_days) * DAY / self.step)
        return first + self.step * np.arange(count, dtype=float)


def fine_grid(epoch: float, ahead_days: float = 0.0) -> Grid:
    """Return the five minutes that are kept, and those to come."""
    return Grid(epoch, -FINE_DAYS, ahead_days, FIVE)


def old_grid(epoch: float) -> Grid:
    """Return the hours of which only hours are kept."""
    return Grid(epoch, -HISTORY_DAYS, -FINE_DAYS, HOUR)


@lru_cache(maxsize=96)
def make_load(load: Load, seed: int, grid: Grid) -> Values:
    """Return a load in each period of a grid; NaN where nothing was reported."""
    starts = grid.starts
    if load.is_erratic:
        shape = _bursts(load, seed, starts, grid)
    else:
        shape = _shape(load, starts) * (1 + load.noise * _noise(load, seed, starts, grid))
    values = load.level * shape * load.growth.factors(starts, grid.epoch)
    values = values + load.level * _spikes(load, seed, starts, grid)
    for crowd in load.crowds:
        values[(starts >= crowd.begin) & (starts < crowd.end)] = load.level * crowd.factor
    back = (grid.epoch - starts) / DAY
    values = np.where(back > load.shift[0], values * load.shift[1], values)
    begin, end = load.gap_days
    silent = (back <= begin) & (back > end)
    if load.young_days:
        silent |= back > load.young_days
    values = np.where(silent, np.nan, np.maximum(values, 0.0))
    values.flags.writeable = False
    return values


def _shape(load: Load, starts: Values) -> Values:
    """Return the share of a weekday's peak by the hour and the day of the week."""
    hours = starts / HOUR % 24
    day = np.floor(starts / DAY + 3) % 7  # 1970-01-01 was a Thursday; 0 is Monday
    curve = 0.62 - 0.3 * np.cos((hours - 3.5) / 24 * 2 * np.pi)
    curve = curve + 0.12 * np.exp(-(((hours - 19.0) / 2.2) ** 2))
    curve = (curve - CURVE_LEAST) / (CURVE_MOST - CURVE_LEAST)
    weekly = np.where(day >= SATURDAY, load.weekend, 1.0)
    return np.asarray((1 - load.daily * (1 - curve)) * weekly, dtype=float)


def _chance(load: Load, seed: int, what: str) -> np.random.Generator:
    return np.random.default_rng([seed, hash_text(f"{load.key} {what}")])


def _noise(load: Load, seed: int, starts: Values, grid: Grid) -> Values:
    origin = grid.epoch - HISTORY_DAYS * DAY
    days = HISTORY_DAYS + MOST_AHEAD_DAYS
    by_day = _chance(load, seed, "days").standard_normal(days + 1)
    by_hour = _chance(load, seed, "hours").standard_normal(days * 24 + 1)
    made = SHARES[0] * np.interp((starts - origin) / DAY, np.arange(days + 1), by_day)
    made = made + SHARES[1] * np.interp((starts - origin) / HOUR, np.arange(len(by_hour)), by_hour)
    if grid.step == FIVE:
        made = made + SHARES[2] * _chance(load, seed, "fives").standard_normal(len(starts))
    return np.asarray(made, dtype=float)


def _spikes(load: Load, seed: int, starts: Values, grid: Grid) -> Values:
    """Return what spikes of a quarter of an hour and more add: of five minutes only."""
    made = np.zeros(len(starts))
    if not load.spikes or grid.step != FIVE:
        return made
    chance = _chance(load, seed, "spikes")
    for midnight in np.arange(starts[0], starts[-1], DAY):
        comes, hour, minutes, height = chance.random(4)
        if comes < SPIKES_A_DAY:
            begin = midnight + hour * DAY
            inside = (starts >= begin) & (starts < begin + 60 * (15 + 25 * minutes))
            made[inside] += load.spikes * (0.4 + 0.6 * height)
    return made


def _bursts(load: Load, seed: int, starts: Values, grid: Grid) -> Values:
    """Return nothing much, but bursts of any height and length at random hours."""
    hours = ((starts - grid.epoch) // HOUR).astype(int) + HISTORY_DAYS * 24
    chance = _chance(load, seed, "bursts")
    drawn = chance.random((2, (HISTORY_DAYS + MOST_AHEAD_DAYS) * 24))
    height = np.where(drawn[0] < BURST_HOURS, drawn[1] ** 2, 0.02)
    within = _chance(load, seed, "within").uniform(0.5, 1.0, len(starts))
    return np.asarray(height[hours] * within, dtype=float)
