"""How far values stray from their forecast, from the errors of the backtest.

Method: errors at a step are divided by their usual size there, which comes from the other origins
and from neighbouring steps; these relative errors are pooled over origins and steps, and their
quantiles times the size are the interval. An origin's relative errors use a size made without it,
so that the quantiles carry what is not known of the size (a leave-one-out, that is jackknife,
conformal interval). Origins that follow each other closely share most of their horizon: the number
of horizons that the backtest holds without overlap says how well the size is known (quantiles are
widened as Student's are over normal ones) and how far a difference of the tails is believed (the
fewer, the more they are taken for alike).

Assumption: relative errors to come are exchangeable with those of the backtest.
Failure mode: a series that becomes calmer or wilder; few origins, where the size is rough and the
intervals are wide for it.
Source: Barber, Candes, Ramdas and Tibshirani, "Predictive inference with the jackknife+", Annals of
Statistics 49 (2021); Lei et al., "Distribution-free predictive inference for regression", Journal
of the American Statistical Association 113 (2018), for errors relative to a local size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.special import ndtri, stdtrit

from opslib.analysis.forecast.results import LEVELS, Floats

__all__ = ["GRID", "Spread", "bounds", "coverage", "normal_scores", "spread_of"]

_TAIL = np.array(
    [0.0005, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45]
)
GRID = np.concatenate([_TAIL, [0.5], 1 - _TAIL[::-1]])
"""The probabilities at which quantiles are kept."""

FEWEST = 3
DRAWN, CHECKED = 20_000, 48
HALF = 0.5
IN_A_WINDOW = 2.0
"""Errors of one horizon that are as good as independent: its level, and what changes within it."""
BORROWED = 1.0
"""Origins' worth of weight that the size over all steps has in the size at one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """The distribution of errors.

    Args:
        size: (horizon,) mean absolute error by step.
        quantiles: of errors over size, at `GRID`.
        relative: (origins, horizon) errors over the size that the other origins give; NaN where
            nothing is known.
        furthest: the largest error; no quantile is further than it, widened for few windows.
    """

    size: Floats
    quantiles: Floats
    relative: Floats
    furthest: float

    def around(self, forecast: Floats) -> Floats:
        """Return (probabilities, horizon) quantiles, the middle one the forecast moved by its bias.

        Half of the bias of the backtest is taken off: what a few horizons erred on one side is
        chance in part.
        """
        middle = len(GRID) // 2
        quantiles = self.quantiles.copy()
        quantiles[middle] *= HALF
        below, above = quantiles[: middle + 1], quantiles[middle:]
        np.minimum(below, quantiles[middle], out=below)
        np.maximum(above, quantiles[middle], out=above)
        away = quantiles[:, None] * self.size
        return np.asarray(forecast + np.clip(away, -self.furthest, self.furthest))


def spread_of(errors: Floats, neighbours: int, windows: float) -> Spread:
    """Return the distribution of (origins, horizon) errors, NaN where nothing is known.

    Args:
        errors: actual less forecast.
        neighbours: steps on each side that are taken for alike.
        windows: how many horizons without overlap the origins span.
    """
    sums, counts = _smoothed(errors, neighbours)
    size, relative = _relative(errors, sums, counts)
    known = np.abs(errors[np.isfinite(errors)])
    return Spread(
        size=size,
        quantiles=_quantiles(relative, GRID, windows),
        relative=relative,
        furthest=float(known.max(initial=0.0) * _wider(GRID[-5:-4], windows)[0]),
    )


def coverage(errors: Floats, neighbours: int, apart: float) -> dict[float, float]:
    """Return by level the share of errors within intervals made from other horizons alone.

    Args:
        errors: as for `spread_of`.
        neighbours: the same.
        apart: origins that must lie between two for their horizons not to overlap. Where too few
            origins are as far as that, all others are taken.
    """
    columns = slice(None, None, max(1, errors.shape[1] // CHECKED))
    sums, counts = (part[:, columns] for part in _smoothed(errors, neighbours))
    errors = errors[:, columns]
    places = np.arange(len(errors))
    inside, known = np.zeros(len(LEVELS)), 0
    low = np.array([(1 - level) / 2 for level in LEVELS])
    for place in places:
        others = np.abs(places - place) >= apart
        if others.sum() < FEWEST:
            others = places != place
        if not others.any():
            break
        size, relative = _relative(errors[others], sums[others], counts[others])
        edges = _quantiles(relative, np.append(low, 1 - low), max(1.0, others.sum() / apart))
        own = (errors[place] / size)[np.isfinite(errors[place])]
        held = (own >= edges[: len(LEVELS), None]) & (own <= edges[len(LEVELS) :, None])
        inside += held.sum(axis=1)
        known += own.size
    shares = inside / known if known else np.full(len(LEVELS), np.nan)
    return dict(zip(LEVELS, shares.tolist(), strict=True))


def _smoothed(errors: Floats, neighbours: int) -> tuple[Floats, Floats]:
    """Return absolute errors and counts of the known ones, as means over neighbouring steps."""
    known = np.isfinite(errors)
    absolute = np.where(known, np.abs(errors), 0.0)
    width = 2 * neighbours + 1
    return (
        uniform_filter1d(absolute, width, axis=1, mode="nearest"),
        uniform_filter1d(known.astype(float), width, axis=1, mode="nearest"),
    )


def _relative(errors: Floats, sums: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Return (horizon,) sizes, and errors over the sizes that the other origins give."""
    overall = float(sums.sum() / max(counts.sum(), 1.0))
    all_sums, all_counts = sums.sum(axis=0), counts.sum(axis=0)
    size = _shrunk(all_sums, all_counts, overall)
    return size, errors / _shrunk(all_sums - sums, all_counts - counts, overall)


