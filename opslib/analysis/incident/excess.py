"""What each component adds, beyond usual, to a request of the component that suffers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opslib.analysis.incident.call_shares import CallShares
from opslib.analysis.incident.component_series import FloatArray
from opslib.tables.component_metrics import ComponentMetric

__all__ = [
    "Excess",
    "WindowShape",
    "excess_in_windows",
    "least_noise",
    "noise",
    "own_excess",
    "usual_cost",
]

BoolArray = npt.NDArray[np.bool_]

MAD_TO_SIGMA = 1.4826
QUANTILE_95_TO_SIGMA = 1.96
LATENCY_RESOLUTION = 0.02
"""A mean latency is not told apart from its usual value more finely than by this share of it."""
NOTHING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowShape:
    """What a window under comparison looks like.

    Args:
        before: how many of its first intervals had ended when the symptom began.
        at: index of the symptom's component.
        visits: usual requests of each component for one of the symptom's component.
        usual_requests: usual requests of the symptom's component in an interval.
    """

    before: int
    at: int
    visits: FloatArray
    usual_requests: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """Excess in windows, per request of the symptom's component.

    Args:
        weights: how much each interval counts, of shape (windows, intervals); adds up to 1.
        symptom: of the symptom's component itself, of shape (windows,).
        gross: of each component with all that it waits for, of shape (windows, components).
        never_called: whether a component has no level, not having been called before.
    """

    weights: FloatArray
    symptom: FloatArray
    gross: FloatArray
    never_called: BoolArray


def usual_cost(cost: FloatArray, requests: FloatArray, metric: ComponentMetric) -> FloatArray:
    """Return the usual cost of one request of each component; NaN where there is none.

    The median of an interval's mean latency, which single slow intervals do not move; the share
    of all requests that failed, since the median of a rare failure is zero.
    """
    known = ~np.isnan(cost)
    if metric is ComponentMetric.LATENCY:
        told = np.where(known.any(axis=0), cost, 0.0)
        return np.where(known.any(axis=0), np.nanmedian(told, axis=0), np.nan)
    counted = np.where(known, np.nan_to_num(requests), 0.0)
    total = counted.sum(axis=0)
    failed = (np.nan_to_num(cost) * counted).sum(axis=0)
    usual: FloatArray = np.divide(failed, total, out=np.full_like(total, np.nan), where=total > 0)
    return usual


def excess_in_windows(
    cost: FloatArray,
    requests: FloatArray,
    *,
    usual: FloatArray,
    shape: WindowShape,
    weights: FloatArray | None = None,
) -> Excess:
    """Say what each component adds to a request of the symptom's component, beyond usual.

    Method: self time, as in tracing, on aggregates. A component's gross excess is its cost less
    its own level before the symptom (its usual one where nothing was measured then), times its
    requests for one of the symptom's component. Requests beyond the usual number are left out:
    they are made by somebody else, or by a change of the caller's, who is then charged with
    them. Intervals count by how much the symptom's component exceeds its own level.

    The level before the symptom is taken since levels wander over weeks, and a normal period is
    rarely of the same day. Failure mode: an onset dated too late puts the symptom itself into
    that level, and the excess comes out too low.

    Args:
        cost: of one request, of shape (windows, intervals, components); NaN where unknown.
        requests: of the same shape; NaN where unknown.
        usual: cost of one request in the normal period, of shape (components,); NaN where unknown.
        shape: what the windows have in common.
        weights: of the intervals, where they are those of another metric.
    """
    served = np.where(np.isnan(requests[..., shape.at]), shape.usual_requests, 0.0)
    served = np.maximum(served + np.nan_to_num(requests[..., shape.at]), 1.0)[..., None]
    counted = np.where(np.isnan(requests), shape.visits * served, requests)
    counted = np.where(np.isnan(cost), 0.0, counted)
    level, never_called = _level_before(cost, counted, usual, shape.before)
    beyond = np.where(np.isnan(cost), 0.0, cost - level[:, None, :])
    each = beyond * np.minimum(counted, shape.visits * served) / served
    if weights is None:
        weights = _weights(each[..., shape.at], shape.before)
    gross = np.einsum("wt,wtc->wc", weights, each)
    return Excess(
        weights=weights, symptom=gross[:, shape.at], gross=gross, never_called=never_called
    )


def own_excess(excess: Excess, gross_noise: FloatArray, calls: CallShares) -> FloatArray:
    """Return the gross excess less what callees explain, as far as it reaches the symptom.

    Of each callee's gross excess the caller's share is subtracted, shrunk by what is noise of it
    (Wiener's filter, z²/(1 + z²) at z standard deviations), so that a noisy callee that nobody
    waits for does not hide its caller. A callee that was never called before subtracts nothing,
    for calling it is the caller's change.

    Failure mode: callees that a caller waits for at once are counted one after another, and
    calls that nobody waits for as if waited for: their caller's own excess comes out too low.

    Args:
        excess: in windows.
        gross_noise: standard deviation of the gross excess when all is quiet, above zero.
        calls: who calls whom.

    Returns:
        Of shape (windows, components).
    """
    signal = (excess.gross / gross_noise) ** 2
    told = excess.gross * signal / (1 + signal)
    explained = np.where(excess.never_called, 0.0, told) @ calls.shares.T
    own: FloatArray = (excess.gross - explained) * calls.reach
    return own


def _level_before(
    cost: FloatArray, counted: FloatArray, usual: FloatArray, before: int
) -> tuple[FloatArray, BoolArray]:
    """Return each window's level before the symptom, and which components have none at all."""
    early = counted[:, :before].sum(axis=1)
    spent = (np.nan_to_num(cost) * counted)[:, :before].sum(axis=1)
    level = np.divide(spent, early, out=np.broadcast_to(usual, early.shape).copy(), where=early > 0)
    never_called = np.isnan(level)
    return np.where(never_called, 0.0, level), never_called


def _weights(symptom: FloatArray, before: int) -> FloatArray:
    after = np.arange(symptom.shape[1]) >= before
    weights = np.clip(symptom, 0.0, None) * after
    total = weights.sum(axis=1, keepdims=True)
    even = np.broadcast_to(after / max(int(after.sum()), 1), weights.shape)
    divided: FloatArray = np.divide(weights, total, out=even.copy(), where=total > NOTHING)
    return divided


def noise(values: FloatArray) -> FloatArray:
    """Return the standard deviation around zero that quiet windows show, by column.

    The larger of two robust ones: from the median (Hampel 1974) and from the 95th percentile of
    the absolute values; the first is zero where most windows show nothing.
    """
    if not len(values):
        return np.zeros(values.shape[1])
    sizes = np.abs(values)
    large = np.quantile(sizes, 0.95, axis=0) / QUANTILE_95_TO_SIGMA
    return np.maximum(MAD_TO_SIGMA * np.median(sizes, axis=0), large)


def least_noise(
    metric: ComponentMetric, usual: FloatArray, shape: WindowShape, intervals: int
) -> FloatArray:
    """Return the standard deviation below which no component's excess can be told.

    A count of failures varies by its square root (Poisson), and by one where none is usual; a
    latency by `LATENCY_RESOLUTION` of its usual value.
    """
    spent = np.nan_to_num(usual) * shape.visits
    if metric is ComponentMetric.LATENCY:
        return LATENCY_RESOLUTION * spent + NOTHING
    served = max(shape.usual_requests, 1.0)
    failures = np.sqrt(np.maximum(spent * served, 1.0) / max(intervals, 1))
    return failures / served + NOTHING
