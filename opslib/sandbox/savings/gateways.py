"""NAT gateways: some that nothing goes through, and those that only look so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from opslib.sandbox.estate import LAB, VPC
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, LabMetric, PlantedResource, regional

__all__ = ["plan_gateways"]

IDLE = "idle_nat_gateway"
USD = "0.045"
GIB = 2**30
TOLD = ("BytesOutToDestination", "BytesInFromDestination")


def plan_gateways(draw: Draw) -> Iterator[PlantedResource]:
    """Yield idle gateways where waste is planted; one busy, one young, one that is silent."""
    if draw.wasteful:
        for number in range(draw.number(1, 2)):
            yield _gateway(draw, f"nat-left-{number}", draw.old(), wasted=True)
    endpoints = draw.one_of([(), ("s3",), ("dynamodb", "s3")])
    gib = draw.number(20, 60)
    yield _gateway(draw, "nat-busy", draw.old(), daily_gib=gib, endpoints=endpoints)
    yield _gateway(draw, "nat-trial", draw.young(), is_young=True)
    yield _gateway(draw, "nat-unseen", draw.old(), is_told=False)


def _gateway(
    draw: Draw,
    name: str,
    created: datetime,
    *,
    daily_gib: int = 0,
    endpoints: tuple[str, ...] = (),
    is_told: bool = True,
    is_young: bool = False,
    wasted: bool = False,
) -> PlantedResource:
    region, identity = draw.region(), draw.hex_id("nat")
    named = (("NatGatewayId", identity),)
    hours = _charge(region, "NatGateway-Hours", "Hrs", 24.0)
    moved = _charge(region, "NatGateway-Bytes", "GB", float(daily_gib))
    return PlantedResource(
        kind="nat_gateway",
        id=identity,
        created=created,
        region=region,
        billed_as=f"arn:aws:ec2:{region}:{LAB}:natgateway/{identity}",
        charges=(hours, moved) if daily_gib else (hours,),
        metrics=tuple(
            LabMetric(
                namespace="AWS/NATGateway",
                name=metric,
                dimensions=named,
                hourly=daily_gib * GIB / 24 / len(TOLD),
                unit="Bytes",
            )
            for metric in (TOLD if is_told else ())
        ),
        tags=draw.tags(name),
        details={
            "network": draw.hex_id("vpc"),
            "subnet": draw.hex_id("subnet"),
            "address": draw.hex_id("eipalloc"),
            "endpoints": endpoints,
        },
        wasted=IDLE if wasted else "",
        saving=hours.monthly if wasted else None,
        first_day=created.date() if is_young else None,
    )


def _charge(region: str, meter: str, unit: str, daily: float) -> FlatCharge:
    return FlatCharge(service=VPC, meter=regional(region, meter), unit=unit, price=USD, daily=daily)
