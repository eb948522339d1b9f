"""What is certain of a unit's cost: its growth, its distance from before, what moves it.

Sources: Theil 1950 and Sen 1968, Journal of the American Statistical Association 63, for the growth
(median of pairwise slopes, its interval from the distribution of Kendall's tau); Cochran, "Sampling
Techniques" (1977), chapter 6, for the ratio of sums, its variance by the delta method, whole
periods as its units, so that the pattern of a week is no noise; David and Nagaraja, "Order
Statistics" (2003), for the interval of a median, which assumes no distribution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from math import ceil, exp, floor, log, sqrt
from statistics import median

from scipy.special import bdtr, ndtri, stdtrit

from opslib.estimate import Estimate

__all__ = ["compare_ratio", "estimate_elasticity", "estimate_growth"]

FEWEST = 5
"""Periods below which neither growth nor elasticity is told."""
FEWEST_BEFORE = 4
LEAST_SPREAD = 0.01
"""Standard deviation of a count's logarithm within a period, below which it tells of nothing."""

Pairs = Sequence[tuple[float, float]]


def estimate_growth(logs: Mapping[int, float], confidence: float) -> Estimate | None:
    """Return by which share a figure grows a period; None of fewer than five.

    Assumption: periods are independent about a steady growth; a step in the middle is told as
    growth with a wide interval.

    Args:
        logs: place in time, in periods, to the figure's natural logarithm.
        confidence: of the interval.
    """
    number = len(logs)
    if number < FEWEST:
        return None
    pairs = combinations(logs.items(), 2)
    slopes = sorted((one - other) / (here - there) for (here, one), (there, other) in pairs)
    spread = sqrt(number * (number - 1) * (2 * number + 5) / 18)
    reach = float(ndtri((1 + confidence) / 2)) * spread
    low = max(floor((len(slopes) - reach) / 2), 1) - 1
    high = min(ceil((len(slopes) + reach) / 2) + 1, len(slopes)) - 1
    return _estimate([exp(x) - 1 for x in (slopes[low], median(slopes), slopes[high])], confidence)


def compare_ratio(now: tuple[float, float], before: Pairs, confidence: float) -> Estimate | None:
    """Return by which share cost per count differs now from the ratio of the sums before.

    Method: ``ln(now) - ln(before)`` with the variance of both by the delta method from the
    residuals of the periods before; the period now is taken to be as noisy as they were. Student's
    t with one degree of freedom fewer than periods.

    Failure mode: a step among the periods before is taken for noise and widens the interval.

    Args:
        now: cost and count, both positive.
        before: the same of each earlier period; None of fewer than four.
        confidence: of the interval.
    """
    number = len(before)
    if number < FEWEST_BEFORE:
        return None
    cost, counted = sum(c for c, _ in before), sum(n for _, n in before)
    ratio = cost / counted
    squares = sum((c - ratio * n) ** 2 for c, n in before)
    variance = squares / (number - 1) / (cost / number) ** 2 * (1 + 1 / number)
    reach = float(stdtrit(number - 1, (1 + confidence) / 2)) * sqrt(variance)
    middle = log(now[0] / now[1] / ratio)
    return _estimate([exp(x) - 1 for x in (middle - reach, middle, middle + reach)], confidence)


def estimate_elasticity(periods: Sequence[Pairs], confidence: float) -> Estimate | None:
    """Return by how many per cent daily cost moves with a per cent of the daily count.

    Method: the slope of log cost on log count within each period, so that growth over the periods
    is none of it; their median, with the interval of its order statistics. About 0 is cost that is
    fixed for the week, 1 cost that goes with the count.

    Failure mode: what cost does in the long run, when commitments and clusters are sized anew, it
    does not tell.

    Args:
        periods: daily cost and count of each, all positive.
        confidence: of the interval.

    Returns:
        None of fewer than five periods whose counts differ by day, or where the interval would
        need more.
    """
    slopes = sorted(slope for pairs in periods if (slope := _slope(pairs)) is not None)
    number = len(slopes)
    if number < FEWEST:
        return None
    outside = (1 - confidence) / 2
    cut = sum(bdtr(k, number, 0.5) <= outside for k in range(number // 2))
    if cut == 0:
        return None
    return _estimate([slopes[cut - 1], median(slopes), slopes[number - cut]], confidence)


def _slope(pairs: Pairs) -> float | None:
    if len(pairs) < FEWEST:
        return None
    costs, counts = ([log(pair[place]) for pair in pairs] for place in (0, 1))
    mean_cost, mean_count = sum(costs) / len(costs), sum(counts) / len(counts)
    squares = sum((x - mean_count) ** 2 for x in counts)
    if squares < LEAST_SPREAD**2 * len(counts):
        return None
    return sum((x - mean_count) * (y - mean_cost) for x, y in zip(counts, costs, strict=True)) / (
        squares
    )


def _estimate(ends: Sequence[float], confidence: float) -> Estimate:
    low, mid, high = (Decimal(repr(end)) for end in ends)
    return Estimate(low=min(low, mid), mid=mid, high=max(mid, high), confidence=confidence)
