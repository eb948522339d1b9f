"""Resources whose capacity is planned, as rows: what AWS tells of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from opslib.aws.places import Place, join_parts, redacted_json
from opslib.tables.capacity import CAPACITY_RESOURCES, CapacityService
from opslib.tables.schema import check_table

__all__ = ["Resource", "arn_of", "records", "resource_row", "resources_frame"]

PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One row of `CAPACITY_RESOURCES`, its settings at hand."""

    identity: str
    service: CapacityService
    name: str
    account: str
    region: str
    settings: Mapping[str, Any]

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Resource:
        """Return a row with its settings read."""
        return cls(
            identity=row["Resource"],
            service=CapacityService(row["Service"]),
            name=row["Name"],
            account=row["Account"],
            region=row["Region"],
            settings=json.loads(row["Settings"]),
        )


def resource_row(
    place: Place,
    service: CapacityService,
    name: str,
    identity: str,
    *,
    zones: Iterable[str] = (),
    settings: Mapping[str, Any],
    workload: str = "",
) -> dict[str, Any]:
    """Return a row of `CAPACITY_RESOURCES`.

    Args:
        place: where it lies.
        service: its kind.
        name: what people call it.
        identity: its ARN; empty where it has none.
        zones: one a task, instance or node.
        settings: what Describe calls tell; what is None is left out.
        workload: what it belongs to, where that is told without tags.
    """
    account = place.account.id if place.account else ""
    return {
        "Resource": identity or f"{service.value}:{account}:{place.region}:{name}",
        "Service": service.value,
        "Name": name,
        "Workload": workload or name,
        "Account": place.label,
        "Region": place.region,
        "Zones": json.dumps(sorted(zones)),
        "Settings": redacted_json({k: v for k, v in settings.items() if v is not None}),
    }


def arn_of(place: Place, service: str, owner: str, what: str) -> str:
    """Return the ARN of what AWS tells without one; empty where its account is not known."""
    account = owner or (place.account.id if place.account else "")
    partition = next((p for head, p in PARTITIONS if place.region.startswith(head)), "aws")
    return f"arn:{partition}:{service}:{place.region}:{account}:{what}" if account else ""


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame, by column."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def resources_frame(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return all resources; columns of `CAPACITY_RESOURCES`."""
    return check_table(join_parts(parts, CAPACITY_RESOURCES), CAPACITY_RESOURCES, "resources")
