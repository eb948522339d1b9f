"""What is expected of a day by the days before it: a level, and its weekday's part.

Both are means of the middle half, which single days do not move and which, unlike a median, does
not jump where days are of two kinds. A weekday's part is how far such days lie from the median of
the week that they end. It is drawn towards none by as much as noise alone would make of it, so that
a series without a weekly pattern gets none.

Source: positive-part shrinkage, James and Stein, Fourth Berkeley Symposium (1961); middle half:
Tukey, "Exploratory Data Analysis" (1977).
"""

from __future__ import annotations

import numpy as np

from opslib.analysis.anomaly.views import Floats

__all__ = ["departure", "expected_next", "unexpected"]

WEEK = 7
LEVEL_DAYS = 14
PROFILE_WEEKS = 8
FEWEST_WEEKS = 3


def departure(past: Floats) -> float:
    """Return how far the last of ``past`` lies from the median of the week that it ends.

    NaN where it is not known.
    """
    week = past[-WEEK:]
    known = sorted(week[~np.isnan(week)].tolist())
    if not known:
        return np.nan
    # Of seven numbers at most: NumPy takes ten times as long for its median.
    median = (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2
    return float(past[-1] - median)


def expected_next(values: Floats, departures: Floats, ahead: int = 0) -> float:
    """Return what is expected of the day that follows ``values``, or of one ``ahead`` of it.

    Args:
        values: of the days before, in order; NaN where they are to be left out.
        departures: of the same days, by `departure`.
        ahead: days between.
    """
    parts = _weekday_parts(departures)
    known = np.flatnonzero(~np.isnan(values))[-LEVEL_DAYS:]
    if not known.size:
        return 0.0
    weekday = (known - len(values)) % WEEK
    flat = values[known] - parts[weekday]
    return float(_middle(flat[:, None])[0] + parts[ahead % WEEK])


def unexpected(departures: Floats) -> Floats:
    """Return departures without the part of their weekday."""
    weekdays = (np.arange(len(departures)) - len(departures)) % WEEK
    rest: Floats = departures - _weekday_parts(departures)[weekdays]
    return rest


def _weekday_parts(departures: Floats) -> Floats:
    """Return the part of each weekday, the first that of the day after the last."""
    weeks = np.full(PROFILE_WEEKS * WEEK, np.nan)
    recent = departures[-len(weeks) :]
    weeks[len(weeks) - len(recent) :] = recent
    table = weeks.reshape(PROFILE_WEEKS, WEEK)
    counts = np.count_nonzero(~np.isnan(table), axis=0)
    if counts.min() < FEWEST_WEEKS:
        return np.zeros(WEEK)
    parts = _middle(table)
    parts = parts - float(parts.mean())
    spread = float(np.nanmean((table - _middle(table)) ** 2)) / float(counts.mean())
    shown = float((parts**2).sum())
    left = 1.0 - (WEEK - 3) * spread / shown if shown else 0.0
    shrunk: Floats = parts * max(left, 0.0)
    return shrunk


def _middle(table: Floats) -> Floats:
    """Return the mean of the middle half of the known values of each column."""
    ordered = np.sort(table, axis=0)
    counts = np.count_nonzero(~np.isnan(ordered), axis=0)
    cut = (counts + 1) // 4
    rows = np.arange(len(ordered))[:, None]
    kept = (rows >= cut) & (rows < counts - cut)
    middle: Floats = np.where(kept, ordered, 0.0).sum(axis=0) / np.maximum(counts - 2 * cut, 1)
    return middle
