"""The scores of a forecast.

Source: Makridakis, Spiliotis and Assimakopoulos, "The M4 Competition: 100,000 time series and 61
forecasting methods", International Journal of Forecasting 36 (2020), section 2, and its guide:

- MASE: mean absolute error over the mean absolute change from one season to the next in the
  history.
- sMAPE: mean of 200 |y - f| / (|y| + |f|), in per cent; 0 where both are 0.
- MSIS: mean of (high - low) + 2/a (low - y if y < low) + 2/a (y - high if y > high) with a = 0.05,
  over the same scale as MASE.
- OWA: mean of MASE and sMAPE, each averaged over series and divided by that of Naive2.

Points that were not recorded are not scored. A history that never changes from one season to the
next has no scale: MASE and MSIS are NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.forecast_tasks import Values

__all__ = ["LEVELS", "Scores", "overall_weighted_average", "scale_of", "score"]

LEVELS = (0.5, 0.8, 0.95)
MISS = 2 / 0.05
"""What a value outside of the 95 % interval costs, in its distance from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What one forecast is worth.

    Args:
        mase: mean absolute scaled error.
        smape: in per cent.
        msis: mean scaled interval score at 95 %.
        points: how many were scored.
        inside: how many of them each interval holds.
    """

    mase: float
    smape: float
    msis: float
    points: int
    inside: Mapping[float, int]


def scale_of(history: Values, season: int) -> float:
    """Return the mean absolute change over one season, of the pairs present; NaN if that is 0."""
    changes = np.abs(history[season:] - history[:-season])
    known = changes[np.isfinite(changes)]
    mean = float(known.mean()) if known.size else 0.0
    return mean if mean > 0 else float("nan")


def score(
    actual: Values,
    mid: Values,
    intervals: Mapping[float, tuple[Values, Values]],
    scale: float,
) -> Scores:
    """Return the scores of one forecast.

    Args:
        actual: (h,), at least one present.
        mid: (h,).
        intervals: low and high, (h,) each, by level; 0.95 among them.
        scale: of the history, by `scale_of`.
    """
    known = np.isfinite(actual)
    true, told = actual[known], mid[known]
    bounds = {level: (low[known], high[known]) for level, (low, high) in intervals.items()}
    low, high = bounds[0.95]
    interval = (high - low) + MISS * (np.maximum(low - true, 0) + np.maximum(true - high, 0))
    return Scores(
        mase=float(np.abs(true - told).mean()) / scale,
        smape=_smape(true, told),
        msis=float(interval.mean()) / scale,
        points=len(true),
        inside={
            level: int(np.count_nonzero((low <= true) & (true <= high)))
            for level, (low, high) in bounds.items()
        },
    )


def overall_weighted_average(
    mase: float, smape: float, naive2_mase: float, naive2_smape: float
) -> float:
    """Return the OWA of a method from averages over series: 1 is as good as Naive2."""
    return (mase / naive2_mase + smape / naive2_smape) / 2


def _smape(true: Values, told: Values) -> float:
    size = np.abs(true) + np.abs(told)
    shares = np.divide(np.abs(true - told), size, out=np.zeros_like(size), where=size > 0)
    return float(200 * shares.mean())
