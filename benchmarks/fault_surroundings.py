"""What else changes around an injected fault: load, callees, other records of it, lost values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from opslib.analysis.incident.component_series import ComponentSeries, FloatArray
from opslib.tables.component_metrics import ComponentMetric

__all__ = ["Fault", "System", "recorded_elsewhere", "second_view", "side_effects", "with_gaps"]

LATENCY, AVAILABILITY = ComponentMetric.LATENCY, ComponentMetric.AVAILABILITY
SECOND_VIEWS, LITTLE_TRAFFIC = 0.3, 0.3
LOSES_VALUES, LOST_VALUES, LOSES_COMPONENT = 0.2, 0.05, 0.3


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


def recorded_elsewhere(
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


def side_effects(
    system: System,
    fault: Fault,
    window: ComponentSeries,
    profile: FloatArray,
    chance: np.random.Generator,
) -> None:
    """Slow the origin and its callees, and add requests, as the kind of fault would."""
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


def second_view(
    system: System,
    fault: Fault,
    window: ComponentSeries,
    seen: FloatArray,
    chance: np.random.Generator,
) -> None:
    """Let a leaf with little traffic be another view of the origin, now and then."""
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


def with_gaps(
    window: ComponentSeries, fault: Fault, chance: np.random.Generator
) -> ComponentSeries:
    """Lose single values, and all of one component, now and then."""
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
