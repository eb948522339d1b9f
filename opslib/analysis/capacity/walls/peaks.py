"""The peak of each day: what a limit has to hold.

A day's peak is its highest quarter of an hour, so that a single datapoint is none. Before the days
of which CloudWatch keeps five minutes only hours are known, whose mean is lower than their highest
quarter: their peaks are multiplied by how much higher it is in the median of the days known by five
minutes. Assumption: that this has not changed. Failure mode: short bursts that began or ended since
look like growth or decline on the day from which on five minutes are kept.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from opslib.tables.capacity import UsageHistory
from opslib.tables.regular_series import RegularSeries

__all__ = ["DAY_SECONDS", "HOUR_SECONDS", "daily_peaks", "hourly_means"]

Floats = NDArray[np.float64]
HOUR_SECONDS, DAY_SECONDS = 3_600, 86_400
QUARTER_SECONDS = 900
LEAST_SHARE = 0.5
"""Of a day's periods that must have a datapoint: of less, the peak may have been missed."""
FEWEST_DAYS = 7
"""Days known by both that the ratio of their peaks is taken from."""


def daily_peaks(history: UsageHistory, until: datetime) -> RegularSeries | None:
    """Return the peak of every whole UTC day before ``until``; None where there is no day.

    Args:
        history: by five minutes and by hours, in the unit of the limit.
        until: a day that it cuts off is left out.

    Returns:
        One value a day; NaN where less than half of the day was measured.
    """
    fine, coarse = history.fine, history.coarse
    parts = []
    if fine is not None:
        parts.append(_peaks(fine, until, _highest_quarters(fine)))
    if coarse is not None:
        ratio = _peak_ratio(fine, until) if fine is not None else 1.0
        by_hour = _peaks(coarse, until, coarse.values)
        parts.append(
            RegularSeries(
                start=by_hour.start, step_seconds=DAY_SECONDS, values=by_hour.values * ratio
            )
        )
    return _joined(parts, _midnight(until))


def _peak_ratio(fine: RegularSeries, until: datetime) -> float:
    """Return how much higher the highest quarter is than the highest hour, in the median."""
    quarters = _peaks(fine, until, _highest_quarters(fine)).values
    by_hour = hourly_means(fine)
    hours = _peaks(by_hour, until, by_hour.values).values
    known = np.isfinite(quarters[: len(hours)]) & np.isfinite(hours) & (hours > 0)
    if known.sum() < FEWEST_DAYS:
        return 1.0
    return float(np.median(quarters[: len(hours)][known] / hours[known]))


def hourly_means(fine: RegularSeries) -> RegularSeries:
    """Return the means of whole hours; NaN where nothing was measured."""
    each = HOUR_SECONDS // fine.step_seconds
    skip = int(-fine.start.timestamp() % HOUR_SECONDS) // fine.step_seconds
    values = fine.values[skip : skip + (len(fine.values) - skip) // each * each].reshape(-1, each)
    start = fine.start + timedelta(seconds=skip * fine.step_seconds)
    return RegularSeries(start=start, step_seconds=HOUR_SECONDS, values=_mean(values))


def _mean(rows: Floats) -> Floats:
    known = np.isfinite(rows)
    counts = known.sum(axis=-1)
    totals = np.where(known, rows, 0.0).sum(axis=-1)
    return np.where(counts > 0, totals / np.maximum(counts, 1), np.nan)


def _highest_quarters(series: RegularSeries) -> Floats:
    """Return, at each period, the mean of the quarter of an hour that ends with it."""
    width = max(1, QUARTER_SECONDS // series.step_seconds)
    padded = np.concatenate([np.full(width - 1, np.nan), series.values])
    return _mean(np.lib.stride_tricks.sliding_window_view(padded, width))


def _peaks(series: RegularSeries, until: datetime, values: Floats) -> RegularSeries:
    """Return the highest of ``values`` of each whole day before ``until``."""
    first, last = _midnight(series.start), min(series.end, _midnight(until))
    days = max(0, int((last - first).total_seconds() // DAY_SECONDS))
    each = DAY_SECONDS // series.step_seconds
    lead = int((series.start - first).total_seconds()) // series.step_seconds
    grid = np.full(days * each, np.nan)
    measured = np.full(days * each, np.nan)
    taken = min(len(values), len(grid) - lead)
    if taken > 0:
        grid[lead : lead + taken] = values[:taken]
        measured[lead : lead + taken] = series.values[:taken]
    rows = grid.reshape(days, each)
    known = np.isfinite(measured.reshape(days, each)).mean(axis=1) >= LEAST_SHARE
    highest = np.max(np.where(np.isfinite(rows), rows, -np.inf), axis=1, initial=-np.inf)
    peaks = np.where(known & np.isfinite(highest), highest, np.nan)
    return RegularSeries(start=first, step_seconds=DAY_SECONDS, values=peaks)


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _joined(parts: list[RegularSeries], end: datetime) -> RegularSeries | None:
    """Return one series of days to ``end``; of a day that two tell of, the first part's value."""
    filled = [part for part in parts if len(part.values)]
    if not filled:
        return None
    start = min(part.start for part in filled)
    days = int((end - start).total_seconds() // DAY_SECONDS)
    values = np.full(days, np.nan)
    for part in reversed(filled):
        place = int((part.start - start).total_seconds() // DAY_SECONDS)
        told = np.isfinite(part.values)
        values[place : place + len(part.values)][told] = part.values[told]
    return RegularSeries(start=start, step_seconds=DAY_SECONDS, values=values)
