"""Faults injected into a component of a quiet period, and what its callers see of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.fault_surroundings import (
    Fault,
    System,
    recorded_elsewhere,
    second_view,
    side_effects,
    with_gaps,
)
from opslib.analysis.incident.component_series import ComponentSeries, FloatArray
from opslib.tables.component_metrics import ComponentMetric

__all__ = ["INTERVALS", "KINDS", "inject", "reached_from"]

LATENCY, AVAILABILITY = ComponentMetric.LATENCY, ComponentMetric.AVAILABILITY
KINDS: dict[ComponentMetric, tuple[str, ...]] = {
    LATENCY: ("delay", "tail", "leak", "overload", "retries", "slow callees"),
    AVAILABILITY: ("errors", "throttling", "overload", "time-outs", "unanswered"),
}
INTERVALS = 5
SLOWED_SHARE = {"tail": 0.02}
DRIFT = 0.15
ASYNCHRONOUS = 0.15
LONGEST_SECONDS = 25.0


def inject(
    system: System, fault: Fault, first: int, chance: np.random.Generator
) -> tuple[ComponentSeries, float] | None:
    """Return a window from row ``first`` on with the fault in it, and its onset.

    Callers get a share of the origin's excess that departs from their share of requests
    (Dirichlet), with a gain of 0.4 to 1.2; some calls are waited for by nobody. All levels drift
    by about 15% against the normal period, single values and one other component are missing,
    and now and then a leaf with little traffic is another view of the origin.

    Returns:
        None where the fault would not be seen in the symptom, or would be absurdly large.
    """
    window = _drifted(system.series, first, chance)
    profile, onset = _profile(fault, window, chance)
    passed = _passed_on(system, fault, window, chance)
    excess = _origin_excess(system, fault, passed[fault.symptom], profile, window, chance)
    if excess is None:
        return None
    seen = _spread(fault, excess, passed, window, chance)
    at = fault.symptom
    usual = system.series.cost[fault.metric][:, at]
    if np.nanmax(seen[:, at]) < np.nanquantile(usual, 0.95) - np.nanmedian(usual):
        return None
    if fault.kind == "unanswered" and not recorded_elsewhere(system, fault, window, excess, seen):
        return None
    cost = window.cost[fault.metric]
    np.add(cost, seen, out=cost)
    if fault.metric is AVAILABILITY:
        np.minimum(cost, 1.0, out=cost)
    side_effects(system, fault, window, profile, chance)
    second_view(system, fault, window, seen, chance)
    return with_gaps(window, fault, chance), onset


def _drifted(series: ComponentSeries, first: int, chance: np.random.Generator) -> ComponentSeries:
    rows = slice(first, first + INTERVALS)
    drift = np.exp(chance.normal(0, DRIFT, series.requests.shape[1]))
    return replace(
        series,
        starts=series.starts[rows],
        requests=series.requests[rows].copy(),
        cost={
            LATENCY: series.cost[LATENCY][rows] * drift,
            AVAILABILITY: series.cost[AVAILABILITY][rows].copy(),
        },
    )


def _profile(
    fault: Fault, window: ComponentSeries, chance: np.random.Generator
) -> tuple[FloatArray, float]:
    """Return the strength of the fault by interval; it begins within the second of them."""
    seconds = float(window.starts[1] - window.starts[0])
    late = float(chance.uniform(0, 1))
    onset = float(window.starts[1]) + late * seconds
    if fault.kind == "leak":
        return np.array([0.0, 0.1, 0.4, 0.8, 1.0]), onset
    profile = np.zeros(INTERVALS)
    lasting = int(chance.integers(2, 4))
    profile[1] = 1 - late
    profile[2 : 2 + lasting] = chance.uniform(0.6, 1, lasting)
    return profile, onset


def _passed_on(
    system: System, fault: Fault, window: ComponentSeries, chance: np.random.Generator
) -> FloatArray:
    """Return the share of the origin's excess that each component sees of it."""
    usual = np.nan_to_num(window.requests).mean(axis=0)
    seen = np.zeros(len(usual))
    step = {fault.origin: 1.0}
    edges = {edge: chance.random() >= ASYNCHRONOUS for edge in system.calls}
    callers = {
        callee: [caller for caller, held in system.calls if held == callee]
        for _, callee in system.calls
    }
    for _ in range(len(usual)):
        further: dict[int, float] = {}
        for callee, amount in step.items():
            seen[callee] += amount
            above = [caller for caller in callers.get(callee, []) if usual[caller] > 0]
            if not above:
                continue
            shares = chance.dirichlet(5 * usual[above] / usual[above].sum() + 0.2)
            for caller, share in zip(above, shares, strict=True):
                if edges[caller, callee] and caller != fault.origin:
                    gain = _gain(fault, chance)
                    further[caller] = further.get(caller, 0.0) + amount * share * gain
        step = further
        if not step:
            break
    return seen


def _gain(fault: Fault, chance: np.random.Generator) -> float:
    if fault.metric is AVAILABILITY:
        return float(chance.uniform(0.5, 1))
    gain = float(chance.uniform(0.4, 1.2))
    return gain * float(chance.uniform(1, 2)) if fault.kind == "retries" else gain


def _origin_excess(
    system: System,
    fault: Fault,
    passed: float,
    profile: FloatArray,
    window: ComponentSeries,
    chance: np.random.Generator,
) -> FloatArray | None:
    """Return the origin's excess by interval, in seconds or failures of all its requests.

    It is sized so that the symptom exceeds its usual spread 1.2 to 6 times.
    """
    usual = system.series.cost[fault.metric][:, fault.symptom]
    spread = np.nanquantile(usual, 0.95) - np.nanmedian(usual)
    size = float(chance.uniform(1.2, 6)) * max(float(spread), 0.002)
    served = np.nan_to_num(window.requests[:, fault.symptom]).mean()
    asked = np.nan_to_num(window.requests[:, fault.origin])
    if passed <= 0 or asked.mean() <= 0:
        return None
    wanted = size * served / passed
    if fault.metric is AVAILABILITY:
        share = wanted / asked.mean()
        failed = chance.binomial(asked.astype(int), np.minimum(share * profile, 1.0))
        return None if share > 1 else failed.astype(np.float64)
    if wanted / asked.mean() > LONGEST_SECONDS:
        return None
    slowed = np.maximum(asked * SLOWED_SHARE.get(fault.kind, 0.5), 0.05)
    taken = chance.gamma(slowed).astype(np.float64) / float(slowed.mean())
    excess: FloatArray = taken * wanted * profile * (asked > 0)
    return excess


def _spread(
    fault: Fault,
    excess: FloatArray,
    passed: FloatArray,
    window: ComponentSeries,
    chance: np.random.Generator,
) -> FloatArray:
    """Return what is added to the cost of one request of each component."""
    asked = np.maximum(np.nan_to_num(window.requests), 1.0)
    if fault.metric is LATENCY:
        blurred = np.exp(chance.normal(0, 0.05, asked.shape))
        return excess[:, None] * passed * blurred / asked
    failed = chance.binomial(excess[:, None].astype(int), np.minimum(passed, 1.0))
    failed[:, fault.origin] = excess
    if fault.kind == "time-outs" and fault.origin != fault.symptom:
        failed[:, fault.origin] = 0
    return np.minimum(failed, asked) / asked


def reached_from(calls: Sequence[tuple[int, int]], start: int) -> list[int]:
    """Return ``start`` and all that it calls, directly or not."""
    reached, frontier = {start}, {start}
    while frontier:
        frontier = {callee for caller, callee in calls if caller in frontier} - reached
        reached |= frontier
    return sorted(reached)
