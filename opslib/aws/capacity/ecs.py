"""Capacity of Amazon ECS services: CPU, memory, tasks against the scaling maximum, requests.

Source: Amazon ECS API Reference; Amazon ECS Developer Guide, CloudWatch metrics (CPUUtilization and
MemoryUtilization are in percent of what the tasks reserve; one sample a task and minute); Elastic
Load Balancing API Reference, DescribeTargetGroups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from opslib.aws.capacity.known import Known, open_details, read_resources
from opslib.aws.capacity.load import describe_targets, measure_targets
from opslib.aws.capacity.measures import Measures, metric
from opslib.aws.capacity.rows import Resource, resource_row
from opslib.aws.details import Details
from opslib.aws.ecs import ecs_clusters, ecs_services, ecs_tasks
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, Reads
from opslib.tables.capacity import CAPACITY_RESOURCES, CapacityService, ChangeKind, UsageRole

__all__ = ["measure_ecs", "read_ecs_services"]

INSIGHTS = "ECS/ContainerInsights"
SCALED = "ecs:service:DesiredCount"
CPU_UNITS_A_VCPU = 1024


def read_ecs_services(reads: Reads) -> pd.DataFrame:
    """Read the services of every cluster; columns of `CAPACITY_RESOURCES`."""
    return read_resources(reads, "capacity ecs", "ECS services", _fetch)


def _fetch(place: Place) -> Fetched:
    details = open_details()
    services = [
        service
        for cluster in ecs_clusters(place)
        for service in details.ask(partial(ecs_services, place, cluster)) or []
    ]
    named = Counter(service["serviceName"] for service in services)
    facts = _Facts(place, details, services)
    rows = [_row(place, service, facts, named[service["serviceName"]] > 1) for service in services]
    return details.fetched(rows, CAPACITY_RESOURCES)


class _Facts:
    """What is asked once for all services of a place."""

    def __init__(self, place: Place, details: Details, services: list[dict[str, Any]]) -> None:
        self._place, self._details = place, details
        definitions = {one["taskDefinition"] for one in services if "taskDefinition" in one}
        self.sizes = {arn: self._size(arn) for arn in sorted(definitions)}
        clusters = {one["clusterArn"] for one in services}
        self.zones = {arn: self._zones(arn) for arn in clusters}
        self.counted = self._counted() if services else set()
        groups = [
            [one.get("targetGroupArn", "") for one in service.get("loadBalancers", [])]
            for service in services
        ]
        told = describe_targets(place, details, groups)
        self.targets = {one["serviceArn"]: pairs for one, pairs in zip(services, told, strict=True)}

    def _size(self, arn: str) -> Mapping[str, Any]:
        answer = self._details.ask(
            lambda: self._place.call("ecs", "DescribeTaskDefinition", taskDefinition=arn)
        )
        size: Mapping[str, Any] = (answer or {}).get("taskDefinition", {})
        return size

    def _zones(self, cluster: str) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for task in self._details.ask(lambda: ecs_tasks(self._place, cluster, "RUNNING")) or []:
            group = str(task.get("group", "")).removeprefix("service:")
            found.setdefault(group, []).append(str(task.get("availabilityZone", "")))
        return found

    def _counted(self) -> set[tuple[str, str]]:
        """Return cluster and name of the services whose tasks Container Insights counts."""
        asked = {"Namespace": INSIGHTS, "MetricName": "RunningTaskCount"}
        listed = self._details.ask(
            lambda: list(self._place.items("cloudwatch", "ListMetrics", "Metrics", **asked))
        )
        told = [{d["Name"]: d["Value"] for d in one.get("Dimensions", [])} for one in listed or []]
        return {(one["ClusterName"], one["ServiceName"]) for one in told if "ServiceName" in one}


def _row(
    place: Place,
    service: dict[str, Any],
    facts: _Facts,
    is_namesake: bool,  # noqa: FBT001
) -> dict[str, Any]:
    name, arn = service["serviceName"], service["serviceArn"]
    cluster = service["clusterArn"].rpartition("/")[2]
    size = facts.sizes.get(service.get("taskDefinition", ""), {})
    network = service.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    return resource_row(
        place,
        CapacityService.ECS,
        f"{cluster}/{name}" if is_namesake else name,
        arn,
        zones=[zone for zone in facts.zones[service["clusterArn"]].get(name, []) if zone],
        settings={
            "cluster": cluster,
            "service": name,
            "scaling_id": f"service/{cluster}/{name}",
            "launch_type": _launch_type(service),
            "task_cpu": _number(size.get("cpu"), CPU_UNITS_A_VCPU),
            "task_memory_mib": _number(size.get("memory"), 1),
            "desired": service.get("desiredCount"),
            "running": service.get("runningCount"),
            "subnets": network.get("subnets", []),
            "is_counted": (cluster, name) in facts.counted,
            "targets": facts.targets[arn],
        },
    )


def _launch_type(service: dict[str, Any]) -> str | None:
    strategy = service.get("capacityProviderStrategy") or [{}]
    told: str | None = service.get("launchType") or strategy[0].get("capacityProvider")
    return told


def _number(text: str | None, divisor: float) -> float | None:
    return float(text) / divisor if text else None


def measure_ecs(service: Resource, known: Known, measures: Measures) -> None:
    """Add the limits and series of a service."""
    where = {
        "ClusterName": service.settings["cluster"],
        "ServiceName": service.settings["service"],
    }
    cpu = metric("AWS/ECS", "CPUUtilization", "Average", **where)
    memory = metric("AWS/ECS", "MemoryUtilization", "Maximum", **where)
    reserved = "100 % of what the tasks reserve (task definition)"
    for name, query, change in (
        ("CPU", cpu, ChangeKind.SCALING_SETTING),
        ("memory", memory, ChangeKind.INSTANCE_CLASS),
    ):
        series = measures.usage(service, name, "percent", query)
        measures.limit(service, name, 100, "percent", change, reserved, series)
    _measure_tasks(service, known, measures, where)
    measure_targets(service, measures)


def _measure_tasks(
    service: Resource, known: Known, measures: Measures, where: Mapping[str, str]
) -> None:
    """Count tasks by Container Insights, or by the samples a minute of their CPU."""
    if service.settings["is_counted"]:
        query = metric(INSIGHTS, "RunningTaskCount", "Maximum", **where)
        series = measures.usage(service, "tasks", "tasks", query, role=UsageRole.UNITS)
        how = "counted by Container Insights"
    else:
        query = metric("AWS/ECS", "CPUUtilization", "SampleCount", **where)
        series = measures.usage(
            service, "tasks", "tasks", query, role=UsageRole.UNITS, scale=60, is_rate=True
        )
        how = "counted as CPU samples a minute, since Container Insights tells nothing of it"
    scaled = known.scaling_of(service, SCALED)
    if scaled is not None:
        measures.limit(
            service,
            "tasks",
            scaled.maximum,
            "tasks",
            ChangeKind.SCALING_SETTING,
            f"maximum of its scaling target; tasks are {how}",
            series,
        )
