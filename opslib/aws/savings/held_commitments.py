"""Savings Plans and reservations that are held.

A price of a reservation is that of one unit, and taken times their number. Reserved capacity of
DynamoDB cannot be listed: AWS has no operation for it; reserved nodes of MemoryDB are not read.

Source: Savings Plans API Reference, DescribeSavingsPlans; Amazon EC2, RDS, ElastiCache, Redshift
and OpenSearch Service API References, DescribeReservedInstances, DescribeReservedDBInstances,
DescribeReservedCacheNodes, DescribeReservedNodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.places import Place, join_parts, read_places, utc
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.aws.savings.token_pages import token_items
from opslib.money import EXACT, ZERO, divide, total
from opslib.tables.held_commitments import COMMITMENTS, PLANS_TABLE

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["RESERVED", "read_held_commitments"]

USD = "USD"
SECONDS_AN_HOUR = 3600
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """How the reservations of one service are listed, and what it calls their parts.

    Args:
        table: what coverage calls the list.
        service: Cost Explorer's name of the service.
        list: asks one place.
        id, type, units, payment: names of members.
    """

    table: str
    service: str
    list: Callable[[Place], Iterator[Any]]
    id: str
    type: str
    units: str
    payment: str = "OfferingType"


def _list_ec2(place: Place) -> Iterator[Any]:
    yield from place.call("ec2", "DescribeReservedInstances").get("ReservedInstances") or []


def _list_search(place: Place) -> Iterator[Any]:
    found = ("ReservedInstances",)
    return token_items(place, "opensearch", "DescribeReservedInstances", found, "NextToken")


RESERVED: tuple[Reserved, ...] = (
    Reserved(
        table="reserved EC2 instances",
        service="Amazon Elastic Compute Cloud - Compute",
        list=_list_ec2,
        id="ReservedInstancesId",
        type="InstanceType",
        units="InstanceCount",
    ),
    Reserved(
        table="reserved databases",
        service="Amazon Relational Database Service",
        list=lambda place: place.items("rds", "DescribeReservedDBInstances", "ReservedDBInstances"),
        id="ReservedDBInstanceId",
        type="DBInstanceClass",
        units="DBInstanceCount",
    ),
    Reserved(
        table="reserved cache nodes",
        service="Amazon ElastiCache",
        list=lambda place: place.items(
            "elasticache", "DescribeReservedCacheNodes", "ReservedCacheNodes"
        ),
        id="ReservedCacheNodeId",
        type="CacheNodeType",
        units="CacheNodeCount",
    ),
    Reserved(
        table="reserved Redshift nodes",
        service="Amazon Redshift",
        list=lambda place: place.items("redshift", "DescribeReservedNodes", "ReservedNodes"),
        id="ReservedNodeId",
        type="NodeType",
        units="NodeCount",
    ),
    Reserved(
        table="reserved OpenSearch instances",
        service="Amazon OpenSearch Service",
        list=_list_search,
        id="ReservedInstanceId",
        type="InstanceType",
        units="InstanceCount",
        payment="PaymentOption",
    ),
)
"""Services of which reservations are read."""


def read_held_commitments(reads: Reads) -> pd.DataFrame:
    """Read what every account holds, in every region; columns of `COMMITMENTS`."""
    plans = [part.frame for _, part in reads.fan_out(lambda account: _read_plans(reads, account))]
    reserved = [
        read_places(reads, one.table, f"every one of {one.table}", COMMITMENTS, partial(_rows, one))
        for one in RESERVED
    ]
    return join_parts([*plans, *reserved], COMMITMENTS)


def _read_plans(reads: Reads, account: Account | None) -> Fetched:
    """Read the Savings Plans of an account: they belong to no region that is asked."""
    place = Place(reads, account, reads.parameters.region)
    request = ReadRequest(
        table=PLANS_TABLE, asked="every Savings Plan", schema=COMMITMENTS, account=place.label
    )

    def fetch() -> Fetched:
        listed = token_items(
            place, "savingsplans", "DescribeSavingsPlans", ("savingsPlans",), "nextToken"
        )
        rows = [_plan(place, one) for one in listed]
        return Fetched(frame=pd.DataFrame(rows, columns=list(COMMITMENTS.columns)))

    return reads.read(request, fetch)


def _plan(place: Place, told: Row) -> Row:
    family, kind = told.get("ec2InstanceFamily", ""), told.get("savingsPlanType", "")
    start, end = (_moment(told.get(name)) for name in ("start", "end"))
    until = _moment(told.get("returnableUntil"))
    return {
        "Kind": "savings_plan",
        "Service": kind,
        "CommitmentId": told["savingsPlanArn"],
        "What": f"{kind} Savings Plan{f' of {family}' if family else ''}",
        "SubAccountId": place.account.id if place.account else "",
        "Account": place.label,
        "RegionId": told.get("region", ""),
        "Units": 1,
        "Payment": told.get("paymentOption", ""),
        "HourlyCost": Decimal(told.get("commitment", "0")),
        "Currency": told.get("currency", USD),
        "Start": start,
        "End": end,
        "State": told["state"],
        # AWS writes the start where a plan cannot be returned.
        "ReturnableUntil": pd.NaT if until is pd.NaT or until == start else until,
    }


def _moment(text: str | None) -> Any:
    return pd.Timestamp(text).tz_convert("UTC") if text else pd.NaT


def _rows(kind: Reserved, place: Place) -> list[Row]:
    return [_reservation(place, kind, one) for one in kind.list(place)]


def _reservation(place: Place, kind: Reserved, told: Row) -> Row:
    start = utc(told.get("StartTime") or told.get("Start"))
    units = int(told.get(kind.units, 1))
    details = [told[name] for name in ("OfferingClass", "ProductDescription") if told.get(name)]
    return {
        "Kind": "reservation",
        "Service": kind.service,
        "CommitmentId": told.get("LeaseId") or told[kind.id],
        "What": f"{' '.join([*details, told[kind.type]])} reservation",
        "SubAccountId": place.account.id if place.account else "",
        "Account": place.label,
        "RegionId": place.region,
        "Units": units,
        "Payment": str(told.get(kind.payment, "")).replace("_", " ").title(),
        "HourlyCost": EXACT.multiply(_hourly(told), Decimal(units)),
        "Currency": told.get("CurrencyCode") or USD,
        "Start": pd.NaT if start is None else pd.Timestamp(start),
        "End": _end(told, start),
        "State": told.get("State", ""),
        "ReturnableUntil": pd.NaT,
    }


def _end(told: Row, start: datetime | None) -> Any:
    """Return the end that AWS tells, as EC2 does, or that follows from the term."""
    if told.get("End"):
        return pd.Timestamp(told["End"].astimezone(UTC))
    if start is None or not told.get("Duration"):
        return pd.NaT
    return pd.Timestamp(start + timedelta(seconds=told["Duration"]))


def _hourly(told: Row) -> Decimal:
    """Return what an hour of one unit comes to, the upfront part spread over the term."""
    charges = told.get("RecurringCharges") or []
    hourly = total(
        Decimal(repr(one.get("Amount", one.get("RecurringChargeAmount", 0.0))))
        for one in charges
        if one.get("Frequency", one.get("RecurringChargeFrequency")) == "Hourly"
    )
    hours = Decimal(told.get("Duration") or 0) / SECONDS_AN_HOUR
    upfront = Decimal(repr(float(told.get("FixedPrice") or 0.0)))
    return EXACT.add(hourly, divide(upfront, hours) if hours else ZERO)
