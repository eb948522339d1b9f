"""What a metric would have been in a window, judged by the days before it.

Method: three candidates, and the one that leaves the smallest robust spread over past windows is
taken: the level of the hours just before the window; that level on top of a daily profile, the
median over days of each quarter of an hour, joined by straight lines; and the same with the profile
smoothed to four harmonics of a day, which a single day of history can tell. Past windows are as
long as the window asked about and lie before it; each is expected from its own hours before and
from the profile of the other days, so that the spread is that of a forecast, not of a fit (but for
fewer than three days, whose nine coefficients know the day that they are held against).

Assumption: the hours before the window are quiet, or mostly: up to half of them may be disturbed.
Failure mode: a job that runs at another hour each day is noise; weekends are told from weekdays by
the level alone; less than a day of history knows no daily pattern.
Source: median profile after Hyndman and Athanasopoulos, "Forecasting: Principles and Practice" (3rd
ed., 3.4), robust to past incidents; spread by the median absolute deviation (Hampel 1974).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma, log, pi

import numpy as np
import pandas as pd

from opslib.analysis.incident.daily_profile import (
    DAY,
    FEWEST_DAYS,
    Floats,
    Shape,
    daily_bins,
    daily_profile,
    profile_at,
)
from opslib.timewindow import TimeWindow

__all__ = ["GAP", "MAD_TO_SIGMA", "Noise", "Usual", "Window", "t_density", "usual_in"]

MAD_TO_SIGMA = 1.4826
LEAD = 7_200.0
"""Seconds before a window that set its level."""
FEWEST_IN_LEAD = 5
MOST_PAST = 60
FEWEST_POINTS = 30
CLIPPED = 3.0
GAP = 1.5
"""Steps from which on two points are not neighbours."""
HEAVY, LIGHT = 4.0, 30.0
MAD_OF_T = {HEAVY: 0.7407, LIGHT: 0.6828}
"""Median of the absolute value of Student's t, by degrees of freedom."""
MOST_RELATED = 0.98
SMALLEST_SHARE = 0.01
"""Share of the level under which a metric that never moved is taken to be at rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The points of a window beside what was expected of them.

    Args:
        times: seconds since 1970, rising.
        residuals: value less expected value, in the unit of the metric.
        expected: in the unit of the metric.
        before: residual of the last point before the window; NaN where there is none.
        before_time: its time; NaN the same.
    """

    times: Floats
    residuals: Floats
    expected: Floats
    before: float
    before_time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How residuals scatter when nothing is wrong.

    Args:
        scale: robust standard deviation, in the unit of the metric.
        related: correlation of a residual with the next, 0 to below 1.
        step: usual seconds between points.
        freedom: degrees of freedom of Student's t that fits the errors better: 4 or 30, the latter
            next to normal.
    """

    scale: float
    related: float
    step: float
    freedom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """A window and the past windows that say what is usual.

    Args:
        window: the window asked about.
        past: windows of the same length before it, latest first.
        noise: of the past windows together.
        daily: whether a daily profile was used.
    """

    window: Window
    past: tuple[Window, ...]
    noise: Noise
    daily: bool


def usual_in(metric: pd.Series, window: TimeWindow, least_noise: float = 0.0) -> Usual | None:
    """Return what ``metric`` was and was expected to be in ``window``.

    Args:
        metric: values by aware time, rising, without missing values or repeated times.
        window: the span asked about; history is what ``metric`` has before it.
        least_noise: standard deviation of the noise at least.

    Returns:
        None where there is too little history: fewer than 30 points, or no past window.
    """
    times = pd.DatetimeIndex(metric.index).as_unit("us").asi8 / 1e6
    values = metric.to_numpy(dtype=float)
    start, end = window.start.timestamp(), window.end.timestamp()
    if np.count_nonzero(times < start) < FEWEST_POINTS:
        return None
    step = float(np.median(np.diff(times)))
    history = start - times[0]
    shapes = [Shape.LEVEL]
    shapes += [Shape.SMOOTH] if history >= DAY else []
    shapes += [Shape.PROFILE] if history >= FEWEST_DAYS * DAY else []
    span = (start, end)
    judged = [_judged(times, values, span, step, shape, least_noise) for shape in shapes]
    found = [usual for usual in judged if usual.past]
    return min(found, key=lambda usual: usual.noise.scale) if found else None


def _judged(
    times: Floats,
    values: Floats,
    span: tuple[float, float],
    step: float,
    shape: Shape,
    least_noise: float,
) -> Usual:
    """Return the window and the past ones by one of the candidates."""
    length = span[1] - span[0]
    history = times < span[0]
    bins = daily_bins(times[history], values[history], step)
    spans = [(span[0] - length * back, span[1] - length * back) for back in range(MOST_PAST + 1)]
    windows = [
        _windowed(
            times, values, part, daily_profile(bins, times[0], (part[0] - LEAD, part[1]), shape)
        )
        for part in spans
        if part == span or part[0] > times[0] + LEAD
    ]
    past = tuple(part for part in windows[1:] if len(part.times) >= FEWEST_IN_LEAD)
    noise = _noise(past, values[history], step, least_noise)
    return Usual(window=windows[0], past=past, noise=noise, daily=shape is not Shape.LEVEL)


def _windowed(times: Floats, values: Floats, span: tuple[float, float], shape: Floats) -> Window:
    """Return one window with its expected values: a profile of a day, at the level before.

    The level is that of the hours before; where they hold too few points, of the last ones known.
    """
    start, end = span
    kept = (times >= start - LEAD) & (times < end)
    at = times[kept]
    profile = profile_at(shape, at)
    lead = at < start
    known = lead if np.count_nonzero(lead) >= FEWEST_IN_LEAD else None
    rest = values[kept] - profile
    last = np.flatnonzero(times < start)[-FEWEST_POINTS:]
    level = float(
        np.median(
            rest[lead] if known is not None else values[last] - profile_at(shape, times[last])
        )
    )
    rest = rest - level
    earlier = np.flatnonzero(lead)
    return Window(
        times=at[~lead],
        residuals=rest[~lead],
        expected=(profile + level)[~lead],
        before=float(rest[earlier[-1]]) if earlier.size else np.nan,
        before_time=float(at[earlier[-1]]) if earlier.size else np.nan,
    )


def _noise(past: tuple[Window, ...], values: Floats, step: float, least: float) -> Noise:
    """Return the scatter of past residuals, and how one is related to the next."""
    if not past:
        return Noise(scale=np.inf, related=0.0, step=step, freedom=HEAVY)
    pooled = np.concatenate([part.residuals for part in past])
    spread = MAD_TO_SIGMA * float(np.median(np.abs(pooled)))
    scale = max(spread, least) or _at_rest(values)
    related = _related(past, scale, step)
    freedom = max((HEAVY, LIGHT), key=lambda one: float(t_density(pooled, scale, one).sum()))
    return Noise(scale=scale, related=related, step=step, freedom=freedom)


def t_density(errors: Floats, scale: Floats | float, freedom: float) -> Floats:
    """Return the log density of Student's t whose median absolute value is a normal's of ``scale``.

    Constants that are the same for all errors and scales, but not for all degrees of freedom, are
    kept: fits can be compared.
    """
    width = np.asarray(scale) / (MAD_OF_T[freedom] * MAD_TO_SIGMA)
    constant = lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - 0.5 * log(freedom * pi)
    heavy = 0.5 * (freedom + 1) * np.log1p((errors / width) ** 2 / freedom)
    return np.asarray(constant - np.log(width) - heavy)


def _related(past: tuple[Window, ...], scale: float, step: float) -> float:
    """Return the correlation of a residual with the next, outliers clipped."""
    clipped = [np.clip(part.residuals / scale, -CLIPPED, CLIPPED) for part in past]
    near = [np.diff(part.times) < GAP * step for part in past]
    left = np.concatenate([part[:-1][ok] for part, ok in zip(clipped, near, strict=True)])
    right = np.concatenate([part[1:][ok] for part, ok in zip(clipped, near, strict=True)])
    power = float(left @ left)
    return min(max(float(left @ right) / power, 0.0), MOST_RELATED) if power else 0.0


def _at_rest(values: Floats) -> float:
    """Return the scatter allowed to a metric that hardly ever moves, such as a count of errors."""
    level = abs(float(np.median(values)))
    return SMALLEST_SHARE * (level or float(np.abs(values).max()) or 1.0)
