"""Limits of EKS clusters, node groups and pods, and what is measured of them.

Source: CloudWatch User Guide, Container Insights metrics for Amazon EKS: utilisation and
reservation of nodes in percent of what they have, of pods in percent of their limits.
"""

from __future__ import annotations

from opslib.aws.capacity.eks import INSIGHTS, POD_CPU, SERVICE_PODS
from opslib.aws.capacity.known import Known
from opslib.aws.capacity.measures import Measures, metric
from opslib.aws.capacity.rows import Resource
from opslib.tables.capacity import ChangeKind, UsageRole

__all__ = ["measure_kubernetes"]

GROUPS = "AWS/AutoScaling"
NODES = (
    ("CPU", "node_cpu_utilization", "100 % of the nodes' vCPUs, used"),
    ("memory", "node_memory_utilization", "100 % of the nodes' memory, used"),
    ("CPU reserved", "node_cpu_reserved_capacity", "100 % of the nodes' vCPUs, requested by pods"),
    (
        "memory reserved",
        "node_memory_reserved_capacity",
        "100 % of the nodes' memory, requested by pods",
    ),
)


def measure_kubernetes(resource: Resource, known: Known, measures: Measures) -> None:
    """Add the limits and series of a cluster, a node group, or pods."""
    kind = resource.settings["kind"]
    if kind == "cluster":
        _measure_cluster(resource, known, measures)
    elif kind == "pods":
        _measure_pods(resource, measures)
    else:
        _measure_node_group(resource, measures)


def _measure_cluster(cluster: Resource, known: Known, measures: Measures) -> None:
    where = {"ClusterName": cluster.name}
    for name, told, source in NODES:
        series = measures.usage(
            cluster, name, "percent", metric(INSIGHTS, told, "Average", **where)
        )
        change = ChangeKind.SCALING_SETTING
        measures.limit(cluster, name, 100, "percent", change, source, series)
    counted = metric(INSIGHTS, "cluster_node_count", "Maximum", **where)
    nodes = measures.usage(cluster, "nodes", "nodes", counted, role=UsageRole.UNITS)
    if cluster.settings["node_groups"]:
        most, source = cluster.settings["most_nodes"], "maximum sizes of its node groups together"
        change = ChangeKind.SCALING_SETTING
        measures.limit(cluster, "nodes", most, "nodes", change, source, nodes)
    running = metric(INSIGHTS, "node_number_of_running_pods", "Maximum", **where)
    pods = measures.usage(cluster, "pods", "pods", running)
    types = [known.types[one] for one in cluster.settings["instance_types"] if one in known.types]
    room = min((one.pods for one in types if one.pods), default=None)
    source = "pods of a node, by the addresses of its network interfaces; its fullest node"
    if cluster.settings["instance_types"]:
        change = ChangeKind.INSTANCE_CLASS
        measures.limit(cluster, "pods", room, "pods", change, source, pods)


def _measure_node_group(group: Resource, measures: Measures) -> None:
    """Count the nodes of a group, where its cluster has others: its count is the cluster's else."""
    name = group.settings.get("group")
    if group.settings["is_only"] or not name:
        return
    query = metric(GROUPS, "GroupInServiceInstances", "Maximum", AutoScalingGroupName=name)
    nodes = measures.usage(group, "nodes", "nodes", query, role=UsageRole.UNITS)
    source, change = "maximum size of the node group", ChangeKind.SCALING_SETTING
    measures.limit(group, "nodes", group.settings.get("max"), "nodes", change, source, nodes)


def _measure_pods(pods: Resource, measures: Measures) -> None:
    settings = pods.settings
    inside = {"ClusterName": settings["cluster"], "Namespace": settings["namespace"]}
    where = {**inside, "PodName": settings["pod"]}
    change = ChangeKind.PROVISIONED_CAPACITY
    for name, told, statistic in (
        ("CPU", POD_CPU, "Average"),
        ("memory", "pod_memory_utilization_over_pod_limit", "Maximum"),
    ):
        query = metric(INSIGHTS, told, statistic, **where)
        series = measures.usage(pods, name, "percent", query)
        measures.limit(pods, name, 100, "percent", change, "100 % of the pods' limits", series)
    if settings["is_counted"]:
        running = metric(INSIGHTS, SERVICE_PODS, "Maximum", **inside, Service=settings["pod"])
        measures.usage(pods, "pods", "pods", running, role=UsageRole.UNITS)
