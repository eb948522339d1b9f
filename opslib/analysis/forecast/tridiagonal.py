"""The covariance of filtered differences: equal on its diagonal, equal beside it, zero elsewhere.

A level that wanders plus noise that fades, differenced once and filtered by the noise's
persistence, correlates with its neighbours only. The functions here take the persistence and the
ratio of the variance of the level's steps to that of the noise's, and are for a noise variance
of one.

Source: Noschese, Pasquini and Reichel, "Tridiagonal Toeplitz matrices", Numerical Linear Algebra
with Applications 20 (2013), for eigenvalues and eigenvectors (sines); da Fonseca and Petronilho,
"Explicit inverses of some tridiagonal matrices", Linear Algebra and its Applications 325 (2001).
"""

from __future__ import annotations

import numpy as np

from opslib.analysis.forecast.results import Floats

__all__ = ["beside", "diagonal", "eigenvalues", "inverse_bands", "last_row", "pivots"]

LEAST_ANGLE = 1e-6
"""Below it, hyperbolic sines are their angles to the last digit."""


def diagonal(rho: Floats, ratio: Floats) -> Floats:
    """Return the variance."""
    return np.asarray((1 + rho**2) * ratio + 2)


def beside(rho: Floats, ratio: Floats) -> Floats:
    """Return the covariance of neighbours, which is negative, with its sign turned."""
    return np.asarray(rho * ratio + 1)


def eigenvalues(rho: Floats, ratio: Floats, count: int) -> Floats:
    """Return (..., count) the variances of the sine transform."""
    cosine = np.cos(np.pi * np.arange(1, count + 1) / (count + 1))
    return np.asarray(diagonal(rho, ratio)[..., None] - 2 * beside(rho, ratio)[..., None] * cosine)


def last_row(eigen: Floats) -> Floats:
    """Return (..., count) what the sine transform is multiplied by for the inverse's last row."""
    count = eigen.shape[-1]
    places = np.arange(1, count + 1)
    row = np.sqrt(2 / (count + 1)) * np.sin(np.pi * count * places / (count + 1))
    return np.asarray(row / eigen)


def inverse_bands(rho: Floats, ratio: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the inverse of one covariance on its diagonal (count,) and beside it (count - 1,)."""
    angle = _angle(rho, ratio)
    place = np.arange(1, count + 1)
    whole = np.log(beside(rho, ratio)) + _log_sinh(angle) + _log_sinh((count + 1) * angle)
    before, after = _log_sinh(place * angle), _log_sinh((count + 1 - place) * angle)
    return np.exp(before + after - whole), np.exp(before[:-1] + after[1:] - whole)


def pivots(rho: Floats, ratio: Floats, places: Floats) -> Floats:
    """Return the variances of the innovations at ``places``, counted from 1.

    With an angle whose hyperbolic cosine is half the variance over the covariance, determinants of
    the matrix go as hyperbolic sines of the angle's multiples, and pivots are their ratios.
    """
    angle = _angle(rho, ratio)
    grown = _log_sinh((places + 1) * angle) - _log_sinh(places * angle)
    return np.asarray(beside(rho, ratio) * np.exp(grown))


def _angle(rho: Floats, ratio: Floats) -> Floats:
    half = diagonal(rho, ratio) / (2 * beside(rho, ratio))
    return np.asarray(np.maximum(np.arccosh(np.maximum(half, 1.0)), LEAST_ANGLE))


def _log_sinh(angle: Floats) -> Floats:
    return np.asarray(angle + np.log1p(-np.exp(-2 * angle)) - np.log(2))
