"""Calls that went elsewhere during the symptom: to a component that was hardly called before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opslib.analysis.incident.component_series import FloatArray
from opslib.analysis.incident.component_windows import ComparedExcess, ComparedWindows
from opslib.analysis.incident.excess import noise

__all__ = ["MovedCalls", "moved_calls"]

TELLING = 3.0
"""Standard deviations of quiet windows from which a shift of requests is one."""
MORE_REQUESTS = 1.5
"""Times the usual requests from which a component is called anew."""
LIKELIER = 2.0
"""Natural logarithm of how much likelier a loss of the same calls must make what was counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedCalls:
    """Calls of one caller that went to another callee than usual; indices of components.

    Args:
        caller: that makes the calls.
        before: the callee that lost them.
        after: the callee that gained them.
        likelihood: that these calls are the same, 0 to 1; 1 from `LIKELIER` on.
        unanswered: whether ``before`` is known to call others itself, and so reports for itself.
    """

    caller: int
    before: int
    after: int
    likelihood: float
    unanswered: bool


def moved_calls(compared: ComparedWindows, excess: ComparedExcess) -> tuple[MovedCalls, ...]:
    """Find callees that gained about as many calls as another callee of the same caller lost.

    Method: a callee that is called far more than in quiet windows gained its calls from that of
    its siblings of which the loss of as many makes the counts most likely, against no loss
    (likelihood ratio of normal errors).

    A component that reports for itself and does not answer is recorded by its caller as an
    unknown remote; the calls vanish here and appear there. A component that reports nothing
    itself, such as a table, is known by its callers' records alone: when its calls appear under
    another name, the caller was changed. Whether a component calls others tells the two apart.

    Failure mode: a caller that, when it fails, makes other calls than usual looks the same; the
    callee that lost the calls is then suspected wrongly, its caller next.

    Args:
        compared: the windows.
        excess: by the symptom's metric, for the weights of the intervals.
    """
    shift = _shift(compared, compared.window.requests[None], excess.window.weights)[0]
    quiet = _shift(compared, compared.normal.requests[compared.quiet_rows], excess.quiet.weights)
    served = max(compared.shape.usual_requests, 1.0)
    least = np.sqrt(np.maximum(compared.shape.visits, 1 / served) / served)
    spread = np.maximum(noise(quiet), least)
    usual = np.where(np.isnan(excess.usual), 0.0, compared.shape.visits)
    gained = (shift >= TELLING * spread) & (shift >= (MORE_REQUESTS - 1) * usual)
    calls = compared.calls.calls
    found = []
    for caller, after in np.argwhere(calls & gained & (compared.calls.reach > 0)):
        likelier = (shift**2 - (shift + shift[after]) ** 2) / (2 * spread**2)
        likelier = np.where(calls[caller] & (shift < 0), likelier, 0.0)
        before = int(np.argmax(likelier))
        if likelier[before] > 0:
            found.append(
                MovedCalls(
                    caller=int(caller),
                    before=before,
                    after=int(after),
                    likelihood=min(float(likelier[before]) / LIKELIER, 1.0),
                    unanswered=bool(calls[before].any()),
                )
            )
    return tuple(found)


def _shift(compared: ComparedWindows, requests: FloatArray, weights: FloatArray) -> FloatArray:
    """Return calls for one of the symptom's component, less those before the symptom."""
    shape = compared.shape
    served = np.nan_to_num(requests[..., shape.at : shape.at + 1])
    visits = np.divide(
        np.nan_to_num(requests), served, out=np.zeros_like(requests), where=served > 0
    )
    usual = np.broadcast_to(shape.visits, visits[:, 0].shape)
    before = visits[:, : shape.before].mean(axis=1) if shape.before else usual
    shift: FloatArray = np.einsum("wt,wtc->wc", weights, visits) - before
    unknown = np.isnan(requests).any(axis=1)
    return np.where(unknown, 0.0, shift)
