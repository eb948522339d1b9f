"""The price list, as far as database instances go; the prices are made up.

Source: AWS Price List Query API, GetProducts.
"""

from __future__ import annotations

import json
from typing import Any

from opslib.sandbox.overlay import Caller, op

__all__ = ["get_products"]

LARGE_USD = {"Aurora PostgreSQL": 0.26, "PostgreSQL": 0.225}
SIZES = {"medium": 0.5, "large": 1, "xlarge": 2, "2xlarge": 4, "4xlarge": 8}


@op("pricing", "GetProducts")
def get_products(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer pricing:GetProducts of AmazonRDS: one instance class of one engine."""
    del caller
    wanted = {each["Field"]: each["Value"] for each in asked.get("Filters", [])}
    engine, instance_class = wanted.get("databaseEngine", ""), wanted.get("instanceType", "")
    size = SIZES.get(instance_class.rpartition(".")[2])
    if asked["ServiceCode"] != "AmazonRDS" or engine not in LARGE_USD or size is None:
        return {"FormatVersion": "aws_v1", "PriceList": []}
    dimension = {"unit": "Hrs", "pricePerUnit": {"USD": f"{LARGE_USD[engine] * size:.10f}"}}
    product = {
        "product": {
            "sku": "SANDBOX",
            "productFamily": "Database Instance",
            "attributes": {**wanted, "usagetype": f"InstanceUsage:{instance_class}"},
        },
        "serviceCode": "AmazonRDS",
        "terms": {"OnDemand": {"SANDBOX.ONE": {"priceDimensions": {"ONE": dimension}}}},
    }
    return {"FormatVersion": "aws_v1", "PriceList": [json.dumps(product)]}
