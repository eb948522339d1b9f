"""Elastic IP addresses: associated with nothing, allocated lately, and in use.

The price is that of Amazon VPC pricing, https://aws.amazon.com/vpc/pricing/, public IPv4 addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from opslib.sandbox.estate import LAB, VPC
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, PlantedResource, regional

__all__ = ["idle_address", "plan_addresses"]

HOUR_USD = "0.005"


def plan_addresses(draw: Draw) -> Iterator[PlantedResource]:
    """Yield idle addresses where waste is planted, a young one and one in use."""
    if draw.wasteful:
        for number in range(draw.number(1, 3)):
            yield idle_address(draw, f"spare-{number}", draw.old(), draw.region(), wasted=True)
    yield idle_address(draw, "just-allocated", draw.young(), draw.region(), wasted=False)
    yield PlantedResource(
        kind="address",
        id=draw.hex_id("eipalloc"),
        created=draw.old(),
        region=draw.region(),
        charges=(),
        tags=draw.tags("in-use"),
        details={"address": _number(draw), "instance": draw.hex_id("i")},
    )


def idle_address(
    draw: Draw, name: str, created: datetime, region: str, *, wasted: bool, instance: str = ""
) -> PlantedResource:
    """Return an address that is charged as idle: of nothing, or of a stopped instance."""
    charge = FlatCharge(
        service=VPC,
        meter=regional(region, "PublicIPv4:IdleAddress"),
        unit="Hrs",
        price=HOUR_USD,
        daily=24,
    )
    identity = draw.hex_id("eipalloc")
    return PlantedResource(
        kind="address",
        id=identity,
        billed_as=f"arn:aws:ec2:{region}:{LAB}:elastic-ip/{identity}",
        created=created,
        region=region,
        charges=(charge,),
        tags=draw.tags(name),
        details={"address": _number(draw), "instance": instance},
        wasted="unassociated_address" if wasted else "",
        saving=charge.monthly if wasted else None,
        first_day=None if wasted else created.date(),
    )


def _number(draw: Draw) -> str:
    return f"198.51.100.{draw.number(1, 254)}"
