"""How much of a slow series is trend, wandering level and noise, and how sure that is.

Model: a value is a level, a drift, the season, and noise. The level wanders (a random walk), the
noise fades by a share from step to step (first order autoregression), and the slope may have
changed at a few knots. What is unknown is averaged over and not chosen: the posterior is taken on a
grid of the noise's persistence, the ratio of the level's variance to the noise's, and what the
slope may do; given these, coefficients and variance are integrated in closed form.

Method: differenced once and filtered by the noise's persistence, the series is a regression whose
errors correlate with their neighbours only (`tridiagonal`). A discrete sine transform makes that
covariance diagonal, whatever the variances: one transform serves the whole grid, and the
likelihood is exact given the first two values.

Assumption: normal errors; variances that stay.
Failure mode: a trend that begins in the last few steps looks like a wandering level.
Source: Harvey, Forecasting, Structural Time Series Models and the Kalman Filter (1989), for the
model; O'Hagan and Forster, Kendall's Advanced Theory of Statistics 2B (2004), chapter 11, for its
conjugate posterior; Taylor and Letham, "Forecasting at scale", The American Statistician 72 (2018),
for slope changes at knots.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import dst, prev_fast_len

from opslib.analysis.forecast.results import Floats
from opslib.analysis.forecast.tridiagonal import eigenvalues, last_row

__all__ = ["Design", "Posterior", "left_out", "posterior_of"]

PERSISTENCE = np.array([0.0, 0.3, 0.55, 0.75, 0.9])[:, None, None]
RATIO = np.array([0.0, 1e-4, 1e-3, 4e-3, 0.016, 0.06, 0.25, 1.0, 4.0, 32.0])[None, :, None]
"""Variance of the level's steps over that of the noise's."""
BENDS = np.array([0.0, 0.0, 0.5, 2.0])
"""Standard deviations of what a change of slope makes until the next knot, over the noise's."""
FLAT = np.array([True, False, False, False])
"""Where there is no drift either."""
STILL = 0.25
"""Probability beforehand that the level does not wander."""
SHAPES = np.array([0.4, 0.36, 0.12, 0.12])
"""Probabilities beforehand of no drift, a straight one, one of slight and of sharp bends."""
TREND_NOISES, TREND_WALKS = 12.0, 10.0
"""Standard deviation beforehand of what drift makes over the history: in those of the noise, and in
those of where a level without drift would wander."""
NOTHING = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """What explains the differences of a series.

    Args:
        columns: (steps - 1 + horizon, columns) regressors of the differences: drift first, then
            those that may have any coefficient, then a slope change at each knot.
        knots: how many of these there are.
        apart: steps between knots.
    """

    columns: Floats
    knots: int
    apart: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posterior:
    """One row a point of the grid.

    Args:
        log_weight: logarithm of the probability, but for a constant.
        persistence: of the noise.
        ratio: variance of the level's steps over that of the noise's.
        bend: standard deviation of a change of slope over that of the noise's steps.
        coefficients: (points, columns) posterior means.
        precision: (points, columns, columns) their precision for a noise variance of one.
        residual: sum of squares, of which the noise variance is estimated.
        freedom: degrees of freedom of that.
        last: (points, columns + 1) from which the last error comes: the last column is of the
            series, the others are to be taken off by coefficient.
    """

    log_weight: Floats
    persistence: Floats
    ratio: Floats
    bend: Floats
    coefficients: Floats
    precision: Floats
    residual: Floats
    freedom: int
    last: Floats

    @property
    def best(self) -> int:
        """The most probable point."""
        return int(self.log_weight.argmax())


def posterior_of(values: Floats, design: Design) -> Posterior:
    """Return the posterior of the model given (steps,) ``values`` without gaps.

    The first few are left out, such that the transform is of a length that is fast.
    """
    steps, columns = len(values), design.columns.shape[1]
    count = steps - 2 - left_out(steps)
    joint = np.column_stack([design.columns[: steps - 1], np.diff(values)])[-count - 1 :]
    turned = dst(joint[None, 1:] - PERSISTENCE * joint[None, :-1], type=1, axis=1, norm="ortho")
    eigen = eigenvalues(PERSISTENCE[..., 0], RATIO[..., 0], count)
    products = (turned[:, :, :, None] * turned[:, :, None, :]).reshape(len(turned), count, -1)
    squares = ((1 / eigen) @ products).reshape(*eigen.shape[:2], 1, columns + 1, columns + 1)
    bend, prior, density = _prior(design, count)
    precision = squares[..., :columns, :columns] + prior[..., None] * np.eye(columns)
    cross = np.broadcast_to(squares[..., :columns, columns], precision.shape[:-1])
    coefficients = np.linalg.solve(precision, cross[..., None])[..., 0]
    residual = squares[..., columns, columns] - (coefficients * cross).sum(axis=-1)
    residual = np.maximum(residual, np.finfo(float).tiny)
    freedom = count - (columns - 1 - design.knots)
    evidence = (
        density
        - 0.5 * np.linalg.slogdet(precision)[1]
        - 0.5 * np.log(eigen).sum(axis=-1)[..., None]
        - 0.5 * freedom * np.log(residual)
        + np.log(np.where(RATIO == 0, STILL, (1 - STILL) / (RATIO.size - 1)) * SHAPES)
    )
    shape = evidence.shape
    last = (last_row(eigen) @ turned)[:, :, None]
    return Posterior(
        log_weight=evidence.ravel(),
        persistence=np.broadcast_to(PERSISTENCE, shape).ravel(),
        ratio=np.broadcast_to(RATIO, shape).ravel(),
        bend=np.broadcast_to(bend, shape).ravel(),
        coefficients=coefficients.reshape(-1, columns),
        precision=precision.reshape(-1, columns, columns),
        residual=residual.ravel(),
        freedom=freedom,
        last=np.broadcast_to(last, (*shape, columns + 1)).reshape(-1, columns + 1),
    )


def left_out(steps: int) -> int:
    """Return how many of the first ``steps`` the posterior does not see."""
    return steps - 1 - int(prev_fast_len(steps - 1))


def _prior(design: Design, count: int) -> tuple[Floats, Floats, Floats]:
    """Return (persistences, 1, shapes) bends, (..., columns) precisions and (...) log densities.

    What is not there has a very high precision; what may have any coefficient has none. Drift is
    weighed as if it had a prior of the size given, and then estimated freely: a slope far steeper
    than its noise is not drawn to nothing.
    """
    noise = 1 / np.sqrt(1 - PERSISTENCE**2)
    bend = noise * BENDS / design.apart
    drift = np.hypot(TREND_NOISES * noise, TREND_WALKS * np.sqrt(RATIO * count)) / count
    drift = np.where(FLAT, NOTHING / count, drift)
    precision = np.zeros((*drift.shape, design.columns.shape[1]))
    precision[..., 0] = np.where(FLAT, 1 / drift**2, 0.0)
    knots = slice(design.columns.shape[1] - design.knots, None)
    precision[..., knots] = 1 / np.maximum(bend, NOTHING / design.apart)[..., None] ** 2
    return bend, precision, 0.5 * np.log(precision[..., knots]).sum(axis=-1) - np.log(drift)
