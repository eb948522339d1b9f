"""The design of a slow series and the level shifts in it.

Method: drift, level shifts and changes of slope explain the differences; the
posterior is taken, the clearest level shift added, and so on until none is clear.

Source: as in `trend_posterior` and `level_shifts`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opslib.analysis.forecast.level_shifts import next_shift
from opslib.analysis.forecast.results import Floats
from opslib.analysis.forecast.trend_posterior import Design, Posterior, posterior_of

__all__ = ["TrendFit", "fit"]

KNOTS = 7
MOST_SHIFTS = 4
LASTING = 7
"""Steps that must follow a level shift for it to be one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrendFit:
    """A posterior with what it was taken with.

    Args:
        design: of the differences.
        posterior: of the model.
        shifts: first steps of level shifts, in the order of time.
        sizes: by which each moved the level.
    """

    design: Design
    posterior: Posterior
    shifts: tuple[int, ...]
    sizes: tuple[float, ...]


def fit(values: Floats, horizon: int, known: tuple[int, ...] | None = None) -> TrendFit:
    """Return the fit of (steps,) ``values`` without gaps, with a design for ``horizon`` more.

    Args:
        values: in the order of time.
        horizon: steps.
        known: level shifts, if they are; none given: they are looked for.
    """
    shifts = list(known or ())
    while True:
        design = _design(len(values), horizon, shifts)
        posterior = posterior_of(values, design)
        if known is not None or len(shifts) == MOST_SHIFTS:
            break
        shift = next_shift(values, design, posterior, LASTING)
        if shift is None or shift in shifts:
            break
        shifts.append(shift)
    sizes = posterior.coefficients[posterior.best, 1:][: len(shifts)]
    ordered = sorted(zip(shifts, sizes.tolist(), strict=True))
    return TrendFit(
        design=design,
        posterior=posterior,
        shifts=tuple(shift for shift, _ in ordered),
        sizes=tuple(size for _, size in ordered),
    )


def _design(steps: int, horizon: int, shifts: list[int]) -> Design:
    rows = np.arange(1, steps + horizon)
    apart = steps / (KNOTS + 1)
    pulses = rows[:, None] == np.array(shifts, dtype=np.int64)
    bends = rows[:, None] > apart * np.arange(1, KNOTS + 1)
    columns = np.column_stack([np.ones(len(rows)), pulses, bends]).astype(np.float64)
    return Design(columns=columns, knots=KNOTS, apart=apart)
