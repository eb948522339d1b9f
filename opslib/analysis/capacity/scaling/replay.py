"""Scaling settings, replayed over the load that was recorded.

Method: load is in units of capacity that it would fill (`scaling_load`). Each period all settings
decide at once: above the target to ``ceil(load / target)`` units, of no more load than the units
that run can show; after long enough below the lower threshold to what the highest load of that time
wants. What is decided runs after the alarm and the warm-up. Weeks are replayed side by side, each
from where the one before it ended, again and again until no beginning changes: the result is that
of one replay from end to end.
Assumption: load does not depend on the settings (no retries, no queue). Failure mode: datapoints of
five minutes stand for five minutes alike; what rises and falls within them is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.headroom.zone_load import Spread
from opslib.analysis.capacity.scaling.decisions import Grid, decide, grid_of, periods_of
from opslib.analysis.capacity.scaling.rules import ScalingRules, ScalingSetting

__all__ = ["Replay", "replay"]

DAYS_OF_A_COLUMN = 7
ROUNDING = 1e-9
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replay:
    """What settings would have come to, day by day.

    Args:
        under_minutes: minutes with too little capacity, shape (settings, days).
        unit_hours: of capacity decided on and paid for, shape (settings, days).
        known_minutes: minutes of each day with a recorded load, shape (days,).
        without_zone_minutes: minutes in which the units of the other zones would not have carried
            the load, shape (settings, days); zero where no zones were given.
    """

    under_minutes: Floats
    without_zone_minutes: Floats
    unit_hours: Floats
    known_minutes: Floats


def replay(
    load: Floats,
    step_seconds: int,
    settings: Sequence[ScalingSetting],
    rules: ScalingRules,
    warm_up_minutes: float,
    spread: Spread | None = None,
) -> Replay:
    """Return what each setting would have come to over a load.

    Args:
        load: units that it would fill, one a period; NaN where it is not known.
        step_seconds: length of a period; a day is a whole number of them.
        settings: to try, either all with a target or all without, which only keep within bounds.
        rules: how it scales.
        warm_up_minutes: from a decision until the capacity carries load.
        spread: of units over zones, of which the largest is lost; None where that is not weighed.
    """
    weeks = _weeks(load, step_seconds)
    minutes = step_seconds / 60
    if settings[0].target_percent is None:
        grid = grid_of(settings, rules, minutes, warm_up_minutes)
        bounded = np.clip(weeks[:, None, :], grid.minimum, grid.maximum)
        return _summed(weeks, (bounded, bounded, bounded), grid, spread)
    periods_back = periods_of(rules.in_minutes, minutes)
    highest = _weeks(_highest(load, periods_back), step_seconds)

    def run(some: Sequence[ScalingSetting]) -> tuple[Replay, Floats]:
        grid = grid_of(some, rules, minutes, warm_up_minutes)
        decided, periods = decide(weeks, highest, grid), len(weeks)
        running = (decided[-periods:], decided[1 : 1 + periods], decided[:periods])
        return _summed(weeks, running, grid, spread), decided.max(axis=(0, 2))

    return _run_apart(settings, run)


def _run_apart(
    settings: Sequence[ScalingSetting],
    run: Callable[[Sequence[ScalingSetting]], tuple[Replay, Floats]],
) -> Replay:
    """Return what settings come to; a maximum that is never reached comes to what the largest does.

    ``run`` returns what some settings come to, and the most units that each decided on.
    """
    widest: dict[tuple[float, float | None], ScalingSetting] = {}
    for one in sorted(settings):
        widest[one.minimum, one.target_percent] = one
    tried = list(widest.values())
    done, most = run(tried)
    place = {key: number for number, key in enumerate(widest)}
    chosen = [place[one.minimum, one.target_percent] for one in settings]
    held = [one for one, at in zip(settings, chosen, strict=True) if one.maximum < most[at]]
    if held:
        rest, _ = run(held)
        done = _joined(done, rest)
        later = {one: len(tried) + number for number, one in enumerate(held)}
        chosen = [later.get(one, at) for one, at in zip(settings, chosen, strict=True)]
    return Replay(
        under_minutes=done.under_minutes[chosen],
        without_zone_minutes=done.without_zone_minutes[chosen],
        unit_hours=done.unit_hours[chosen],
        known_minutes=done.known_minutes,
    )


def _joined(first: Replay, second: Replay) -> Replay:
    return Replay(
        under_minutes=np.concatenate([first.under_minutes, second.under_minutes]),
        without_zone_minutes=np.concatenate(
            [first.without_zone_minutes, second.without_zone_minutes]
        ),
        unit_hours=np.concatenate([first.unit_hours, second.unit_hours]),
        known_minutes=first.known_minutes,
    )


def _weeks(load: Floats, step_seconds: int) -> Floats:
    """Return load with a column a week, the last filled up with NaN."""
    periods = DAYS_OF_A_COLUMN * 86_400 // step_seconds
    filled = np.full(max(-(-len(load) // periods), 1) * periods, np.nan)
    filled[: len(load)] = load
    return np.ascontiguousarray(filled.reshape(-1, periods).T)


def _highest(load: Floats, periods: int) -> Floats:
    """Return the highest load of each period and those before it, ``periods`` in all."""
    highest = load.copy()
    for back in range(1, periods):
        highest[back:] = np.fmax(highest[back:], load[:-back])
    return highest


def _summed(
    weeks: Floats, units: tuple[Floats, Floats, Floats], grid: Grid, spread: Spread | None
) -> Replay:
    """Return sums by day.

    Args:
        weeks: the load.
        units: decided in each period, running in the end of each, and running in its beginning.
        grid: what part of a period is its beginning.
        spread: of units over zones; None where that is not weighed.
    """
    load = weeks[:, None, :]
    decided, late, early = units
    is_under = grid.behind * (load > grid.full * early + ROUNDING)
    is_under = is_under + (1 - grid.behind) * (load > grid.full * late + ROUNDING)
    is_known = np.isfinite(load)
    under = _by_day(is_under) * grid.minutes
    without = np.zeros_like(under)
    if spread is not None:
        without = _by_day(load > late - spread.lost(late) + ROUNDING) * grid.minutes
    return Replay(
        under_minutes=under,
        without_zone_minutes=without,
        unit_hours=_by_day(np.where(is_known, decided, 0.0)) * grid.minutes / 60,
        known_minutes=_by_day(is_known)[0] * grid.minutes,
    )


def _by_day(values: NDArray[Any]) -> Floats:
    periods, settings, weeks = values.shape
    days = values.reshape(DAYS_OF_A_COLUMN, periods // DAYS_OF_A_COLUMN, settings, weeks)
    sums: Floats = days.sum(axis=1, dtype=np.float64)
    return sums.transpose(1, 2, 0).reshape(settings, weeks * DAYS_OF_A_COLUMN)
