"""Auto Scaling groups that could run on Spot Instances, and some that only look like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from opslib.money import total
from opslib.sandbox.estate import AUTOSCALED, EAST, EC2, LAB
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, PlantedResource
from opslib.sandbox.shop import make_uuid

__all__ = ["TYPE", "plan_spot_groups"]

TYPE = AUTOSCALED.meter.partition(":")[2]
ZONES = (f"{EAST}a", f"{EAST}b")
WINDOW_DAYS, BEFORE_DAYS = 30, 40
MAY_STOP = {"Interruptible": "true"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """A group, and what of it differs from a candidate's.

    Args:
        name: of the group.
        zones: of its instances, in turn.
        tags: beside the usual ones.
        is_mixed: whether it has a mixed instances policy.
        disks: data volumes of each instance.
        is_young: whether it was made lately.
    """

    name: str
    zones: tuple[str, ...] = ZONES
    tags: Mapping[str, str] = field(default_factory=lambda: MAY_STOP)
    is_mixed: bool = False
    disks: int = 0
    is_young: bool = False


def plan_spot_groups(draw: Draw) -> Iterator[PlantedResource]:
    """Yield a group that pays on-demand prices where waste is planted, and what looks like one.

    The latter: untagged, in one zone, mixed already, with data disks, and too young.
    """
    if draw.wasteful:
        yield from _plant(draw, _Group(name="renderers"), draw.number(2, 4), wasted=True)
    yield from _plant(draw, _Group(name="untagged", tags={}), 2)
    yield from _plant(draw, _Group(name="one-zone", zones=ZONES[:1]), 2)
    yield from _plant(draw, _Group(name="mixed", is_mixed=True), 2)
    yield from _plant(draw, _Group(name="with-data", disks=2), 2)
    yield from _plant(draw, _Group(name="begun", is_young=True), 2)


def _plant(
    draw: Draw, group: _Group, size: int, *, wasted: bool = False
) -> Iterator[PlantedResource]:
    """Yield a group and its instances, which are what is charged."""
    created = draw.young() if group.is_young else draw.old()
    tags = draw.tags(group.name) | dict(group.tags)
    hours = FlatCharge(
        service=EC2, meter=AUTOSCALED.meter, unit="Hrs", price=AUTOSCALED.price, daily=24.0
    )
    spot = {zone: _changes(draw) for zone in ZONES}
    instances = [
        PlantedResource(
            kind="instance",
            id=draw.hex_id("i"),
            created=created,
            region=EAST,
            charges=() if group.is_young else (hours,),
            tags=tags,
            details={
                "type": TYPE,
                "zone": group.zones[number % len(group.zones)],
                "disks": [draw.hex_id("vol") for _ in range(group.disks)],
            },
        )
        for number in range(size)
    ]
    mark = make_uuid(f"group {group.name}")
    saving = total(24 * WINDOW_DAYS * _less(spot[one.details["zone"]]) for one in instances)
    yield PlantedResource(
        kind="instance_group",
        id=f"arn:aws:autoscaling:{EAST}:{LAB}:autoScalingGroup:{mark}:autoScalingGroupName/"
        f"{group.name}",
        created=created,
        region=EAST,
        charges=(),
        tags=tags,
        details=_details(group, instances, spot),
        wasted="spot_candidate" if wasted else "",
        saving=saving if wasted else None,
    )
    yield from instances


def _details(
    group: _Group, instances: list[PlantedResource], spot: dict[str, list[tuple[int, str]]]
) -> dict[str, Any]:
    return {
        "name": group.name,
        "is_mixed": group.is_mixed,
        "instances": [one.id for one in instances],
        "zones": [one.details["zone"] for one in instances],
        "spot": spot,
    }


def _changes(draw: Draw) -> list[tuple[int, str]]:
    """Return Spot prices of a zone, each with the days before the epoch that it began."""
    first, then = (f"0.0{draw.number(300, 700)}" for _ in range(2))
    return [(BEFORE_DAYS, first), (draw.number(1, WINDOW_DAYS - 1), then)]


def _less(changes: list[tuple[int, str]]) -> Decimal:
    """Return how much less an hour costs than on demand, on average over thirty days."""
    (_, first), (days, then) = changes
    mean = (Decimal(first) * (WINDOW_DAYS - days) + Decimal(then) * days) / WINDOW_DAYS
    return Decimal(AUTOSCALED.price) - mean
