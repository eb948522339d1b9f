"""A slow series' trend, wandering level, season and shifts, as futures to draw from.

Method: the posterior of the model (`trend_posterior`) on the values and, where all are positive, on
their logarithms (growth that compounds); the two share by their evidence. A season stays if its
effects are larger than chance makes them; level shifts enter one by one (`level_shifts`).

Assumption: what moved the level in the history goes on moving it.
Failure mode: a cause of growth that ends. No interval of a trend contains that.
Source: Hoeting, Madigan, Raftery and Volinsky, "Bayesian model averaging: a tutorial", Statistical
Science 14 (1999); Box and Cox, "An analysis of transformations", Journal of the Royal Statistical
Society B 26 (1964), for logarithms in units of the geometric mean, so that evidence compares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.forecast.cleaning import Cleaned, clean
from opslib.analysis.forecast.results import Floats
from opslib.analysis.forecast.trend_fit import TrendFit, fit
from opslib.analysis.forecast.trend_paths import Futures, draw_futures, standard_errors
from opslib.analysis.forecast.trend_posterior import Posterior, posterior_of

__all__ = ["TrendModel", "fit_trend"]

NEGLIGIBLE = 0.02
CLEAR_SEASON = 2.0
"""Wald statistic by effect from which on a season forecasts better than none (Akaike's bound)."""
LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """Futures of the values or of their logarithms.

    Args:
        futures: to draw from.
        share: of the paths.
        unit: by which logarithms were multiplied; none for the values themselves.
    """

    futures: Futures
    share: float
    unit: float | None

    def draw(self, count: int, random: np.random.Generator) -> Floats:
        """Return (count, horizon) values."""
        paths = draw_futures(self.futures, count, random)
        if self.unit is None:
            return paths
        return np.asarray(np.exp(np.minimum(paths / self.unit, LARGEST_EXPONENT)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrendModel:
    """What futures are drawn from.

    Args:
        parts: by kind of growth.
        outliers: (some,) that come back at ``outlier_share`` of the steps.
        outlier_share: of the steps of the history.
        season: carried by the data, in steps; none if there is none.
        shifts: first steps of level shifts.
    """

    parts: tuple[Part, ...]
    outliers: Floats
    outlier_share: float
    season: int | None
    shifts: tuple[int, ...]

    def sample(self, count: int, seed: int) -> NDArray[np.float32]:
        """Return (count, horizon) futures."""
        random = np.random.default_rng(seed)
        split = random.multinomial(count, [part.share for part in self.parts])
        drawn = [
            part.draw(int(number), random)
            for part, number in zip(self.parts, split, strict=True)
            if number
        ]
        paths = random.permutation(np.vstack(drawn))
        if self.outliers.size:
            there = random.random(paths.shape) < self.outlier_share
            paths += there * random.choice(self.outliers, paths.shape)
        return paths.astype(np.float32)

    @property
    def compound(self) -> float:
        """The probability that growth compounds."""
        return sum(part.share for part in self.parts if part.unit is not None)


def fit_trend(values: Floats, horizon: int, season: int | None) -> TrendModel:
    """Return the model of (steps,) ``values``, some known, for ``horizon`` steps to come."""
    known = np.flatnonzero(np.isfinite(values))
    values = values[known[0] :]
    cleaned = clean(values, season)
    found = fit(cleaned.values, horizon, season)
    if season and not _carried(found.posterior, season):
        season = None
        found = fit(cleaned.values, horizon, None)
    return TrendModel(
        parts=_parts(cleaned, horizon, found),
        outliers=cleaned.outliers,
        outlier_share=len(cleaned.outliers) / len(values),
        season=season,
        shifts=tuple(shift + int(known[0]) for shift in found.shifts),
    )


def _carried(posterior: Posterior, season: int) -> bool:
    """Say whether the season's effects are larger than chance makes them."""
    best = posterior.best
    effects = slice(1, season)
    covariance = np.linalg.inv(posterior.precision[best])[effects, effects]
    found = posterior.coefficients[best, effects]
    variance = posterior.residual[best] / posterior.freedom
    wald = float(found @ np.linalg.solve(covariance, found)) / max(variance, np.finfo(float).tiny)
    return wald > CLEAR_SEASON * (season - 1)


def _parts(cleaned: Cleaned, horizon: int, found: TrendFit) -> tuple[Part, ...]:
    whole, posteriors = [cleaned.values], [found.posterior]
    units: list[float | None] = [None]
    if cleaned.values.min() > 0:
        logs = np.log(cleaned.values)
        unit = float(np.exp(logs[2:].mean()))
        whole.append(unit * logs)
        units.append(unit)
        posteriors.append(posterior_of(whole[-1], found.design))
    evidence = np.array([np.logaddexp.reduce(posterior.log_weight) for posterior in posteriors])
    shares = np.exp(evidence - evidence.max())
    shares = np.where(shares < NEGLIGIBLE * shares.sum(), 0.0, shares)
    return tuple(
        Part(
            futures=Futures(
                posterior=posterior,
                design=found.design,
                last_value=float(values[-1]),
                last_difference=float(values[-1] - values[-2]),
                errors=standard_errors(values, found.design, posterior),
                horizon=horizon,
            ),
            share=float(share),
            unit=unit,
        )
        for values, unit, posterior, share in zip(
            whole, units, posteriors, shares / shares.sum(), strict=True
        )
        if share
    )
