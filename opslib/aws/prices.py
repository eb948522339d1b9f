"""What AWS charges, from its price list.

Source: AWS Price List Query API, GetProducts of AmazonRDS and AmazonEC2. The list is served in few
regions and costs nothing to read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.aws.faults import aws_faults
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.errors import NotFound
from opslib.tables.prices import PRICES

__all__ = ["read_instance_price", "read_server_price"]

LIST_REGION = "us-east-1"
ENGINES = {
    "aurora-postgresql": "Aurora PostgreSQL",
    "aurora-mysql": "Aurora MySQL",
    "postgres": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
}


def read_instance_price(reads: Reads, engine: str, instance_class: str) -> Decimal | None:
    """Return USD an hour of a database instance in one zone, on demand; None where not known.

    Args:
        reads: the run's context.
        engine: RDS's name of it.
        instance_class: such as ``db.r6g.large``.
    """
    region = reads.parameters.region
    request = ReadRequest(
        table="prices",
        asked=f"{engine} on {instance_class} in {region}",
        schema=PRICES,
        region=region,
        arguments={"engine": engine, "class": instance_class},
    )
    wanted = {
        "instanceType": instance_class,
        "databaseEngine": ENGINES.get(engine, engine),
        "regionCode": region,
        "deploymentOption": "Single-AZ",
        "productFamily": "Database Instance",
    }
    return _read_hourly(reads, request, "AmazonRDS", wanted)


def read_server_price(
    reads: Reads, region: str, instance_type: str, operation: str
) -> Decimal | None:
    """Return USD an hour of an EC2 instance on demand, shared tenancy; None where not known.

    Args:
        reads: the run's context.
        region: whose price.
        instance_type: such as ``m7i.large``.
        operation: UsageOperation of the instance, which stands for its platform and licences.
    """
    request = ReadRequest(
        table="prices",
        asked=f"{operation} on {instance_type} in {region}",
        schema=PRICES,
        region=region,
        arguments={"operation": operation, "type": instance_type},
    )
    wanted = {
        "instanceType": instance_type,
        "operation": operation,
        "regionCode": region,
        "tenancy": "Shared",
        "capacitystatus": "Used",
    }
    return _read_hourly(reads, request, "AmazonEC2", wanted)


def _read_hourly(
    reads: Reads, request: ReadRequest, service: str, wanted: Mapping[str, str]
) -> Decimal | None:
    """Return the lowest price an hour of the products that have the attributes ``wanted``."""
    found = reads.read(request, lambda: _fetch(reads, service, wanted)).frame
    hourly = found[found["Unit"] == "Hrs"]["PricePerUnitUsd"]
    return None if hourly.empty else min(hourly)


def _fetch(reads: Reads, service: str, wanted: Mapping[str, str]) -> Fetched:
    client = reads.connection.client("pricing", region=LIST_REGION)
    filters = [
        {"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()
    ]
    with aws_faults(f"pricing:GetProducts {service} {wanted['instanceType']}"):
        answer = client.get_products(ServiceCode=service, Filters=filters)
    rows = [row for text in answer["PriceList"] for row in _rows(json.loads(text))]
    if not rows:
        raise NotFound("the price list does not have it", where=" ".join(wanted.values()))
    return Fetched(frame=pd.DataFrame(rows, columns=list(PRICES.columns)))


def _rows(product: dict[str, Any]) -> list[tuple[str, str, Decimal]]:
    """Return the prices on demand of one product, without those of free tiers."""
    name = product["product"]["attributes"].get("usagetype", product["product"]["sku"])
    dimensions = [
        dimension
        for term in product.get("terms", {}).get("OnDemand", {}).values()
        for dimension in term["priceDimensions"].values()
    ]
    told = [(d["unit"], Decimal(d["pricePerUnit"].get("USD", "0"))) for d in dimensions]
    return [(name, unit, price) for unit, price in told if price]
