"""Metrics of instances, their volumes, the Auto Scaling group and the EKS cluster."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from opslib.sandbox.capacity_growth import Values
from opslib.sandbox.capacity_instances import (
    EKS_CLUSTER,
    FLEET,
    FLEET_SIZES,
    INSTANCES,
    NODE_GROUPS,
    VOLUMES,
    Instance,
)
from opslib.sandbox.capacity_load import Grid, Load, make_load
from opslib.sandbox.capacity_loads import instance_cpu_load, instance_memory_load
from opslib.sandbox.capacity_metric import CapacityMetric, constant, counted, follows, gauge
from opslib.sandbox.capacity_plan import CapacityPlan

__all__ = ["list_compute_metrics"]

EC2, EBS, FLEETS, INSIGHTS = "AWS/EC2", "AWS/EBS", "AWS/AutoScaling", "ContainerInsights"
POD_SIZES = (2, 12)
"""Least and most pods that the deployment of the EKS cluster is scaled between."""
PODS, POD_NAMESPACE, DEPLOYMENT = 8.0, "reports", "scorer"
FLEET_NAMES = (
    ("GroupMinSize", FLEET_SIZES[0]),
    ("GroupDesiredCapacity", FLEET_SIZES[1]),
    ("GroupInServiceInstances", FLEET_SIZES[1]),
    ("GroupTotalInstances", FLEET_SIZES[1]),
    ("GroupMaxSize", FLEET_SIZES[2]),
)
BYTES_AN_OPERATION = 16_384
NODE_LEVELS = (
    ("node_cpu_utilization", 38.0),
    ("node_memory_utilization", 32.0),
    ("node_cpu_reserved_capacity", 36.0),
    ("node_memory_reserved_capacity", 34.0),
    ("node_filesystem_utilization", 31.0),
)
POD_LEVELS = (
    ("pod_cpu_utilization", 14.0),
    ("pod_memory_utilization", 11.0),
    ("pod_cpu_reserved_capacity", 18.0),
    ("pod_memory_reserved_capacity", 16.0),
    ("pod_cpu_utilization_over_pod_limit", 46.0),
    ("pod_memory_utilization_over_pod_limit", 51.0),
)


def list_compute_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    """Yield the metrics of everything that computes and is no task."""
    for instance in INSTANCES:
        yield from _instance_metrics(plan, instance)
    for volume, account in VOLUMES:
        load = Load(key=f"volume {volume}", level=420.0, daily=0.5, noise=0.05, spikes=0.3)
        for name, share in (("VolumeReadOps", 0.35), ("VolumeWriteOps", 0.65)):
            recipe = follows(plan, load, share)
            named = (("VolumeId", volume),)
            yield counted(EBS, name, named, recipe, account=account)
            moved = follows(plan, load, share * BYTES_AN_OPERATION)
            yield counted(
                EBS, name.replace("Ops", "Bytes"), named, moved, unit="Bytes", account=account
            )
    yield from _fleet_metrics(plan)
    yield from _cluster_metrics(plan)


def _instance_metrics(plan: CapacityPlan, instance: Instance) -> Iterator[CapacityMetric]:
    named, account = (("InstanceId", instance.id),), instance.account
    cpu = follows(plan, instance_cpu_load(plan, instance))
    yield gauge(EC2, "CPUUtilization", named, "Percent", cpu, spread=0.05, account=account)
    traffic = Load(key=f"traffic {instance.id}", level=2.4e6, daily=0.6, noise=0.05)
    for name, factor in (("NetworkIn", 1.0), ("NetworkOut", 1.6)):
        recipe = follows(plan, traffic, factor)
        yield counted(EC2, name, named, recipe, unit="Bytes", account=account)
    if instance.has_agent:
        seen = (*named, ("ImageId", "ami-0a1b2c3d4e5f60718"), ("InstanceType", instance.type))
        used = follows(plan, instance_memory_load(plan, instance))
        yield gauge("CWAgent", "mem_used_percent", seen, "Percent", used, account=account)


def _fleet_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    named = (("AutoScalingGroupName", FLEET),)
    members = [instance for instance in INSTANCES if instance.group == FLEET]

    def cpu(grid: Grid) -> Values:
        loads = [make_load(instance_cpu_load(plan, one), plan.seed, grid) for one in members]
        return np.asarray(np.mean(loads, axis=0), dtype=float)

    yield gauge(EC2, "CPUUtilization", named, "Percent", cpu, spread=0.08)
    for name, value in FLEET_NAMES:
        yield gauge(FLEETS, name, named, "None", constant(float(value)))


def _cluster_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    named = (("ClusterName", EKS_CLUSTER),)
    nodes = float(sum(group.desired for group in NODE_GROUPS))
    yield gauge(INSIGHTS, "cluster_node_count", named, "Count", constant(nodes))
    yield gauge(INSIGHTS, "cluster_failed_node_count", named, "Count", constant(0.0))
    for name, level in NODE_LEVELS:
        load = Load(key=name, level=level, daily=0.35, weekend=0.85, noise=0.02)
        yield gauge(INSIGHTS, name, named, "Percent", follows(plan, load), spread=0.06)
    pods = partial(_pods, plan)
    yield gauge(
        INSIGHTS, "node_number_of_running_pods", named, "Count", lambda grid: pods(grid) / 2 + 7
    )
    inside = (*named, ("Namespace", POD_NAMESPACE))
    yield gauge(INSIGHTS, "namespace_number_of_running_pods", inside, "Count", pods)
    served = (*inside, ("Service", DEPLOYMENT))
    yield gauge(INSIGHTS, "service_number_of_running_pods", served, "Count", pods)
    of_pods = (*inside, ("PodName", DEPLOYMENT))
    for name, level in POD_LEVELS:
        load = Load(key=f"pods {name}", level=level, daily=0.3, weekend=0.9, noise=0.02)
        yield gauge(INSIGHTS, name, of_pods, "Percent", follows(plan, load), spread=0.1)


def _pods(plan: CapacityPlan, grid: Grid) -> Values:
    """Return the pods that the deployment's scaling runs."""
    load = Load(key="pods", level=PODS, daily=0.7, noise=0.03)
    asked = np.ceil(make_load(load, plan.seed, grid))
    return np.asarray(np.clip(asked, *POD_SIZES), dtype=float)
