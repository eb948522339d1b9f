"""An estate's resources, completed by what other reads tell of them.

Source: Resource Groups Tagging API Reference, GetResources (tags by ARN).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from opslib.aws.capacity.known import Known
from opslib.aws.capacity.rows import Resource, records
from opslib.aws.instance_types import types_of
from opslib.aws.places import Place, read_places
from opslib.aws.reads import Reads
from opslib.tables.capacity import CapacityService
from opslib.tables.capacity_reads import RESOURCE_TAGS

__all__ = ["complete_estate", "read_workloads"]

SCALED_BY = {CapacityService.ECS: "ecs:service:DesiredCount"}
"""Dimension whose minimum and maximum are settings of the resource, by kind."""


def read_workloads(reads: Reads, tag: str) -> Mapping[str, str]:
    """Read the value of a tag by ARN; nothing where ``tag`` is empty."""
    if not tag:
        return {}

    def fetch(place: Place) -> list[tuple[Any, ...]]:
        listed = place.items(
            "resourcegroupstaggingapi",
            "GetResources",
            "ResourceTagMappingList",
            TagFilters=[{"Key": tag}],
        )
        return [
            (one["ResourceARN"], value)
            for one in listed
            if (value := {t["Key"]: t["Value"] for t in one.get("Tags", [])}.get(tag))
        ]

    asked = f"resources with the tag {tag}"
    frame = read_places(reads, "capacity tags", asked, RESOURCE_TAGS, fetch, lambda _: {"tag": tag})
    return dict(zip(frame["Resource"], frame["Workload"], strict=True))


def complete_estate(
    resources: pd.DataFrame, known: Known, workloads: Mapping[str, str]
) -> pd.DataFrame:
    """Return the resources with their workload, zones, scaling and size; columns as they are.

    Args:
        resources: columns of `CAPACITY_RESOURCES`.
        known: what is scaled by itself, and what instance types have.
        workloads: value of the grouping tag by ARN.

    Where nothing tells the zones of a resource, they are those of its subnets.
    """
    subnets = _zone_by_subnet(resources)
    rows = [_completed(row, known, workloads, subnets) for row in records(resources)]
    return pd.DataFrame(rows, columns=list(resources.columns))


def _zone_by_subnet(resources: pd.DataFrame) -> Mapping[tuple[str, str], str]:
    rows = resources[resources["Service"] == CapacityService.SUBNET.value].to_dict("records")
    return {(row["Account"], row["Name"]): json.loads(row["Zones"])[0] for row in rows}


def _completed(
    row: dict[str, Any],
    known: Known,
    workloads: Mapping[str, str],
    subnets: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    resource = Resource.of_row(row)
    settings = dict(resource.settings)
    scaled = known.scaling_of(resource, SCALED_BY.get(resource.service, ""))
    if scaled is not None:
        settings |= {"min": scaled.minimum, "max": scaled.maximum}
    lies_in = {subnets.get((resource.account, one), "") for one in settings.get("subnets", [])}
    zones = row["Zones"] if row["Zones"] != "[]" else json.dumps(sorted(lies_in - {""}))
    settings |= _size_of(settings, known)
    workload = workloads.get(resource.identity) or row["Workload"]
    told = json.dumps(settings, sort_keys=True)
    return {**row, "Workload": workload, "Zones": zones, "Settings": told}


def _size_of(settings: Mapping[str, Any], known: Known) -> dict[str, float]:
    """Return vCPUs and memory of what runs on an instance type."""
    found = next((known.types[one] for one in types_of(settings) if one in known.types), None)
    return {"vcpus": found.vcpus, "memory_gib": found.memory_gib} if found else {}
