"""Callees that departed from usual otherwise than by the symptom's own metric."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opslib.analysis.incident.component_series import FloatArray
from opslib.analysis.incident.component_windows import ComparedExcess, ComparedWindows
from opslib.tables.component_metrics import ComponentMetric

__all__ = ["CalleeDepartures", "callee_departures"]

BoolArray = npt.NDArray[np.bool_]

DEPARTS_AT, DEPARTED_AT = 3.0, 6.0
"""Standard deviations from which a departure begins to count, and from which it counts in full."""
MORE_REQUESTS, FEWER_REQUESTS = 1.5, 0.5
"""Times the usual requests, from which a component is under more load, or is hardly asked."""
FEWEST_REQUESTS = 3.0
"""Usual requests in an interval below which their absence says little."""
LESS_TELLING = 0.9
"""Weight of a departure that the caller's own failing would bring about as well."""

OTHER = {
    ComponentMetric.LATENCY: (ComponentMetric.AVAILABILITY, "it failed more than usual"),
    ComponentMetric.AVAILABILITY: (ComponentMetric.LATENCY, "it was slower than usual"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalleeDepartures:
    """How much of a caller's excess each component may explain all the same.

    Args:
        strength: 0 to 1, of shape (components,).
        words: in which way it departed; empty where it did not.
        requests_ratio: requests for one of the symptom's component, against usual; NaN where
            either is unknown.
        unmeasured: whether it has usual requests and none were recorded, not even zero.
    """

    strength: FloatArray
    words: tuple[str, ...]
    requests_ratio: FloatArray
    unmeasured: BoolArray


def callee_departures(
    compared: ComparedWindows, metric: ComponentMetric, excess: ComparedExcess
) -> CalleeDepartures:
    """Find components that departed from usual by another metric, or fell silent.

    A dependency that is slow makes its caller fail by time-out, and one that fails makes it slow
    by retries; by the symptom's metric alone the caller looks like the origin. Latency counts in
    full from twice the usual: no caller gives up for less. Components that
    are called more than usual are left out, for load explains them; so are those that are
    rarely called, such as one that is part of handling the failure. That a component is called
    less, or not measured, follows as well from a caller that fails before it calls: it counts
    for less than the caller.

    Args:
        compared: the windows.
        metric: of the symptom.
        excess: by that metric.
    """
    other, words = OTHER[metric]
    departure = compared.compared(other, weighed_as=excess)
    gross = departure.window.gross[0]
    sigmas = gross / departure.gross_noise
    ratio, unmeasured = _requests_ratio(compared)
    usually = (np.nan_to_num(compared.normal.requests) > 0).mean(axis=0) >= FEWER_REQUESTS
    counts = np.clip((sigmas - DEPARTS_AT) / (DEPARTED_AT - DEPARTS_AT), 0.0, 1.0)
    if other is ComponentMetric.LATENCY:
        counts = counts * _times_slower(gross, departure.usual * compared.shape.visits)
    departed = np.where(usually & ~(ratio > MORE_REQUESTS), counts, 0.0)
    often = usually & (compared.usual_requests >= FEWEST_REQUESTS)
    fewer = often & (ratio < FEWER_REQUESTS)
    silent = np.where(fewer | (often & unmeasured), LESS_TELLING, 0.0)
    return CalleeDepartures(
        strength=np.maximum(departed, silent),
        words=tuple(
            words if own > 0 and own >= still else _silence(bool(lost)) if still else ""
            for own, still, lost in zip(departed, silent, unmeasured, strict=True)
        ),
        requests_ratio=ratio,
        unmeasured=often & unmeasured,
    )


def _times_slower(gross: FloatArray, usual: FloatArray) -> FloatArray:
    """Return the excess in terms of the usual latency, 1 at most."""
    known = usual > 0
    times = np.divide(gross, usual, out=np.zeros_like(gross), where=known)
    slower: FloatArray = np.clip(times, 0.0, 1.0)
    return slower


def _silence(unmeasured: bool) -> str:  # noqa: FBT001
    return "nothing of it was measured" if unmeasured else "it was hardly called"


def _requests_ratio(compared: ComparedWindows) -> tuple[FloatArray, BoolArray]:
    after = compared.window.requests[compared.shape.before :]
    unmeasured = np.asarray(np.isnan(after).all(axis=0))
    served = np.nansum(after[:, compared.shape.at])
    usual = compared.shape.visits * served
    ratio = np.divide(
        np.nansum(after, axis=0),
        usual,
        out=np.full(len(usual), np.nan),
        where=(usual > 0) & ~unmeasured,
    )
    return ratio, unmeasured
