"""How high utilisation goes and for how long, over whole weeks, and what gaps could hide.

Method: the last whole weeks of five-minute values, two at the least. The peak is the 99th
percentile of all of them, or what comes back at the same time of the week where that is more: for
each time of the week the median of the weeks, averaged over fifteen minutes. A batch of an hour
each Sunday is thus a peak, and one bad afternoon is not. Busy is what is passed for a twentieth of
the time in most of the last four weeks.

Assumption: a missing value may have been anything. What would hold with every missing value at its
highest is certain; what holds only without them is not. Failure mode: what comes once a month may
lie within the hundredth that the percentile leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from opslib.tables.regular_series import RegularSeries

__all__ = ["FEWEST_WEEKS", "PeakUse", "highest_of", "measure_peaks", "since_first_value"]

FEWEST_WEEKS = 2
BUSY_WEEKS = 4
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
SUSTAINED = timedelta(minutes=15)
RARE, BUSY = 0.99, 0.95

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakUse:
    """What utilisation came to, in the unit of the values.

    Args:
        weeks: whole weeks that were looked at.
        missing: share of their values that are missing, 0 to 1.
        p99: 99th percentile of the values that are there.
        seen: the peak of the values that are there.
        at_most: the peak if every missing value had been the highest; infinite where that is open.
        busy: what was passed for a twentieth of the time in most of the last weeks, at the least.
        busy_at_most: the same if every missing value had been the highest.
        mean: what most of the last weeks come to on average, missing values taken as no use.
        busiest_day: mean of the busiest day, of the values that are there.
        busiest_day_at_most: the same, missing values taken as full use.
    """

    weeks: int
    missing: float
    p99: float
    seen: float
    at_most: float
    busy: float
    busy_at_most: float
    mean: float
    busiest_day: float
    busiest_day_at_most: float


def since_first_value(values: Values) -> Values:
    """Return the values from the first that is there: before it there was nothing to measure."""
    there = np.flatnonzero(~np.isnan(values))
    return values[there[0] :] if there.size else values[:0]


def measure_peaks(history: RegularSeries, full: float = 100.0) -> PeakUse | None:
    """Return what utilisation came to; None for a history of fewer than two whole weeks.

    Args:
        history: utilisation, every five minutes or so.
        full: the value of full use, for the mean of days with gaps.
    """
    values = since_first_value(history.values)
    by_week = round(WEEK.total_seconds() / history.step_seconds)
    weeks = len(values) // by_week
    if weeks < FEWEST_WEEKS:
        return None
    values = values[len(values) - weeks * by_week :]
    gone = np.isnan(values)
    by_day = round(DAY.total_seconds() / history.step_seconds)
    width = max(1, round(SUSTAINED.total_seconds() / history.step_seconds))
    low = _levels(np.where(gone, 0.0, values).reshape(weeks, by_week), width)
    high = low
    if gone.any():
        high = _levels(np.where(gone, np.inf, values).reshape(weeks, by_week), width)
    p99 = _order(values[~gone], RARE)
    return PeakUse(
        weeks=weeks,
        missing=float(gone.mean()),
        p99=p99,
        seen=max(p99, low.recurring),
        at_most=max(high.rare, high.recurring),
        busy=low.busy,
        busy_at_most=high.busy,
        mean=low.mean,
        busiest_day=float(_daily_means(values, by_day, ~gone).max()),
        busiest_day_at_most=float(np.where(gone, full, values).reshape(-1, by_day).mean(1).max()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Levels:
    rare: float
    recurring: float
    busy: float
    mean: float


def _levels(weeks: Values, width: int) -> _Levels:
    """Return the figures of values without gaps, one row a week."""
    recent = weeks[-BUSY_WEEKS:]
    return _Levels(
        rare=_order(weeks.ravel(), RARE),
        recurring=_recurring(weeks, width),
        busy=_most(_order(week, BUSY) for week in recent),
        mean=_most(recent.mean(axis=1)),
    )


def highest_of(peaks: Sequence[PeakUse]) -> PeakUse:
    """Return the highest of each figure of several, over the fewest weeks of them."""
    return PeakUse(
        weeks=min(peak.weeks for peak in peaks),
        missing=max(peak.missing for peak in peaks),
        p99=max(peak.p99 for peak in peaks),
        seen=max(peak.seen for peak in peaks),
        at_most=max(peak.at_most for peak in peaks),
        busy=max(peak.busy for peak in peaks),
        busy_at_most=max(peak.busy_at_most for peak in peaks),
        mean=max(peak.mean for peak in peaks),
        busiest_day=max(peak.busiest_day for peak in peaks),
        busiest_day_at_most=max(peak.busiest_day_at_most for peak in peaks),
    )


def _order(values: Values, share: float) -> float:
    """Return the value that ``share`` of the values do not pass; never one between two."""
    place = int(np.ceil(share * (len(values) - 1)))
    return float(np.partition(values, place)[place])


def _recurring(weeks: Values, width: int) -> float:
    """Return the highest mean over ``width`` values of the usual week; of two weeks the higher."""
    place = len(weeks) // 2
    usual = np.partition(weeks, place, axis=0)[place]
    rolled = sum((np.roll(usual, step) for step in range(1, width)), start=usual)
    return float(rolled.max() / width)


def _most(weekly: Iterable[float]) -> float:
    """Return what more than half of the weeks come to at the least."""
    ordered = sorted(weekly)
    return float(ordered[(len(ordered) - 1) // 2])


def _daily_means(values: Values, by_day: int, there: NDArray[np.bool_]) -> Values:
    """Return the mean of what is there of each day; zero where nothing is."""
    known = np.where(there, values, 0.0).reshape(-1, by_day).sum(axis=1)
    return np.asarray(known / np.maximum(there.reshape(-1, by_day).sum(axis=1), 1), dtype=float)
