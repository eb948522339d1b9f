"""Whether the units that remain in the other zones carry the peak.

Method: `zone_load` tells what the remaining units would have carried; its peak is that of
`weekly_peaks`. At once, what remains has to carry it at 100% at the most; after scaling, the units
that the maximum allows, all in the zones that remain.

Assumptions: load spreads evenly over units; the other zones have room for replacements at the time
when everybody asks for them. Source: Amazon Builders' Library, static stability using availability
zones, for holding the first answer to be the one that counts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.headroom.zone_load import Loads, Spread, load_without_zone
from opslib.analysis.capacity.headroom.zone_loss import ZoneLoss
from opslib.analysis.capacity.inventory import Inventory, LimitUse, ResourceDetails
from opslib.analysis.capacity.sizes.weekly_peaks import PeakUse, measure_peaks
from opslib.findings import Verdict
from opslib.tables.capacity import CapacityService, UsageRole
from opslib.tables.regular_series import RegularSeries
from opslib.wording import count

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
        target: utilisation in percent that a unit is to be run at.
        growth: what the recorded peak is multiplied by to come to the forecast one; None: unknown.
    """
    counted = Counter(_zones(inventory, resource))
    units = tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0])))
    told = ZoneLoss(
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
        _judge_limit(inventory, resource, use, target, growth, told)
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
    target: float,
    growth: float | None,
    told: ZoneLoss,
) -> ZoneLoss:
    assert use.history is not None
    running = _running(inventory, resource, use.history, sum(dict(told.units).values()))
    counted = inventory.limit(resource.resource, COUNTED[CapacityService(resource.service)])
    most = counted.value if counted else None
    recorded = use.history.values / use.value * FULL
    loads = load_without_zone(recorded, running, Spread(units=told.units), most, growth)
    judged = _judge(replace(told, limit=use.limit), use.history, loads, target)
    room, why = _judge_room(inventory, resource, told)
    if room is Verdict.PASS or judged.after_percent is None:
        return judged
    return replace(judged, after_scaling=room, why=f"{judged.why}; {why}")


def _judge(told: ZoneLoss, history: RegularSeries, loads: Loads, target: float) -> ZoneLoss:
    peaks = [
        _peak(history, values) if values is not None else None
        for values in (loads.recorded, loads.at_once, loads.after, loads.forecast)
    ]
    recorded, at_once, after, forecast = peaks
    if recorded is None or at_once is None or after is None:
        return replace(told, why="fewer than two whole weeks of history")
    peak = f"the recorded peak of {recorded.seen:.0f}% {told.limit}"
    parts = [
        f"without {told.lost_zone} {_told(peak, at_once)}, {target:g}% being the target",
        f"{after.seen:.0f}% when scaling has replaced what it may",
        _hidden(at_once),
    ]
    if forecast is not None:
        parts.insert(1, _told("the forecast peak", forecast))
    return replace(
        told,
        peak_percent=recorded.seen,
        at_once_percent=at_once.seen,
        after_percent=after.seen,
        forecast_percent=forecast.seen if forecast else None,
        verdict=_carries(at_once),
        after_scaling=_carries(after),
        why="; ".join(part for part in parts if part),
    )


def _peak(history: RegularSeries, values: Values) -> PeakUse | None:
    return measure_peaks(replace(history, values=values))


def _told(peak: str, left: PeakUse) -> str:
    if math.isinf(left.seen):
        return f"nothing remains to carry {peak} at once"
    return f"{peak} is {left.seen:.0f}% of what remains"


def _carries(peak: PeakUse) -> Verdict:
    if peak.seen > FULL:
        return Verdict.FAIL
    return Verdict.PASS if peak.at_most <= FULL else Verdict.INCONCLUSIVE


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


def _judge_room(
    inventory: Inventory, resource: ResourceDetails, told: ZoneLoss
) -> tuple[Verdict, str]:
    """Return whether the remaining subnets have addresses for what is replaced."""
    named = set(resource.settings.get("subnets", ()))
    subnets = [
        one
        for one in inventory.of(CapacityService.SUBNET)
        if (one.account, one.region) == (resource.account, resource.region) and one.name in named
    ]
    left = [one for one in subnets if told.lost_zone not in one.zones]
    free = [one.settings.get("available_ips") for one in left]
    if len(subnets) < len(named) or None in free:
        return Verdict.INCONCLUSIVE, "the free addresses of its subnets are not known"
    lost, total = dict(told.units)[told.lost_zone], sum(int(one or 0) for one in free)
    if not named or total >= lost:
        return Verdict.PASS, ""
    return Verdict.FAIL, f"the other subnets have {total} free IPs for {count(lost, 'unit')}"
