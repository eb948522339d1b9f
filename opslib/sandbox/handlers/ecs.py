"""ECS services: the shop's with events, deployments and tasks that stopped lately, the platform's.

Source: Amazon ECS API Reference. A cluster that is neither is left to moto.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.backends import get_backend

from opslib.sandbox.capacity_estate import CAPACITY_CLUSTER, SUBNETS
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.handlers.platform_services import (
    describe_platform_service,
    has_platform,
    platform_services,
)
from opslib.sandbox.handlers.running_tasks import describe_running_task, running_tasks_of
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.service_events import StoppedTask, service_events, stopped_tasks
from opslib.sandbox.shop import (
    BATCH_CLUSTER,
    BATCH_SERVICE,
    CLUSTER,
    REGION,
    SERVICES,
    SHOP_ACCOUNTS,
    make_uuid,
    security_group,
    service_arn,
    target_group,
    task_definition_arn,
)
from opslib.sandbox.shop_deployments import Deployment
from opslib.sandbox.shop_history import list_deployments

__all__ = ["describe_services", "describe_tasks", "list_clusters", "list_services", "list_tasks"]

MADE_BEFORE = timedelta(days=400)
MOST_DESCRIBED = 10
TASKS_WANTED = 3
ROLLED_OUT = "ECS deployment {} completed."


@op("ecs", "ListClusters")
def list_clusters(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ecs:ListClusters."""
    held: Any = get_backend("ecs")[caller.account][caller.region]
    arns = [cluster.arn for cluster in held.clusters.values()]
    if _has_shop(caller):
        arns += [_cluster_arn(name, caller) for name in (CLUSTER, BATCH_CLUSTER)]
    if has_platform(caller):
        arns.append(_cluster_arn(CAPACITY_CLUSTER, caller))
    return _page("clusterArns", sorted(arns), asked, 100)


@op("ecs", "ListServices")
def list_services(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer ecs:ListServices, ten a page."""
    cluster = _cluster_of(asked)
    if not _is_ours(cluster, caller):
        return None
    arns = [service_arn(name, caller.account, cluster) for name in _known(cluster)]
    return _page("serviceArns", arns, asked, MOST_DESCRIBED)


@op("ecs", "DescribeServices")
def describe_services(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer ecs:DescribeServices of at most ten."""
    cluster = _cluster_of(asked)
    if not _is_ours(cluster, caller):
        return None
    if len(asked["services"]) > MOST_DESCRIBED:
        raise AwsError("InvalidParameterException", "Services cannot have more than 10 elements.")
    known = _known(cluster)
    names = {asked_for: asked_for.rpartition("/")[2] for asked_for in asked["services"]}
    missing = [
        {"arn": service_arn(name, caller.account, cluster), "reason": "MISSING"}
        for name in names.values()
        if name not in known
    ]
    told = [_service(name, cluster, caller) for name in names.values() if name in known]
    return {"services": told, "failures": missing}


@op("ecs", "ListTasks")
def list_tasks(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer ecs:ListTasks: those that run, or those that have stopped lately."""
    cluster = _cluster_of(asked)
    if not _is_ours(cluster, caller):
        return None
    wanted = asked.get("serviceName", "").rpartition("/")[2]
    if asked.get("desiredStatus", "RUNNING") == "RUNNING":
        return _page("taskArns", running_tasks_of(cluster, wanted, caller), asked, 100)
    known = stopped_tasks(caller.scenario.incident, caller.account)
    tasks = known if cluster == CLUSTER else ()
    arns = [_task_arn(task, caller) for task in tasks if wanted in {"", task.service}]
    return _page("taskArns", arns, asked, 100)


@op("ecs", "DescribeTasks")
def describe_tasks(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer ecs:DescribeTasks: of tasks that run, or stopped within the last hour."""
    cluster = _cluster_of(asked)
    if not _is_ours(cluster, caller):
        return None
    names = [arn.rpartition("/")[2] for arn in asked["tasks"]]
    held = {task.id: task for task in stopped_tasks(caller.scenario.incident, caller.account)}
    told = {
        name: _task(held[name], caller)
        if name in held
        else describe_running_task(cluster, name, caller)
        for name in names
    }
    return {
        "tasks": [task for task in told.values() if task],
        "failures": [{"arn": name, "reason": "MISSING"} for name, task in told.items() if not task],
    }


def _page(name: str, items: list[str], asked: dict[str, Any], most: int) -> dict[str, Any]:
    size = min(asked.get("maxResults") or most, 100)
    page, token = take_page(items, asked.get("nextToken"), size)
    return {name: page} | ({"nextToken": token} if token else {})


def _cluster_of(asked: dict[str, Any]) -> str:
    return str(asked.get("cluster") or "default").rpartition("/")[2]


def _has_shop(caller: Caller) -> bool:
    is_here = caller.region == REGION and caller.account in SHOP_ACCOUNTS
    return is_here and not caller.scenario.incident.is_empty


def _is_ours(cluster: str, caller: Caller) -> bool:
    if cluster == CAPACITY_CLUSTER:
        return has_platform(caller)
    return _has_shop(caller) and cluster in {CLUSTER, BATCH_CLUSTER}


def _known(cluster: str) -> tuple[str, ...]:
    """Return the names of a cluster's services."""
    if cluster == CAPACITY_CLUSTER:
        return tuple(platform_services())
    return SERVICES if cluster == CLUSTER else (BATCH_SERVICE,)


def _cluster_arn(cluster: str, caller: Caller) -> str:
    return f"arn:aws:ecs:{caller.region}:{caller.account}:cluster/{cluster}"


def _task_arn(task: StoppedTask, caller: Caller) -> str:
    return f"arn:aws:ecs:{caller.region}:{caller.account}:task/{CLUSTER}/{task.id}"


def _service(name: str, cluster: str, caller: Caller) -> dict[str, Any]:
    if cluster == CAPACITY_CLUSTER:
        return describe_platform_service(platform_services()[name], caller)
    plan, account = caller.scenario.incident, caller.account
    deployments = [one for one in list_deployments(plan, account) if one.service == name]
    last = deployments[-1] if deployments else None
    revision = last.revision if last else 1
    events = service_events(plan, account, name) if cluster == CLUSTER else ()
    return {
        "serviceArn": service_arn(name, account, cluster),
        "serviceName": name,
        "clusterArn": _cluster_arn(cluster, caller),
        "status": "ACTIVE",
        "launchType": "FARGATE",
        "desiredCount": TASKS_WANTED,
        "runningCount": TASKS_WANTED,
        "pendingCount": 0,
        "taskDefinition": task_definition_arn(name, revision, account),
        "createdAt": caller.scenario.epoch - MADE_BEFORE,
        "deployments": [_deployment(last)] if last else [],
        "events": [
            {"id": event.id, "createdAt": event.at, "message": event.message} for event in events
        ],
        "loadBalancers": _balancers(name, cluster, caller),
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": [subnet.id for subnet in SUBNETS],
                "securityGroups": [security_group(name, account)],
                "assignPublicIp": "DISABLED",
            }
        },
    }


