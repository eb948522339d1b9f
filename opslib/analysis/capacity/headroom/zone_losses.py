"""Whether what remains after losing one availability zone carries the peak."""

from __future__ import annotations

from collections.abc import Mapping

from opslib.analysis.capacity.headroom.zone_loss import ZoneLoss
from opslib.analysis.capacity.headroom.zone_stores import check_stores
from opslib.analysis.capacity.headroom.zone_units import check_units, node_groups
from opslib.analysis.capacity.inventory import Inventory
from opslib.findings import Verdict
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import CapacityService, CapacityTables

__all__ = ["ZoneLoss", "check_zone_loss", "count_alone"]

ORDER = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)


def check_zone_loss(
    tables: CapacityTables,
    parameters: CapacityParameters,
    peaks: Mapping[str, float] | None = None,
) -> tuple[ZoneLoss, ...]:
    """Return what the loss of its largest zone does to each resource, the worst first.

    Services, groups and clusters that run units in zones are held against their peak; databases,
    caches and gateways against having another one in another zone. Node groups and pods are judged
    with their cluster. Functions and DynamoDB tables
    are in every zone. Instances that stand alone are counted by `count_alone` and not judged.

    Args:
        tables: what was read.
        parameters: ``target_utilisation_percent`` is what a unit is to be run at.
        peaks: by resource, what its recorded peak is multiplied by to come to the forecast one.
    """
    inventory = Inventory(tables)
    spread = inventory.of(CapacityService.ECS, CapacityService.ASG, CapacityService.EKS)
    nodes = node_groups(inventory)
    spread = tuple(
        one
        for one in spread
        if one.settings.get("kind", "cluster") == "cluster"
        and (one.account, one.region, one.name) not in nodes
    )
    growth, target = peaks or {}, parameters.target_utilisation_percent
    found = [check_units(inventory, one, target, growth.get(one.resource)) for one in spread]
    found += check_stores(inventory)
    return tuple(sorted(found, key=_rank))


def _rank(loss: ZoneLoss) -> tuple[int, int, float, str]:
    over = -(loss.at_once_percent or 0.0)
    return ORDER.index(loss.verdict), ORDER.index(loss.after_scaling), over, loss.name


def count_alone(tables: CapacityTables) -> int:
    """Return how many instances stand by themselves: whether another takes over is not told."""
    alone = Inventory(tables).of(CapacityService.EC2)
    return sum(not one.settings.get("group") for one in alone)
