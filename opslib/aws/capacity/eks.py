"""Amazon EKS: clusters, their node groups, and what Container Insights tells of pods.

Source: Amazon EKS API Reference, ListClusters, ListNodegroups and DescribeNodegroup; CloudWatch
User Guide, Container Insights metrics for Amazon EKS. What only Kubernetes knows (requests, limits
and autoscalers of each deployment) is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from opslib.aws.capacity.known import open_details, read_resources
from opslib.aws.capacity.rows import arn_of, resource_row
from opslib.aws.details import Details
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, Reads
from opslib.tables.capacity import CAPACITY_RESOURCES, CapacityService

__all__ = ["INSIGHTS", "POD_CPU", "SERVICE_PODS", "read_kubernetes"]

INSIGHTS = "ContainerInsights"
POD_CPU, SERVICE_PODS = "pod_cpu_utilization_over_pod_limit", "service_number_of_running_pods"
POD_DIMENSIONS = {"ClusterName", "Namespace", "PodName"}
SERVICE_DIMENSIONS = {"ClusterName", "Namespace", "Service"}
GONE = "ResourceNotFoundException"


def read_kubernetes(reads: Reads) -> pd.DataFrame:
    """Read clusters, node groups and pods by name; columns of `CAPACITY_RESOURCES`."""
    return read_resources(reads, "capacity eks", "EKS clusters", _fetch)


@dataclass(frozen=True, slots=True)
class _Pods:
    """What Container Insights lists: pods with a limit, and services whose pods it counts."""

    limited: list[dict[str, str]] = field(default_factory=list)
    counted: list[dict[str, str]] = field(default_factory=list)


def _fetch(place: Place) -> Fetched:
    details = open_details()
    clusters = list(place.items("eks", "ListClusters", "clusters"))
    pods = _Pods()
    if clusters:
        pods = _Pods(
            _listed(place, details, POD_CPU, POD_DIMENSIONS),
            _listed(place, details, SERVICE_PODS, SERVICE_DIMENSIONS),
        )
    rows = [row for name in clusters for row in _cluster_rows(place, name, details, pods)]
    return details.fetched(rows, CAPACITY_RESOURCES)


def _listed(place: Place, details: Details, name: str, wanted: set[str]) -> list[dict[str, str]]:
    asked = {"Namespace": INSIGHTS, "MetricName": name}
    listed = details.ask(lambda: list(place.items("cloudwatch", "ListMetrics", "Metrics", **asked)))
    told = [{d["Name"]: d["Value"] for d in one.get("Dimensions", [])} for one in listed or []]
    return [one for one in told if set(one) == wanted]


def _cluster_rows(
    place: Place, cluster: str, details: Details, pods: _Pods
) -> Iterator[dict[str, Any]]:
    names = details.ask(partial(_node_groups, place, cluster)) or []
    groups = [group for name in names if (group := _node_group(place, cluster, name, details))]
    sizes = [group.get("scalingConfig", {}) for group in groups]
    types = sorted({one for group in groups for one in group.get("instanceTypes", [])})
    yield resource_row(
        place,
        CapacityService.EKS,
        cluster,
        arn_of(place, "eks", "", f"cluster/{cluster}"),
        settings={
            "kind": "cluster",
            "desired": sum(one.get("desiredSize", 0) for one in sizes),
            "most_nodes": sum(one.get("maxSize", 0) for one in sizes),
            "node_groups": names,
            "instance_types": types,
            "subnets": sorted({one for group in groups for one in group.get("subnets", [])}),
        },
    )
    for group in groups:
        yield _node_group_row(place, cluster, group, is_only=len(names) == 1)
    counted = {(one["Namespace"], one["Service"]) for one in _of(cluster, pods.counted)}
    for one in _of(cluster, pods.limited):
        yield _pods_row(place, cluster, one, counted)


def _of(cluster: str, told: list[dict[str, str]]) -> list[dict[str, str]]:
    return [one for one in told if one["ClusterName"] == cluster]


def _node_groups(place: Place, cluster: str) -> list[str]:
    return list(place.items("eks", "ListNodegroups", "nodegroups", clusterName=cluster))


def _node_group(place: Place, cluster: str, name: str, details: Details) -> dict[str, Any]:
    asked = {"clusterName": cluster, "nodegroupName": name}
    answer = details.ask(partial(place.call, "eks", "DescribeNodegroup", absent=GONE, **asked))
    told: dict[str, Any] = (answer or {}).get("nodegroup", {})
    return told


def _node_group_row(
    place: Place, cluster: str, group: dict[str, Any], *, is_only: bool
) -> dict[str, Any]:
    size = group.get("scalingConfig", {})
    scaled = group.get("resources", {}).get("autoScalingGroups", [])
    return resource_row(
        place,
        CapacityService.EKS,
        f"{cluster}/{group['nodegroupName']}",
        group["nodegroupArn"],
        settings={
            "kind": "node group",
            "cluster": cluster,
            "min": size.get("minSize"),
            "max": size.get("maxSize"),
            "desired": size.get("desiredSize"),
            "instance_types": group.get("instanceTypes", []),
            "capacity_type": group.get("capacityType"),
            "subnets": group.get("subnets", []),
            "group": scaled[0]["name"] if scaled else None,
            "is_only": is_only,
        },
        workload=cluster,
    )


def _pods_row(
    place: Place, cluster: str, told: dict[str, str], counted: set[tuple[str, str]]
) -> dict[str, Any]:
    namespace, pod = told["Namespace"], told["PodName"]
    return resource_row(
        place,
        CapacityService.EKS,
        f"{cluster}/{namespace}/{pod}",
        "",
        settings={
            "kind": "pods",
            "cluster": cluster,
            "namespace": namespace,
            "pod": pod,
            "is_counted": (namespace, pod) in counted,
        },
        workload=cluster,
    )
