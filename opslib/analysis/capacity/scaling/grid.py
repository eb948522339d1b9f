"""The settings that are tried: multiples of those in force, and what is needed to hold a peak."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from opslib.analysis.capacity.scaling.rules import ScalingSetting
from opslib.parameters.capacity_plans import ScalingGrid

__all__ = ["settings_to_try"]

HALVES = {"rds:cluster:acu"}
"""Dimensions whose bounds come in halves; of all others in whole units."""


def settings_to_try(
    in_force: ScalingSetting, grid: ScalingGrid, dimension: str, full: float, peak: float
) -> tuple[ScalingSetting, ...]:
    """Return the settings of a grid, those in force first.

    Args:
        in_force: what is set now.
        grid: factors of minima and maxima, and targets.
        dimension: of `SCALING_TARGETS`.
        full: fraction above which capacity is too little.
        peak: units of load that a maximum is to hold; a maximum that just holds it is tried too.
    """
    step = 0.5 if dimension in HALVES else 1.0
    minima = _rounded((in_force.minimum * factor for factor in grid.min_factors), step)
    maxima = _rounded((in_force.maximum * factor for factor in grid.max_factors), step)
    enough = math.ceil(peak / full / step - 1e-9) * step
    if enough > max(maxima):
        maxima.append(enough)
    targets: Sequence[float | None] = [None]
    if dimension not in HALVES:
        targets = sorted(
            {*grid.targets_percent, in_force.target_percent or grid.targets_percent[0]}
        )
    tried = [
        ScalingSetting(minimum=low, maximum=high, target_percent=target)
        for low in minima
        for high in maxima
        for target in targets
        if low <= high
    ]
    return (in_force, *(one for one in tried if one != in_force))


def _rounded(bounds: Iterable[float], step: float) -> list[float]:
    """Return bounds in whole steps, one at the least; the same again only once."""
    return sorted({max(step, math.floor(bound / step + 0.5) * step) for bound in bounds})
