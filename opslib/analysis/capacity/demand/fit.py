"""A robust line from requests to use, and how sure it is.

Method: ``use = idle x units + slope x requests``, with the requests as their own instrument (Wright
1928; Angrist and Krueger 2001): what runs is scaled by what it uses, so that least squares on the
units, or on the requests of a unit, takes a dear hour for a cheap one. Weights are of Huber (1964),
and one over the size of the requests, since noise grows with them. Intervals are of a circular
block bootstrap of whole days (Politis and Romano 1992), widened as Student's t for few blocks. A
day is drawn with its sums, so that a thousand draws cost one product of matrices.
Assumption: use grows in a straight line with requests.
Failure mode: requests that were measured with noise of their own make the line too flat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

__all__ = ["LineFit", "fit_line", "interval_of", "last_shift"]

HUBER = 2.5
"""Bend of Huber's loss, in standard deviations: beyond it, an hour counts as an outlier."""
NORMAL_MAD = 1.4826
ROUNDS = 15
DRAWS = 1000
SEED = 20_260_302
SHIFT_CHANCE = 1e-6
"""By Student's t: small, since every split of a history is tried, and days resemble each other."""
FEWEST_ON_A_SIDE = 3
LEAST_SPREAD = 1e-9
LEAST_NOISE = 1e-6
"""Of residuals as shares of the usual use: less is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineFit:
    """A line ``use = idle x units + slope x requests``.

    Args:
        idle, slope: of the line; idle is below zero where use bends upwards.
        idle_draws, slope_draws: of the bootstrap.
        blocks: how many independent stretches of days the draws rest on.
        widening: of the draws, which take each hour's weight for known.
        r_squared: share of the variance of use that the line explains.
        residuals: use less the line, as shares of the usual use, one a point.
    """

    idle: float
    slope: float
    idle_draws: NDArray[np.float64]
    slope_draws: NDArray[np.float64]
    blocks: float
    widening: float
    r_squared: float
    residuals: NDArray[np.float64]


def fit_line(
    requests: NDArray[np.float64],
    units: NDArray[np.float64],
    use: NDArray[np.float64],
    day: NDArray[np.int64],
) -> LineFit:
    """Return the line through points, all finite.

    Args:
        requests: a second, of all units together.
        units: how many ran.
        use: of all units together.
        day: number of the day of each point.
    """
    products = _products(requests, units, use)
    size = 1 / (requests + max(float(requests.mean()), LEAST_NOISE))
    weights = size.copy()
    for _ in range(ROUNDS):
        idle, slope = _line_of((products * weights[:, None]).sum(axis=0)[None, :])
        residuals = use - idle[0] * units - slope[0] * requests
        away = np.abs(residuals * size)
        scale = NORMAL_MAD * float(np.median(away))
        if scale == 0:
            break
        weights = size * np.minimum(1.0, HUBER * scale / np.maximum(away, 1e-300))
    sums = _sums_by_day(products * weights[:, None], day)
    length = max(1, round(len(sums) ** (1 / 3)))
    idles, slopes = _line_of(_draw_blocks(len(sums), length) @ sums)
    spread = float(np.var(use))
    usual = max(float(np.median(use)), 1e-9)
    return LineFit(
        idle=float(idle[0]),
        slope=float(slope[0]),
        idle_draws=idles,
        slope_draws=slopes,
        blocks=len(sums) / length,
        widening=float(np.mean(weights / size) / max(np.mean(weights == size), 0.5)),
        r_squared=max(0.0, 1 - float(np.var(residuals)) / spread) if spread > 0 else 0.0,
        residuals=residuals / usual,
    )


def _products(
    requests: NDArray[np.float64], units: NDArray[np.float64], use: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what the line needs of each point, shape (points, 6)."""
    each = (units, requests, use, units * requests, requests * requests, use * requests)
    return np.stack(each, axis=1)


