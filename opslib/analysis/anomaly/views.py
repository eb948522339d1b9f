"""The ways in which a metric is looked at: each turns it into a series that is flat when usual.

Every value of a view is made of its point and earlier ones only. What one view cannot see another
does: a spike is a step, a stuck sensor has no activity, a shift leaves the median of the last days,
an outage at three in the afternoon is usual at three at night but leaves the profile of the day,
and a public holiday is a day whose mean leaves the profile of the week. Activity, the mean size of
steps, and departures from the profile of the day are looked at over an hour, six and a day: what is
small but lasts shows in the longer ones.

Assumption: periods are the day and the week of the clock that the times are in.
Failure mode: a metric with another period, or one that begins its day an hour later from one day on
(summer time), leaves its profiles until they have learned.
Source: seasonal medians after Vallis, Hochenbaum and Kejariwal, "A Novel Technique for Long-Term
Anomaly Detection in the Cloud", HotCloud 2014, made causal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["DAY", "FEWEST_POINTS", "Floats", "View", "views_of"]

Floats = NDArray[np.float64]
HOUR = 3_600.0
DAY = 86_400.0
WEEK = 7 * DAY

MEDIAN_OVER = 3 * DAY
SCALES = {"1 h": HOUR, "6 h": 6 * HOUR, "1 d": DAY}
GAP = 3.0
"""Usual steps from which on the difference of two points says nothing."""
PROFILE_DAYS, FEWEST_DAYS = 14, 3
PROFILE_WEEKS, FEWEST_WEEKS = 4, 2
FEWEST_SHARE = 0.5
FEWEST = 3
FEWEST_POINTS = 100
"""Points before a judgement; the first of them also tell the usual step."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A series that is flat when all is usual.

    Args:
        values: one a point, NaN where the past does not suffice.
        memory: seconds over which one value is smoothed: values nearer than that are no
            independent observations.
    """

    values: Floats
    memory: float


def views_of(seconds: Floats, values: Floats) -> dict[str, View]:
    """Return the views of a metric.

    Args:
        seconds: since 1970, not falling.
        values: of the metric, none missing.
    """
    step = _usual_step(seconds)
    metric = pd.Series(values, index=pd.to_datetime(seconds, unit="s"))
    difference = np.diff(values, prepend=np.nan)
    difference[np.diff(seconds, prepend=np.nan) > GAP * step] = np.nan
    rounding = ROUNDING * np.maximum.accumulate(np.abs(values)) + np.finfo(float).tiny
    of_day = values - _profile(seconds, values, DAY, step, PROFILE_DAYS, FEWEST_DAYS)
    of_week = values - _profile(seconds, values, WEEK, step, PROFILE_WEEKS, FEWEST_WEEKS)
    views = {
        "step": View(values=difference, memory=0.0),
        "level": View(values=values - _past_median(metric, step), memory=0.0),
        "time of day": View(values=of_day, memory=0.0),
    }
    for name, over in SCALES.items():
        activity = _mean(np.abs(difference), metric.index, over, step)
        views[f"activity over {name}"] = View(values=np.log(activity + rounding), memory=over)
        mean = _rounded(_mean(of_day, metric.index, over, step), rounding)
        views[f"time of day over {name}"] = View(values=mean, memory=over)
    mean = _rounded(_mean(of_week, metric.index, DAY, step), rounding)
    return views | {"day of week over 1 d": View(values=mean, memory=DAY)}


def _rounded(values: Floats, rounding: Floats) -> Floats:
    """Return values with what is but the rounding of a running mean taken for zero."""
    return np.where(np.abs(values) < rounding, 0.0, values)


def _usual_step(seconds: Floats) -> float:
    """Return the median step of the points that are not judged, so that none looks ahead."""
    steps = np.diff(seconds[:FEWEST_POINTS])
    steps = steps[steps > 0]
    return float(np.median(steps)) if steps.size else 1.0


def _window(over: float, step: float) -> str:
    """Return a window as pandas takes it; of three points at least."""
    return f"{max(over, FEWEST * step):.0f}s"


def _past_median(metric: pd.Series, step: float) -> Floats:
    """Return the median of the days before each point, the point itself left out."""
    rolling = metric.rolling(_window(MEDIAN_OVER, step), closed="left", min_periods=FEWEST)
    return rolling.median().to_numpy()


def _mean(values: Floats, index: pd.Index, over: float, step: float) -> Floats:
    """Return the mean over a span that ends with each point; NaN where half of it is missing."""
    fewest = max(2, int(FEWEST_SHARE * over / step))
    rolling = pd.Series(values, index=index).rolling(_window(over, step), min_periods=fewest)
    return rolling.mean().to_numpy()


def _profile(
    seconds: Floats, values: Floats, period: float, step: float, most: int, fewest: int
) -> Floats:
    """Return the median at the same time of up to ``most`` periods before.

    It is NaN where fewer than ``fewest`` hold that time. Each time is judged with its two
    neighbours.
    """
    parts = max(1, round(period / max(step, 60.0)))
    part = (seconds % period / period * parts).astype(int)
    number = (seconds // period).astype(int)
    number -= number[0]
    grid = np.full((int(number[-1]) + 1, parts), np.nan)
    means = pd.Series(values).groupby([number, part]).mean()
    grid[means.index.get_level_values(0), means.index.get_level_values(1)] = means
    expected = np.full_like(grid, np.nan)
    for now in range(fewest, len(grid)):
        past = grid[max(0, now - most) : now]
        expected[now] = _column_medians(past, FEWEST * fewest - fewest)
    return np.asarray(expected[number, part])


def _column_medians(past: Floats, fewest: int) -> Floats:
    """Return the median of each column and its neighbours, NaN where fewer than ``fewest`` are."""
    wide = np.concatenate([np.roll(past, 1, axis=1), past, np.roll(past, -1, axis=1)])
    ordered = np.sort(wide, axis=0)
    known = (~np.isnan(wide)).sum(axis=0)
    columns = np.arange(wide.shape[1])
    low, high = np.maximum(known - 1, 0) // 2, np.minimum(known // 2, len(wide) - 1)
    middle = (ordered[low, columns] + ordered[high, columns]) / 2
    return np.where(known >= fewest, middle, np.nan)
