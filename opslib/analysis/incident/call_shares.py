"""How much of a component's work is done for which caller, and for the component that suffers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from opslib.analysis.incident.component_series import FloatArray

__all__ = ["UNREACHED", "CallShares", "call_shares"]

UNREACHED = -1
SMALLEST_REQUESTS = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class CallShares:
    """The calls between components, in numbers; all arrays follow the order of the components.

    Args:
        calls: whether the row calls the column.
        shares: of the column's requests, the share that the row makes; a column adds up to 1, or
            to 0 where nobody is known to call it.
        reach: of a component's requests, the share made on behalf of the symptom's component.
        distance: calls between it and the symptom's component, `UNREACHED` where there is no way.
    """

    calls: npt.NDArray[np.bool_]
    shares: FloatArray
    reach: FloatArray
    distance: npt.NDArray[np.int64]


def call_shares(
    calls: pd.DataFrame, components: Sequence[str], requests: FloatArray, at: int
) -> CallShares:
    """Divide each component's requests among its callers, in proportion to theirs.

    Assumption: callers call alike, per request of their own. Traces would tell the shares; counts
    of requests alone do not, and a regression of one count on the others is too uncertain where
    all follow the same daily course. Of calls in a circle those that lead back towards the symptom
    are left aside, or each would explain the other. Failure mode: of two callers, the one with
    many requests and few calls is charged with too much of a common callee.

    Args:
        calls: columns of `opslib.tables.component_metrics.CALLS`; names that are no component and
            calls of itself are left aside.
        components: names, in the order of the arrays.
        requests: usual requests of each component in an interval.
        at: index of the symptom's component.
    """
    index = {name: place for place, name in enumerate(components)}
    edges = np.zeros((len(components), len(components)), dtype=bool)
    for caller, callee in zip(calls["Caller"], calls["Callee"], strict=True):
        if caller in index and callee in index and caller != callee:
            edges[index[caller], index[callee]] = True
    edges = _without_returns(edges, at)
    weights = np.where(edges, requests[:, None] + SMALLEST_REQUESTS, 0.0)
    made = weights.sum(axis=0)
    shares = np.divide(weights, made, out=np.zeros_like(weights), where=made > 0)
    return CallShares(
        calls=edges, shares=shares, reach=_reach(shares, at), distance=_distance(edges, at)
    )


def _without_returns(edges: npt.NDArray[np.bool_], at: int) -> npt.NDArray[np.bool_]:
    leads = edges.copy()
    for _ in range(max(len(edges) - 1, 0).bit_length()):
        leads = leads | ((leads.astype(np.float32) @ leads.astype(np.float32)) > 0)
    distance = _distance(edges, at)
    return edges & ~(leads.T & (distance[None, :] <= distance[:, None]))


def _reach(shares: FloatArray, at: int) -> FloatArray:
    """Follow the requests of ``at`` down."""
    reach = np.zeros(len(shares))
    reach[at] = 1.0
    for _ in range(len(shares)):
        further = np.minimum(shares.T @ reach, 1.0)
        further[at] = 1.0
        if np.allclose(further, reach, rtol=0, atol=1e-12):
            break
        reach = further
    return reach


def _distance(edges: npt.NDArray[np.bool_], at: int) -> npt.NDArray[np.int64]:
    distance = np.full(len(edges), UNREACHED, dtype=np.int64)
    found = np.zeros(len(edges), dtype=bool)
    found[at] = True
    frontier, steps = found.copy(), 0
    while frontier.any():
        distance[frontier] = steps
        frontier = edges[frontier].any(axis=0) & ~found
        found |= frontier
        steps += 1
    return distance
