"""A slow series' trend, wandering level, season and shifts, as futures to draw from.

Method: the posterior of the model (`trend_posterior`) on the values and, where all are positive, on
their logarithms (growth that compounds, a season in per cent); the two share by their evidence.
Before, season, gaps and lone outliers are taken out (`cleaning`); season and outliers come back in
the futures.

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
from opslib.analysis.forecast.trend_paths import draw_futures, standard_errors

__all__ = ["TrendModel", "fit_trend"]

NEGLIGIBLE, FAIR = 0.02, 0.3
LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """Futures of the values or of their logarithms.

    Args:
        cleaned: what was fitted.
        fitted: the posterior.
        unit: by which logarithms were multiplied; none for the values themselves.
        errors: standardised residuals.
        evidence: logarithm of the probability of the data, but for a constant.
    """

    cleaned: Cleaned
    fitted: TrendFit
    unit: float | None
    errors: Floats
    evidence: float

    def draw(self, count: int, horizon: int, random: np.random.Generator) -> Floats:
        """Return (count, horizon) values."""
        values, outliers = self.cleaned.values, self.cleaned.outliers
        paths = draw_futures(self.fitted, values, self.errors, (count, horizon), random)
        paths += self.cleaned.season(horizon)
        if outliers.size:
            often = random.beta(outliers.size + 0.5, len(values) - outliers.size + 0.5, (count, 1))
            there = np.nonzero(random.random(paths.shape) < often)
            paths[there] += random.choice(outliers, len(there[0]))
        if self.unit is None:
            return paths
        return np.asarray(np.exp(np.minimum(paths / self.unit, LARGEST_EXPONENT)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrendModel:
    """What futures are drawn from.

    Args:
        parts: by kind of growth.
        shares: of the paths that each part gives.
        horizon: steps to draw.
        season: carried by the data, in steps; none if there is none.
    """

    parts: tuple[Part, ...]
    shares: tuple[float, ...]
    horizon: int
    season: int | None

    def sample(self, count: int, seed: int) -> NDArray[np.float32]:
        """Return (count, horizon) futures."""
        random = np.random.default_rng(seed)
        split = random.multinomial(count, self.shares)
        drawn = [
            part.draw(int(number), self.horizon, random)
            for part, number in zip(self.parts, split, strict=True)
            if number
        ]
        paths = np.vstack(drawn).astype(np.float32)
        return random.permutation(paths) if len(drawn) > 1 else paths

    @property
    def shifts(self) -> tuple[int, ...]:
        """First steps of level shifts."""
        return self._likelier.fitted.shifts

    @property
    def compound(self) -> bool:
        """Whether growth rather compounds."""
        return self._likelier.unit is not None

    def likely(self, *, logarithmic: bool) -> bool:
        """Say whether futures of the values, or of their logarithms, are a fair part."""
        return any(
            share >= FAIR and (part.unit is not None) == logarithmic
            for part, share in zip(self.parts, self.shares, strict=True)
        )

    @property
    def _likelier(self) -> Part:
        return self.parts[int(np.argmax(self.shares))]


def fit_trend(
    values: Floats, horizon: int, season: int | None, like: TrendModel | None = None
) -> TrendModel:
    """Return the model of (steps,) ``values``, the first known, for ``horizon`` steps to come.

    Args:
        values: NaN where there is none.
        horizon: steps.
        season: that may be there, in steps.
        like: a model of the same series with more values, if there is one: kinds of growth that are
            no fair part of it are left out, and level shifts are looked for if it has any.
    """
    units: list[float | None] = [None]
    if np.nanmin(values) > 0:
        units.append(float(np.exp(np.nanmean(np.log(values)))))
    parts = [
        _part(values, horizon, season, unit, () if like and not like.shifts else None)
        for unit in units
        if like is None or like.likely(logarithmic=unit is not None)
    ]
    best = max(part.evidence for part in parts)
    parts = [part for part in parts if part.evidence > best + np.log(NEGLIGIBLE)]
    shares = np.exp([part.evidence - best for part in parts])
    return TrendModel(
        parts=tuple(parts),
        shares=tuple((shares / shares.sum()).tolist()),
        horizon=horizon,
        season=season if parts[0].cleaned.effect.size else None,
    )


def _part(
    values: Floats,
    horizon: int,
    season: int | None,
    unit: float | None,
    shifts: tuple[int, ...] | None,
) -> Part:
    cleaned = clean(values if unit is None else unit * np.log(values), season)
    fitted = fit(cleaned.values, horizon, shifts)
    return Part(
        cleaned=cleaned,
        fitted=fitted,
        unit=unit,
        errors=standard_errors(cleaned.values, fitted),
        evidence=float(np.logaddexp.reduce(fitted.posterior.log_weight)),
    )
