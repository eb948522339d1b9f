"""Measures of a forecast, as the M4 competition defines them.

Source: Hyndman and Koehler, "Another look at measures of forecast accuracy", International Journal
of Forecasting 22 (2006), for MASE; Makridakis, Spiliotis and Assimakopoulos, "The M4 Competition",
the same, 36 (2020).
"""

from __future__ import annotations

import numpy as np

from opslib.analysis.forecast.results import Floats

__all__ = ["mean_absolute", "naive_scale", "smape"]

LEAST = 1e-9


def naive_scale(values: Floats, season: int) -> float:
    """Return the mean absolute difference of values a season apart; NaN where there is none.

    Where a season repeats the one before exactly, it is what floats can tell of the values.
    """
    if len(values) <= season:
        return float("nan")
    told = LEAST * float(np.nanmax(np.abs(values)))
    return max(mean_absolute(values[season:] - values[:-season]), told, np.finfo(float).tiny)


def mean_absolute(errors: Floats) -> float:
    """Return the mean of the known absolute errors; NaN if none is known."""
    known = errors[np.isfinite(errors)]
    return float(np.abs(known).mean()) if known.size else float("nan")


def smape(actual: Floats, forecast: Floats) -> float:
    """Return the symmetric mean absolute percentage error, 0 to 200; two zeros agree."""
    known = np.isfinite(actual)
    apart = np.abs(actual - forecast)[known]
    together = (np.abs(actual) + np.abs(forecast))[known]
    if not together.size:
        return float("nan")
    ratio = np.divide(apart, together, out=np.zeros_like(apart), where=together > 0)
    return float(200 * ratio.mean())
