"""DynamoDB tables of provisioned capacity, what they and their indexes are asked for, and scaling.

Source: Amazon DynamoDB API Reference, ListTables, DescribeTable and ListTagsOfResource; Application
Auto Scaling API Reference, DescribeScalableTargets; Amazon DynamoDB Developer Guide, "DynamoDB
metrics and dimensions": the consumed units of a period are a sum, to be divided by its seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from opslib.aws.capacity.tables import GONE, NAMESPACE, ON_DEMAND
from opslib.aws.details import Details
from opslib.aws.places import Place
from opslib.aws.reads import Fetched
from opslib.aws.savings.daily_use import DAY_SECONDS, Measure
from opslib.aws.savings.rows import resource_row, tags_of
from opslib.tables.savings import SAVINGS_RESOURCES

__all__ = ["list_tables", "measure_tables"]

MINUTE, FIVE_MINUTES = 60, 300
"""Consumed units are told by the minute, which CloudWatch keeps for 15 days, and five for 63."""
SIDES = ("Read", "Write")


def list_tables(place: Place) -> Fetched:
    """Return every table of a place; rows of `SAVINGS_RESOURCES`.

    Settings: billing mode; parts, the table ('') and its global secondary indexes with the read
    and write units that are provisioned; scaled, the scalable dimensions, left out where refused.
    """
    details = Details()
    names = list(place.items("dynamodb", "ListTables", "TableNames"))
    scaled = details.ask(lambda: _scaled(place)) if names else {}
    rows = [row for name in names for row in _table(place, name, scaled, details)]
    return details.fetched(rows, SAVINGS_RESOURCES)


def _scaled(place: Place) -> dict[str, list[str]]:
    """Return the dimensions that Application Auto Scaling moves, by table or index."""
    found: dict[str, list[str]] = {}
    listed = place.items(
        "application-autoscaling",
        "DescribeScalableTargets",
        "ScalableTargets",
        ServiceNamespace="dynamodb",
    )
    for one in listed:
        found.setdefault(one["ResourceId"], []).append(one["ScalableDimension"])
    return found


def _table(
    place: Place, name: str, scaled: Mapping[str, list[str]] | None, details: Details
) -> Iterator[dict[str, Any]]:
    """Yield the row of a table; nothing where it was deleted since it was listed."""
    ask = partial(place.call, "dynamodb", "DescribeTable", absent=GONE, TableName=name)
    table = (details.ask(ask) or {}).get("Table")
    if table is None:
        return
    arn = table["TableArn"]
    tags = details.ask(
        lambda: list(place.items("dynamodb", "ListTagsOfResource", "Tags", ResourceArn=arn))
    )
    yield resource_row(
        place,
        "table",
        arn,
        name=name,
        created=table.get("CreationDateTime"),
        tags=tags_of(tags),
        settings={
            "billing_mode": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
            "parts": dict(_parts(table)),
            "scaled": None if scaled is None else _scaled_of(name, scaled),
        },
    )


def _parts(table: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, int]]]:
    for one in (table, *table.get("GlobalSecondaryIndexes", [])):
        units = one.get("ProvisionedThroughput", {})
        told = {side: int(units.get(f"{side}CapacityUnits", 0)) for side in SIDES}
        yield one.get("IndexName", ""), told


def _scaled_of(table: str, scaled: Mapping[str, list[str]]) -> list[str]:
    whole = f"table/{table}"
    return sorted(
        dimension
        for resource, dimensions in scaled.items()
        for dimension in dimensions
        if resource == whole or resource.startswith(f"{whole}/index/")
    )


def measure_tables(row: Mapping[str, Any]) -> tuple[Measure, ...]:
    """Return the consumed units of a provisioned table and its indexes, and what is throttled."""
    settings = row["Settings"]
    if settings["billing_mode"] == ON_DEMAND or settings.get("scaled"):
        return ()
    return tuple(
        measure
        for index in settings["parts"]
        for side in SIDES
        for measure in _of_side(row, index, side)
    )


def _of_side(row: Mapping[str, Any], index: str, side: str) -> Iterator[Measure]:
    where = {"TableName": row["Name"]}
    if index:
        where["GlobalSecondaryIndexName"] = index
    asked = (
        (f"{side} peak", f"Consumed{side}CapacityUnits", FIVE_MINUTES),
        (f"{side} minute", f"Consumed{side}CapacityUnits", MINUTE),
        (f"{side} consumed", f"Consumed{side}CapacityUnits", DAY_SECONDS),
        (f"{side} throttled", f"{side}ThrottleEvents", DAY_SECONDS),
    )
    for measure, metric, period in asked:
        yield Measure(
            resource=row["ResourceId"],
            measure=f"{measure} {index}".strip(),
            namespace=NAMESPACE,
            metric=metric,
            statistic="Sum",
            dimensions=where,
            period_seconds=period,
        )
