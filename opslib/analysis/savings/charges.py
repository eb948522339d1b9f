"""What each resource costs: its own lines of the bill, or its size at the account's own prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.prices import Prices, make_prices
from opslib.money import EXACT, divide, total
from opslib.tables.resource_names import resource_name
from opslib.tables.savings import Spend

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
        prices: what the account pays for a unit of each meter.
        days: days of the bill that have any charge.
        currency: of every amount.
        knows_resources: whether the bill tells costs by resource.
    """

    lines: dict[tuple[str, str], tuple[Line, ...]]
    prices: Prices
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
        told = self.prices.get((region, meter), ())
        return next((one.amount for one in told if service in {"", one.service}), None)

    def unit(self, meter: str, region: str) -> str:
        """Return the unit that a meter's price is for, as the bill writes it; '' where none."""
        return next((one.unit for one in self.prices.get((region, meter), ())), "")


def make_charges(spend: Spend, things: Iterable[Thing]) -> Charges:
    """Return the charges of settled days, by resource for ``things`` alone."""
    days = tuple(sorted(set(spend.meters["ChargePeriodStart"])))
    return Charges(
        lines=_by_name(spend, things, days),
        prices=make_prices(spend.meters),
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
