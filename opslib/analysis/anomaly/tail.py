"""How rare a value is, by the tail of the values before it.

Method: peaks over threshold. Of the last four weeks the values beyond the 90th percentile are kept;
their excesses follow a generalised Pareto distribution, fitted by its first two moments. The chance
of a value is 0.1 times the chance of its excess. A tail that was seen in few separate spells is
known badly, and the chance that a fitted tail gives to what it never saw is too small; the shape is
therefore at least that of the predictive distribution of an exponential tail of which as many
independent excesses were seen as there were spells, and one more was imagined: Pareto with shape
1 / (spells + 1). Both tails are judged, the upper and the lower.

Assumption: what was usual in the last four weeks is usual. After a shift the old values make room
within them.
Failure mode: values that never varied have no tail: any departure is then as rare as can be told.
Source: Pickands, Annals of Statistics 3 (1975); upper tenth: DuMouchel, Annals of Statistics 11
(1983); moments: Hosking and Wallis, Technometrics 29 (1987); streams: Siffer et al., "Anomaly
Detection in Streams with Extreme Value Theory", KDD 2017; predictive exponential: Aitchison and
Dunsmore, "Statistical Prediction Analysis" (1975).
"""

from __future__ import annotations

import numpy as np

from opslib.analysis.anomaly.views import DAY, FEWEST_POINTS, Floats, View

__all__ = ["BEYOND", "rarity", "rarity_beyond"]

MEMORY = 28 * DAY
BEYOND = 0.1
REFIT = DAY / 8
SMALLEST_SHAPE = 1e-3
SMALLEST_SPREAD = 1e-3
SMALLEST_SCALE = 1e-200
MOST_SCALES = 1e12


def rarity(seconds: Floats, view: View) -> Floats:
    """Return the rarity of each value in either tail: minus the decimal logarithm of its chance.

    Args:
        seconds: times of the values, not falling.
        view: the values; NaN where there is none.

    Returns:
        Two rows, upper and lower tail; 0 for values inside, missing ones, and those with fewer
        than 100 before them. A tail is fitted anew every three hours of the metric's time.
    """
    found = np.zeros((2, len(seconds)))
    known = np.flatnonzero(~np.isnan(view.values))
    if known.size <= FEWEST_POINTS:
        return found
    at, values = seconds[known], view.values[known]
    turns = np.flatnonzero(np.diff((at // REFIT), prepend=-1.0))
    oldest = np.searchsorted(at, at[turns] - MEMORY)
    for first, end, start in zip(turns, [*turns[1:], len(at)], oldest, strict=True):
        if first - start < FEWEST_POINTS:
            continue
        past = values[start:first]
        kept = int(len(past) * BEYOND)
        ordered = np.partition(past, (kept, len(past) - kept - 1))
        for side, edge in enumerate((ordered[len(past) - kept - 1], ordered[kept])):
            sign = 1.0 - 2.0 * side
            over = sign * (values[first:end] - edge)
            if (over > 0).any():
                excess = sign * (past - edge)
                spells = _spells(at[start:first][excess > 0], view.memory)
                least = SMALLEST_SPREAD * float(past.std())
                found[side, known[first:end]] = rarity_beyond(excess, over, spells, least)
    return found


def rarity_beyond(excesses: Floats, over: Floats, spells: int, least: float) -> Floats:
    """Return the rarity of what lies ``over`` the edge of a tail that holds `BEYOND` of the past.

    Args:
        excesses: of past values, those below the edge included.
        over: of the values to judge.
        spells: how many separate times the past exceeded the edge.
        least: scale of a tail in which nothing exceeds the edge.
    """
    scale, shape = _fitted(excesses[excesses > 0], spells)
    scale = scale or max(least, SMALLEST_SCALE)
    scaled = np.clip(over, 0.0, MOST_SCALES * scale) / scale
    rare = np.log10(1.0 + shape * scaled) / shape - np.log10(BEYOND)
    return np.where(over > 0, rare, 0.0)


def _fitted(excesses: Floats, spells: int) -> tuple[float, float]:
    """Return scale and shape of a tail; a scale of 0 where nothing exceeds."""
    if not excesses.size:
        return 0.0, 1.0
    mean, variance = float(excesses.mean()), float(excesses.var())
    shape = max(0.5 * (1.0 - mean**2 / variance), 0.0) if variance else 0.0
    return mean * (1.0 - shape), max(shape, 1.0 / (spells + 1), SMALLEST_SHAPE)


def _spells(at: Floats, memory: float) -> int:
    """Return how many groups of times there are that lie further apart than ``memory``."""
    return 1 + int(np.count_nonzero(np.diff(at) > memory)) if at.size else 0
