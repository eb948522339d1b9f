"""The tags of the estate by which its resources are grouped into workloads.

Source: Resource Groups Tagging API Reference, GetResources.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opslib.sandbox.capacity_estate import (
    CAPACITY_CLUSTER,
    FUNCTIONS,
    SERVICES,
)
from opslib.sandbox.capacity_instances import (
    EKS_CLUSTER,
    instances_of,
)
from opslib.sandbox.handlers.compute import tags_of_instance
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.handlers.platform_services import has_platform
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.shop import REGION, service_arn

__all__ = ["get_resources"]

KEY = "Workload"
MOST_A_PAGE = 100
STORES = {"cluster:orders": "shop", "db:ledger": "payments", "db:catalog": "shop"}
TABLES = {"carts": "shop", "sessions": "accounts"}


@op("resourcegroupstaggingapi", "GetResources")
def get_resources(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer tag:GetResources by the key of a tag; nobody tagged ``inventory``."""
    wanted = {one["Key"]: one.get("Values") or [] for one in asked.get("TagFilters") or []}
    told = [
        {"ResourceARN": arn, "Tags": [{"Key": KEY, "Value": value}]}
        for arn, value in _tagged(caller)
        if all(key == KEY and (not named or value in named) for key, named in wanted.items())
    ]
    size = min(asked.get("ResourcesPerPage") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(told, asked.get("PaginationToken"), size)
    return {"ResourceTagMappingList": page, "PaginationToken": token or ""}


def _tagged(caller: Caller) -> Iterator[tuple[str, str]]:
    if caller.region != REGION or caller.scenario.capacity.is_empty:
        return
    where = f"{REGION}:{caller.account}"
    for instance in instances_of(caller.account):
        yield f"arn:aws:ec2:{where}:instance/{instance.id}", tags_of_instance(instance)[0]["Value"]
    if not has_platform(caller):
        return
    for spec in SERVICES:
        yield service_arn(spec.name, caller.account, CAPACITY_CLUSTER), spec.workload
    for name, workload in STORES.items():
        yield f"arn:aws:rds:{where}:{name}", workload
    for name, workload in TABLES.items():
        yield f"arn:aws:dynamodb:{where}:table/{name}", workload
    for function in FUNCTIONS:
        yield f"arn:aws:lambda:{where}:function:{function.name}", "shop"
    yield f"arn:aws:eks:{where}:cluster/{EKS_CLUSTER}", EKS_CLUSTER
