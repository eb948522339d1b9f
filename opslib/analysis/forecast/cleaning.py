"""A slow series without season, gaps and lone outliers.

Method: what a running median over one season leaves is put in a table of seasons by phase; the
season's effect is the mean by phase of all seasons, or of as many neighbouring ones as forecast the
next season better (a weekend may change over the year). The effect stays if phases differ by more
than means of noise do. A gap gets the straight line between its neighbours. A value further than
five standard deviations (from the median absolute deviation) from the running median is an outlier
and is taken to that median; its size is kept, since its like may come again. Where more than a
twentieth are as far, they are how the series is, and stay.

Source: Cleveland et al., "STL: a seasonal-trend decomposition procedure based on loess", Journal of
Official Statistics 6 (1990), for a season that changes; Hampel, "The influence curve and its role
in robust estimation", Journal of the American Statistical Association 69 (1974); Akaike's bound for
effects that forecast better than none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

from opslib.analysis.forecast.results import Floats

__all__ = ["Cleaned", "clean"]

REACH = 4
"""Steps on each side of a running median, once the season is out."""
SPANS = (6, 13, 26)
"""Seasons of which the mean may be taken instead of all."""
BETTER = 0.98
FAR = 5.0
MOST_OUTLIERS = 0.05
CLEAR = 2.0
TO_DEVIATION = 1.4826


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cleaned:
    """What is left of a series.

    Args:
        values: (steps,) without season, gaps and outliers.
        effect: (season,) what the season adds to the steps to come; empty if there is none.
        outliers: (some,) what stood out, actual less usual.
    """

    values: Floats
    effect: Floats
    outliers: Floats

    def season(self, horizon: int) -> Floats:
        """Return (horizon,) what the season adds to the steps to come."""
        return np.resize(self.effect, horizon) if self.effect.size else np.zeros(horizon)


def clean(values: Floats, season: int | None) -> Cleaned:
    """Return ``values``, at least one of them known, without what is not their slow course."""
    known = np.isfinite(values)
    steps = np.arange(len(values))
    whole = np.interp(steps, steps[known], values[known])
    effects, coming = _effects(whole, season)
    whole = np.interp(steps, steps[known], (values - effects)[known])
    usual = _running_median(whole, 2 * REACH + 1)
    left = whole - usual
    spread = TO_DEVIATION * float(np.median(np.abs(left[known])))
    far = known & (np.abs(left) > FAR * spread) & (spread > 0)
    if far.sum() > MOST_OUTLIERS * known.sum():
        far[:] = False
    return Cleaned(values=np.where(far, usual, whole), effect=coming, outliers=left[far])


def _running_median(values: Floats, width: int) -> Floats:
    """Return the median of ``width`` values around each, the ends as if a trend went on."""
    reach = min(width // 2, len(values) - 1)
    longer = np.pad(values, reach, mode="reflect", reflect_type="odd")
    found = median_filter(longer, 2 * reach + 1, mode="nearest")
    return np.asarray(found[reach : len(found) - reach])


def _effects(whole: Floats, season: int | None) -> tuple[Floats, Floats]:
    """Return (steps,) the season's effect and (season,) that to come; zeros and none without."""
    nothing = np.zeros(len(whole)), np.empty(0)
    if not season or len(whole) < 2 * season:
        return nothing
    left = whole - _running_median(whole, season | 1)
    count = len(whole) // season
    first = len(whole) - count * season
    table = left[first:].reshape(count, season)
    span = _span(table)
    sums = np.cumsum(np.vstack([np.zeros(season), table]), axis=0)
    means = (sums[span:] - sums[:-span]) / span
    means -= means.mean(axis=1, keepdims=True)
    noise = np.mean((table[-span:] - means[-1]) ** 2) / span
    if float((means[-1] ** 2).sum()) <= CLEAR * (season - 1) * noise:
        return nothing
    rows = np.clip(np.arange(count) - span // 2, 0, len(means) - 1)
    effects = means[rows].ravel()
    ahead = np.resize(effects[:season], season)
    return np.concatenate([ahead[season - first :], effects]), means[-1]


def _span(table: Floats) -> int:
    """Return of how many (seasons, phases) the mean best forecasts the next: all, or fewer."""
    count = len(table)
    if count <= 2 * SPANS[0]:
        return count
    sums = np.cumsum(np.vstack([np.zeros(table.shape[1]), table]), axis=0)
    target = np.arange(count // 2, count)
    errors = {}
    for span in (count, *(span for span in SPANS if 2 * span < count)):
        begin = np.maximum(target - span, 0)
        means = (sums[target] - sums[begin]) / (target - begin)[:, None]
        errors[span] = float(np.abs(table[target] - means).mean())
    best = min(errors, key=lambda span: errors[span])
    return best if errors[best] < BETTER * errors[count] else count