def _shrunk(sums: Floats, counts: Floats, overall: float) -> Floats:
    drawn = (np.maximum(sums, 0.0) + BORROWED * overall) / (np.maximum(counts, 0.0) + BORROWED)
    return np.maximum(drawn, np.finfo(float).tiny)


def _quantiles(relative: Floats, probabilities: Floats, windows: float) -> Floats:
    """Return quantiles of relative errors, wider for what few windows do not tell.

    The size is known from `IN_A_WINDOW` samples a window: Student's quantiles over normal ones.
    """
    wider = _wider(probabilities, windows)
    known = relative[np.isfinite(relative)]
    if not known.size or np.isfinite(relative).any(axis=1).sum() < FEWEST:
        return np.asarray(ndtri(probabilities) * np.sqrt(np.pi / 2) * wider)
    known = known[:: -(-len(known) // DRAWN)]
    sided = np.quantile(known, probabilities)
    even = np.sign(probabilities - 0.5) * np.quantile(np.abs(known), np.abs(2 * probabilities - 1))
    unsure = 1 / np.sqrt(max(windows, 1.0))
    return np.asarray((unsure * even + (1 - unsure) * sided) * wider)


def _wider(probabilities: Floats, windows: float) -> Floats:
    """Return Student's quantiles over normal ones, 1 at the middle."""
    middle = probabilities == 0.5  # noqa: PLR2004  both are zero there
    normal = np.where(middle, 1.0, ndtri(probabilities))
    return np.where(middle, 1.0, stdtrit(IN_A_WINDOW * max(windows, 1.0), probabilities) / normal)


def bounds(fan: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the low and high (horizon,) of a central interval of (probabilities, horizon)."""
    low = int(np.searchsorted(GRID, (1 - level) / 2 - 1e-9))
    return fan[low], fan[len(GRID) - 1 - low]


def normal_scores(relative: Floats, quantiles: Floats) -> Floats:
    """Return the normal deviates whose probabilities are those of ``relative``; NaN stays."""
    return np.asarray(np.interp(relative, quantiles, ndtri(GRID)))
