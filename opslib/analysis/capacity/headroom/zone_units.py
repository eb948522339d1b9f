"""Whether the units that remain in the other zones carry the peak.

Method: `zone_load` tells what the remaining units would have carried; its peak is that of
`weekly_peaks`. At once, what remains has to carry it at 100% at the most; after scaling, the units
that the maximum allows, all in the zones that remain. What would hold is told in units, for the
recorded peak or the forecast one, whichever is higher: so many that the rest carry it, and so many
that the rest run at the target.

Assumptions: load spreads evenly over units; the other zones have room for replacements at the time
when everybody asks for them. Source: Amazon Builders' Library, static stability using availability
zones, for holding the first answer to be the one that counts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.headroom.zone_load import Loads, Spread, load_without_zone
from opslib.analysis.capacity.headroom.zone_loss import ZoneLoss
from opslib.analysis.capacity.headroom.zone_room import judge_room
from opslib.analysis.capacity.headroom.zone_target import own_target
from opslib.analysis.capacity.inventory import Inventory, LimitUse, ResourceDetails
from opslib.analysis.capacity.sizes.weekly_peaks import PeakUse, measure_peaks
from opslib.findings import Verdict
from opslib.tables.capacity import CapacityService, UsageRole
from opslib.tables.regular_series import RegularSeries

__all__ = ["check_units", "node_groups"]

Values = NDArray[np.float64]
FULL = 100.0
ORDER = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)
CARRIED = {
    CapacityService.ECS: ("CPU",),
    CapacityService.ASG: ("CPU",),
    CapacityService.EKS: ("CPU reserved", "memory reserved"),
}
"""Limits whose use spreads over the units: of nodes, what pods reserve has to find room."""
COUNTED = {
    CapacityService.ECS: "tasks",
    CapacityService.ASG: "instances",
    CapacityService.EKS: "nodes",
}
"""The limit that is the most units that scaling may run."""


def check_units(
    inventory: Inventory, resource: ResourceDetails, target: float, growth: float | None
) -> ZoneLoss:
    """Return what the loss of the largest zone does to a service, group or cluster.

    Args:
        inventory: the estate.
        resource: runs units in zones.
        target: utilisation in percent that a unit is to be run at, where it has no target of its
            own.
        growth: what the recorded peak is multiplied by to come to the forecast one; None: unknown.
    """
    counted = Counter(_zones(inventory, resource))
    units = tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0])))
    own = own_target(inventory, resource)
    told = ZoneLoss(
        target_percent=target if own is None else own,
        resource=resource.resource,
        name=resource.name,
        service=resource.service,
        account=resource.account,
        region=resource.region,
        units=units,
        lost_zone=units[0][0] if units else "",
        verdict=Verdict.INCONCLUSIVE,
        after_scaling=Verdict.INCONCLUSIVE,
        why="the zones of its units are not known",
    )
    if not units:
        return told
    judged = [
        _judge_limit(inventory, resource, use, growth, told)
        for name in CARRIED[CapacityService(resource.service)]
        if (use := inventory.limit(resource.resource, name)) is not None and use.history is not None
    ]
    return min(judged, key=_rank) if judged else _without_use(told)


def _rank(loss: ZoneLoss) -> tuple[int, float]:
    return ORDER.index(loss.verdict), -(loss.at_once_percent or 0.0)


def _judge_limit(
    inventory: Inventory,
    resource: ResourceDetails,
    use: LimitUse,
    growth: float | None,
    told: ZoneLoss,
) -> ZoneLoss:
    assert use.history is not None
    running = _running(inventory, resource, use.history, sum(dict(told.units).values()))
    counted = inventory.limit(resource.resource, COUNTED[CapacityService(resource.service)])
    most = counted.value if counted else None
    recorded = use.history.values / use.value * FULL
    spread, scaled_to = Spread(units=told.units), own_target(inventory, resource)
    loads = load_without_zone(recorded, running, spread, most, growth, scaled_to)
    judged = _judge(replace(told, limit=use.limit), use.history, loads)
    carried = _peak(use.history, recorded * running / FULL)
    if carried is not None and judged.peak_percent is not None:
        judged = _with_needs(judged, spread, carried.seen * max(growth or 1.0, 1.0))
    room, why = judge_room(inventory, resource, told)
    if room is Verdict.PASS or judged.after_percent is None:
        return judged
    return replace(judged, after_scaling=room, why=f"{judged.why}; {why}")


def _with_needs(told: ZoneLoss, spread: Spread, peak_units: float) -> ZoneLoss:
    """Return it with the units that hold a load of so many full ones without the zone."""
    target = (told.target_percent or FULL) / FULL
    return replace(
        told,
        units_to_carry=spread.least(peak_units),
        units_at_target=spread.least(peak_units / target),
    )


def _judge(told: ZoneLoss, history: RegularSeries, loads: Loads) -> ZoneLoss:
    peaks = [
        _peak(history, values) if values is not None else None
        for values in (loads.recorded, loads.at_once, loads.after, loads.forecast)
    ]
    recorded, at_once, after, forecast = peaks
    if recorded is None or at_once is None or after is None:
        return replace(told, why="fewer than two whole weeks of history")
    parts = [
        f"without {told.lost_zone} {_told(f'{recorded.seen:.0f}%', told.limit, at_once)}",
        f"{forecast.seen:.0f}% at the forecast peak" if _is_more(forecast, at_once) else "",
        f"{after.seen:.0f}% after scaling",
        _hidden(at_once),
    ]
    return replace(
        told,
        peak_percent=recorded.seen,
        at_once_percent=at_once.seen,
        after_percent=after.seen,
        forecast_percent=forecast.seen if forecast else None,
        verdict=_now_and_then(_carries(at_once), forecast),
        after_scaling=_carries(after),
        why="; ".join(part for part in parts if part),
    )


def _peak(history: RegularSeries, values: Values) -> PeakUse | None:
    return measure_peaks(replace(history, values=values))


def _told(peak: str, limit: str, left: PeakUse) -> str:
    if math.isinf(left.seen):
        return f"nothing remains to carry the recorded peak of {peak} {limit} at once"
    return f"the rest would run at {left.seen:.0f}% {limit} at its peak, {peak} with all of it"


def _is_more(forecast: PeakUse | None, at_once: PeakUse) -> TypeGuard[PeakUse]:
    return forecast is not None and forecast.seen > at_once.seen + 0.5


def _carries(peak: PeakUse) -> Verdict:
    if peak.seen > FULL:
        return Verdict.FAIL
    return Verdict.PASS if peak.at_most <= FULL else Verdict.INCONCLUSIVE


def _now_and_then(now: Verdict, forecast: PeakUse | None) -> Verdict:
    """Return the verdict on the recorded peak; one that the forecast peak turns is left open."""
    is_open = now is Verdict.PASS and forecast is not None and forecast.seen > FULL
    return Verdict.INCONCLUSIVE if is_open else now


def _hidden(peak: PeakUse) -> str:
    if peak.seen > FULL or peak.at_most <= FULL:
        return ""
    return f"{peak.missing:.1%} of the values are missing, which could hide the peak"


def _without_use(told: ZoneLoss) -> ZoneLoss:
    """Judge what nothing measures: in one zone it is lost whatever it carries."""
    if len(told.units) > 1:
        return replace(told, why="its use is not measured")
    return replace(told, verdict=Verdict.FAIL, why=f"all of it is in {told.lost_zone}")


def node_groups(inventory: Inventory) -> Mapping[tuple[str, str, str], str]:
    """Return the cluster of each Auto Scaling group that makes nodes, by account, region, name."""
    return {
        (one.account, one.region, one.settings["group"]): str(one.settings["cluster"])
        for one in inventory.of(CapacityService.EKS)
        if one.settings.get("group") and one.settings.get("cluster")
    }


def _zones(inventory: Inventory, resource: ResourceDetails) -> tuple[str, ...]:
    """Return the zone of each unit; of a cluster's nodes, those of the instances that they are."""
    if resource.service != CapacityService.EKS:
        return resource.zones
    clusters = node_groups(inventory)
    nodes = [
        zone
        for one in inventory.of(CapacityService.EC2)
        if clusters.get((one.account, one.region, str(one.settings.get("group")))) == resource.name
        and one.account == resource.account
        and one.region == resource.region
        for zone in one.zones
    ]
    return tuple(nodes) or resource.zones


def _running(
    inventory: Inventory, resource: ResourceDetails, like: RegularSeries, today: int
) -> Values:
    """Return the units that ran at each time; today's where nothing counted them."""
    counted = (one.history for one in inventory.series(resource.resource, UsageRole.UNITS))
    history = next((one for one in counted if one is not None), None)
    if history is None or history.step_seconds != like.step_seconds:
        return np.full(len(like.values), float(today))
    shift = round((like.start - history.start).total_seconds() / like.step_seconds)
    places = np.arange(len(like.values)) + shift
    inside = (places >= 0) & (places < len(history.values))
    running = np.full(len(like.values), np.nan)
    running[inside] = history.values[places[inside]]
    return np.where(running > 0, running, np.nan)
