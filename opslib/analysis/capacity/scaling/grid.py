"""The settings that are tried: multiples of those in force, and what is needed to hold a peak."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from opslib.analysis.capacity.scaling.rules import ScalingSetting
from opslib.parameters.capacity_plans import ScalingGrid

__all__ = ["settings_to_try"]

ROUNDING = 1e-9
HALVES = {"rds:cluster:acu"}
"""Dimensions whose bounds come in halves; of all others in whole units."""


def settings_to_try(
    in_force: ScalingSetting,
    grid: ScalingGrid,
    dimension: str,
    enough: Callable[[float | None], float],
    carrying: Iterable[float] = (),
) -> tuple[ScalingSetting, ...]:
    """Return the settings of a grid, those in force first.

    Args:
        in_force: what is set now.
        grid: factors of minima and maxima, and targets.
        dimension: of `SCALING_TARGETS`.
        enough: the least maximum that holds the forecast peak at a target; where the grid has none
            as high it is tried too.
        carrying: minima at which the other zones carry the peak without one, tried too.
    """
    step = 0.5 if dimension in HALVES else 1.0
    minima = _rounded((in_force.minimum * factor for factor in grid.min_factors), step)
    maxima = _rounded((in_force.maximum * factor for factor in grid.max_factors), step)
    most = max(maxima)
    minima = sorted({*minima, *carrying})
    targets: Sequence[float | None] = [None]
    if dimension not in HALVES:
        targets = sorted(
            {*grid.targets_percent, in_force.target_percent or grid.targets_percent[0]}
        )
    tried = [
        ScalingSetting(minimum=low, maximum=high, target_percent=target)
        for low in minima
        for target in targets
        for high in (*maxima, *_beyond(most, math.ceil(enough(target) / step - ROUNDING) * step))
        if low <= high
    ]
    return (in_force, *(one for one in tried if one != in_force))


def _beyond(most: float, enough: float) -> tuple[float, ...]:
    return (enough,) if enough > most else ()


def _rounded(bounds: Iterable[float], step: float) -> list[float]:
    """Return bounds in whole steps, one at the least; the same again only once."""
    return sorted({max(step, math.floor(bound / step + 0.5) * step) for bound in bounds})
