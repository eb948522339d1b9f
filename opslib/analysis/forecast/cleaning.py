"""A slow series made whole: gaps filled, lone outliers set apart.

Method: the season's effect is the median by phase of what a running median leaves. A gap gets the
straight line between its neighbours, season aside. A value further than five standard deviations
(from the median absolute deviation) from the running median is an outlier, and is taken to that
median; its size is kept, since its like may come again.

Source: Hampel, "The influence curve and its role in robust estimation", Journal of the American
Statistical Association 69 (1974).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

from opslib.analysis.forecast.results import Floats

__all__ = ["Cleaned", "clean"]

REACH = 4
"""Steps on each side of a running median, at least."""
FAR = 5.0
TO_DEVIATION = 1.4826


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cleaned:
    """A series without gaps or lone outliers.

    Args:
        values: (steps,).
        outliers: (some,) what stood out, actual less usual.
    """

    values: Floats
    outliers: Floats


def clean(values: Floats, season: int | None) -> Cleaned:
    """Return ``values`` with every gap filled, the first and last value known."""
    known = np.isfinite(values)
    steps = np.arange(len(values))
    whole = np.interp(steps, steps[known], values[known])
    width = 2 * max(REACH, (season or 1) // 2) + 1
    effect = _effect(whole, known, season, width)
    whole = np.interp(steps, steps[known], (values - effect)[known])
    usual = median_filter(whole, width, mode="nearest")
    left = whole - usual
    spread = TO_DEVIATION * float(np.median(np.abs(left[known])))
    far = known & (np.abs(left) > FAR * spread) & (spread > 0)
    return Cleaned(values=np.where(far, usual, whole) + effect, outliers=left[far])


def _effect(whole: Floats, known: Floats, season: int | None, width: int) -> Floats:
    if not season:
        return np.zeros(len(whole))
    left = whole - median_filter(whole, width, mode="nearest")
    padded = np.append(np.where(known, left, np.nan), np.full(-len(whole) % season, np.nan))
    effects = np.nan_to_num(np.nanmedian(padded.reshape(-1, season), axis=0))
    return np.resize(effects - effects.mean(), len(whole))
