"""The profile of a day: what a metric is at each time of day, by the median over days.

Source: Hyndman and Athanasopoulos, "Forecasting: Principles and Practice" (3rd ed., 3.4), robust to
past incidents by medians.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["DAY", "FEWEST_DAYS", "Floats", "Shape", "daily_bins", "daily_profile", "profile_at"]

Floats = NDArray[np.float64]
DAY = 86_400.0
BIN = 900.0
"""Seconds over which a daily profile takes one median."""
FEWEST_DAYS = 3
HARMONICS = 4


class Shape(Enum):
    """What a window is expected to look like, beside its level."""

    LEVEL = "level"
    PROFILE = "profile"
    SMOOTH = "smooth"


def daily_bins(times: Floats, values: Floats, step: float) -> Floats:
    """Return the median of each part of a day: one row a day, one column a part.

    Args:
        times: seconds since 1970, rising.
        values: of each.
        step: seconds between points.
    """
    width = max(BIN, step)
    parts = round(DAY / width)
    day = ((times // DAY) - times[0] // DAY).astype(int)
    part = np.minimum((times % DAY) / DAY * parts, parts - 1).astype(int)
    grouped = pd.Series(values).groupby([day, part]).median()
    bins = np.full((day[-1] + 1, parts), np.nan)
    bins[grouped.index.get_level_values(0), grouped.index.get_level_values(1)] = grouped
    return bins


def daily_profile(bins: Floats, first: float, span: tuple[float, float], shape: Shape) -> Floats:
    """Return the value of each part of a day, from the days that ``span`` does not touch.

    Args:
        bins: what `daily_bins` returned.
        first: a moment of the first day, seconds since 1970.
        span: begin and end, seconds since 1970.
        shape: level (zero everywhere), smoothed or as it is.
    """
    if shape is Shape.LEVEL:
        return np.zeros(1)
    days = np.arange(len(bins)) + first // DAY
    others = bins[(days < span[0] // DAY) | (days > span[1] // DAY)]
    known = others if len(others) >= FEWEST_DAYS - 1 else bins
    profile = pd.DataFrame(known).median().to_numpy()
    return _smooth(profile) if shape is Shape.SMOOTH else _bridged(profile)


def _bridged(profile: Floats) -> Floats:
    """Return a profile with parts that no day knows taken from their neighbours."""
    seen = np.flatnonzero(~np.isnan(profile))
    if not seen.size:
        return np.zeros_like(profile)
    parts = np.arange(len(profile))
    return np.asarray(np.interp(parts, seen, profile[seen], period=len(profile)))


def _smooth(profile: Floats) -> Floats:
    """Return the least-squares fit of the first harmonics of a day to a profile."""
    angle = 2 * np.pi * np.arange(len(profile)) / len(profile)
    waves = [wave(angle * k) for k in range(1, HARMONICS + 1) for wave in (np.sin, np.cos)]
    design = np.column_stack([np.ones_like(angle), *waves])
    seen = ~np.isnan(profile)
    if np.count_nonzero(seen) <= design.shape[1]:
        return _bridged(profile)
    return np.asarray(design @ np.linalg.lstsq(design[seen], profile[seen], rcond=None)[0])


def profile_at(profile: Floats, at: Floats) -> Floats:
    """Return a profile of a day at the times ``at``, seconds since 1970."""
    middles = (np.arange(len(profile)) + 0.5) * DAY / len(profile)
    return np.asarray(np.interp(at % DAY, middles, profile, period=DAY))
