"""EBS volumes: some attached to nothing, some too young to say so, some in use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from opslib.sandbox.estate import EAST, EC2
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, PlantedResource

__all__ = ["make_volume", "plan_volumes", "volume_charge"]

PRICES = {"gp2": "0.10", "gp3": "0.08", "io1": "0.125", "standard": "0.05"}


def plan_volumes(draw: Draw) -> Iterator[PlantedResource]:
    """Yield unattached volumes where waste is planted, and one too young to be called so."""
    if draw.wasteful:
        for number in range(draw.number(1, 3)):
            yield _volume(draw, f"left-over-{number}", draw.old(), wasted=True)
    yield _volume(draw, "just-detached", draw.young(), wasted=False)


def _volume(draw: Draw, name: str, created: datetime, *, wasted: bool) -> PlantedResource:
    gib, region = draw.number(50, 900), draw.region()
    charge = volume_charge(region, "gp3", gib)
    return PlantedResource(
        kind="volume",
        id=draw.hex_id("vol"),
        created=created,
        region=region,
        charges=(charge,),
        tags=draw.tags(name),
        details={"gib": gib, "type": "gp3"},
        wasted="unattached_volume" if wasted else "",
        saving=charge.monthly if wasted else None,
        first_day=None if wasted else created.date(),
    )


def volume_charge(region: str, sort: str, gib: int) -> FlatCharge:
    """Return what a volume costs; a month is taken for 30 days."""
    prefix = "" if region == EAST else "EUW1-"
    return FlatCharge(
        service=EC2,
        meter=f"{prefix}EBS:VolumeUsage.{sort}",
        unit="GB-Mo",
        price=PRICES[sort],
        daily=round(gib / 30, 6),
    )


def make_volume(backend: Any, planted: PlantedResource) -> None:
    """Make a volume in moto's EC2 of its region."""
    volume = backend.create_volume(
        size=planted.details["gib"],
        zone_name=f"{planted.region}a",
        volume_type=planted.details["type"],
    )
    del backend.volumes[volume.id]
    volume.id, volume.create_time = planted.id, f"{planted.created:%Y-%m-%dT%H:%M:%S.000Z}"
    backend.volumes[planted.id] = volume
    backend.create_tags([planted.id], dict(planted.tags))
