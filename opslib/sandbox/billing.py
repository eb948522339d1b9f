"""The bill of the sandbox: one row per day and resource, drawn from the seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from math import prod

import numpy as np
import pandas as pd

from opslib.sandbox.commitments import Purchase, purchase_rows
from opslib.sandbox.estate import AUTOSCALED, BATCH, EAST, PAYER, PRODUCTION, Resource, hash_text
from opslib.sandbox.resource_ids import billed_id
from opslib.sandbox.savings.planted import PlantedResource, flat_rows

__all__ = ["COLUMNS", "BillPlan", "Burst", "make_bill", "resource_rows", "span"]

COLUMNS = (
    "day",
    "service",
    "meter",
    "unit",
    "account",
    "region",
    "resource",
    "environment",
    "project",
    "record_type",
    "quantity",
    "price",
    "billed",
    "effective",
)
"""Columns of the bill. Money and quantity are Decimal; '' stands for none; record_type is
Cost Explorer's (Usage, SavingsPlanCoveredUsage, SavingsPlanRecurringFee, Tax, Credit, Fee)."""

COST_DECIMALS = 10
SAVINGS_PLAN_DISCOUNT = Decimal("0.8")
TAX_USD, SUPPORT_USD, CREDIT_USD = Decimal("380.00"), Decimal("420.00"), Decimal("-25.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """A time in which one resource uses more of a meter than it does.

    Args:
        resource, meter: of which; the resource by its id within the estate.
        first, last: days of it; last is None of one that goes on.
        factor: use relative to what it would be.
    """

    resource: str
    meter: str
    first: date
    last: date | None
    factor: float

    def meets(self, resource: Resource) -> bool:
        """Say whether it is of a resource's charges."""
        return (self.resource, self.meter) == (resource.id, resource.template.meter)

    def factor_on(self, day: date) -> float:
        """Return the factor of a day; 1 outside."""
        return self.factor if self.first <= day <= (self.last or day) else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BillPlan:
    """What the bill is made from.

    Args:
        resources: everything charged.
        price_factors: usage type to the day and the factor of a change of price.
        use_factors: usage type to the day and the factor of a change of use.
        bursts: times in which single resources use more.
        purchases: commitments that nothing uses.
        planted: resources of the account for trials, charged the same every day.
        restated: day to the share of it that AWS has booked so far.
    """

    resources: tuple[Resource, ...]
    price_factors: Mapping[str, tuple[date, Decimal]] = field(default_factory=dict)
    use_factors: Mapping[str, tuple[date, float]] = field(default_factory=dict)
    bursts: tuple[Burst, ...] = ()
    purchases: tuple[Purchase, ...] = ()
    planted: tuple[PlantedResource, ...] = ()
    restated: Mapping[date, float] = field(default_factory=dict)


def make_bill(plan: BillPlan, days: tuple[date, ...], seed: int) -> pd.DataFrame:
    """Return the bill of ``days``; the same seed gives the same rows.

    Args:
        plan: what is charged and what becomes of it.
        days: consecutive days.
        seed: moves the noise; every resource has its own stream, so that a change planted in
            one leaves all others as they were.
    """
    rows: list[tuple[object, ...]] = []
    for resource in plan.resources:
        rows += resource_rows(resource, plan, days, seed)
    rows += _autoscaled_rows(plan, days, seed)
    rows += _batch_rows(plan, days, seed)
    rows += _occasional_rows(days)
    for purchase in plan.purchases:
        rows += purchase_rows(purchase, days, plan.restated)
    for planted in plan.planted:
        rows += flat_rows(planted, days, plan.restated)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def resource_rows(
    resource: Resource, plan: BillPlan, days: tuple[date, ...], seed: int
) -> tuple[tuple[object, ...], ...]:
    """Return the rows of one resource; arguments as those of `make_bill`."""
    meter = resource.template.meter
    changes = _Changes(
        price=plan.price_factors.get(meter, (date.max, Decimal(1))),
        use=plan.use_factors.get(meter, (date.max, 1.0)),
        bursts=tuple(burst for burst in plan.bursts if burst.meets(resource)),
        restated=tuple(plan.restated.items()),
    )
    return _rows(resource, changes, days, seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """What a plan changes in the charges of one resource: `BillPlan`'s own of it."""

    price: tuple[date, Decimal]
    use: tuple[date, float]
    bursts: tuple[Burst, ...]
    restated: tuple[tuple[date, float], ...]


# A scenario makes its bill five times, and each time most resources are as they were.
@lru_cache(maxsize=256)
def _rows(
    resource: Resource, changes: _Changes, days: tuple[date, ...], seed: int
) -> tuple[tuple[object, ...], ...]:
    price, (price_day, price_factor) = Decimal(resource.template.price), changes.price
    quantum, dearer = _quantum(price), _change_price(price, price_factor)
    use_day, use_factor = changes.use
    restated, resource_id = dict(changes.restated), billed_id(resource)
    rows: list[tuple[object, ...]] = []
    for day, use in zip(days, _daily_use(resource, days, seed), strict=True):
        if not _is_charged(resource, day):
            continue
        factor = use_factor if day >= use_day else 1.0
        factor *= prod(burst.factor_on(day) for burst in changes.bursts)
        quantity = Decimal(repr(use * factor * restated.get(day, 1.0))).quantize(quantum)
        paid = dearer if day >= price_day else price
        rows += _usage(resource, resource_id, day, quantity, paid)
    return tuple(rows)


def _is_charged(resource: Resource, day: date) -> bool:
    begun = resource.first_day is None or day >= resource.first_day
    ended = resource.last_day is not None and day > resource.last_day
    return begun and not ended


def _daily_use(resource: Resource, days: tuple[date, ...], seed: int) -> list[float]:
    template = resource.template
    chance = np.random.default_rng([seed, hash_text(f"{resource.id} {template.meter}")])
    noise = chance.lognormal(0, template.noise, len(days)) if template.noise else np.ones(len(days))
    return [
        template.daily
        * resource.scale
        * (template.weekend if day.weekday() >= 5 else 1.0)  # noqa: PLR2004  Saturday, Sunday
        * (1 + template.growth) ** (place / 7)
        * float(noise[place])
        for place, day in enumerate(days)
    ]


def _quantum(price: Decimal) -> Decimal:
    """Return the step of quantities that, times price, have no more decimals than a bill."""
    return Decimal(1).scaleb(-min(6, COST_DECIMALS - _decimals(price)))


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return -exponent


def _change_price(price: Decimal, factor: Decimal) -> Decimal:
    """Return a price after a change, with the decimals that it had."""
    return price if factor == 1 else (price * factor).quantize(Decimal(1).scaleb(-_decimals(price)))


def _usage(
    resource: Resource, resource_id: str, day: date, quantity: Decimal, price: Decimal
) -> tuple[tuple[object, ...], ...]:
    template = resource.template
    cost = quantity * price
    untagged = resource.untagged_from is not None and day >= resource.untagged_from
    names = (day, template.service, template.meter, template.unit, resource.account)
    project = "" if untagged else resource.project
    place = (resource.region, resource_id, resource.environment, project)
    if not template.covered:
        return ((*names, *place, "Usage", quantity, price, cost, cost),)
    paid = (cost * SAVINGS_PLAN_DISCOUNT).quantize(Decimal(1).scaleb(-COST_DECIMALS))
    covered = (*place, "SavingsPlanCoveredUsage", quantity, price, Decimal(0), paid)
    fee = (*names[:2], "ComputeSP:1yrNoUpfront", "Hrs", PAYER)
    plan = ("", f"savingsplan/{resource_id}", "shared", "")
    # The fee is booked per covered resource, so that billed and effective cost agree every day.
    booked = (*plan, "SavingsPlanRecurringFee", Decimal(24), paid / 24, paid, Decimal(0))
    return ((*names, *covered), (*fee, *booked))


def _autoscaled_rows(
    plan: BillPlan, days: tuple[date, ...], seed: int
) -> Iterable[tuple[object, ...]]:
    """Yield instances that live one day each: they replace each other and net out."""
    chance = np.random.default_rng([seed, hash_text("autoscaled")])
    price = Decimal(AUTOSCALED.price)
    for day in days:
        count = int(chance.integers(6, 10))
        for _ in range(count):
            name = f"{AUTOSCALED.name}{int(chance.integers(16**14)):014x}"
            hours = Decimal(str(round(24 * plan.restated.get(day, 1.0), 4)))
            cost = hours * price
            yield (
                day,
                AUTOSCALED.service,
                AUTOSCALED.meter,
                AUTOSCALED.unit,
                PRODUCTION,
                EAST,
                name,
                "prod",
                "shop",
                "Usage",
                hours,
                price,
                cost,
                cost,
            )


def _batch_rows(plan: BillPlan, days: tuple[date, ...], seed: int) -> Iterable[tuple[object, ...]]:
    """Yield a training job that runs on one to three days a week, for as long as it takes."""
    chance = np.random.default_rng([seed, hash_text("batch")])
    price = Decimal(BATCH.price)
    for start in range(0, len(days), 7):
        runs = set(chance.choice(7, size=int(chance.integers(1, 4)), replace=False))
        for place, day in enumerate(days[start : start + 7]):
            hours = Decimal(str(round(float(chance.uniform(0.6, 1.4)) * BATCH.daily, 2)))
            if place not in runs or day in plan.restated:
                continue
            cost = hours * price
            names = (day, BATCH.service, BATCH.meter, BATCH.unit, PRODUCTION, EAST, BATCH.name)
            yield (*names, "prod", "search", "Usage", hours, price, cost, cost)


def _occasional_rows(days: tuple[date, ...]) -> Iterable[tuple[object, ...]]:
    """Yield tax and support on the first day of a month, and a credit on the fifteenth."""
    for day in days:
        if day.day == 1:
            yield _charge(day, "Tax", "Tax", TAX_USD)
            yield _charge(day, "AWS Support (Business)", "Fee", SUPPORT_USD)
        if day.day == 15:  # noqa: PLR2004
            yield _charge(day, "Credits", "Credit", CREDIT_USD)


def _charge(day: date, service: str, record: str, amount: Decimal) -> tuple[object, ...]:
    names = (day, service, record, "", PAYER, "", "", "", "", record)
    return (*names, None, None, amount, amount)


def span(first: date, last: date) -> tuple[date, ...]:
    """Return the days from ``first`` to ``last``."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
