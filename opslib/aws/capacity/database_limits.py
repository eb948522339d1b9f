"""Limits of Aurora clusters and RDS instances, and what is measured of them.

Source: Amazon Aurora User Guide, CloudWatch metrics (a metric of a cluster's identifier is over all
of its instances: its maximum is that of the busiest); Amazon RDS User Guide, DB instance storage
(gp2: three IOPS a GiB, 100 at least and 64,000 at most; gp3: 3,000 unless more is provisioned) and
CloudWatch metrics (FreeableMemory is MemAvailable of Linux: the page cache counts as free, buffers
of the engine do not).
"""

from __future__ import annotations

from collections.abc import Mapping

from opslib.aws.capacity.known import Known
from opslib.aws.capacity.measures import Measures, metric
from opslib.aws.capacity.rows import Resource
from opslib.aws.parameter_formulas import (
    default_connections,
    evaluate_formula,
    serverless_connections,
)
from opslib.tables.capacity import ChangeKind, UsageRole

__all__ = ["measure_cluster", "measure_instance"]

NAMESPACE = "AWS/RDS"
SERVERLESS_CLASS = "db.serverless"
GIB = 2**30
GIB_AN_ACU = 2.0
GP2_IOPS_A_GIB, GP2_LEAST, GP2_MOST, GP3_LEAST = 3, 100, 64_000, 3_000


def measure_cluster(cluster: Resource, known: Known, measures: Measures) -> None:
    """Add the limits and series of an Aurora cluster."""
    where = {"DBClusterIdentifier": cluster.name}
    _measure_server(cluster, known, measures, where, "Maximum")
    if len(set(cluster.settings["classes"])) == 1:
        _measure_memory(cluster, known, measures, where)
    if cluster.settings.get("max"):
        query = metric(NAMESPACE, "ServerlessDatabaseCapacity", "Maximum", **where)
        series = measures.usage(cluster, "ACU", "ACU", query, role=UsageRole.UNITS)
        measures.limit(
            cluster,
            "ACU",
            cluster.settings["max"],
            "ACU",
            ChangeKind.SCALING_SETTING,
            "maximum capacity of the cluster's Serverless v2 scaling; its busiest instance",
            series,
        )


def measure_instance(instance: Resource, known: Known, measures: Measures) -> None:
    """Add the limits and series of an RDS instance."""
    where = {"DBInstanceIdentifier": instance.name}
    _measure_server(instance, known, measures, where, "Average")
    _measure_memory(instance, known, measures, where)
    _measure_storage(instance, measures, where)
    _measure_iops(instance, measures, where)


def _measure_server(
    server: Resource,
    known: Known,
    measures: Measures,
    where: Mapping[str, str],
    cpu_statistic: str,
) -> None:
    cpu = metric(NAMESPACE, "CPUUtilization", cpu_statistic, **where)
    series = measures.usage(server, "CPU", "percent", cpu)
    measures.limit(
        server, "CPU", 100, "percent", ChangeKind.INSTANCE_CLASS, "100 % of its vCPUs", series
    )
    connections = metric(NAMESPACE, "DatabaseConnections", "Maximum", **where)
    series = measures.usage(server, "connections", "connections", connections)
    value, source = _connections(server, known)
    measures.limit(
        server, "connections", value, "connections", ChangeKind.INSTANCE_CLASS, source, series
    )


def _measure_memory(
    server: Resource, known: Known, measures: Measures, where: Mapping[str, str]
) -> None:
    """Add what is used of a class's memory at the most; a serverless one's memory follows its use.

    It is no limit: buffers are sized by the class and the page cache takes what it finds, so that
    a database which is full of them is short of nothing.
    """
    memory = _memory_gib(server, known)
    if memory is None or server.settings.get("class") in {SERVERLESS_CLASS, None}:
        return
    free = metric(NAMESPACE, "FreeableMemory", "Minimum", **where)
    share = -100 / (memory * GIB)
    role = UsageRole.BOUND
    measures.usage(server, "memory", "percent", free, role=role, scale=share, offset=100.0)


def _connections(server: Resource, known: Known) -> tuple[float | None, str]:
    """Return max_connections and where it is known from."""
    settings, memory = server.settings, _memory_gib(server, known)
    engine, formula = settings["engine"], settings.get("connections_formula")
    if formula:
        held = {"DBInstanceClassMemory": memory * GIB} if memory else {}
        written = f"max_connections of its parameter group: {formula}"
        return evaluate_formula(formula, held), written
    if settings.get("max") and settings.get("class") in {SERVERLESS_CLASS, None}:
        told = "max_connections of Aurora Serverless v2 at its maximum of ACU"
        least = float(settings.get("min") or 0)
        return serverless_connections(engine, least, float(settings["max"])), told
    if memory is None:
        return (
            None,
            f"max_connections: the memory of {settings.get('class', 'its class')} is unknown",
        )
    default = f"default max_connections of {engine} with {memory:g} GiB, less what RDS keeps"
    return default_connections(engine, memory), default


def _memory_gib(server: Resource, known: Known) -> float | None:
    name = server.settings.get("class") or SERVERLESS_CLASS
    if name == SERVERLESS_CLASS:
        most = server.settings.get("max")
        return GIB_AN_ACU * most if most else None
    found = known.types.get(name.removeprefix("db."))
    return found.memory_gib if found else None


def _measure_storage(instance: Resource, measures: Measures, where: Mapping[str, str]) -> None:
    """Hold used storage against what may be allocated; use before a resize is told too high."""
    allocated = instance.settings.get("allocated_gib")
    if allocated is None:
        return
    most = max(allocated, instance.settings.get("max_allocated_gib") or 0)
    free = metric(NAMESPACE, "FreeStorageSpace", "Minimum", **where)
    series = measures.usage(
        instance, "storage", "GiB", free, scale=-1 / GIB, offset=float(allocated)
    )
    source = "allocated storage" if most == allocated else "maximum of storage autoscaling"
    measures.limit(
        instance,
        "storage",
        most,
        "GiB",
        ChangeKind.STORAGE,
        f"{source}; used is {allocated:g} GiB allocated less what is free",
        series,
    )


def _measure_iops(instance: Resource, measures: Measures, where: Mapping[str, str]) -> None:
    reads = metric(NAMESPACE, "ReadIOPS", "Average", **where)
    writes = metric(NAMESPACE, "WriteIOPS", "Average", **where)
    series = measures.usage(instance, "IOPS", "operations/s", reads, writes)
    value, source = _provisioned_iops(instance)
    change = ChangeKind.PROVISIONED_CAPACITY
    measures.limit(instance, "IOPS", value, "operations/s", change, source, series)


def _provisioned_iops(instance: Resource) -> tuple[float | None, str]:
    kind, gib = instance.settings.get("storage_type"), instance.settings.get("allocated_gib") or 0
    told = instance.settings.get("iops")
    if kind == "gp2":
        value = min(max(GP2_LEAST, GP2_IOPS_A_GIB * gib), GP2_MOST)
        return value, "gp2: three IOPS a GiB, without bursts"
    if told:
        return told, f"provisioned IOPS ({kind})"
    if kind == "gp3":
        return GP3_LEAST, "gp3: what comes with it"
    return None, f"storage of type {kind} promises no IOPS"
