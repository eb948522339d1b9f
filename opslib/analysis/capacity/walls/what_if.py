"""What if: the walls again for another growth, launch, headroom, target, lead time or a lost zone.

The forecast's paths are multiplied and followed to the level again; nothing is forecast anew.
Assumption: what follows the load is multiplied as the load is; storage and addresses grow with
growth, but do not jump at a launch. A lost zone is shared by the others at once, before anything
scales; what is counted for an account or a table does not run in zones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.walls.known_events import DAYS_A_MONTH, follows_load
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.time_to_limit import TimeToLimit, first_days, summarise_days

__all__ = ["MovedWall", "WhatIf", "move_walls"]

UTILISATIONS = frozenset({"CPU", "memory"})
"""Limits on which a target utilisation and a lost zone bear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What is supposed.

    Args:
        growth_percent_a_month: beyond what history shows.
        launch_multiplier: of the load, from the first day on.
        headroom_percent: share of each limit that is to stay free.
        target_percent: utilisation at which CPU and memory count as full; None for the limit.
        lead_days: that every change takes; None for that of its kind.
        loses_zone: one of the zones that a resource runs in is lost; CPU and memory of what runs
            in several rise by what the others take over.
    """

    growth_percent_a_month: float = 0.0
    launch_multiplier: float = 1.0
    headroom_percent: float = 0.0
    target_percent: float | None = None
    lead_days: float | None = None
    loses_zone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MovedWall:
    """A limit under a supposition.

    Args:
        limit: as it was forecast.
        full: until the level that is supposed.
        act_by: day by which a change must begin; None where no date is near enough.
    """

    limit: LimitForecast
    full: TimeToLimit
    act_by: date | None


def move_walls(limits: Sequence[LimitForecast], supposed: WhatIf) -> tuple[MovedWall, ...]:
    """Return the limits that have a forecast, the one reached first before the others.

    Args:
        limits: as forecast; those without paths are left out.
        supposed: what is supposed.
    """
    known = [limit for limit in limits if limit.paths is not None]
    moved = [_move(limit, supposed) for limit in known]
    return tuple(sorted(moved, key=lambda one: (one.full.order, one.limit.order, one.limit.name)))


def _move(limit: LimitForecast, supposed: WhatIf) -> MovedWall:
    assert limit.paths is not None
    percent = _level_percent(limit, supposed)
    level = limit.value * percent / 100
    factors = _factors(limit, supposed)
    if _is_full_today(limit, level, float(factors[0])):
        full = TimeToLimit.reached(percent)
    else:
        # Dividing one level a day moves less memory than multiplying every path.
        full = summarise_days(first_days(limit.paths, level / factors), percent)
    lead = limit.lead_days if supposed.lead_days is None else supposed.lead_days
    return MovedWall(limit=limit, full=full, act_by=_act_by(limit, full, lead))


def _is_full_today(limit: LimitForecast, level: float, factor: float) -> bool:
    recent = limit.recent_peak
    return recent is not None and recent * factor >= level


def _level_percent(limit: LimitForecast, supposed: WhatIf) -> float:
    percent = 100 - supposed.headroom_percent
    if supposed.target_percent is not None and limit.limit in UTILISATIONS:
        percent = min(percent, supposed.target_percent)
    return percent


def _factors(limit: LimitForecast, supposed: WhatIf) -> NDArray[np.float32]:
    assert limit.paths is not None
    days = np.arange(1, limit.paths.shape[1] + 1)
    factors = (1 + supposed.growth_percent_a_month / 100) ** (days / DAYS_A_MONTH)
    if follows_load(limit.change):
        factors = factors * supposed.launch_multiplier
    if limit.limit in UTILISATIONS and limit.zones > 1 and supposed.loses_zone:
        factors = factors * limit.zones / (limit.zones - 1)
    return factors.astype(np.float32)


def _act_by(limit: LimitForecast, full: TimeToLimit, lead: float) -> date | None:
    day = limit.day(full.p10)
    return None if day is None else day - timedelta(days=lead)
