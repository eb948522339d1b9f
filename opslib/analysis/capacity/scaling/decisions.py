"""What every scaling setting decides, period by period, all settings and weeks at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.scaling.rules import ScalingRules, ScalingSetting

__all__ = ["Grid", "decide", "grid_of", "periods_of"]

Floats = NDArray[np.float64]
EACH = 48
"""Periods between looks whether a run has met the former one."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _State:
    """Where a replay stands, shape (settings, weeks) each.

    Args:
        past: units decided on in the last periods, oldest first; shape (periods, settings, weeks).
        low: periods in a row below the lower threshold.
        since_in: periods since the last scale-in.
    """

    past: Floats
    low: Floats
    since_in: Floats

    def before(self, first: _State) -> _State:
        """Return each week's beginning, being the end of the week before; the first's stays."""
        return _State(
            past=_later(self.past, first.past),
            low=_later(self.low, first.low),
            since_in=_later(self.since_in, first.since_in),
        )

    def is_same(self, other: _State) -> bool:
        return (
            np.array_equal(self.past, other.past)
            and np.array_equal(self.low, other.low)
            and np.array_equal(self.since_in, other.since_in)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Run:
    """What was decided, shape (periods before and of a week, settings, weeks), and its end."""

    decided: Floats
    end: _State


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Settings as columns, shape (settings, 1), and the rules in periods.

    Args:
        minimum, maximum, target: of the settings; the target as a fraction.
        out_above, in_below: thresholds as fractions of the running units.
        in_periods, cooldown: of scaling in.
        whole, behind: periods, and the rest of one, until what is decided carries load.
        full: fraction above which capacity is too little.
        minutes: of a period.
    """

    minimum: Floats
    maximum: Floats
    target: Floats
    out_above: Floats
    in_below: Floats
    in_periods: int
    cooldown: int
    whole: int
    behind: float
    full: float
    minutes: float

    def wanted(self, load: Floats) -> Floats:
        """Return the units that bring a load to the target."""
        units = np.ceil(load / self.target - ROUNDING)
        return np.minimum(np.maximum(units, self.minimum), self.maximum)


def grid_of(
    settings: Sequence[ScalingSetting], rules: ScalingRules, minutes: float, warm_up: float
) -> Grid:
    """Return settings as columns, and rules in periods of so many minutes."""

    def column(values: list[float]) -> Floats:
        return np.array(values, dtype=np.float64)[:, None]

    target = column([(one.target_percent or 100.0) / 100 for one in settings])
    lag = (rules.out_minutes + warm_up) / minutes
    return Grid(
        minimum=column([one.minimum for one in settings]),
        maximum=column([one.maximum for one in settings]),
        target=target,
        out_above=rules.out_above * target,
        in_below=rules.in_below * target - rules.in_below_percent / 100,
        in_periods=periods_of(rules.in_minutes, minutes),
        cooldown=math.ceil(rules.in_cooldown_minutes / minutes),
        whole=math.floor(lag),
        behind=lag - math.floor(lag),
        full=rules.full_percent / 100,
        minutes=minutes,
    )


def periods_of(wanted: float, minutes: float) -> int:
    """Return how many periods of so many minutes cover those wanted, one at the least."""
    return max(1, math.ceil(wanted / minutes))


def _first(grid: Grid, load: Floats) -> _State:
    units = grid.wanted(np.nan_to_num(load)[None, :])
    still = np.zeros_like(units)
    past = np.repeat(units[None, :, :], grid.whole + 1, axis=0)
    return _State(past=past, low=still, since_in=still + grid.cooldown)


def _later(ends: Floats, begins: Floats) -> Floats:
    return np.concatenate([begins[..., :1], ends[..., :-1]], axis=-1)


def decide(weeks: Floats, highest: Floats, grid: Grid) -> Floats:
    """Return what is decided in each period, each week beginning where the one before it ended.

    Args:
        weeks: load, shape (periods, weeks).
        highest: load that a scale-in looks back on.
        grid: settings and rules.

    Returns:
        Units, shape (periods before the first and of a week, settings, weeks).
    """
    wishes = grid.wanted(weeks[:, None, :]), grid.wanted(highest[:, None, :])
    begin = _first(grid, weeks[0])
    run = _run(weeks, wishes, grid, begin, None)
    while not (handed := run.end.before(begin)).is_same(begin):
        begin, run = handed, _run(weeks, wishes, grid, handed, run)
    return run.decided


def _run(
    weeks: Floats,
    wishes: tuple[Floats, Floats],
    grid: Grid,
    begin: _State,
    former: _Run | None,
) -> _Run:
    """Return what is decided from ``begin`` on; where it meets a former run, that goes on.

    ``wishes`` are the units for the load of each period, and for the highest one of the last.
    """
    ahead, running = len(begin.past), max(grid.whole, 1)
    memory = max(ahead, grid.in_periods + running, grid.cooldown + 1)
    decided = np.empty((ahead + len(weeks), *begin.low.shape))
    decided[:ahead] = begin.past
    wanted, wanted_high = wishes
    low, since_in = begin.low, begin.since_in
    for period, load in enumerate(weeks, start=ahead):
        units, runs = decided[period - 1], decided[period - running]
        is_low = load < grid.in_below * runs
        low = np.minimum((low + 1) * is_low, grid.in_periods)
        is_in = is_low & (low >= grid.in_periods) & (since_in >= grid.cooldown)
        more = wanted[period - ahead]
        if (load > runs).any():
            more = np.minimum(more, grid.wanted(runs))
        more = np.where(load > grid.out_above * runs, np.maximum(units, more), units)
        decided[period] = np.where(is_in, np.minimum(units, wanted_high[period - ahead]), more)
        since_in = np.minimum(np.where(decided[period] < units, 0, since_in + 1), grid.cooldown)
        last = slice(period + 1 - memory, period + 1)
        if former and period % EACH == 0 and np.array_equal(decided[last], former.decided[last]):
            decided[period + 1 :] = former.decided[period + 1 :]
            return _Run(decided=decided, end=former.end)
    return _Run(decided=decided, end=_State(past=decided[-ahead:], low=low, since_in=since_in))
