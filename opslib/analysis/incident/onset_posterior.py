"""When a shift within a window began and ended: the probability of every pair of moments.

Method: residuals follow a first-order autoregression with Student's t errors. Outside the shift
their mean is zero; inside it is ``m`` and they may scatter more. The likelihood ratio of a shift
over the points ``a`` to ``b - 1`` against no shift is a product over these points, so the
probability of every onset ``a`` and every recovery ``b`` comes from two running sums. All pairs
are equally likely beforehand. ``m`` is tried on a geometric grid, and the best is refined by the
points that it finds.

Assumption: one shift of one sign in the window; returns to the usual that last only a few points
are bridged, since t errors make no single point decisive.
Failure mode: of two separate shifts the stronger is found; a drift that is slow beside the window
is dated where it leaves the noise.
Source: the epidemic change-point model of Levin and Kline, "The CUSUM test of homogeneity with an
application in spontaneous abortion epidemiology", Statistics in Medicine 4 (1985); the posterior
of change points after Smith, "A Bayesian approach to inference about a change-point", Biometrika
62 (1975); t errors after Lange, Little and Taylor, Journal of the American Statistical Association
84 (1989).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from opslib.analysis.incident.daily_profile import Floats
from opslib.analysis.incident.onset_baseline import (
    MAD_TO_SIGMA,
    Noise,
    Window,
    t_density,
)

__all__ = ["SMALLEST", "Shift", "find_shift"]

SMALLEST = 1.5
"""Size of the smallest shift looked for, in standard deviations of the noise: the expected level is
itself known to a part of one only."""
LARGEST = 4096.0
ROUNDS = 3
FEWEST_FOR_SPREAD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The shift that explains a window best.

    Args:
        size: of the mean, in the unit of the metric, signed.
        evidence: natural logarithm of the Bayes factor for a shift against none.
        onset: probability of each point to be the first shifted one.
        recovery: probability of each point to be the first usual one again; one longer than the
            window, whose last entry is the probability that it did not recover.
    """

    size: float
    evidence: float
    onset: Floats
    recovery: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ratios:
    """Log likelihood ratios of each point: entered at it, inside since before, left at it."""

    enter: Floats
    inside: Floats
    leave: Floats


def find_shift(window: Window, noise: Noise, signs: tuple[int, ...], shortest: int) -> Shift | None:
    """Return the best shift in ``window``, however weak.

    Args:
        window: residuals and their times.
        noise: of the residuals when nothing is wrong.
        signs: 1 for a rise, -1 for a fall.
        shortest: points that a shift takes at least.

    Returns:
        None where the window holds fewer points than a shift takes.
    """
    if len(window.times) < shortest:
        return None
    top = float(np.abs(window.residuals).max()) / noise.scale
    grid = SMALLEST * 2.0 ** np.arange(1 + max(0.0, np.log2(min(max(top, 1.0), LARGEST))))
    tried = [
        _posterior(_ratios(window, noise, sign * size * noise.scale, noise.scale), shortest)
        for sign, size in product(signs, grid)
    ]
    sizes = [sign * size * noise.scale for sign, size in product(signs, grid)]
    best = int(np.argmax([evidence for evidence, _, _ in tried]))
    evidence = float(np.logaddexp.reduce([one[0] for one in tried]) - np.log(len(tried)))
    _, onset, recovery = tried[best]
    return _refined(
        window,
        noise,
        shortest,
        Shift(size=sizes[best], evidence=evidence, onset=onset, recovery=recovery),
    )


def _refined(window: Window, noise: Noise, shortest: int, shift: Shift) -> Shift:
    """Return the shift with size and spread taken from the points that it is thought to hold."""
    for _ in range(ROUNDS):
        first, end = int(np.argmax(shift.onset)), int(np.argmax(shift.recovery))
        inside = window.residuals[first:end]
        if len(inside) < shortest:
            return shift
        size = float(np.median(inside))
        if size * shift.size <= 0:
            return shift
        spread = MAD_TO_SIGMA * float(np.median(np.abs(inside - size)))
        enough = len(inside) >= FEWEST_FOR_SPREAD
        ratios = _ratios(window, noise, size, spread if enough else 0.0)
        _, onset, recovery = _posterior(ratios, shortest)
        shift = Shift(size=size, evidence=shift.evidence, onset=onset, recovery=recovery)
    return shift


def _ratios(window: Window, noise: Noise, size: float, spread: float) -> _Ratios:
    """Return what each point says for a shift of ``size`` that scatters by ``spread``."""
    rest = window.residuals
    lag = np.concatenate([[window.before], rest[:-1]])
    gap = np.diff(window.times, prepend=window.before_time) / noise.step
    related = np.where(np.isnan(lag), 0.0, noise.related ** np.nan_to_num(gap, nan=1.0))
    lag = np.nan_to_num(lag)
    quiet = noise.scale * np.sqrt(1.0 - related**2)
    wide = np.maximum(spread, noise.scale)
    stirred = wide * np.sqrt(1.0 - related**2)
    entered = quiet if spread <= noise.scale else np.hypot(quiet, spread)
    free = noise.freedom
    usual = t_density(rest - related * lag, quiet, free)
    return _Ratios(
        enter=t_density(rest - size - related * lag, entered, free) - usual,
        inside=t_density(rest - size - related * (lag - size), stirred, free) - usual,
        leave=t_density(rest - related * (lag - size), quiet, free) - usual,
    )


def _posterior(ratios: _Ratios, shortest: int) -> tuple[float, Floats, Floats]:
    """Return the evidence, and the probabilities of onset and recovery.

    A pair scores enter[a] + inside[a + 1] + ... + inside[b - 1] + leave[b].
    """
    points = len(ratios.enter)
    upto = np.cumsum(ratios.inside)
    opening = ratios.enter - upto
    closing = upto + np.append(ratios.leave[1:], 0.0)
    first, last = opening[: points - shortest + 1], closing[shortest - 1 :]
    after = np.logaddexp.accumulate(last[::-1])[::-1]
    before = np.logaddexp.accumulate(first)
    total = float(np.logaddexp.reduce(first + after))
    onset, recovery = np.zeros(points), np.zeros(points + 1)
    onset[: len(first)] = np.exp(first + after - total)
    recovery[shortest:] = np.exp(before + last - total)
    pairs = len(first) * (len(first) + 1) / 2
    return total - float(np.log(pairs)), onset, recovery
