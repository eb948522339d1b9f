"""The ECS services of the estate whose capacity is planned, and every task definition.

Source: Amazon ECS API Reference.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from opslib.sandbox.capacity_estate import (
    CAPACITY_CLUSTER,
    SERVICES,
    SUBNETS,
    ServiceSpec,
    Subnet,
    tag_of,
    target_group_of,
)
from opslib.sandbox.capacity_load import Grid
from opslib.sandbox.capacity_service_metrics import running_tasks
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.shop import REGION, security_group, service_arn

__all__ = [
    "describe_platform_service",
    "describe_task_definition",
    "has_platform",
    "platform_services",
    "running_count",
    "subnets_of",
]

MADE_BEFORE = timedelta(days=300)
FIVE = 300
ZONES_OF_FRAIL = 2
SHOP_TASK = ("512", "1024")


def has_platform(caller: Caller) -> bool:
    """Say whether the caller's account has the cluster."""
    is_here = (caller.account, caller.region) == (PRODUCTION, REGION)
    return is_here and not caller.scenario.capacity.is_empty


def platform_services() -> dict[str, ServiceSpec]:
    """Return the services of the cluster by name."""
    return {spec.name: spec for spec in SERVICES}


def describe_platform_service(spec: ServiceSpec, caller: Caller) -> dict[str, Any]:
    """Return what ECS tells of a service."""
    running = running_count(spec, caller)
    return {
        "serviceArn": service_arn(spec.name, caller.account, CAPACITY_CLUSTER),
        "serviceName": spec.name,
        "clusterArn": f"arn:aws:ecs:{REGION}:{caller.account}:cluster/{CAPACITY_CLUSTER}",
        "status": "ACTIVE",
        "launchType": "FARGATE",
        "schedulingStrategy": "REPLICA",
        "desiredCount": running,
        "runningCount": running,
        "pendingCount": 0,
        "taskDefinition": _definition_arn(f"platform-{spec.name}", 12, caller),
        "createdAt": caller.scenario.epoch - MADE_BEFORE,
        "deployments": [],
        "events": [],
        "loadBalancers": _balancers(spec, caller),
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": [subnet.id for subnet in subnets_of(spec, caller)],
                "securityGroups": [security_group(spec.name, caller.account)],
                "assignPublicIp": "DISABLED",
            }
        },
        "tags": tag_of(spec),
    }


def running_count(spec: ServiceSpec, caller: Caller) -> int:
    """Return the tasks that run at the epoch."""
    plan = caller.scenario.capacity
    last = Grid(plan.epoch.timestamp(), -1.0, 0.0, FIVE * 12)
    return int(running_tasks(plan, spec, last)[-1])


def subnets_of(spec: ServiceSpec, caller: Caller) -> tuple[Subnet, ...]:
    """Return the subnets that a service runs in."""
    is_frail = spec.name == caller.scenario.capacity.frail
    return SUBNETS[:ZONES_OF_FRAIL] if is_frail else SUBNETS


def _balancers(spec: ServiceSpec, caller: Caller) -> list[dict[str, Any]]:
    if not spec.has_balancer:
        return []
    groups = f"arn:aws:elasticloadbalancing:{REGION}:{caller.account}"
    target = f"{groups}:{target_group_of(spec.name)}"
    return [{"targetGroupArn": target, "containerName": spec.name, "containerPort": 8080}]


def _definition_arn(family: str, revision: int, caller: Caller) -> str:
    return f"arn:aws:ecs:{REGION}:{caller.account}:task-definition/{family}:{revision}"


@op("ecs", "DescribeTaskDefinition")
def describe_task_definition(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer ecs:DescribeTaskDefinition of the shop's and the platform's; moto tells others."""
    family, _, revision = asked["taskDefinition"].rpartition("/")[2].partition(":")
    owner, _, name = family.partition("-")
    if owner == "platform" and has_platform(caller) and name in platform_services():
        spec = platform_services()[name]
        cpu, memory = str(spec.cpu), str(spec.memory_mib)
    elif owner == "shop" and caller.region == REGION and not caller.scenario.incident.is_empty:
        cpu, memory = SHOP_TASK
    else:
        return None
    number = int(revision or 1)
    definition = {
        "taskDefinitionArn": _definition_arn(family, number, caller),
        "family": family,
        "revision": number,
        "status": "ACTIVE",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": cpu,
        "memory": memory,
        "containerDefinitions": [{"name": name, "cpu": int(cpu), "essential": True}],
    }
    return {"taskDefinition": definition}
