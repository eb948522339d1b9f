"""Requests to the shop, one by one: what a fault of one component does to those that call it.

A few thousand requests are followed through the call graph, with the same luck with and without
the fault. Latencies are lognormal and add up along synchronous calls; a call that fails fails
its caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from opslib.sandbox.shop import CALLS, COMPONENTS, CallEdge

__all__ = ["Fault", "Samples", "error_rate", "follow_requests"]

OWN: dict[str, tuple[float, float]] = {
    "web": (30, 0.4),
    "catalog": (55, 0.4),
    "search": (70, 0.45),
    "checkout": (40, 0.4),
    "payments": (25, 0.4),
    "accounts": (40, 0.4),
    "orders": (12, 0.6),
    "sessions": (5, 0.3),
    "shop-cache": (1.2, 0.3),
    "receipt": (60, 0.4),
    "gateway": (140, 0.45),
}
"""Time that a component takes itself: median in milliseconds, and sigma of its logarithm."""
OWN_ERRORS = 0.0006
REQUESTS = 6_000
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one component.

    Args:
        component: which.
        latency_factor: its own latency relative to before.
        error_share: share of its own requests that fail beside the usual.
    """

    component: str = ""
    latency_factor: float = 1.0
    error_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Samples:
    """The requests that a component got.

    Args:
        latencies_ms: of each, in rising order.
        error_rate: share that failed.
        per_request: how many it got for each request to the shop.
    """

    latencies_ms: Values
    error_rate: float
    per_request: float

    def latency_ms(self, statistic: str) -> float:
        """Return a statistic as CloudWatch names it: Average, Minimum, Maximum or p95."""
        if statistic.startswith("p"):
            return float(np.quantile(self.latencies_ms, float(statistic[1:]) / 100))
        if statistic == "Average":
            return float(self.latencies_ms.mean())
        return float(self.latencies_ms[0 if statistic == "Minimum" else -1])


@dataclass(slots=True)
class _Walk:
    fault: Fault
    chance: np.random.Generator
    latencies: dict[str, list[Values]] = field(default_factory=dict)

    def call(self, component: str, count: int) -> Values:
        """Return how long each of ``count`` calls took, in milliseconds."""
        median, sigma = OWN[component]
        latency: Values = median * np.exp(sigma * self.chance.standard_normal(count))
        if component == self.fault.component:
            latency = latency * self.fault.latency_factor
        choice = self.chance.random(count)
        begin = 0.0
        for edge in (edge for edge in CALLS if edge.caller == component):
            for called in _who_calls(edge, choice, begin):
                latency[called] += self.call(edge.callee, int(called.sum()))
            begin += edge.per_request
        self.latencies.setdefault(component, []).append(latency)
        return latency


def _who_calls(edge: CallEdge, choice: Values, begin: float) -> list[npt.NDArray[np.bool_]]:
    """Return, for each call that a request may make, the requests that make it."""
    if edge.caller == "web":
        return [(choice >= begin) & (choice < begin + edge.per_request)]
    if edge.per_request < 1:
        return [choice < edge.per_request]
    return [np.ones(len(choice), dtype=bool)] * int(edge.per_request)


def error_rate(component: str, fault: Fault) -> float:
    """Return the share of a component's requests that fail, by itself or by what it calls."""
    own = OWN_ERRORS + (fault.error_share if component == fault.component else 0.0)
    edges = [edge for edge in CALLS if edge.caller == component]
    if component == "web":
        called = sum(edge.per_request * error_rate(edge.callee, fault) for edge in edges)
        return 1 - (1 - own) * (1 - called)
    fine = 1 - own
    for edge in edges:
        failing = error_rate(edge.callee, fault)
        if edge.per_request < 1:
            fine *= 1 - edge.per_request * failing
        else:
            fine *= (1 - failing) ** edge.per_request
    return 1 - fine


@cache
def follow_requests(fault: Fault, requests: int = REQUESTS) -> dict[str, Samples]:
    """Return what every component sees of so many requests to the shop."""
    walk = _Walk(fault, np.random.default_rng(20260301))
    walk.call("web", requests)
    samples = {}
    for component in COMPONENTS:
        latencies = np.sort(np.concatenate(walk.latencies[component]))
        rate = error_rate(component, fault)
        samples[component] = Samples(latencies, rate, len(latencies) / requests)
    return samples
