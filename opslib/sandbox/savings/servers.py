"""EC2 instances: stopped and forgotten, stopped lately or nobody knows when, and of old types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from opslib.money import total
from opslib.sandbox.estate import EAST, EC2
from opslib.sandbox.savings.addresses import idle_address
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, PlantedResource
from opslib.sandbox.savings.volumes import volume_charges
from opslib.sandbox.server_prices import PREVIOUS, SERVER_USD

__all__ = ["plan_servers"]

LONGEST_STOP_DAYS, SHORTEST_STOP_DAYS = 200, 40
MOST_DISKS = 3


def plan_servers(draw: Draw) -> Iterator[PlantedResource]:
    """Yield forgotten instances and old types where waste is planted, and decoys everywhere."""
    if draw.wasteful:
        for number in range(draw.number(1, 2)):
            stopped = timedelta(days=draw.number(SHORTEST_STOP_DAYS, LONGEST_STOP_DAYS))
            reason = _reason(draw.epoch - stopped)
            yield from _stopped(draw, f"forgotten-{number}", reason, wasted=True)
        yield _old_type(draw)
    yield from _stopped(draw, "at-night", _reason(draw.young()), wasted=False)
    yield from _stopped(draw, "stopped-once", "", wasted=False)


def _reason(moment: datetime) -> str:
    return f"User initiated ({moment:%Y-%m-%d %H:%M:%S} GMT)"


def _stopped(draw: Draw, name: str, reason: str, *, wasted: bool) -> Iterator[PlantedResource]:
    """Yield an instance that is stopped, its disks, and at times its address."""
    region, created = draw.region(), draw.epoch - timedelta(days=draw.number(300, 500))
    server = PlantedResource(
        kind="instance",
        id=draw.hex_id("i"),
        created=created,
        region=region,
        charges=(),
        tags=draw.tags(name),
        details={"type": "m6i.2xlarge", "stop_reason": reason},
        wasted="stopped_instance" if wasted else "",
    )
    parts = [_disk(draw, server, number) for number in range(draw.number(1, MOST_DISKS))]
    if wasted and draw.chance.random() < 0.5:  # noqa: PLR2004  every other one
        tag = f"{name}-address"
        parts.append(idle_address(draw, tag, created, region, wasted=True, instance=server.id))
    cost = total(charge.monthly for part in parts for charge in part.charges)
    yield replace(server, saving=cost) if wasted else server
    yield from parts


def _disk(draw: Draw, server: PlantedResource, number: int) -> PlantedResource:
    gib = draw.number(30, 400)
    return PlantedResource(
        kind="volume",
        id=draw.hex_id("vol"),
        created=server.created,
        region=server.region,
        charges=volume_charges(server.region, "gp3", gib),
        tags=draw.tags(f"{server.tags['Name']}-{number}"),
        details={
            "gib": gib,
            "type": "gp3",
            "iops": 3000,
            "mib_a_second": 125,
            "instance": server.id,
        },
    )


def _old_type(draw: Draw) -> PlantedResource:
    """Return an instance that runs on a type of a previous generation."""
    kind = draw.one_of(tuple(PREVIOUS))
    price, less = SERVER_USD[kind], Decimal(SERVER_USD[PREVIOUS[kind]])
    charge = FlatCharge(service=EC2, meter=f"BoxUsage:{kind}", unit="Hrs", price=price, daily=24)
    return PlantedResource(
        kind="instance",
        id=draw.hex_id("i"),
        created=draw.old(),
        region=EAST,
        charges=(charge,),
        tags=draw.tags("old-type"),
        details={"type": kind},
        wasted="previous_generation_instance",
        saving=charge.monthly - 30 * charge.quantity * less,
    )