def _sums_by_day(points: NDArray[np.float64], day: NDArray[np.int64]) -> NDArray[np.float64]:
    _, place = np.unique(day, return_inverse=True)
    by_day = [np.bincount(place, weights=column) for column in points.T]
    return np.stack(by_day, axis=1)


def _line_of(sums: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return idle and slope of each row of sums; through the origin where only it is known."""
    units, requests, use, cross, squares, product = sums.T
    spread = units * squares - requests * cross
    with np.errstate(divide="ignore", invalid="ignore"):
        is_flat = np.abs(spread) <= LEAST_SPREAD * np.abs(units * squares)
        idle = np.where(is_flat, 0.0, (use * squares - product * requests) / spread)
        slope = np.where(is_flat, product / squares, (units * product - use * cross) / spread)
    return idle, slope


def _draw_blocks(days: int, length: int) -> NDArray[np.float64]:
    """Return how often each day is drawn, shape (draws, days)."""
    chance = np.random.default_rng(SEED)
    starts = chance.integers(0, days, size=(DRAWS, -(-days // length)))
    drawn = ((starts[:, :, None] + np.arange(length)) % days).reshape(DRAWS, -1)[:, :days]
    place = drawn + np.arange(DRAWS)[:, None] * days
    counts = np.bincount(place.ravel(), minlength=DRAWS * days)
    return counts.reshape(DRAWS, days).astype(np.float64)


def interval_of(
    draws: NDArray[np.float64], middle: float, fit: LineFit, confidence: float
) -> tuple[float, float]:
    """Return the interval of a positive figure, wider where few blocks of days tell of it."""
    tail = (1 - confidence) / 2
    few = max(fit.blocks - 1, 1.0)
    wider = fit.widening * float(stdtrit(few, 1 - tail) / ndtri(1 - tail))
    wider *= float(np.sqrt((few + 1) / few))
    low, high = np.quantile(np.log(draws / middle), [tail, 1 - tail])
    return (
        middle * float(np.exp(min(low * wider, 0.0))),
        middle * float(np.exp(max(high * wider, 0.0))),
    )


def last_shift(residuals: NDArray[np.float64], day: NDArray[np.int64]) -> int | None:
    """Return the first day after the last shift of the residuals' level; None where there is none.

    Residuals are shares of the usual use. Daily medians are split where their means differ most
    against the spread within; of what follows a split the same is asked again. Neighbouring days
    that resemble each other count for less.
    """
    days, place = np.unique(day, return_inverse=True)
    order = np.argsort(place, kind="stable")
    groups = np.split(residuals[order], np.cumsum(np.bincount(place))[:-1])
    levels = np.array([np.median(group) for group in groups])
    begin = 0
    while (split := _split(levels[begin:])) is not None:
        begin += split
    return int(days[begin]) if begin else None


def _split(levels: NDArray[np.float64]) -> int | None:
    n = len(levels)
    places = np.arange(FEWEST_ON_A_SIDE, n - FEWEST_ON_A_SIDE + 1)
    if len(places) == 0:
        return None
    sums = np.cumsum(levels)
    before, after = sums[places - 1] / places, (sums[-1] - sums[places - 1]) / (n - places)
    apart = np.abs(after - before) * np.sqrt(places * (n - places) / n)
    best = int(np.argmax(apart))
    at = int(places[best])
    within = np.concatenate([levels[:at] - before[best], levels[at:] - after[best]])
    noise = max(float(np.sqrt(np.sum(within**2) / max(n - 2, 1))), LEAST_NOISE)
    alike = float(
        np.clip(np.sum(within[1:] * within[:-1]) / max(np.sum(within**2), LEAST_NOISE**2), 0, 0.9)
    )
    deviations = apart[best] / noise / np.sqrt((1 + alike) / (1 - alike))
    return at if deviations > float(stdtrit(n - 2, 1 - SHIFT_CHANCE / 2)) else None
