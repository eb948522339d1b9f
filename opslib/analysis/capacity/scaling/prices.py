"""What an hour of one unit of capacity costs, by the account's own bill."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opslib.tables.capacity import CapacityTables
from opslib.wording import printable

__all__ = ["UnitPrice", "price_unit"]

PREFIX = r"(?:[A-Z]{2,4}\d?-)?"
MIB_A_GIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPrice:
    """A price of a unit.

    Args:
        an_hour: in the tables' currency; None where the bill does not tell it.
        why_not: what the bill does not tell; '' where it tells all.
    """

    an_hour: float | None
    why_not: str = ""


def price_unit(tables: CapacityTables, resource: Mapping[str, Any], dimension: str) -> UnitPrice:
    """Return what an hour of a unit of a dimension costs.

    Args:
        tables: what was read; its prices are the account's own, effective cost over quantity.
        resource: a row of `CAPACITY_RESOURCES`.
        dimension: of `SCALING_TARGETS`.
    """
    try:
        settings = json.loads(str(resource["Settings"]))
    except ValueError:
        settings = {}
    parts = _parts(settings if isinstance(settings, dict) else {}, dimension)
    if isinstance(parts, str):
        return UnitPrice(an_hour=None, why_not=parts)
    total = 0.0
    for meter, quantity in parts:
        price = _meter(tables, str(resource["Region"]), meter)
        if price is None:
            return UnitPrice(an_hour=None, why_not=f"the bill has no one price of {meter}")
        total += price * quantity
    return UnitPrice(an_hour=total)


def _parts(settings: Mapping[str, Any], dimension: str) -> list[tuple[str, float]] | str:
    """Return meters and quantities of a unit, or why it has no price of its own."""
    if dimension == "ecs:service:DesiredCount":
        return _task(settings)
    if dimension == "rds:cluster:acu":
        return [("Aurora:ServerlessV2Usage", 1.0)]
    if dimension.startswith("dynamodb:"):
        kind = "Write" if "Write" in dimension else "Read"
        return [(f"{kind}CapacityUnit-Hrs", 1.0)]
    if dimension == "autoscaling:group":
        kinds = settings.get("instance_types") or []
        if len(kinds) != 1:
            return "it runs several instance types" if kinds else "its instance type is not known"
        return [(f"BoxUsage:{kinds[0]}", 1.0)]
    return "a unit of it is billed with the node that it runs on"


def _task(settings: Mapping[str, Any]) -> list[tuple[str, float]] | str:
    launch = str(settings.get("launch_type") or "")
    if launch and launch != "FARGATE":
        return f"launch type {printable(launch)} is billed otherwise"
    try:
        vcpus, memory = float(settings["task_cpu"]), float(settings["task_memory_mib"])
    except (KeyError, TypeError, ValueError):
        return "the size of its task is not known"
    arm = "ARM-" if "arm" in str(settings.get("architecture") or "").lower() else ""
    return [
        (f"Fargate-{arm}vCPU-Hours", vcpus),
        (f"Fargate-{arm}GB-Hours", memory / MIB_A_GIB),
    ]


def _meter(tables: CapacityTables, region: str, meter: str) -> float | None:
    """Return the price of a meter in a region; None where the bill tells none, or several."""
    wanted = re.compile(rf"{PREFIX}{re.escape(meter)}(?::.*)?")
    for place in (region, ""):
        rows = tables.prices[tables.prices["Region"] == place]
        found = {
            float(price)
            for name, price in zip(rows["SkuMeter"], rows["Price"], strict=True)
            if wanted.fullmatch(str(name))
        }
        if found:
            return found.pop() if len(found) == 1 else None
    return None
