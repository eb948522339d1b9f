"""The price list, as far as instances of databases and of EC2 go; the prices are made up.

Source: AWS Price List Query API, GetProducts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.server_prices import SERVER_USD

__all__ = ["get_products"]

LARGE_USD = {"Aurora PostgreSQL": 0.26, "PostgreSQL": 0.225}
FAMILIES = {
    "AmazonRDS": ("Database Instance", "InstanceUsage"),
    "AmazonEC2": ("Compute Instance", "BoxUsage"),
}
LINUX = "RunInstances"
SIZES = {"medium": 0.5, "large": 1, "xlarge": 2, "2xlarge": 4, "4xlarge": 8}


@op("pricing", "GetProducts")
def get_products(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer pricing:GetProducts: one instance class of one engine, or one type of EC2 on Linux."""
    del caller
    wanted = {each["Field"]: each["Value"] for each in asked.get("Filters", [])}
    service, kind = asked["ServiceCode"], wanted.get("instanceType", "")
    price = _database_usd(wanted) if service == "AmazonRDS" else _server_usd(wanted)
    if price is None or service not in FAMILIES:
        return {"FormatVersion": "aws_v1", "PriceList": []}
    family, meter = FAMILIES[service]
    product = {
        "product": {
            "sku": "SANDBOX",
            "productFamily": family,
            "attributes": {**wanted, "usagetype": f"{meter}:{kind}"},
        },
        "serviceCode": service,
        "terms": {
            "OnDemand": {
                "SANDBOX.ONE": {
                    "priceDimensions": {"ONE": {"unit": "Hrs", "pricePerUnit": {"USD": price}}}
                }
            }
        },
    }
    return {"FormatVersion": "aws_v1", "PriceList": [json.dumps(product)]}


def _database_usd(wanted: Mapping[str, str]) -> str | None:
    engine = wanted.get("databaseEngine", "")
    size = SIZES.get(wanted.get("instanceType", "").rpartition(".")[2])
    if engine not in LARGE_USD or size is None:
        return None
    return f"{LARGE_USD[engine] * size:.10f}"


def _server_usd(wanted: Mapping[str, str]) -> str | None:
    return (
        SERVER_USD.get(wanted.get("instanceType", "")) if wanted.get("operation") == LINUX else None
    )
