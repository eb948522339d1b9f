"""What each resource costs: its own lines of the bill, or its size at the account's own prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from opslib.analysis.savings.estate import Thing
from opslib.money import EXACT, ZERO, divide, total
from opslib.tables.resource_names import resource_name
from opslib.tables.savings import Spend
from opslib.tables.usage_types import bare_usage_type, region_of_usage_type

__all__ = ["MONTH_DAYS", "Charges", "Line", "make_charges"]

MONTH_DAYS = 30
"""Days of the month that amounts are told for."""
ENDED = timedelta(days=3)
"""A line without a charge for longer, at the end of the bill, is not paid any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one resource is charged by one meter.

    Args:
        resource: ResourceId of the bill.
        meter: usage type.
        unit: pricing unit.
        account: 12 digits.
        cost: effective, a month.
        quantity: a month, in ``unit``; None where charges have none.
        first: first day charged, of those read.
        last: last day charged.
    """

    resource: str
    meter: str
    unit: str
    account: str
    cost: Decimal
    quantity: Decimal | None
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Charges:
    """The bill by resource, and the prices of its meters.

    Args:
        lines: by account and every name that the bill may give a resource; of every account by
            the account '' too, for resources that were read without telling it.
        prices: service and meter to effective cost over quantity, in the unit that most is paid in.
        units: service and meter to that unit.
        days: days of the bill that have any charge.
        currency: of every amount.
        knows_resources: whether the bill tells costs by resource.
    """

    lines: dict[tuple[str, str], tuple[Line, ...]]
    prices: dict[tuple[str, str], Decimal]
    units: dict[tuple[str, str], str]
    days: tuple[date, ...]
    currency: str
    knows_resources: bool

    def of(self, thing: Thing, *meters: str) -> tuple[Line, ...]:
        """Return the lines that a resource is charged by now; none where the bill tells none.

        Args:
            thing: the resource.
            meters: parts of usage types, such as ``EBS:VolumeUsage``; none for every line.
        """
        for name in thing.billed_names:
            found = self.lines.get((thing.account_id, name), ())
            if found:
                return tuple(
                    line
                    for line in found
                    if not meters or any(meter in line.meter for meter in meters)
                )
        return ()

    def price(self, meter: str, region: str, service: str = "") -> Decimal | None:
        """Return what the account pays for a unit of a meter; None where it uses none.

        Args:
            meter: usage type without the region's code, such as ``EBS:VolumeUsage.gp3``.
            region: whose price.
            service: ServiceName, where two call their meters alike; empty for any.
        """
        told = [key for key in self._named(meter, region) if service in {"", key[0]}]
        return self.prices[told[0]] if told else None

    def unit(self, meter: str, region: str) -> str:
        """Return the unit that a meter's price is for, as the bill writes it; '' where none."""
        return next((self.units[key] for key in self._named(meter, region)), "")

    def _named(self, meter: str, region: str) -> list[tuple[str, str]]:
        """Return the services and usage types of a meter in a region, the cheapest first."""
        told = [
            (service, name)
            for service, name in self.prices
            if bare_usage_type(name) == meter and region_of_usage_type(name) == region
        ]
        return sorted(told, key=lambda key: (self.prices[key], key))


def make_charges(spend: Spend, things: Iterable[Thing]) -> Charges:
    """Return the charges of settled days, by resource for ``things`` alone."""
    days = tuple(sorted(set(spend.meters["ChargePeriodStart"])))
    prices, units = _prices(spend)
    return Charges(
        lines=_by_name(spend, things, days),
        prices=prices,
        units=units,
        days=days,
        currency=spend.currency,
        knows_resources=spend.resources is not None,
    )


def _by_name(
    spend: Spend, things: Iterable[Thing], days: tuple[date, ...]
) -> dict[tuple[str, str], tuple[Line, ...]]:
    if spend.resources is None or spend.resources.empty:
        return {}
    wanted = {name for thing in things for name in thing.billed_names}
    told = spend.resources["ResourceId"]
    short = {name: resource_name(name) for name in set(told)}
    kept = {name for name, called in short.items() if name and {name, called} & wanted}
    held: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in _lines(spend.resources[told.isin(kept)], days):
        for name in {line.resource, short[line.resource]}:
            held[line.account, name].append(line)
            held["", name].append(line)
    return {key: tuple(lines) for key, lines in held.items()}


def _lines(costs: pd.DataFrame, days: tuple[date, ...]) -> Iterator[Line]:
    """Yield the lines that are still charged, by the days since each began."""
    keys = ["ResourceId", "SkuMeter", "PricingUnit", "SubAccountId"]
    for (resource, meter, unit, account), rows in costs.groupby(keys, sort=True):
        first, last = min(rows["ChargePeriodStart"]), max(rows["ChargePeriodStart"])
        if days[-1] - last > ENDED:
            continue
        charged = sum(day >= first for day in days)
        quantities = rows["PricingQuantity"].dropna()
        yield Line(
            resource=str(resource),
            meter=str(meter),
            unit=str(unit),
            account=str(account),
            cost=_monthly(total(rows["EffectiveCost"]), charged),
            quantity=_monthly(total(quantities), charged) if len(quantities) else None,
            first=first,
            last=last,
        )


def _monthly(amount: Decimal, days: int) -> Decimal:
    return divide(EXACT.multiply(amount, Decimal(MONTH_DAYS)), Decimal(days))


def _prices(
    spend: Spend,
) -> tuple[dict[tuple[str, str], Decimal], dict[tuple[str, str], str]]:
    """Return the price of each meter in the unit that most is paid in, and that unit."""
    sums: dict[tuple[str, str, str], list[Decimal]] = {}
    metered = spend.meters[spend.meters["PricingQuantity"].notna()]
    names = ("ServiceName", "SkuMeter", "PricingUnit", "PricingQuantity", "EffectiveCost")
    for *key, quantity, cost in zip(*(metered[name] for name in names), strict=True):
        held = sums.setdefault((key[0], key[1], key[2]), [ZERO, ZERO])
        held[0], held[1] = EXACT.add(held[0], quantity), EXACT.add(held[1], cost)
    paid = sorted(
        (cost, (service, meter), divide(cost, quantity), unit)
        for (service, meter, unit), (quantity, cost) in sums.items()
        if quantity > 0 and cost > 0
    )
    return {key: price for _, key, price, _ in paid}, {key: unit for _, key, _, unit in paid}
