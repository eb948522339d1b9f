"""Faults injected into a component of a quiet period, and what its callers see of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from opslib.analysis.incident.component_series import ComponentSeries, FloatArray
from opslib.tables.component_metrics import ComponentMetric

__all__ = ["INTERVALS", "KINDS", "Fault", "System", "inject", "reached_from"]

LATENCY, AVAILABILITY = ComponentMetric.LATENCY, ComponentMetric.AVAILABILITY
KINDS: dict[ComponentMetric, tuple[str, ...]] = {
    LATENCY: ("delay", "tail", "leak", "overload", "retries", "slow callees"),
    AVAILABILITY: ("errors", "throttling", "overload", "time-outs", "unanswered"),
}
INTERVALS = 5
SLOWED_SHARE = {"tail": 0.02}
DRIFT = 0.15
SECOND_VIEWS, LITTLE_TRAFFIC = 0.3, 0.3
LOSES_VALUES, LOST_VALUES, LOSES_COMPONENT = 0.2, 0.05, 0.3
ASYNCHRONOUS = 0.15
LONGEST_SECONDS = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A quiet period: series, and (caller, callee) pairs of columns."""

    series: ComponentSeries
    calls: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is injected where, and where it is to be seen."""

    origin: int
    symptom: int
    metric: ComponentMetric
    kind: str


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
    if fault.kind == "unanswered" and not _recorded_elsewhere(system, fault, window, excess, seen):
        return None
    cost = window.cost[fault.metric]
    np.add(cost, seen, out=cost)
    if fault.metric is AVAILABILITY:
        np.minimum(cost, 1.0, out=cost)
    _side_effects(system, fault, window, profile, chance)
    _second_view(system, fault, window, seen, chance)
    return _with_gaps(window, fault, chance), onset


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
        return None if share > 1 else chance.binomial(asked.astype(int), share * profile) * 1.0
    if wanted / asked.mean() > LONGEST_SECONDS:
        return None
    slowed = np.maximum(asked * SLOWED_SHARE.get(fault.kind, 0.5), 0.05)
    return chance.gamma(slowed) / slowed.mean() * wanted * profile * (asked > 0)


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


def _recorded_elsewhere(
    system: System, fault: Fault, window: ComponentSeries, excess: FloatArray, seen: FloatArray
) -> bool:
    """Let callers record the failed calls as made to the least called leaf they know."""
    asked = np.nan_to_num(window.requests)
    calling = {caller for caller, _ in system.calls}
    above = {caller for caller, callee in system.calls if callee == fault.origin}
    leaves = {callee for caller, callee in system.calls if caller in above} - calling
    if fault.origin not in calling or not leaves or fault.origin == fault.symptom:
        return False
    leaf = min(leaves, key=lambda place: (asked[:, place].mean(), place))
    if asked[:, leaf].mean() > excess.max() / 2:
        return False
    window.requests[:, leaf] = asked[:, leaf] + excess
    window.requests[:, fault.origin] = np.maximum(asked[:, fault.origin] - excess, 0)
    seen[:, fault.origin] = 0
    cost = window.cost[AVAILABILITY]
    cost[:, leaf] = np.where(excess > 0, excess / np.maximum(window.requests[:, leaf], 1), 0.0)
    return True


def _side_effects(
    system: System,
    fault: Fault,
    window: ComponentSeries,
    profile: FloatArray,
    chance: np.random.Generator,
) -> None:
    slow = window.cost[LATENCY]
    if fault.kind in {"time-outs", "throttling"}:
        slow[:, fault.origin] += profile * chance.uniform(0.5, 3)
    callees = [callee for caller, callee in system.calls if caller == fault.origin]
    if fault.kind == "slow callees":
        for callee in callees[:2]:
            slow[:, callee] *= 1 + chance.uniform(0.2, 0.8) * profile
    if fault.kind == "overload":
        more = chance.uniform(1, 5) * profile
        window.requests[:, fault.origin] *= 1 + more
        window.requests[:, callees] *= 1 + 0.7 * more[:, None]


def _second_view(
    system: System,
    fault: Fault,
    window: ComponentSeries,
    seen: FloatArray,
    chance: np.random.Generator,
) -> None:
    asked = np.nan_to_num(window.requests).mean(axis=0)
    above = {caller for caller, callee in system.calls if callee == fault.origin}
    calling = {caller for caller, _ in system.calls}
    leaves = [
        callee
        for caller, callee in system.calls
        if caller in above
        and callee not in calling | {fault.origin}
        and 0 < asked[callee] < LITTLE_TRAFFIC * asked[fault.origin]
    ]
    if leaves and chance.random() < SECOND_VIEWS:
        view = leaves[int(chance.integers(len(leaves)))]
        cost = window.cost[fault.metric]
        cost[:, view] = cost[:, view] + seen[:, fault.origin]
        if fault.metric is AVAILABILITY:
            cost[:, view] = np.minimum(cost[:, view], 1.0)


def _with_gaps(
    window: ComponentSeries, fault: Fault, chance: np.random.Generator
) -> ComponentSeries:
    lost = chance.random(window.requests.shape) < (
        LOST_VALUES if chance.random() < LOSES_VALUES else 0.0
    )
    if chance.random() < LOSES_COMPONENT:
        lost[:, int(chance.integers(lost.shape[1]))] = True
    lost[:, [fault.origin, fault.symptom]] = False
    return replace(
        window,
        requests=np.where(lost, np.nan, window.requests),
        cost={metric: np.where(lost, np.nan, cost) for metric, cost in window.cost.items()},
    )


def reached_from(calls: Sequence[tuple[int, int]], start: int) -> list[int]:
    """Return ``start`` and all that it calls, directly or not."""
    reached, frontier = {start}, {start}
    while frontier:
        frontier = {callee for caller, callee in calls if caller in frontier} - reached
        reached |= frontier
    return sorted(reached)
