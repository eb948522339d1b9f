"""What an account pays for a unit of each meter, by its own bill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from opslib.money import EXACT, ZERO, divide
from opslib.tables.usage_types import bare_usage_type, region_of_usage_type

__all__ = ["Price", "Prices", "make_prices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a unit of a meter costs.

    Args:
        amount: effective cost over quantity.
        service: FOCUS ServiceName.
        unit: pricing unit, as the bill writes it.
    """

    amount: Decimal
    service: str
    unit: str


Prices = dict[tuple[str, str], tuple[Price, ...]]
"""Region and usage type without the region's code to what is paid, the lowest first."""


def make_prices(meters: pd.DataFrame) -> Prices:
    """Return one price a service and meter, in the unit that most is paid in.

    Args:
        meters: by `opslib.tables.costs.Breakdown.METER`.
    """
    paid: dict[tuple[str, str], tuple[Decimal, Price]] = {}
    for meter, cost, price in _paid(meters):
        held = paid.get((price.service, meter))
        if held is None or held[0] < cost:
            paid[price.service, meter] = (cost, price)
    found: dict[tuple[str, str], list[Price]] = defaultdict(list)
    for (_, meter), (_, price) in paid.items():
        found[region_of_usage_type(meter), bare_usage_type(meter)].append(price)
    return {
        key: tuple(sorted(told, key=lambda price: (price.amount, price.service)))
        for key, told in found.items()
    }


def _paid(meters: pd.DataFrame) -> Iterator[tuple[str, Decimal, Price]]:
    """Yield usage type, whole cost and price of every service, meter and unit, by name."""
    sums: dict[tuple[str, str, str], list[Decimal]] = {}
    metered = meters[meters["PricingQuantity"].notna()]
    names = ("ServiceName", "SkuMeter", "PricingUnit", "PricingQuantity", "EffectiveCost")
    for *key, quantity, cost in zip(*(metered[name] for name in names), strict=True):
        held = sums.setdefault((key[0], key[1], key[2]), [ZERO, ZERO])
        held[0], held[1] = EXACT.add(held[0], quantity), EXACT.add(held[1], cost)
    for (service, meter, unit), (quantity, cost) in sorted(sums.items()):
        if quantity > 0 and cost > 0:
            yield meter, cost, Price(amount=divide(cost, quantity), service=service, unit=unit)