def _balancers(name: str, cluster: str, caller: Caller) -> list[dict[str, Any]]:
    if cluster != CLUSTER:
        return []
    arn = f"arn:aws:elasticloadbalancing:{REGION}:{caller.account}:{target_group(name)}"
    return [{"targetGroupArn": arn, "containerName": name, "containerPort": 8080}]


def _deployment(last: Deployment) -> dict[str, Any]:
    return {
        "id": last.ecs_id,
        "status": "PRIMARY",
        "taskDefinition": task_definition_arn(last.service, last.revision, last.account),
        "desiredCount": TASKS_WANTED,
        "runningCount": TASKS_WANTED,
        "pendingCount": 0,
        "failedTasks": 0,
        "createdAt": last.updated_at,
        "updatedAt": last.completed_at,
        "launchType": "FARGATE",
        "rolloutState": "COMPLETED",
        "rolloutStateReason": ROLLED_OUT.format(last.ecs_id),
    }


def _task(task: StoppedTask, caller: Caller) -> dict[str, Any]:
    definition = task_definition_arn(task.service, 1, caller.account)
    arn = _task_arn(task, caller)
    container = {
        "name": task.service,
        "containerArn": f"{arn}/{make_uuid(task.id)}",
        "taskArn": arn,
        "lastStatus": "STOPPED",
        "exitCode": task.exit_code,
        "reason": task.reason,
    }
    return {
        "taskArn": arn,
        "clusterArn": _cluster_arn(CLUSTER, caller),
        "taskDefinitionArn": definition,
        "group": f"service:{task.service}",
        "desiredStatus": "STOPPED",
        "lastStatus": "STOPPED",
        "createdAt": task.stopped_at - timedelta(hours=9),
        "startedAt": task.stopped_at - timedelta(hours=9) + timedelta(seconds=40),
        "stoppingAt": task.stopped_at - timedelta(seconds=30),
        "stoppedAt": task.stopped_at,
        "stopCode": "EssentialContainerExited" if task.exit_code else "ServiceSchedulerInitiated",
        "stoppedReason": task.reason,
        "containers": [container],
    }
