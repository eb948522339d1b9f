"""A seasonal history brought to its present level.

Method: the means of cycles are a slow series; where its level shifted clearly and has stayed
(`trend_fit`), what was before is moved by the size of the shift.

Assumption: a shift moves all phases of the season alike.
"""

from __future__ import annotations

import numpy as np

from opslib.analysis.forecast.blocks import fill_gaps
from opslib.analysis.forecast.cleaning import clean
from opslib.analysis.forecast.results import Floats
from opslib.analysis.forecast.trend_fit import fit

__all__ = ["at_last_level"]

FEWEST = 16
"""Cycles without which a shift is not told from a wandering level."""
MOST = 120


def at_last_level(values: Floats, cycle: int, long: int | None) -> tuple[Floats, int | None]:
    """Return ``values`` at the level after the last shift, and its first step (none: no shift)."""
    cycles = len(values) // cycle
    if cycles < FEWEST:
        return values, None
    cycles = min(cycles, MOST)
    folded = values[len(values) - cycles * cycle :].reshape(cycles, cycle)
    means = np.array([np.nanmean(row) if np.isfinite(row).any() else np.nan for row in folded])
    cleaned = clean(fill_gaps(means[:, None])[:, 0], long)
    found = fit(cleaned.values, 1)
    if not found.shifts:
        return values, None
    moved = values.copy()
    skipped = len(values) - cycles * cycle
    for shift, size in zip(found.shifts, found.sizes, strict=True):
        moved[: skipped + shift * cycle] += size
    return moved, skipped + found.shifts[-1] * cycle
