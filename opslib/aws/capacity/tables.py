"""Capacity of DynamoDB tables and their global secondary indexes.

Source: Amazon DynamoDB API Reference, ListTables and DescribeTable; Amazon DynamoDB Developer
Guide, CloudWatch metrics (consumed units are sums; what is throttled is told only where something
was), and quotas: 40,000 read and write units a table, and of a single partition 3,000 and 1,000.

Hot partitions: without Contributor Insights no metric tells a partition. Throttling while less is
consumed than is provided is their sign, so both are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd

from opslib.aws.capacity.known import Known, open_details, read_resources
from opslib.aws.capacity.measures import Measures, metric
from opslib.aws.capacity.rows import Resource, resource_row
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, Reads
from opslib.tables.capacity import CAPACITY_RESOURCES, CapacityService, ChangeKind, UsageRole

__all__ = ["measure_table", "read_tables"]

NAMESPACE, GONE = "AWS/DynamoDB", "ResourceNotFoundException"
ON_DEMAND = "PAY_PER_REQUEST"
QUOTA_CODES = {"Read": "L-CF0CBE56", "Write": "L-AB614373"}
DEFAULT_QUOTA = 40_000
UNLIMITED = -1
PARTITIONS = "what single partitions get is not told without Contributor Insights"


def read_tables(reads: Reads) -> pd.DataFrame:
    """Read the tables and their indexes; columns of `CAPACITY_RESOURCES`."""
    return read_resources(reads, "capacity dynamodb", "DynamoDB tables", _fetch)


def _fetch(place: Place) -> Fetched:
    details = open_details()
    rows: list[dict[str, Any]] = []
    for name in place.items("dynamodb", "ListTables", "TableNames"):
        ask = partial(place.call, "dynamodb", "DescribeTable", absent=GONE, TableName=name)
        described = details.ask(ask)
        if described:
            rows.extend(_rows(place, described["Table"]))
    return details.fetched(rows, CAPACITY_RESOURCES)


def _rows(place: Place, table: dict[str, Any]) -> Iterator[dict[str, Any]]:
    name = table["TableName"]
    billing = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    yield _row(place, name, table["TableArn"], table, billing, f"table/{name}", {"TableName": name})
    for index in table.get("GlobalSecondaryIndexes", []):
        where = {"TableName": name, "GlobalSecondaryIndexName": index["IndexName"]}
        scaled = f"table/{name}/index/{index['IndexName']}"
        called = f"{name}/{index['IndexName']}"
        arn = f"{table['TableArn']}/index/{index['IndexName']}"
        yield _row(place, called, arn, index, billing, scaled, where)


def _row(
    place: Place,
    name: str,
    arn: str,
    told: dict[str, Any],
    billing: str,
    scaling_id: str,
    where: dict[str, str],
) -> dict[str, Any]:
    given, most = told.get("ProvisionedThroughput", {}), told.get("OnDemandThroughput", {})
    return resource_row(
        place,
        CapacityService.DYNAMODB,
        name,
        arn,
        settings={
            "billing_mode": billing,
            "kind": "index" if "/index/" in scaling_id else "table",
            "scaling_id": scaling_id,
            "dimensions": where,
            "read": given.get("ReadCapacityUnits"),
            "write": given.get("WriteCapacityUnits"),
            "most_read": _most(most.get("MaxReadRequestUnits")),
            "most_write": _most(most.get("MaxWriteRequestUnits")),
        },
        workload=where["TableName"],
    )


def _most(units: int | None) -> int | None:
    return None if units == UNLIMITED else units


def measure_table(table: Resource, known: Known, measures: Measures) -> None:
    """Add the limits and series of a table or an index."""
    where = table.settings["dimensions"]
    for side in ("Read", "Write"):
        name, unit = side.lower(), f"{side.lower()} units/s"
        consumed = metric(NAMESPACE, f"Consumed{side}CapacityUnits", "Sum", **where)
        series = measures.usage(table, f"{name} capacity", unit, consumed, is_rate=True)
        throttled = metric(NAMESPACE, f"{side}ThrottleEvents", "Sum", **where)
        role = UsageRole.THROTTLES
        measures.usage(table, f"{name} throttles", "events/s", throttled, role=role, is_rate=True)
        if table.settings["billing_mode"] != ON_DEMAND:
            given = metric(NAMESPACE, f"Provisioned{side}CapacityUnits", "Average", **where)
            role = UsageRole.UNITS
            measures.usage(table, f"provisioned {name} capacity", unit, given, role=role)
        value, change, source = _limit(table, known, side)
        measures.limit(
            table, f"{name} capacity", value, unit, change, f"{source}; {PARTITIONS}", series
        )


def _limit(table: Resource, known: Known, side: str) -> tuple[float | None, ChangeKind, str]:
    name = side.lower()
    if table.settings["billing_mode"] == ON_DEMAND:
        most = table.settings.get(f"most_{name}")
        if most:
            return most, ChangeKind.SCALING_SETTING, "maximum of on-demand throughput"
        applied = known.quota(table, QUOTA_CODES[side])
        if applied is None and known.hides_quotas(table):
            return None, ChangeKind.QUOTA_INCREASE, "on demand: its quota was not read"
        told = "applied quota of a table" if applied else "AWS's default quota of a table"
        return applied or DEFAULT_QUOTA, ChangeKind.QUOTA_INCREASE, f"on demand: {told}"
    dimension = f"dynamodb:{table.settings['kind']}:{side}CapacityUnits"
    scaled = known.scaling_of(table, dimension)
    if scaled is not None:
        return scaled.maximum, ChangeKind.SCALING_SETTING, "maximum of its scaling"
    if known.hides_scaling(table):
        return None, ChangeKind.SCALING_SETTING, "its scaling was not read"
    given = table.settings.get(name)
    return given, ChangeKind.PROVISIONED_CAPACITY, "provisioned, without scaling"
