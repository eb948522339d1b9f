"""The posterior against the same taken from the whole covariance, and its level shifts."""

from __future__ import annotations

import numpy as np
import pytest

from opslib.analysis.forecast.results import Floats
from opslib.analysis.forecast.trend import fit_trend
from opslib.analysis.forecast.trend_fit import fit
from opslib.analysis.forecast.tridiagonal import beside, diagonal

DAYS = 61
"""One less is a length of fast transforms, so that no value is left out."""


def series(seed: int, *, slope: float = 0.3, days: int = DAYS) -> Floats:
    random = np.random.default_rng(seed)
    return np.asarray(20 + slope * np.arange(days) + random.standard_normal(days))


@pytest.mark.parametrize("point", [0, 7, 50, 101, 199])
def test_the_posterior_is_that_of_the_whole_covariance(point: int) -> None:
    values = series(1)
    fitted = fit(values, 5, ())
    posterior, columns = fitted.posterior, fitted.design.columns[: DAYS - 1]
    rho, ratio = posterior.persistence[point], posterior.ratio[point]
    inputs = columns[1:] - rho * columns[:-1]
    outputs = np.diff(values)[1:] - rho * np.diff(values)[:-1]
    near = np.diag(np.full(len(outputs) - 1, -float(beside(rho, ratio))), 1)
    covariance = float(diagonal(rho, ratio)) * np.eye(len(outputs)) + near + near.T
    gram = inputs.T @ np.linalg.solve(covariance, inputs)
    cross = inputs.T @ np.linalg.solve(covariance, outputs)
    prior = posterior.precision[point] - gram
    scale = np.abs(np.diag(posterior.precision[point])).max()
    np.testing.assert_allclose(prior, np.diag(np.diag(prior)), atol=1e-9 * scale)
    slopes = np.linalg.solve(posterior.precision[point], cross)
    np.testing.assert_allclose(posterior.coefficients[point], slopes, rtol=1e-5, atol=1e-7)
    residual = outputs @ np.linalg.solve(covariance, outputs) - slopes @ cross
    assert posterior.residual[point] == pytest.approx(residual, rel=1e-6)
    last = posterior.last[point]
    expected = np.linalg.solve(covariance, outputs - inputs @ slopes)[-1]
    assert last[-1] - last[:-1] @ slopes == pytest.approx(expected, rel=1e-5, abs=1e-8)


def test_a_line_with_noise_is_taken_for_one() -> None:
    posterior = fit(series(2, days=200), 5).posterior
    weight = np.exp(posterior.log_weight - posterior.log_weight.max())
    weight /= weight.sum()
    slope = weight @ posterior.coefficients[:, 0]
    assert slope == pytest.approx(0.3, abs=0.02)
    assert weight[posterior.ratio < 0.25].sum() > 0.95


def test_a_random_walk_is_no_line() -> None:
    walk = np.cumsum(np.random.default_rng(3).standard_normal(300))
    posterior = fit(walk, 5).posterior
    weight = np.exp(posterior.log_weight - posterior.log_weight.max())
    weight /= weight.sum()
    assert weight[posterior.ratio >= 0.25].sum() > 0.8


@pytest.mark.parametrize("size", [-9.0, 12.0])
def test_a_level_shift_is_found_where_it_is(size: float) -> None:
    values = series(4, slope=0.02, days=150)
    values[90:] += size
    fitted = fit(values, 5)
    assert fitted.shifts == (90,)
    assert fitted.sizes[0] == pytest.approx(size, abs=1.5)


@pytest.mark.parametrize("seed", range(5))
def test_noise_and_lone_outliers_are_no_level_shift(seed: int) -> None:
    values = series(seed, days=150)
    values[[40, 100]] += 15
    assert fit_trend(values, 5, 7).shifts == ()


def test_growth_in_per_cent_is_told_from_a_line() -> None:
    random = np.random.default_rng(5)
    noise = np.exp(0.02 * random.standard_normal(200))
    assert fit_trend(50 * np.exp(0.008 * np.arange(200)) * noise, 5, None).compound
    assert not fit_trend(
        (50 + 1.2 * np.arange(200)) + random.standard_normal(200), 5, None
    ).compound
