"""The current level of a bill, from that of each of its groups.

A step of one service is many times its own noise and within the noise of the whole bill; several
small ones together are a month's surprise. Steps and lone days are therefore looked for group by
group, and the histories at their levels are added up.

Method: a group is looked at by itself where it is a hundredth of the last week's or of the last
four weeks' cost; the others together are one more group. Their errors are taken for independent.

Source: bottom-up approach, Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd
ed., section 11.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from opslib.analysis.cost.level import Level, at_current_level
from opslib.analysis.cost.one_offs import without_one_off

__all__ = ["level_of_groups"]

RECENT = (7, 28)
SMALLEST_SHARE = 0.01


def level_of_groups(groups: Sequence[Sequence[float]]) -> Level:
    """Return the sum of the groups' histories, each at its current level.

    Args:
        groups: cost of each day by group, of the same days.
    """
    whole = [sum(day) for day in zip(*groups, strict=True)]
    large = [costs for costs in groups if _is_large(costs, whole)]
    small = [costs for costs in groups if not _is_large(costs, whole)]
    rest = [[sum(day) for day in zip(*small, strict=True)]] if small else []
    levels = [at_current_level(without_one_off(costs)) for costs in (*large, *rest)]
    return Level(
        costs=tuple(sum(day) for day in zip(*(level.costs for level in levels), strict=True)),
        error=hypot(*(level.error for level in levels)),
    )


def _is_large(costs: Sequence[float], whole: Sequence[float]) -> bool:
    return any(
        abs(sum(costs[-days:])) >= SMALLEST_SHARE * abs(sum(whole[-days:])) for days in RECENT
    )
