"""Log groups: some kept for ever, and those of which no such thing can be said.

Price: Amazon CloudWatch pricing, https://aws.amazon.com/cloudwatch/pricing/, logs stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from opslib.money import divide
from opslib.sandbox.estate import EAST, LAB
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, LabMetric, PlantedResource

__all__ = ["plan_log_groups"]

KEPT_FOR_EVER = "log_group_without_retention"
RETENTION_DAYS = 30
GIB = 2**30
USD = "0.03"


def plan_log_groups(draw: Draw) -> Iterator[PlantedResource]:
    """Yield groups without retention where waste is planted; and four that are none.

    These are one with retention, one that holds no more than its last days, one young, and one of
    which CloudWatch does not tell what comes in.
    """
    if draw.wasteful:
        for number in range(draw.number(1, 3)):
            daily = draw.number(1, 9)
            stored = daily * RETENTION_DAYS + draw.number(100, 4000)
            yield _group(draw, f"/lab/job-{number}", draw.old(), (stored, daily), wasted=True)
    yield _group(draw, "/lab/kept-short", draw.old(), (draw.number(100, 900), 4), retention=14)
    daily = draw.number(5, 20)
    yield _group(draw, "/lab/all-new", draw.old(), (daily * (RETENTION_DAYS - 2), daily))
    yield _group(draw, "/lab/trial", draw.young(), (draw.number(50, 300), 1), is_young=True)
    yield _group(draw, "/lab/unseen", draw.old(), (draw.number(100, 900), 0))


def _group(
    draw: Draw,
    name: str,
    created: datetime,
    gib: tuple[int, int],
    *,
    retention: int | None = None,
    is_young: bool = False,
    wasted: bool = False,
) -> PlantedResource:
    """Return a group; ``gib`` is what it stores, and what comes in a day: nothing is not told."""
    region, (stored, daily) = draw.region(), gib
    charge = FlatCharge(
        service="AmazonCloudWatch",
        meter=f"{'USE1' if region == EAST else 'EUW1'}-TimedStorage-ByteHrs",
        unit="GB-Mo",
        price=USD,
        daily=round(stored / 30, 6),
    )
    incoming = LabMetric(
        namespace="AWS/Logs",
        name="IncomingBytes",
        dimensions=(("LogGroupName", name),),
        hourly=daily * GIB / 24,
        unit="Bytes",
    )
    older = divide(Decimal(stored - daily * RETENTION_DAYS), Decimal(stored))
    return PlantedResource(
        kind="log_group",
        id=f"arn:aws:logs:{region}:{LAB}:log-group:{name}",
        created=created,
        region=region,
        charges=(charge,),
        metrics=(incoming,) if daily else (),
        details={"name": name, "retention": retention, "stored": stored * GIB},
        wasted=KEPT_FOR_EVER if wasted else "",
        saving=charge.monthly * older if wasted else None,
        first_day=created.date() if is_young else None,
    )
