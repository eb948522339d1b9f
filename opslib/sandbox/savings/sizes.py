"""Instances and databases that are larger than their use needs, and some that only look so.

What AWS's own services say of them follows from what they would see: the last 14 days, and memory
only where the agent reports it by the instance's id alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pandas as pd

from opslib.sandbox.capacity_plan import CapacityPlan
from opslib.sandbox.estate import EAST, EC2, LAB, PRODUCTION, RDS
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import (
    FlatCharge,
    LabMetric,
    PlantedAdvice,
    PlantedResource,
    Spell,
    regional,
)
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = [
    "plan_databases_of_size",
    "plan_instances_of_size",
    "saved_on_oversized",
    "tell_oversized",
]

HOURLY = {EAST: {"m5.2xlarge": "0.384", "m5.xlarge": "0.192"}, "": {"m5.2xlarge": "0.428"}}
CLASS, CLASS_HOURLY, CLASS_GIB = "db.m6g.2xlarge", "0.636", 32
SMALLER = {"m5.2xlarge": ("m5.xlarge", "m5.large"), "m5.xlarge": ("m5.large",)}
GIB = 2**30
LOOK_BACK = 14
SETTLING, MONTH_DAYS = timedelta(hours=72), 30
HALF, QUARTER = 2, 4
Meter = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """What an instance is used for.

    Args:
        cpu: percent, the same all day.
        memory: percent; None where no agent reports it.
        spell: days on which CPU is another.
        plain: the agent reports memory by the instance's id alone.
    """

    cpu: float
    memory: float | None
    spell: Spell | None = None
    plain: bool = True


def plan_instances_of_size(draw: Draw) -> Iterator[PlantedResource]:
    """Yield instances that are too large where waste is planted, and decoys everywhere.

    The latter: busy, full of memory that AWS does not see, busy until a while ago, busy on one day,
    without memory or any datapoint, too young.
    """
    if draw.wasteful:
        for number in range(draw.number(1, 2)):
            yield _too_large(draw, number)
    low, some = float(draw.number(4, 12)), float(draw.number(15, 30))
    yield _server(draw, "busy", _Load(cpu=draw.number(62, 78), memory=some))
    full = _Load(cpu=low, memory=draw.number(72, 92), plain=False)
    yield _server(draw, "in-memory", full, aws="m5.large")
    earlier = Spell(value=draw.number(55, 75), first=40, last=draw.number(16, 25))
    yield _server(draw, "busy-before", _Load(cpu=low, memory=some, spell=earlier), aws="m5.large")
    once = draw.number(3, 28)
    burst = Spell(value=draw.number(32, 39), first=once, last=once)
    wild = _Load(cpu=draw.number(3, 6), memory=some, spell=burst)
    yield _server(draw, "wild", wild, aws="m5.large")
    yield _server(draw, "no-agent", _Load(cpu=low, memory=None), aws="m5.large")
    yield _server(draw, "unwatched", None)
    yield _server(draw, "grown", _Load(cpu=low, memory=some), created=draw.young(), aws="m5.large")


def _too_large(draw: Draw, number: int) -> PlantedResource:
    """Return an instance for which a half or a quarter would do."""
    step = draw.one_of((HALF, QUARTER))
    low, high = (22, 38) if step == HALF else (4, 18)
    load = _Load(
        cpu=draw.number(low, high), memory=draw.number(low, high), plain=draw.one_of((True, False))
    )
    proposed = SMALLER["m5.2xlarge"][step // HALF - 1]
    aws = draw.one_of((proposed, proposed, "r5.large", ""))
    name = f"too-large-{number}"
    return _server(draw, name, load, aws=aws, size="m5.2xlarge", share=1 - Decimal(1) / step)


def _server(
    draw: Draw,
    name: str,
    load: _Load | None,
    *,
    aws: str = "",
    created: datetime | None = None,
    size: str = "m5.xlarge",
    share: Decimal | None = None,
) -> PlantedResource:
    """Return an instance; ``share`` of its cost is saved by the size that would do."""
    identity = draw.hex_id("i")
    region = draw.region() if size == "m5.2xlarge" else EAST
    hourly = HOURLY[EAST if region == EAST else ""][size]
    meter = regional(region, f"BoxUsage:{size}")
    charge = FlatCharge(service=EC2, meter=meter, unit="Hrs", price=hourly, daily=24)
    is_plain = load is not None and load.memory is not None and load.plain
    return PlantedResource(
        kind="instance",
        id=identity,
        created=created or draw.old(),
        region=region,
        charges=(charge,),
        metrics=_metrics(identity, size, load) if load else (),
        tags=draw.tags(name),
        details={"type": size},
        advice=_advice(draw, aws, charge.monthly, size, sees_memory=is_plain) if load else None,
        wasted="smaller_instance" if share else "",
        saving=charge.monthly * share if share else None,
        first_day=created.date() if created else None,
    )


def _advice(
    draw: Draw, proposed: str, monthly: Decimal, size: str, *, sees_memory: bool
) -> PlantedAdvice:
    """Return what AWS says: Cost Explorer at times nothing, and at times less is saved."""
    told = SMALLER.get(size, ())
    left = Decimal(1) / (HALF ** (told.index(proposed) + 1)) if proposed in told else Decimal("0.4")
    return PlantedAdvice(
        proposed=proposed,
        saving=monthly * (1 - left) if proposed else Decimal(0),
        look_back_days=LOOK_BACK,
        sees_memory=sees_memory,
        in_cost_explorer=draw.one_of((True, False)),
        covered_share=draw.one_of((0.0, 0.0, 0.5)),
    )


def _metrics(identity: str, size: str, load: _Load) -> tuple[LabMetric, ...]:
    own = (("InstanceId", identity),)
    told = [
        LabMetric(
            namespace="AWS/EC2",
            name="CPUUtilization",
            dimensions=own,
            hourly=float(load.cpu),
            unit="Percent",
            spell=load.spell,
        )
    ]
    told += [
        LabMetric(namespace="AWS/EC2", name=name, dimensions=own, hourly=3e7, unit="Bytes")
        for name in ("NetworkIn", "NetworkOut")
    ]
    if load.memory is not None:
        more = () if load.plain else (("ImageId", "ami-0a1b2c3d4e5f60718"), ("InstanceType", size))
        told.append(
            LabMetric(
                namespace="CWAgent",
                name="mem_used_percent",
                dimensions=(*own, *more),
                hourly=float(load.memory),
                unit="Percent",
            )
        )
    return tuple(told)


def plan_databases_of_size(draw: Draw) -> Iterator[PlantedResource]:
    """Yield a database that is too large where waste is planted; a busy and a full one anywhere."""
    if draw.wasteful:
        free = CLASS_GIB - draw.number(2, 6)
        yield _database(draw, "archive", draw.number(4, 18), free, share=Decimal("0.75"))
    yield _database(draw, "accounts", draw.number(60, 75), draw.number(18, 24))
    yield _database(draw, "cached", draw.number(4, 18), draw.number(1, 3))


def _database(
    draw: Draw, name: str, cpu: float, free_gib: float, share: Decimal | None = None
) -> PlantedResource:
    meter = f"InstanceUsage:{CLASS.replace('xlarge', 'xl')}"
    charge = FlatCharge(service=RDS, meter=meter, unit="Hrs", price=CLASS_HOURLY, daily=24)
    own = (("DBInstanceIdentifier", name),)
    told = (
        ("CPUUtilization", float(cpu), "Percent"),
        ("FreeableMemory", float(free_gib * GIB), "Bytes"),
        ("DatabaseConnections", 8.0, "Count"),
    )
    advice = PlantedAdvice(
        proposed="db.m6g.large" if share else "",
        saving=charge.monthly * (share or 0),
        look_back_days=LOOK_BACK,
        sees_memory=True,
    )
    return PlantedResource(
        kind="database",
        id=f"arn:aws:rds:{EAST}:{LAB}:db:{name}",
        created=draw.old(),
        region=EAST,
        charges=(charge,),
        metrics=tuple(
            LabMetric(namespace="AWS/RDS", name=metric, dimensions=own, hourly=value, unit=unit)
            for metric, value, unit in told
        ),
        tags=draw.tags(name),
        details={"name": name, "class": CLASS, "gib": 20},
        advice=advice,
        wasted="smaller_database" if share else "",
        saving=charge.monthly * share if share else None,
    )


def tell_oversized(plan: CapacityPlan, saved: Mapping[Meter, Decimal]) -> tuple[PlantedTruth, ...]:
    """Return that the report must name what is planted as too large for capacity planning too.

    Args:
        plan: of capacity.
        saved: from `saved_on_oversized`.
    """
    if not plan.oversized:
        return ()
    subject = {"ResourceId": plan.oversized, "SubAccountId": PRODUCTION, "RegionId": EAST}
    claim = Claim(kind="savings.smaller_instance", subject=subject)
    amount = sum(saved.values(), Decimal(0))
    return (PlantedTruth(name="smaller_instance", part="savings", claim=claim, amount=amount),)


def saved_on_oversized(
    plan: CapacityPlan, bill: pd.DataFrame, epoch: datetime
) -> dict[Meter, Decimal]:
    """Return what a quarter of its size saves a month, by account and meter.

    Args:
        plan: of capacity.
        bill: columns of `opslib.sandbox.billing.COLUMNS`.
        epoch: the moment that the account lives in.
    """
    if not plan.oversized:
        return {}
    end = (epoch - SETTLING).date()
    first = end - timedelta(days=MONTH_DAYS)
    own = bill[(bill["resource"] == plan.oversized) & (bill["account"] == PRODUCTION)]
    months = own[[first <= day < end for day in own["day"]]]
    costs = months.groupby("meter")["effective"].sum()
    return {
        (PRODUCTION, str(meter)): cost * (1 - Decimal(1) / QUARTER) for meter, cost in costs.items()
    }
