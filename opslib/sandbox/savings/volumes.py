"""EBS volumes: attached to nothing, too young to say so, and of a type that a cheaper one follows.

Prices are those of AWS's examples, https://aws.amazon.com/ebs/pricing/, in every region.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from opslib.money import total
from opslib.sandbox.estate import EC2
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, PlantedResource, regional

__all__ = ["plan_volumes", "volume_charges"]

GIB_USD = {"gp2": "0.10", "gp3": "0.08", "io1": "0.125"}
IO1_IOPS_USD, GP3_IOPS_USD, GP3_MIB_USD = "0.065", Decimal("0.005"), Decimal("0.04")
MONTH_DAYS = 30
BURST_IOPS, INCLUDED_MIB = 3000, 125
SLOW_GIB, SLOW_MIB, FAST_MIB = 170, 128, 250
CHEAPER_AS_GP3 = ((80, 170), (320, 1000), (1100, 4000))
"""Sizes at which gp3 that is no slower saves more than a dollar a month."""
DEARER_AS_GP3 = (171, 240)
"""Sizes at which the throughput that must be bought costs more than the size saves."""


def plan_volumes(draw: Draw) -> Iterator[PlantedResource]:
    """Yield unattached and gp2 volumes where waste is planted, and what only looks like them."""
    busy = draw.hex_id("i")
    if draw.wasteful:
        for number in range(draw.number(1, 3)):
            yield _unattached(draw, f"left-over-{number}", draw.old(), wasted=True)
        yield _fast(draw)
        for number in range(draw.number(1, 2)):
            low, high = draw.one_of(CHEAPER_AS_GP3)
            yield _gp2(draw, f"old-type-{number}", draw.number(low, high), busy, wasted=True)
    yield _unattached(draw, "just-detached", draw.young(), wasted=False)
    yield _gp2(draw, "dear-as-gp3", draw.number(*DEARER_AS_GP3), busy, wasted=False)


def _unattached(draw: Draw, name: str, created: datetime, *, wasted: bool) -> PlantedResource:
    gib, region = draw.number(50, 900), draw.region()
    charges = volume_charges(region, "gp3", gib)
    return PlantedResource(
        kind="volume",
        id=draw.hex_id("vol"),
        created=created,
        region=region,
        charges=charges,
        tags=draw.tags(name),
        details={"gib": gib, "type": "gp3", "iops": 3000, "mib_a_second": 125},
        wasted="unattached_volume" if wasted else "",
        saving=total(charge.monthly for charge in charges) if wasted else None,
        first_day=None if wasted else created.date(),
    )


def _fast(draw: Draw) -> PlantedResource:
    """Return an unattached volume whose provisioned performance is charged beside its size."""
    gib, iops, region = draw.number(50, 400), 100 * draw.number(10, 40), draw.region()
    charges = volume_charges(region, "io1", gib, iops)
    return PlantedResource(
        kind="volume",
        id=draw.hex_id("vol"),
        created=draw.old(),
        region=region,
        charges=charges,
        tags=draw.tags("fast-left-over"),
        details={"gib": gib, "type": "io1", "iops": iops},
        wasted="unattached_volume",
        saving=total(charge.monthly for charge in charges),
    )


def _gp2(draw: Draw, name: str, gib: int, instance: str, *, wasted: bool) -> PlantedResource:
    region = draw.region()
    charges = volume_charges(region, "gp2", gib)
    return PlantedResource(
        kind="volume",
        id=draw.hex_id("vol"),
        created=draw.old(),
        region=region,
        charges=charges,
        tags=draw.tags(name),
        details={"gib": gib, "type": "gp2", "iops": max(100, 3 * gib), "instance": instance},
        wasted="gp2_volume" if wasted else "",
        saving=_saved_as_gp3(gib, charges[0]) if wasted else None,
    )


def _saved_as_gp3(gib: int, charge: FlatCharge) -> Decimal:
    """Return what gp3 saves that is as quick as gp2 is at its best."""
    iops = max(0, 3 * gib - BURST_IOPS)
    mib = (SLOW_MIB if gib <= SLOW_GIB else FAST_MIB) - INCLUDED_MIB
    size = MONTH_DAYS * charge.quantity * Decimal(GIB_USD["gp3"])
    return charge.monthly - size - iops * GP3_IOPS_USD - mib * GP3_MIB_USD


def volume_charges(region: str, sort: str, gib: int, iops: int = 0) -> tuple[FlatCharge, ...]:
    """Return what a volume costs; a month is taken for 30 days.

    Args:
        region: where it lies.
        sort: its type.
        gib: its size.
        iops: provisioned, of io1.
    """
    named = "piops" if sort == "io1" else sort
    size = FlatCharge(
        service=EC2,
        meter=regional(region, f"EBS:VolumeUsage.{named}"),
        unit="GB-Mo",
        price=GIB_USD[sort],
        daily=round(gib / MONTH_DAYS, 6),
    )
    if not iops:
        return (size,)
    performance = FlatCharge(
        service=EC2,
        meter=regional(region, "EBS:VolumeP-IOPS.piops"),
        unit="IOPS-Mo",
        price=IO1_IOPS_USD,
        daily=round(iops / MONTH_DAYS, 6),
    )
    return (size, performance)
