"""DynamoDB tables with more capacity than they consume, and some that only look like it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any

from opslib.sandbox.estate import EAST, LAB
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, LabMetric, PlantedResource

__all__ = ["make_table", "plan_tables"]

SIDES = ("Read", "Write")
PRICES = {"Read": "0.0001", "Write": "0.0007"}
HOURS, HOUR_SECONDS = 24, 3600
TARGET = Decimal("0.7")
KIND = "over_provisioned_table"
INDEX = "by-owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A table or its index: units provisioned, and consumed a second, by side.

    Args:
        given: provisioned.
        usual: consumed at every hour but one; None where nothing is told.
        peak: consumed in the hour from noon.
    """

    given: dict[str, int]
    usual: dict[str, int] | None
    peak: dict[str, int]


def plan_tables(draw: Draw) -> Iterator[PlantedResource]:
    """Yield tables with too much capacity where waste is planted, and what only looks like it.

    The latter: busy for an hour a day, scaled, on demand, without a metric, and too young.
    """
    if draw.wasteful:
        yield _table(draw, "migrated-orders", draw.old(), {"": _large(draw)}, wasted=True)
        parts = {"": _large(draw), INDEX: _large(draw)}
        yield _table(draw, "search-trial", draw.old(), parts, wasted=True)
    yield _table(draw, "nightly", draw.old(), {"": _peaky(draw)})
    yield _table(draw, "followed", draw.old(), {"": _large(draw)}, is_scaled=True)
    yield _table(draw, "by-request", draw.old(), {})
    silent = _Part(given={"Read": 40, "Write": 20}, usual=None, peak={})
    yield _table(draw, "silent", draw.old(), {"": silent})
    tiny = _Part(given={"Read": 5, "Write": 5}, usual={"Read": 1, "Write": 1}, peak={})
    yield _table(draw, "begun", draw.young(), {"": tiny}, is_charged=False)


def _large(draw: Draw) -> _Part:
    """Return a part that never consumes half of what it is given."""
    given = {side: draw.number(10, 80) * 10 for side in SIDES}
    usual = {side: draw.number(0, units // 20) for side, units in given.items()}
    peak = {side: usual[side] + draw.number(0, units // 4) for side, units in given.items()}
    return _Part(given=given, usual=usual, peak=peak)


def _peaky(draw: Draw) -> _Part:
    """Return a part that consumes next to nothing but for an hour a day, when it needs it all."""
    given = {side: draw.number(10, 40) * 10 for side in SIDES}
    peak = {side: units * draw.number(75, 95) // 100 for side, units in given.items()}
    return _Part(given=given, usual=dict.fromkeys(SIDES, 1), peak=peak)


def _table(
    draw: Draw,
    name: str,
    created: datetime,
    parts: dict[str, _Part],
    *,
    wasted: bool = False,
    is_scaled: bool = False,
    is_charged: bool = True,
) -> PlantedResource:
    charges = tuple(_charge(side, parts) for side in SIDES) if parts and is_charged else ()
    return PlantedResource(
        kind="table",
        id=f"arn:aws:dynamodb:{EAST}:{LAB}:table/{name}",
        created=created,
        region=EAST,
        charges=charges,
        metrics=tuple(
            metric for index, part in parts.items() for metric in _metrics(name, index, part)
        ),
        tags=draw.tags(name),
        details={
            "name": name,
            "parts": {index: part.given for index, part in parts.items()},
            "is_scaled": is_scaled,
        },
        wasted=KIND if wasted else "",
        saving=_saving(parts) if wasted else None,
    )


def _charge(side: str, parts: dict[str, _Part]) -> FlatCharge:
    return FlatCharge(
        service="Amazon DynamoDB",
        meter=f"{side}CapacityUnit-Hrs",
        unit=f"{side}CapacityUnit-Hrs",
        price=PRICES[side],
        daily=float(HOURS * sum(part.given[side] for part in parts.values())),
    )


def _saving(parts: dict[str, _Part]) -> Decimal:
    """Return what the units beyond the peak at the target utilization cost in thirty days."""
    return sum(
        (
            30 * HOURS * Decimal(PRICES[side]) * (part.given[side] - _needed(part.peak[side]))
            for part in parts.values()
            for side in SIDES
        ),
        Decimal(0),
    )


def _needed(peak: int) -> int:
    return max(1, int((peak / TARGET).to_integral_value(ROUND_CEILING)))


def _metrics(name: str, index: str, part: _Part) -> Iterator[LabMetric]:
    if part.usual is None:
        return
    where: tuple[tuple[str, str], ...] = (("TableName", name),)
    if index:
        where = (*where, ("GlobalSecondaryIndexName", index))
    for side, units in part.usual.items():
        noon = part.peak.get(side)
        yield LabMetric(
            namespace="AWS/DynamoDB",
            name=f"Consumed{side}CapacityUnits",
            dimensions=where,
            hourly=float(units * HOUR_SECONDS),
            noon=None if noon is None else float(noon * HOUR_SECONDS),
        )


def make_table(backend: Any, planted: PlantedResource) -> None:
    """Make a table in moto's DynamoDB of its region."""
    parts = planted.details["parts"]
    key = [{"AttributeName": "id", "KeyType": "HASH"}]
    indexes = [
        {
            "IndexName": name,
            "KeySchema": list(key),
            "Projection": {"ProjectionType": "KEYS_ONLY"},
            "ProvisionedThroughput": _throughput(units),
        }
        for name, units in parts.items()
        if name
    ]
    table = backend.create_table(
        name=planted.details["name"],
        schema=key,
        throughput=_throughput(parts[""]) if parts else None,
        attr=[{"AttributeName": "id", "AttributeType": "S"}],
        global_indexes=indexes,
        indexes=[],
        streams=None,
        billing_mode="PROVISIONED" if parts else "PAY_PER_REQUEST",
        sse_specification=None,
        tags=[{"Key": key, "Value": value} for key, value in planted.tags.items()],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    table.created_at = planted.created.replace(tzinfo=None)


def _throughput(units: dict[str, int]) -> dict[str, int]:
    return {f"{side}CapacityUnits": units[side] for side in SIDES}
