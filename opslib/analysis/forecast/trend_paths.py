"""Futures drawn from the posterior of trend, level and noise.

Method: for each path a point of the grid is drawn by its weight, then the noise's variance and the
coefficients given it, then steps from there on: each step's error is a standardised residual of the
history (so that skewness stays), and what stood out of the history as lone outliers comes back as
often and as large.

Source: Box, Jenkins and Reinsel, Time Series Analysis, chapter 5 (forecasts by innovations); Thombs
and Schucany, "Bootstrap prediction intervals for autoregression", Journal of the American
Statistical Association 85 (1990).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from opslib.analysis.forecast.results import Floats
from opslib.analysis.forecast.trend_posterior import Design, Posterior
from opslib.analysis.forecast.tridiagonal import beside, diagonal, pivots

__all__ = ["Futures", "draw_futures", "standard_errors"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Futures:
    """What is needed to draw futures of a series.

    Args:
        posterior: of the model.
        design: with rows for the horizon.
        last_value: of the series.
        last_difference: its last step.
        errors: standardised residuals.
        horizon: steps to draw.
    """

    posterior: Posterior
    design: Design
    last_value: float
    last_difference: float
    errors: Floats
    horizon: int


def draw_futures(futures: Futures, count: int, random: np.random.Generator) -> Floats:
    """Return (count, horizon) values."""
    posterior = futures.posterior
    weights = np.exp(posterior.log_weight - posterior.log_weight.max())
    points = random.choice(len(weights), count, p=weights / weights.sum())
    points.sort()
    variance = posterior.residual[points] / random.chisquare(posterior.freedom, count)
    noise = np.sqrt(variance)
    slopes = _coefficients(posterior, points, noise, random)
    mean = slopes @ futures.design.columns[-futures.horizon - 1 :].T
    mean[:, 1:] += _bends_to_come(futures, points, noise, random)
    return futures.last_value + _stepped(futures, points, noise, slopes, mean, random)


def standard_errors(values: Floats, design: Design, posterior: Posterior) -> Floats:
    """Return (steps - 2,) innovations of the most probable point, of mean square one."""
    best = posterior.best
    rho, ratio = posterior.persistence[best], posterior.ratio[best]
    left = np.diff(values) - design.columns[: len(values) - 1] @ posterior.coefficients[best]
    filtered = left[1:] - rho * left[:-1]
    variances = pivots(rho, ratio, np.arange(1.0, len(filtered) + 1))
    below = -beside(rho, ratio) / variances
    bands = np.vstack([np.ones(len(filtered)), below])
    innovations = solve_banded((1, 0), bands, filtered) / np.sqrt(variances)
    scale = np.sqrt((innovations**2).mean())
    return innovations / scale if scale > 0 else innovations


def _coefficients(
    posterior: Posterior, points: NDArray[np.int64], noise: Floats, random: np.random.Generator
) -> Floats:
    used, place = np.unique(points, return_inverse=True)
    roots = np.linalg.cholesky(np.linalg.inv(posterior.precision[used]))
    fresh = random.standard_normal((len(points), roots.shape[1]))
    moved = np.einsum("cij,cj->ci", roots[place], fresh)
    return np.asarray(posterior.coefficients[points] + noise[:, None] * moved)


def _bends_to_come(
    futures: Futures, points: NDArray[np.int64], noise: Floats, random: np.random.Generator
) -> Floats:
    """Return (count, horizon) what slope changes to come add to the differences."""
    shape = (len(points), futures.horizon)
    if not futures.design.knots:
        return np.zeros(shape)
    sizes = futures.posterior.bend[points] * noise
    there = random.random(shape) < 1 / futures.design.apart
    return np.cumsum(there * random.standard_normal(shape) * sizes[:, None], axis=1)


def _stepped(
    futures: Futures,
    points: NDArray[np.int64],
    noise: Floats,
    slopes: Floats,
    mean: Floats,
    random: np.random.Generator,
) -> Floats:
    """Return (count, horizon) what is added to the last value.

    Errors of filtered differences follow each other by a moving average whose variance settles
    (the Cholesky factor of a tridiagonal matrix).
    """
    posterior = futures.posterior
    rho, ratio = posterior.persistence[points], posterior.ratio[points]
    own, next_ = diagonal(rho, ratio), -beside(rho, ratio)
    last = posterior.last[points]
    carried = next_ * (last[:, -1] - (last[:, :-1] * slopes).sum(axis=1))
    known = len(futures.design.columns) - futures.horizon - 1
    left = pivots(rho, ratio, np.full(len(points), float(known)))
    difference = futures.last_difference - mean[:, 0]
    drawn = random.choice(futures.errors, (futures.horizon, len(points)))
    total = np.zeros(len(points))
    path = np.empty((futures.horizon, len(points)))
    for step in range(futures.horizon):
        left = own - next_**2 / left
        error = noise * np.sqrt(left) * drawn[step]
        difference = rho * difference + carried + error
        carried = next_ / left * error
        total = total + difference + mean[:, step + 1]
        path[step] = total
    return path.T
