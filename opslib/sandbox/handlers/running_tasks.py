"""The tasks that run: the platform's as its scaling has them, the shop's one a zone.

Source: Amazon ECS API Reference, ListTasks and DescribeTasks.
"""

from __future__ import annotations

from typing import Any

from opslib.sandbox.capacity_estate import CAPACITY_CLUSTER, SUBNETS
from opslib.sandbox.handlers.platform_services import platform_services, running_count, subnets_of
from opslib.sandbox.overlay import Caller
from opslib.sandbox.shop import BATCH_SERVICE, CLUSTER, REGION, SERVICES, hex_id

__all__ = ["describe_running_task", "running_tasks_of"]


def running_tasks_of(cluster: str, service: str, caller: Caller) -> list[str]:
    """Return the ARNs of the tasks that run; of all services where ``service`` is empty."""
    return [
        f"arn:aws:ecs:{REGION}:{caller.account}:task/{cluster}/{name}"
        for name, (owner, _) in _placed(cluster, caller).items()
        if service in {"", owner}
    ]


def describe_running_task(cluster: str, name: str, caller: Caller) -> dict[str, Any] | None:
    """Return what ECS tells of a task that runs; None where there is none of that id."""
    placed = _placed(cluster, caller)
    if name not in placed:
        return None
    service, zone = placed[name]
    where = f"arn:aws:ecs:{REGION}:{caller.account}"
    owner = "platform" if cluster == CAPACITY_CLUSTER else "shop"
    return {
        "taskArn": f"{where}:task/{cluster}/{name}",
        "clusterArn": f"{where}:cluster/{cluster}",
        "taskDefinitionArn": f"{where}:task-definition/{owner}-{service}:1",
        "group": f"service:{service}",
        "availabilityZone": zone,
        "launchType": "FARGATE",
        "desiredStatus": "RUNNING",
        "lastStatus": "RUNNING",
        "containers": [],
    }


def _placed(cluster: str, caller: Caller) -> dict[str, tuple[str, str]]:
    """Return service and zone of each task by its id."""
    zones: dict[str, list[str]] = {}
    if cluster == CAPACITY_CLUSTER:
        for name, spec in platform_services().items():
            own = [subnet.zone for subnet in subnets_of(spec, caller)]
            zones[name] = [own[n % len(own)] for n in range(running_count(spec, caller))]
    else:
        for name in SERVICES if cluster == CLUSTER else (BATCH_SERVICE,):
            zones[name] = [subnet.zone for subnet in SUBNETS]
    return {
        hex_id(f"task {caller.account} {cluster} {name} {place}", 32): (name, zone)
        for name, held in zones.items()
        for place, zone in enumerate(held)
    }
