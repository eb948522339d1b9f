"""The EC2 instances and volumes of the estate, and the groups that they belong to.

Instances and volumes have the ids of the bill, so that what they cost is known. Production has
most of them; staging a few.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opslib.sandbox.capacity_estate import ZONES
from opslib.sandbox.estate import EC2, PAYER, PRODUCTION, Resource, list_resources

__all__ = [
    "EKS_CLUSTER",
    "FLEET",
    "FLEET_SIZES",
    "INSTANCES",
    "NODE_GROUPS",
    "VOLUMES",
    "Instance",
    "NodeGroup",
    "instances_of",
]

EKS_CLUSTER, FLEET = "analytics", "render"
FLEET_SIZES = (3, 3, 9)
"""Least, desired and most instances of the Auto Scaling group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """An EC2 instance.

    Args:
        id: as in the bill.
        type: instance type.
        account: that it is in.
        zone: availability zone.
        group: Auto Scaling group or node group; empty for none.
        has_agent: whether CloudWatch's agent reports its memory.
    """

    id: str
    type: str
    account: str
    zone: str
    group: str
    has_agent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGroup:
    """A node group of the EKS cluster.

    Args:
        name: of the group.
        type: instance type of its nodes.
        least, desired, most: nodes.
    """

    name: str
    type: str
    least: int
    desired: int
    most: int


PLAIN = 3
"""Instances of production's m6i.2xlarge that belong to no group; the others are nodes."""
NODE_GROUPS = (NodeGroup(name="general", type="m6i.2xlarge", least=2, desired=2, most=6),)


def _instances() -> tuple[Instance, ...]:
    """Return the instances of the bill; those of a group lie in one zone after the other."""
    made: list[Instance] = []
    for number, resource in enumerate(_billed()):
        kind = resource.template.meter.rpartition(":")[2]
        alike = sum((one.account, one.type) == (resource.account, kind) for one in made)
        group = _group_of(resource.account, kind, alike)
        made.append(
            Instance(
                id=resource.id,
                type=kind,
                account=resource.account,
                zone=ZONES[(alike if group else number) % len(ZONES)],
                group=group,
                has_agent=not group and kind.startswith("m6i"),
            )
        )
    return tuple(made)


def _billed() -> Iterator[Resource]:
    for resource in list_resources():
        is_instance = resource.template.meter.startswith("BoxUsage")
        if is_instance and resource.template.service == EC2 and resource.account != PAYER:
            yield resource


def _group_of(account: str, kind: str, place: int) -> str:
    """Return the group that an instance is in, by its place among those alike."""
    if account != PRODUCTION:
        return ""
    if kind == NODE_GROUPS[0].type:
        return NODE_GROUPS[0].name if place >= PLAIN else ""
    return FLEET


INSTANCES = _instances()
VOLUMES = tuple(
    (resource.id, resource.account)
    for resource in list_resources()
    if resource.template.meter == "EBS:VolumeUsage.gp3" and resource.account != PAYER
)
"""Ids of volumes, as in the bill, and the account of each."""


def instances_of(account: str) -> tuple[Instance, ...]:
    """Return the instances of an account."""
    return tuple(instance for instance in INSTANCES if instance.account == account)
