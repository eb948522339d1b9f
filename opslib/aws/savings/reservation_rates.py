"""What a reserved instance or node costs an hour, by the usage type that it applies to.

The usage type does not tell the engine of a database or cache. Where AWS's offerings of several
engines differ in price, none of them is taken.

Sources: Amazon RDS API Reference, DescribeReservedDBInstancesOfferings; Amazon ElastiCache API
Reference, DescribeReservedCacheNodesOfferings; Amazon Redshift API Reference,
DescribeReservedNodeOfferings; Amazon OpenSearch Service API Reference,
DescribeReservedInstanceOfferings.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from opslib.aws.places import Place
from opslib.aws.savings.token_pages import token_items
from opslib.money import EXACT, ZERO, divide, total

__all__ = ["RESERVED", "reservation_rates"]

YEAR_SECONDS, HOUR_SECONDS = 31_536_000, 3600
MULTI_AZ = "Multi-AZUsage:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offerings:
    """How a service tells its offerings.

    Args:
        plan: what a purchase is called here.
        service, operation: AWS's.
        listed: the answer's list.
        page: name of the page token, asked and answered.
        type: of an instance or node, in an offering.
        payment: of it.
        asked: the request's part for a type; empty where all offerings are listed at once.
    """

    plan: str
    service: str
    operation: str
    listed: str
    page: str
    type: str
    payment: str
    asked: Callable[[str], Mapping[str, str]]


def _of_class(name: str) -> Mapping[str, str]:
    return {"DBInstanceClass": name}


def _of_node(name: str) -> Mapping[str, str]:
    return {"CacheNodeType": name}


def _all(_: str) -> Mapping[str, str]:
    return {}


RESERVED = {
    "Amazon Relational Database Service": Offerings(
        plan="reserved-db-instance",
        service="rds",
        operation="DescribeReservedDBInstancesOfferings",
        listed="ReservedDBInstancesOfferings",
        page="Marker",
        type="DBInstanceClass",
        payment="OfferingType",
        asked=_of_class,
    ),
    "Amazon ElastiCache": Offerings(
        plan="reserved-cache-node",
        service="elasticache",
        operation="DescribeReservedCacheNodesOfferings",
        listed="ReservedCacheNodesOfferings",
        page="Marker",
        type="CacheNodeType",
        payment="OfferingType",
        asked=_of_node,
    ),
    "Amazon Redshift": Offerings(
        plan="reserved-redshift-node",
        service="redshift",
        operation="DescribeReservedNodeOfferings",
        listed="ReservedNodeOfferings",
        page="Marker",
        type="NodeType",
        payment="OfferingType",
        asked=_all,
    ),
    "Amazon OpenSearch Service": Offerings(
        plan="reserved-search-instance",
        service="opensearch",
        operation="DescribeReservedInstanceOfferings",
        listed="ReservedInstanceOfferings",
        page="NextToken",
        type="InstanceType",
        payment="PaymentOption",
        asked=_all,
    ),
}
"""By ServiceName of FOCUS."""


def reservation_rates(
    place: Place, service: str, meters: Sequence[str], payment: str, terms: Sequence[int]
) -> list[tuple[Any, ...]]:
    """Return the rates of usage types in one region.

    Args:
        place: where they are used.
        service: ServiceName of FOCUS.
        meters: usage types.
        payment: such as ``No Upfront``.
        terms: years.

    Returns:
        Plan, scope, usage type, operation, years, rate an hour, share paid upfront.

    Raises:
        ReadError: what AWS refuses.
    """
    offerings = RESERVED[service]
    types = {meter: _type(meter) for meter in meters}
    told: list[Any] = []
    for asked in {tuple(offerings.asked(name).items()): None for name in types.values()}:
        told += token_items(
            place,
            offerings.service,
            offerings.operation,
            (offerings.listed,),
            offerings.page,
            **dict(asked),
        )
    rows = []
    for meter, name in types.items():
        fitting = [
            one
            for one in told
            if one[offerings.type].removesuffix(".search") == name
            and _words(one[offerings.payment]) == _words(payment)
            and one.get("MultiAZ", False) == (MULTI_AZ in meter)
        ]
        for years, (rate, upfront) in _by_years(fitting, terms).items():
            scope = f"{name} {place.region}{' Multi-AZ' if MULTI_AZ in meter else ''}"
            rows.append((offerings.plan, scope, meter, "", years, rate, upfront))
    return rows


def _type(meter: str) -> str:
    """Return the type that a usage type names; ``db.r6g.8xl`` is ``db.r6g.8xlarge``."""
    return re.sub(r"(\d+)xl$", r"\1xlarge", meter.partition(":")[2])


def _words(payment: str) -> str:
    return payment.replace("_", " ").casefold()


def _by_years(offered: Sequence[Any], terms: Sequence[int]) -> dict[int, tuple[Decimal, Decimal]]:
    """Return the rate and the share upfront of each term of which there is one price alone."""
    found: dict[int, set[tuple[Decimal, Decimal]]] = defaultdict(set)
    for one in offered:
        if one["Duration"] // YEAR_SECONDS in terms:
            found[one["Duration"] // YEAR_SECONDS].add(_rate(one))
    return {years: next(iter(rates)) for years, rates in found.items() if len(rates) == 1}


def _rate(offering: Any) -> tuple[Decimal, Decimal]:
    hours = Decimal(offering["Duration"] // HOUR_SECONDS)
    fixed = divide(_exact(offering.get("FixedPrice", 0)), hours)
    hourly = total(
        _exact(charge["RecurringChargeAmount"])
        for charge in offering.get("RecurringCharges", [])
        if charge["RecurringChargeFrequency"] == "Hourly"
    )
    rate = EXACT.add(EXACT.add(fixed, hourly), _exact(offering.get("UsagePrice", 0)))
    return rate, divide(fixed, rate) if rate > 0 else ZERO


def _exact(price: float) -> Decimal:
    return Decimal(repr(price))
