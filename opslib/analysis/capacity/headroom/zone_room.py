"""Whether the subnets of the other zones have room for what is replaced."""

from __future__ import annotations

from opslib.analysis.capacity.headroom.zone_loss import ZoneLoss
from opslib.analysis.capacity.inventory import Inventory, ResourceDetails
from opslib.findings import Verdict
from opslib.tables.capacity import CapacityService
from opslib.wording import count

__all__ = ["judge_room"]


def judge_room(
    inventory: Inventory, resource: ResourceDetails, told: ZoneLoss
) -> tuple[Verdict, str]:
    """Return whether the remaining subnets have addresses for what is replaced, and why not.

    Args:
        inventory: the estate.
        resource: whose subnets.
        told: the zone that is lost, and the units in it.
    """
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
