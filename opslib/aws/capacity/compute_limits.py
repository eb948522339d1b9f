"""Limits of EC2 instances, Auto Scaling groups and EBS volumes, and what is measured of them.

Source: Amazon EC2 User Guide, burstable performance instances (credits earned an hour; a balance
holds those of a day); Amazon EBS User Guide, volume types (gp2: three IOPS a GiB, 100 at least and
16,000 at most, 128 MiB/s up to 170 GiB and 250 above; gp3: 3,000 IOPS and 125 MiB/s unless more is
provisioned; st1 and sc1: 40 and 12 MiB/s a TiB, 500 and 192 at most).
"""

from __future__ import annotations

from collections.abc import Mapping

from opslib.aws.capacity.known import Known
from opslib.aws.capacity.load import measure_targets
from opslib.aws.capacity.measures import Measures, metric
from opslib.aws.capacity.rows import Resource
from opslib.tables.capacity import ChangeKind, UsageRole

__all__ = ["measure_group", "measure_server", "measure_volume"]

EC2, EBS, GROUPS = "AWS/EC2", "AWS/EBS", "AWS/AutoScaling"
HOURS = 24
CREDIT_SIZES = ("nano", "micro", "small", "medium", "large", "xlarge", "2xlarge")
CREDITS_AN_HOUR: Mapping[str, tuple[float, ...]] = {
    "t2": (3, 6, 12, 24, 36, 54, 81.6),
    "t3": (6, 12, 24, 24, 36, 96, 192),
    "t3a": (6, 12, 24, 24, 36, 96, 192),
    "t4g": (6, 12, 24, 24, 36, 96, 192),
}
GP2_IOPS_A_GIB, GP2_LEAST, GP2_MOST = 3, 100, 16_000
GP2_SMALL_GIB, GP2_SLOW_MIB, GP2_FAST_MIB = 170, 128, 250
GP3_IOPS, GP3_MIB = 3_000, 125
DISK_MIB_A_TIB = {"st1": (40, 500), "sc1": (12, 192)}
GIB_A_TIB = 1024
MIB = 2**20
FULL = "100 % of its vCPUs"


def measure_server(server: Resource, _: Known, measures: Measures) -> None:
    """Add the limits and series of an instance; memory where an agent tells it."""
    where = {"InstanceId": server.name}
    change = ChangeKind.INSTANCE_CLASS
    cpu = measures.usage(
        server, "CPU", "percent", metric(EC2, "CPUUtilization", "Average", **where)
    )
    measures.limit(server, "CPU", 100, "percent", change, FULL, cpu)
    told = server.settings.get("memory_dimensions")
    if told:
        query = metric("CWAgent", "mem_used_percent", "Average", **told)
        memory = measures.usage(server, "memory", "percent", query)
        source = "100 % of its memory, told by the CloudWatch agent"
        measures.limit(server, "memory", 100, "percent", change, source, memory)
    _measure_credits(server, measures)


def _measure_credits(server: Resource, measures: Measures) -> None:
    family, _, size = server.settings["instance_type"].partition(".")
    if family not in CREDITS_AN_HOUR or size not in CREDIT_SIZES:
        return
    most = HOURS * CREDITS_AN_HOUR[family][CREDIT_SIZES.index(size)]
    query = metric(EC2, "CPUCreditBalance", "Minimum", InstanceId=server.name)
    spent = measures.usage(server, "CPU credits", "credits", query, scale=-1, offset=most)
    source = f"credits that a {family}.{size} holds; used is what the balance lacks of them"
    change = ChangeKind.INSTANCE_CLASS
    measures.limit(server, "CPU credits", most, "credits", change, source, spent)


def measure_group(group: Resource, _: Known, measures: Measures) -> None:
    """Add the limits and series of an Auto Scaling group."""
    where = {"AutoScalingGroupName": group.name}
    cpu = measures.usage(group, "CPU", "percent", metric(EC2, "CPUUtilization", "Average", **where))
    change = ChangeKind.SCALING_SETTING
    measures.limit(group, "CPU", 100, "percent", change, "100 % of its instances' vCPUs", cpu)
    query = metric(GROUPS, "GroupInServiceInstances", "Maximum", **where)
    units = measures.usage(group, "instances", "instances", query, role=UsageRole.UNITS)
    source = "maximum size of the group; told where its group metrics are enabled"
    measures.limit(group, "instances", group.settings["max"], "instances", change, source, units)
    measure_targets(group, measures)


def measure_volume(volume: Resource, _: Known, measures: Measures) -> None:
    """Add the limits and series of a volume."""
    where = {"VolumeId": volume.name}
    change = ChangeKind.PROVISIONED_CAPACITY
    operations = [metric(EBS, f"Volume{side}Ops", "Sum", **where) for side in ("Read", "Write")]
    used = measures.usage(volume, "IOPS", "operations/s", *operations, is_rate=True)
    iops, source = _iops(volume)
    if iops:
        measures.limit(volume, "IOPS", iops, "operations/s", change, source, used)
    rate, source = _throughput(volume)
    if rate:
        moved = [metric(EBS, f"Volume{side}Bytes", "Sum", **where) for side in ("Read", "Write")]
        used = measures.usage(volume, "throughput", "MiB/s", *moved, is_rate=True, scale=1 / MIB)
        measures.limit(volume, "throughput", rate, "MiB/s", change, source, used)


def _iops(volume: Resource) -> tuple[float | None, str]:
    """Return the IOPS that a volume's type promises; None where it promises none."""
    kind, gib, told = _facts(volume)
    if kind == "gp2":
        value = min(max(GP2_LEAST, GP2_IOPS_A_GIB * gib), GP2_MOST)
        return value, "gp2: three IOPS a GiB, without bursts"
    if kind == "gp3":
        return told or GP3_IOPS, "provisioned IOPS (gp3)"
    return (told, f"provisioned IOPS ({kind})") if kind in {"io1", "io2"} else (None, "")


def _throughput(volume: Resource) -> tuple[float | None, str]:
    kind, gib, _ = _facts(volume)
    if kind == "gp2":
        return GP2_SLOW_MIB if gib <= GP2_SMALL_GIB else GP2_FAST_MIB, "gp2: by its size"
    if kind == "gp3":
        return volume.settings.get("throughput_mib") or GP3_MIB, "provisioned throughput (gp3)"
    if kind in DISK_MIB_A_TIB:
        a_tib, most = DISK_MIB_A_TIB[kind]
        return min(a_tib * gib / GIB_A_TIB, most), f"{kind}: by its size, without bursts"
    return None, ""


def _facts(volume: Resource) -> tuple[str, float, float | None]:
    settings = volume.settings
    return settings.get("volume_type", ""), settings["allocated_gib"], settings.get("iops")
