"""What instance types have: vCPUs, memory, and addresses for pods.

Source: Amazon EC2 API Reference, DescribeInstanceTypes; Amazon EKS User Guide, maximum pods of an
instance type: network interfaces x (addresses each - 1) + 2, and no more than 110 below 30 vCPUs
and 250 from there on. Classes of databases and caches are named after the types that they run on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from opslib.aws.capacity.known import InstanceType
from opslib.aws.capacity.rows import Resource, records
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.tables.capacity import INSTANCE_TYPES
from opslib.tables.capacity_reads import INSTANCE_TYPE_SIZES

__all__ = ["families_of", "instance_types_frame", "read_instance_types", "types_of"]

PREFIXES = ("db.", "cache.")
MANY_VCPUS, PODS_BELOW, PODS_FROM = 30, 110, 250
MIB_A_GIB = 1024
SERVERLESS = "serverless"


def types_of(settings: Mapping[str, Any]) -> list[str]:
    """Return the instance types that the settings of a resource name, of whatever service."""
    named = (
        settings.get("instance_type"),
        settings.get("class"),
        settings.get("node_type"),
        *settings.get("instance_types", []),
    )
    return [_plain(name) for name in named if name]


def families_of(resources: Iterable[Resource]) -> tuple[str, ...]:
    """Return the families of the types that ``resources`` run on, such as m6i."""
    names = [name for one in resources for name in types_of(one.settings)]
    return tuple(sorted({name.partition(".")[0] for name in names} - {SERVERLESS}))


def _plain(name: str) -> str:
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    return name


def read_instance_types(
    reads: Reads, place: Place, families: tuple[str, ...]
) -> Mapping[str, InstanceType]:
    """Read the types of ``families`` that a region offers, by name.

    Args:
        reads: the context of the run.
        place: whose region is asked.
        families: such as m6i; nothing is asked for none.
    """
    if not families:
        return {}
    request = ReadRequest(
        table="instance types",
        asked=f"types of {', '.join(families)}",
        schema=INSTANCE_TYPE_SIZES,
        account=place.label,
        region=place.region,
        arguments={"families": families},
    )
    frame = reads.read(request, lambda: _fetch(place, families)).frame
    return {
        row["InstanceType"]: InstanceType(
            vcpus=row["Vcpus"], memory_gib=row["MemoryGib"], pods=int(row["Pods"])
        )
        for row in records(frame)
    }


def _fetch(place: Place, families: tuple[str, ...]) -> Fetched:
    wanted = [f"{family}.*" for family in families]
    listed = place.items(
        "ec2",
        "DescribeInstanceTypes",
        "InstanceTypes",
        Filters=[{"Name": "instance-type", "Values": wanted}],
    )
    rows = {row[0]: row for row in map(_row, listed)}
    frame = pd.DataFrame(list(rows.values()), columns=list(INSTANCE_TYPE_SIZES.columns))
    return Fetched(frame=frame)


def _row(told: dict[str, Any]) -> tuple[str, float, float, int]:
    vcpus = float(told["VCpuInfo"]["DefaultVCpus"])
    network = told.get("NetworkInfo", {})
    interfaces = int(network.get("MaximumNetworkInterfaces") or 0)
    addresses = int(network.get("Ipv4AddressesPerInterface") or 0)
    most = PODS_BELOW if vcpus < MANY_VCPUS else PODS_FROM
    pods = min(most, interfaces * (addresses - 1) + 2) if interfaces and addresses else 0
    return told["InstanceType"], vcpus, told["MemoryInfo"]["SizeInMiB"] / MIB_A_GIB, pods


def instance_types_frame(types: Mapping[str, InstanceType]) -> pd.DataFrame:
    """Return the types; columns of `INSTANCE_TYPES`."""
    rows = [(name, one.vcpus, one.memory_gib) for name, one in sorted(types.items())]
    return pd.DataFrame(rows, columns=list(INSTANCE_TYPES.columns))
