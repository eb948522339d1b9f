"""The closed forms against the matrix itself."""

from __future__ import annotations

import numpy as np
import pytest

from opslib.analysis.forecast.tridiagonal import (
    beside,
    diagonal,
    eigenvalues,
    inverse_bands,
    last_row,
    pivots,
)

CASES = [(0.0, 0.0), (0.5, 0.0), (0.0, 1.0), (0.75, 0.016), (0.9, 32.0)]
COUNT = 12


def dense(rho: float, ratio: float) -> np.ndarray:
    own, near = diagonal(np.array(rho), np.array(ratio)), beside(np.array(rho), np.array(ratio))
    off = np.diag(np.full(COUNT - 1, -near), 1)
    return own * np.eye(COUNT) + off + off.T


@pytest.mark.parametrize(("rho", "ratio"), CASES)
def test_eigenvalues_are_those_of_the_matrix(rho: float, ratio: float) -> None:
    found = eigenvalues(np.array(rho), np.array(ratio), COUNT)
    np.testing.assert_allclose(np.sort(found), np.linalg.eigvalsh(dense(rho, ratio)), rtol=1e-10)


@pytest.mark.parametrize(("rho", "ratio"), CASES)
def test_the_inverse_has_these_bands(rho: float, ratio: float) -> None:
    inverse = np.linalg.inv(dense(rho, ratio))
    on, near = inverse_bands(np.array(rho), np.array(ratio), COUNT)
    np.testing.assert_allclose(on, np.diag(inverse), rtol=1e-6)
    np.testing.assert_allclose(near, np.diag(inverse, 1), rtol=1e-6)


@pytest.mark.parametrize(("rho", "ratio"), CASES)
def test_pivots_are_the_variances_of_innovations(rho: float, ratio: float) -> None:
    factor = np.linalg.cholesky(dense(rho, ratio))
    found = pivots(np.array(rho), np.array(ratio), np.arange(1.0, COUNT + 1))
    np.testing.assert_allclose(found, np.diag(factor) ** 2, rtol=1e-6)


@pytest.mark.parametrize(("rho", "ratio"), CASES)
def test_the_last_row_of_the_inverse_comes_from_the_transform(rho: float, ratio: float) -> None:
    place = np.arange(1, COUNT + 1)
    sines = np.sqrt(2 / (COUNT + 1)) * np.sin(np.pi * np.outer(place, place) / (COUNT + 1))
    values = np.linspace(-1, 2, COUNT) ** 3
    eigen = eigenvalues(np.array(rho), np.array(ratio), COUNT)
    expected = np.linalg.solve(dense(rho, ratio), values)[-1]
    assert last_row(eigen) @ (sines @ values) == pytest.approx(expected)
