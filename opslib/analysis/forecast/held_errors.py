"""Whether intervals as wide as those of now would have held the errors of earlier forecasts.

An earlier forecast was made with what was known then: before a trend began its intervals were
narrow, and failed. Those made since know that the series bends, and are wider. What bears on them
is whether their own width would have held what was missed then, at the same distance. Where it
would clearly have held less than it says, slopes to come are taken for less sure: for each error,
the standard deviation of a slope that would have been needed; of these the conformal quantile.

Clearly: less than a binomial of that chance gives in one case of twenty, of as many draws as there
are independent errors in the horizons that the backtest spans.

Assumption: the series goes on surprising as much as it did, in its own unit.
Failure mode: of one horizon or less hardly anything is clear, and intervals stay the model's.
Source: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World (2005), for conformal
prediction; Kupiec, "Techniques for verifying the accuracy of risk measurement models", Journal of
Derivatives 3 (1995), for the test of a coverage.
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
    found, draws = [0.0], IN_A_WINDOW * max(windows, 1.0)
    for level in TESTED:
        needed = np.concatenate([np.empty(0), *(_needed(one, away, level) for one in errors)])
        if needed.size and clearly_under(float((needed <= 0).mean()), level, windows):
            # As conformal quantiles of few draws are, a little further out than their share.
            found.append(float(np.quantile(needed, min(1.0, level * (1 + 1 / draws)))))
    return max(found)


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
        for level, shares in held.items():
            shares.append(_needed(own, wide, level) <= 0)
    told = {level: np.concatenate([*shares, np.empty(0)]) for level, shares in held.items()}
    return {level: float(one.mean()) if one.size else float("nan") for level, one in told.items()}


def _needed(missed: Floats, away: Floats, level: float) -> Floats:
    """Return for each known error the deviation of slopes with which an interval just holds it."""
    low, high = (edge[: len(missed)] for edge in bounds(away, level))
    width = np.where(missed < 0, low, high)
    steps = np.arange(1, len(missed) + 1) * ndtri((1 + level) / 2)
    beyond = np.sqrt(np.maximum(missed**2 - width**2, 0)) / steps
    return np.asarray(beyond[np.isfinite(missed)])
