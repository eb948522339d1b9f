"""Futures drawn from the posterior of trend, level and noise.

Method: for each path a point of the grid is drawn by its weight, then the noise's variance and the
coefficients given it, then steps from there on; each step's error is a standardised residual of the
history, so that skewness stays.

Source: Box, Jenkins and Reinsel, Time Series Analysis, chapter 5 (forecasts by innovations); Thombs
and Schucany, "Bootstrap prediction intervals for autoregression", Journal of the American
Statistical Association 85 (1990).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from opslib.analysis.forecast.results import Floats
from opslib.analysis.forecast.trend_fit import TrendFit
from opslib.analysis.forecast.trend_posterior import Posterior
from opslib.analysis.forecast.tridiagonal import beside, diagonal, pivots

__all__ = ["draw_futures", "standard_errors"]

Points = NDArray[np.int64]
Singles = NDArray[np.float32]
"""Paths are many; half the bytes are moved with single precision."""


def standard_errors(values: Floats, fitted: TrendFit) -> Floats:
    """Return (steps - 2,) innovations of the most probable point, of mean square one."""
    posterior, columns = fitted.posterior, fitted.design.columns
    best = posterior.best
    rho, ratio = posterior.persistence[best], posterior.ratio[best]
    left = np.diff(values) - columns[: len(values) - 1] @ posterior.coefficients[best]
    filtered = left[1:] - rho * left[:-1]
    variances = pivots(rho, ratio, np.arange(1.0, len(filtered) + 1))
    bands = np.vstack([np.ones(len(filtered)), -beside(rho, ratio) / variances])
    innovations = np.asarray(solve_banded((1, 0), bands, filtered)) / np.sqrt(variances)
    scale = np.sqrt((innovations**2).mean())
    return innovations / scale if scale > 0 else innovations


def draw_futures(
    fitted: TrendFit,
    values: Floats,
    errors: Floats,
    shape: tuple[int, int],
    random: np.random.Generator,
) -> Floats:
    """Return (count, horizon) values after ``values``.

    Args:
        fitted: to ``values``, with a design for the horizon.
        values: (steps,).
        errors: standardised residuals to draw from.
        shape: count and horizon.
        random: where chance comes from.
    """
    count = shape[0]
    posterior, design = fitted.posterior, fitted.design
    weights = np.exp(posterior.log_weight - posterior.log_weight.max())
    points = np.sort(random.choice(len(weights), count, p=weights / weights.sum()))
    noise = np.sqrt(posterior.residual[points] / random.chisquare(posterior.freedom, count))
    slopes = _coefficients(posterior, points, noise, random)
    columns = design.columns[len(values) - 2 :].astype(np.float32)
    mean = np.einsum("hk,ck->hc", columns, slopes.astype(np.float32))
    _bend(mean[1:], posterior.bend[points] * noise, design.apart, random)
    drawn = errors.astype(np.float32)[random.integers(len(errors), size=shape[::-1])]
    drawn *= noise.astype(np.float32)
    last = float(values[-1] - values[-2]) - mean[0]
    stepped = _stepped(posterior, points, slopes, last, drawn, len(values) - 2)
    stepped += mean[1:]
    return np.asarray(np.cumsum(stepped, axis=0, dtype=np.float64).T + values[-1])


def _coefficients(
    posterior: Posterior, points: Points, noise: Floats, random: np.random.Generator
) -> Floats:
    used, place = np.unique(points, return_inverse=True)
    roots = np.linalg.cholesky(np.linalg.inv(posterior.precision[used]))
    fresh = random.standard_normal((len(points), roots.shape[1], 1))
    moved = (roots[place] @ fresh)[:, :, 0]
    return np.asarray(posterior.coefficients[points] + noise[:, None] * moved)


def _bend(
    mean: NDArray[np.float32], sizes: Floats, apart: float, random: np.random.Generator
) -> None:
    """Add to (horizon, count) mean differences the slope changes to come.

    There is one in ``apart`` steps, of the sizes (count,) that the history lets expect.
    """
    bent = np.flatnonzero(sizes)
    if not bent.size:
        return
    total = random.poisson(bent.size * len(mean) / apart)
    paths, steps = random.choice(bent, total), random.integers(len(mean), size=total)
    changes = np.zeros_like(mean)
    np.add.at(changes, (steps, paths), random.standard_normal(total) * sizes[paths])
    np.cumsum(changes, axis=0, out=changes)
    mean += changes


def _stepped(
    posterior: Posterior,
    points: Points,
    slopes: Floats,
    last: Singles,
    drawn: Singles,
    known: int,
) -> Singles:
    """Return (horizon, count) differences without their mean.

    Errors of filtered differences follow each other by a moving average whose variance settles
    (the Cholesky factor of a tridiagonal matrix).

    Args:
        posterior: of the model.
        points: (count,) of the grid, one a path.
        slopes: (count, columns) coefficients.
        last: (count,) the last difference without its mean.
        drawn: (horizon, count) errors, of the noise's size.
        known: filtered differences in the history.
    """
    inverse = posterior.last[points]
    error = inverse[:, -1] - (inverse[:, :-1] * slopes).sum(axis=1)
    sizes, follows = _factors(posterior, points, known, len(drawn))
    fresh = sizes * drawn
    carried = follows * fresh
    rho, ratio = posterior.persistence[points], posterior.ratio[points]
    before = (-beside(rho, ratio) * error).astype(np.float32)
    kept = rho.astype(np.float32)
    path = np.empty_like(drawn)
    for step in range(len(drawn)):
        np.multiply(kept, last, out=path[step])
        path[step] += before
        path[step] += fresh[step]
        last, before = path[step], carried[step]
    return path


def _factors(
    posterior: Posterior, points: Points, known: int, horizon: int
) -> tuple[Singles, Singles]:
    """Return (horizon, count) sizes of the innovations, and what follows of each a step later.

    Paths from one point of the grid share them.
    """
    used, place = np.unique(points, return_inverse=True)
    rho, ratio = posterior.persistence[used], posterior.ratio[used]
    own, next_ = diagonal(rho, ratio), -beside(rho, ratio)
    left = np.empty((horizon, len(used)))
    latest = pivots(rho, ratio, np.full(len(used), float(known)))
    for step in range(horizon):
        latest = left[step] = own - next_**2 / latest
    sizes, follows = np.sqrt(left).astype(np.float32), (next_ / left).astype(np.float32)
    return sizes[:, place], follows[:, place]
