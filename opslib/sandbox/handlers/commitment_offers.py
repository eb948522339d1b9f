"""What AWS offers commitments at: DescribeSavingsPlansOfferingRates, and offerings to reserve.

Source: Savings Plans API Reference; API References of Amazon RDS, ElastiCache, Redshift and
OpenSearch Service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opslib.sandbox.estate import LARGE
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.savings.offers import family_of, rate_of, region_of
from opslib.sandbox.shop import make_uuid

__all__ = [
    "describe_cache_offerings",
    "describe_db_offerings",
    "describe_plan_rates",
    "describe_redshift_offerings",
    "describe_search_offerings",
]

YEAR_HOURS, HOUR_SECONDS = 8760, 3600
YEARS = (1, 3)
PAYMENTS = ("No Upfront", "Partial Upfront", "All Upfront")
UPFRONT = {"No Upfront": 0.0, "Partial Upfront": 0.5, "All Upfront": 1.0}
PRODUCTS = {"BoxUsage:": ("EC2", "AmazonEC2"), "Fargate-": ("Fargate", "AmazonECS")}
LAMBDA = ("Lambda", "AWSLambda")
OPERATIONS = {"EC2": ("RunInstances", "RunInstances:0002"), "Fargate": ("",), "Lambda": ("",)}
WINDOWS = "RunInstances:0002"
LICENCE = 2
MOST_A_PAGE = 1000
SMALL_PAGE = 100
ENGINES = {"postgresql": 1.0, "oracle-se2(li)": 1.7}
"""What an engine costs as against the other."""


@op("savingsplans", "DescribeSavingsPlansOfferingRates")
def describe_plan_rates(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer savingsplans:DescribeSavingsPlansOfferingRates, of the usage types that are named."""
    del caller
    rates = list(_plan_rates(asked))
    size = min(asked.get("maxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(rates, asked.get("nextToken"), size)
    return {"searchResults": page} | ({"nextToken": token} if token else {})


def _plan_rates(asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for meter in asked.get("usageTypes", []):
        product, service = next((p for part, p in PRODUCTS.items() if part in meter), LAMBDA)
        for plan in asked.get("savingsPlanTypes", ["Compute", "EC2Instance"]):
            if plan == "EC2Instance" and product != "EC2":
                continue
            for payment in asked.get("savingsPlanPaymentOptions", PAYMENTS):
                for years in YEARS:
                    for operation in OPERATIONS[product]:
                        yield from _plan_rate(
                            (plan, payment, years), meter, (product, service, operation)
                        )


def _plan_rate(
    offering: tuple[str, str, int], meter: str, use: tuple[str, str, str]
) -> Iterator[dict[str, Any]]:
    plan, payment, years = offering
    product, service, operation = use
    rate = rate_of(plan, meter, years, payment)
    if rate is None:
        return
    properties = {"region": region_of(meter), "instanceFamily": family_of(meter)}
    yield {
        "savingsPlanOffering": {
            "offeringId": make_uuid(f"{plan} {payment} {years}"),
            "paymentOption": payment,
            "planType": plan,
            "durationSeconds": years * YEAR_HOURS * HOUR_SECONDS,
            "currency": "USD",
            "planDescription": f"{years} year {payment} {plan} Savings Plan",
        },
        "rate": str(rate * LICENCE if operation == WINDOWS else rate),
        "unit": "Lambda-GB-Second" if product == "Lambda" else "Hrs",
        "productType": product,
        "serviceCode": service,
        "usageType": meter,
        "operation": operation,
        "properties": [
            {"name": name, "value": value} for name, value in properties.items() if value
        ],
    }


def _offered(part: str, wanted: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every offering of what usage types with ``part`` name, by the type's name.

    Args:
        part: of the usage type, before the type's name.
        wanted: the only type to offer; empty for all.
    """
    for meter in sorted({one.meter for one in LARGE if one.meter.startswith(part)}):
        name = meter.removeprefix(part).replace("8xl", "8xlarge")
        if wanted in {"", name}:
            for payment in PAYMENTS:
                for years in YEARS:
                    yield name, _offering(meter, years, payment)


def _offering(meter: str, years: int, payment: str) -> dict[str, Any]:
    rate = float(rate_of("reserved", meter, years, payment) or 0)
    upfront = UPFRONT[payment]
    hourly = {"RecurringChargeAmount": rate * (1 - upfront), "RecurringChargeFrequency": "Hourly"}
    return {
        "Duration": years * YEAR_HOURS * HOUR_SECONDS,
        "FixedPrice": rate * upfront * years * YEAR_HOURS,
        "UsagePrice": 0.0,
        "OfferingType": payment,
        "RecurringCharges": [hourly] if upfront < 1 else [],
    }


@op("rds", "DescribeReservedDBInstancesOfferings")
def describe_db_offerings(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer rds:DescribeReservedDBInstancesOfferings: two engines, at prices of their own."""
    del caller
    offers = [
        _costlier(offer, factor)
        | {
            "ReservedDBInstancesOfferingId": make_uuid(f"{name} {engine} {number}"),
            "DBInstanceClass": name,
            "ProductDescription": engine,
            "MultiAZ": False,
            "CurrencyCode": "USD",
        }
        for number, (name, offer) in enumerate(
            _offered("InstanceUsage:", asked.get("DBInstanceClass", ""))
        )
        for engine, factor in ENGINES.items()
    ]
    page, marker = take_page(offers, asked.get("Marker"), asked.get("MaxRecords") or SMALL_PAGE)
    return {"ReservedDBInstancesOfferings": page} | ({"Marker": marker} if marker else {})


def _costlier(offer: dict[str, Any], factor: float) -> dict[str, Any]:
    charges = [
        one | {"RecurringChargeAmount": one["RecurringChargeAmount"] * factor}
        for one in offer["RecurringCharges"]
    ]
    return offer | {"FixedPrice": offer["FixedPrice"] * factor, "RecurringCharges": charges}


@op("elasticache", "DescribeReservedCacheNodesOfferings")
def describe_cache_offerings(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer elasticache:DescribeReservedCacheNodesOfferings."""
    del caller
    offers = [
        offer
        | {
            "ReservedCacheNodesOfferingId": make_uuid(f"{name} {number}"),
            "CacheNodeType": name,
            "ProductDescription": "valkey",
        }
        for number, (name, offer) in enumerate(
            _offered("NodeUsage:", asked.get("CacheNodeType", ""))
        )
    ]
    page, marker = take_page(offers, asked.get("Marker"), asked.get("MaxRecords") or SMALL_PAGE)
    return {"ReservedCacheNodesOfferings": page} | ({"Marker": marker} if marker else {})


@op("redshift", "DescribeReservedNodeOfferings")
def describe_redshift_offerings(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer redshift:DescribeReservedNodeOfferings."""
    del caller
    offers = [
        offer
        | {
            "ReservedNodeOfferingId": make_uuid(f"{name} {number}"),
            "NodeType": name,
            "CurrencyCode": "USD",
            "ReservedNodeOfferingType": "Regular",
        }
        for number, (name, offer) in enumerate(_offered("Node:"))
    ]
    page, marker = take_page(offers, asked.get("Marker"), asked.get("MaxRecords") or SMALL_PAGE)
    return {"ReservedNodeOfferings": page} | ({"Marker": marker} if marker else {})


@op("opensearch", "DescribeReservedInstanceOfferings")
def describe_search_offerings(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer opensearch:DescribeReservedInstanceOfferings."""
    del caller
    offers = [
        {name: value for name, value in offer.items() if name != "OfferingType"}
        | {
            "ReservedInstanceOfferingId": make_uuid(f"{kind} {number}"),
            "InstanceType": f"{kind}.search",
            "CurrencyCode": "USD",
            "PaymentOption": offer["OfferingType"].upper().replace(" ", "_"),
        }
        for number, (kind, offer) in enumerate(_offered("ESInstance:"))
    ]
    page, token = take_page(offers, asked.get("NextToken"), asked.get("MaxResults") or SMALL_PAGE)
    return {"ReservedInstanceOfferings": page} | ({"NextToken": token} if token else {})
