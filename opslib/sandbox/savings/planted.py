"""What is planted for the savings report: resources with their charges, use and truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from opslib.sandbox.estate import EAST, LAB

__all__ = [
    "FlatCharge",
    "LabMetric",
    "LabPlan",
    "PlantedAdvice",
    "PlantedResource",
    "Spell",
    "flat_rows",
    "regional",
]

QUANTITY_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatCharge:
    """What a resource is charged by one meter: the same every day.

    Args:
        service: FOCUS ServiceName.
        meter: usage type.
        unit: pricing unit.
        price: USD per unit, as decimal text of at most four decimals.
        daily: units a day; at most six decimals count.
    """

    service: str
    meter: str
    unit: str
    price: str
    daily: float

    @property
    def quantity(self) -> Decimal:
        """Return the units of a day."""
        return Decimal(repr(self.daily)).quantize(Decimal(1).scaleb(-QUANTITY_DECIMALS))

    @property
    def monthly(self) -> Decimal:
        """Return what 30 days cost."""
        return 30 * self.quantity * Decimal(self.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Days on which a metric says something else.

    Args:
        value: what it says.
        first, last: of the days, counted back from that of the epoch.
    """

    value: float
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LabMetric:
    """A metric that says the same of every day, but for a spell.

    Args:
        namespace, name: CloudWatch's.
        dimensions: all of them, name and value.
        hourly: what each hour adds to a sum; average, minimum and maximum alike.
        unit: CloudWatch's.
        noon: of the hour from 12:00 UTC, where that is another.
        spell: days on which it is another.
    """

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    hourly: float
    unit: str = "Count"
    noon: float | None = None
    spell: Spell | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedAdvice:
    """What AWS's own services say of the size of an instance or a database.

    Args:
        proposed: type or class; empty where they find the present one right.
        saving: a month, at what it pays.
        look_back_days: days of metrics that they look at.
        sees_memory: whether memory is told to them.
        in_cost_explorer: whether Cost Explorer names it too.
        covered_share: of its hours, by commitments, as Cost Explorer says.
    """

    proposed: str
    saving: Decimal
    look_back_days: int
    sees_memory: bool
    in_cost_explorer: bool = False
    covered_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedResource:
    """One resource of the account.

    Args:
        kind: by which `opslib.sandbox.savings.state` makes it.
        id: AWS's id of it, or its name.
        created: when it was made.
        region: where.
        billed_as: ResourceId on the bill; its id where empty.
        charges: what it costs.
        metrics: what CloudWatch tells of it; none where it tells nothing.
        tags: key to value.
        details: what its maker needs beside.
        wasted: kind of the recommendation that names it; empty of a decoy.
        saving: what that saves a month, or saves since it was taken.
        taken: kind of the earlier recommendation that its end follows; empty of what is there.
        first_day: first day charged; None for always.
        last_day: last day charged; None for always.
        advice: what AWS says of its size; None for nothing.
    """

    kind: str
    id: str
    created: datetime
    region: str
    charges: tuple[FlatCharge, ...]
    billed_as: str = ""
    metrics: tuple[LabMetric, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    wasted: str = ""
    saving: Decimal | None = None
    taken: str = ""
    first_day: date | None = None
    last_day: date | None = None
    advice: PlantedAdvice | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabPlan:
    """Everything that is planted; nothing of an empty account."""

    resources: tuple[PlantedResource, ...] = ()


def flat_rows(
    resource: PlantedResource, days: Sequence[date], booked: Mapping[date, float]
) -> Iterator[tuple[object, ...]]:
    """Yield the charges of each day; columns of `opslib.sandbox.billing.COLUMNS`.

    Args:
        resource: what is charged.
        days: of the bill.
        booked: day to the share of it that AWS has booked so far.
    """
    name = resource.billed_as or resource.id
    tags = (resource.tags.get("Environment", ""), resource.tags.get("Project", ""))
    for charge in resource.charges:
        price = Decimal(charge.price)
        for day in days:
            if not (resource.first_day or day) <= day <= (resource.last_day or day):
                continue
            share = Decimal(str(round(booked.get(day, 1.0), 2)))
            quantity = charge.quantity * share
            cost = quantity * price
            place = (LAB, resource.region, name, *tags)
            what = (day, charge.service, charge.meter, charge.unit)
            yield (*what, *place, "Usage", quantity, price, cost, cost)


def regional(region: str, meter: str) -> str:
    """Return a usage type as the bill of a region has it."""
    return meter if region == EAST else f"EUW1-{meter}"
