"""NAT gateways: some that nothing goes through, and those that only look so.

Prices: Amazon VPC pricing, https://aws.amazon.com/vpc/pricing/, of us-east-1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from opslib.sandbox.estate import LAB, VPC
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, LabMetric, PlantedResource, regional

__all__ = ["plan_gateways"]

IDLE = "idle_nat_gateway"
GATEWAY_USD, ADDRESS_USD = "0.045", "0.005"
GIB = 2**30
TOLD = ("BytesOutToDestination", "BytesInFromDestination")


def plan_gateways(draw: Draw) -> Iterator[PlantedResource]:
    """Yield idle gateways where waste is planted; one busy, one young, one that is silent.

    Each idle one has a public address, which is charged too and goes with it.
    """
    if draw.wasteful:
        for number in range(draw.number(1, 2)):
            gateway = _gateway(draw, f"nat-left-{number}", draw.old())
            address = _address(draw, gateway)
            saving = sum((one.monthly for one in (*gateway.charges, *address.charges)), Decimal(0))
            yield replace(gateway, wasted=IDLE, saving=saving)
            yield address
    endpoints = draw.one_of([(), ("s3",), ("dynamodb", "s3")])
    gib = draw.number(20, 60)
    yield _gateway(draw, "nat-busy", draw.old(), daily_gib=gib, endpoints=endpoints)
    young = _gateway(draw, "nat-trial", draw.young())
    yield replace(young, first_day=young.created.date())
    yield replace(_gateway(draw, "nat-unseen", draw.old()), metrics=())


def _gateway(
    draw: Draw,
    name: str,
    created: datetime,
    *,
    daily_gib: int = 0,
    endpoints: tuple[str, ...] = (),
) -> PlantedResource:
    region, identity = draw.region(), draw.hex_id("nat")
    named = (("NatGatewayId", identity),)
    hours = _charge(region, "NatGateway-Hours", "Hrs", GATEWAY_USD, 24.0)
    moved = _charge(region, "NatGateway-Bytes", "GB", GATEWAY_USD, float(daily_gib))
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
            for metric in TOLD
        ),
        tags=draw.tags(name),
        details={
            "network": draw.hex_id("vpc"),
            "subnet": draw.hex_id("subnet"),
            "address": draw.hex_id("eipalloc"),
            "endpoints": endpoints,
        },
    )


def _address(draw: Draw, gateway: PlantedResource) -> PlantedResource:
    """Return the public address of a gateway."""
    identity = gateway.details["address"]
    hours = _charge(gateway.region, "PublicIPv4:InUseAddress", "Hrs", ADDRESS_USD, 24.0)
    return PlantedResource(
        kind="address",
        id=identity,
        billed_as=f"arn:aws:ec2:{gateway.region}:{LAB}:elastic-ip/{identity}",
        created=gateway.created,
        region=gateway.region,
        charges=(hours,),
        details={
            "address": f"198.51.100.{draw.number(1, 254)}",
            "interface": draw.hex_id("eni"),
        },
    )


def _charge(region: str, meter: str, unit: str, price: str, daily: float) -> FlatCharge:
    return FlatCharge(
        service=VPC, meter=regional(region, meter), unit=unit, price=price, daily=daily
    )
