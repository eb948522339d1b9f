"""Whether intervals as wide as those of now would have held the errors of earlier forecasts.

An earlier forecast was made with what was known then: before a trend began its intervals were
narrow, and failed. Those made since know that the series bends, and are wider. What bears on them
is whether their own width would have held what was missed then, at the same distance. Where it
would clearly have held less than it says, slopes to come are taken for less sure, by as much as
earlier forecasts missed them: the line through the origin of each one's errors, in root mean
square. A lone spike bends such a line little.

Clearly: less than a binomial of that chance gives in one case of twenty, of as many draws as there
are independent errors in the horizons that the backtest spans.

Assumption: the series goes on surprising as much as it did, in its own unit.
Failure mode: of one horizon or less hardly anything is clear, and intervals stay the model's.
Source: Kupiec, "Techniques for verifying the accuracy of risk measurement models", Journal of
Derivatives 3 (1995), for the test of a coverage; Tashman, "Out-of-sample tests of forecasting
accuracy", International Journal of Forecasting 16 (2000), for rolling origins.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, ndtri

from opslib.analysis.forecast.results import LEVELS, Backtest, Floats
from opslib.analysis.forecast.spread import GRID, IN_A_WINDOW, bounds

__all__ = ["clearly_under", "held_by_others", "slope_deviation", "was_surprised", "widened"]

UNLIKELY = 0.05
TESTED = LEVELS[1:]


def clearly_under(share: float, level: float, windows: float) -> bool:
    """Say whether so small a share inside is hardly chance.

    Args:
        share: of points inside.
        level: that there should be.
        windows: how many horizons without overlap the points span.
    """
    draws = IN_A_WINDOW * windows
    inside = share * draws
    # The chance of as many or fewer, which the incomplete beta gives for fractions of a draw too.
    return bool(draws > inside and betainc(draws - inside, inside + 1, 1 - level) < UNLIKELY)


def was_surprised(backtest: Backtest) -> bool:
    """Say whether the intervals of earlier forecasts clearly held less than they said."""
    return any(clearly_under(backtest.coverage[one], one, backtest.windows) for one in TESTED)


def slope_deviation(errors: Sequence[Floats], away: Floats, windows: float) -> float:
    """Return by what slopes to come are less sure than the model says; 0 where they are not.

    Args:
        errors: of each earlier forecast, (steps,) actual less forecast; NaN where unknown.
        away: (probabilities of `GRID`, horizon) quantiles less their median.
        windows: how many horizons without overlap the errors span.

    Returns:
        A standard deviation, in units of the series a step.
    """
    held = {level: _held(errors, away, level) for level in TESTED}
    if not any(clearly_under(share, level, windows) for level, share in held.items()):
        return 0.0
    return float(np.sqrt(np.mean([_slope(one) ** 2 for one in errors])))


def widened(away: Floats, deviation: float) -> Floats:
    """Return (probabilities, horizon) quantiles less their median, with slopes less sure."""
    if not deviation:
        return away
    steps = np.arange(1, away.shape[1] + 1)
    more = deviation * ndtri(GRID)[:, None] * steps
    return np.asarray(np.sign(GRID - 0.5)[:, None] * np.hypot(away, more))


def held_by_others(errors: Sequence[Floats], away: Floats, windows: float) -> dict[float, float]:
    """Return by level the share of errors within a width that the other forecasts' errors tell.

    Args:
        errors: as for `slope_deviation`.
        away: the same.
        windows: the same.
    """
    held: dict[float, list[NDArray[np.bool_]]] = {level: [] for level in LEVELS}
    for place, own in enumerate(errors):
        others = [*errors[:place], *errors[place + 1 :]]
        wide = widened(away, slope_deviation(others, away, windows))
        for level, told in held.items():
            told.append(_inside(own, wide, level))
    return {level: _share(told) for level, told in held.items()}


def _held(errors: Sequence[Floats], away: Floats, level: float) -> float:
    return _share([_inside(one, away, level) for one in errors])


def _share(inside: Sequence[NDArray[np.bool_]]) -> float:
    told = np.concatenate([np.empty(0), *inside])
    return float(told.mean()) if told.size else float("nan")


def _inside(missed: Floats, away: Floats, level: float) -> NDArray[np.bool_]:
    """Return for each known error whether the interval holds it."""
    low, high = (edge[: len(missed)] for edge in bounds(away, level))
    held = (low <= missed) & (missed <= high)
    return np.asarray(held[np.isfinite(missed)])


def _slope(missed: Floats) -> float:
    """Return the line through the origin that errors follow, a step."""
    known = np.isfinite(missed)
    steps = np.arange(1.0, len(missed) + 1)[known]
    return float((steps * missed[known]).sum() / max((steps**2).sum(), 1.0))
