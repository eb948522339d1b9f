"""EBS snapshots: forgotten, of an image, made by AWS Backup, and young.

The price is that of AWS's example for us-east-1, https://aws.amazon.com/ebs/pricing/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from opslib.sandbox.estate import EC2, LAB
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, PlantedResource, regional

__all__ = ["plan_snapshots"]

GIB_USD = "0.05"
BACKUP_TAG = "aws:backup:source-resource"


def plan_snapshots(draw: Draw) -> Iterator[PlantedResource]:
    """Yield forgotten snapshots where waste is planted, and those that have a reason to exist."""
    if draw.wasteful:
        for number in range(draw.number(1, 3)):
            yield _snapshot(draw, f"before-upgrade-{number}", draw.old(), wasted=True)
    image = _snapshot(draw, "of-image", draw.old())
    yield image
    yield PlantedResource(
        kind="image",
        id=draw.hex_id("ami"),
        created=image.created,
        region=image.region,
        charges=(),
        tags=draw.tags("golden"),
        details={"snapshot": image.id},
    )
    yield _snapshot(draw, "young", draw.young())
    source = f"arn:aws:ec2:us-east-1:{LAB}:volume/{draw.hex_id('vol')}"
    yield _snapshot(draw, "backup", draw.old(), tags={BACKUP_TAG: source})


def _snapshot(
    draw: Draw,
    name: str,
    created: datetime,
    *,
    wasted: bool = False,
    tags: Mapping[str, str] | None = None,
) -> PlantedResource:
    gib, region, identity = draw.number(60, 500), draw.region(), draw.hex_id("snap")
    charge = FlatCharge(
        service=EC2,
        meter=regional(region, "EBS:SnapshotUsage"),
        unit="GB-Mo",
        price=GIB_USD,
        daily=round(gib * draw.number(40, 95) / 100 / 30, 6),
    )
    return PlantedResource(
        kind="snapshot",
        id=identity,
        billed_as=f"arn:aws:ec2:{region}:{LAB}:snapshot/{identity}",
        created=created,
        region=region,
        charges=(charge,),
        tags=draw.tags(name) | dict(tags or {}),
        details={"gib": gib, "volume": draw.hex_id("vol")},
        wasted="old_snapshot" if wasted else "",
        saving=charge.monthly if wasted else None,
    )
