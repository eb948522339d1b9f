"""What instance types have: vCPUs, memory, and what their network and EBS keep up for ever.

Classes of databases are named after the types that they run on.
Source: Amazon EC2 API Reference, DescribeInstanceTypes (NetworkCardInfo.BaselineBandwidthInGbps,
EbsOptimizedInfo.BaselineBandwidthInMbps).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from opslib.aws.places import Place
from opslib.aws.reads import Fetched, ReadRequest
from opslib.tables.savings_sizes import SIZE_TYPES

__all__ = ["TABLE", "families_of", "read_types"]

TABLE = "instance types"
MIB_A_GIB = 1024
SETTING_OF_KIND = {"instance": "type", "database": "class"}
SERVERLESS = "serverless"


def families_of(resources: pd.DataFrame) -> tuple[str, ...]:
    """Return the families of the instances and databases among resources, such as m6i."""
    held = resources[resources["Kind"].isin(list(SETTING_OF_KIND))]
    names = [
        json.loads(settings)[SETTING_OF_KIND[kind]]
        for kind, settings in zip(held["Kind"], held["Settings"], strict=True)
    ]
    families = {name.removeprefix("db.").partition(".")[0] for name in names}
    return tuple(sorted(families - {SERVERLESS}))


def read_types(place: Place, families: Iterable[str]) -> pd.DataFrame:
    """Read the types of families that a region offers; columns of `SIZE_TYPES`."""
    wanted = list(families)
    if not wanted:
        return pd.DataFrame(columns=list(SIZE_TYPES.columns))
    request = ReadRequest(
        table=TABLE,
        asked=f"types of {', '.join(wanted)}",
        schema=SIZE_TYPES,
        account=place.label,
        region=place.region,
        arguments={"families": wanted, "limits": ["network", "ebs"]},
    )
    return place.reads.read(request, lambda: _fetch(place, wanted)).frame


def _fetch(place: Place, families: list[str]) -> Fetched:
    filters = [{"Name": "instance-type", "Values": [f"{family}.*" for family in families]}]
    listed = place.items("ec2", "DescribeInstanceTypes", "InstanceTypes", Filters=filters)
    rows = {row[0]: row for row in map(_row, listed)}
    frame = pd.DataFrame(list(rows.values()), columns=list(SIZE_TYPES.columns))
    numbers = dict.fromkeys(["Vcpus", "MemoryGib", "NetworkGbps", "EbsMbps"], float)
    return Fetched(frame=frame.astype(numbers))


def _row(told: Mapping[str, Any]) -> tuple[Any, ...]:
    cards = told.get("NetworkInfo", {}).get("NetworkCards", [])
    kept_up = [one["BaselineBandwidthInGbps"] for one in cards if "BaselineBandwidthInGbps" in one]
    ebs = told.get("EbsInfo", {}).get("EbsOptimizedInfo", {})
    return (
        told["InstanceType"],
        told["VCpuInfo"]["DefaultVCpus"],
        told["MemoryInfo"]["SizeInMiB"] / MIB_A_GIB,
        sum(kept_up) if kept_up else None,
        ebs.get("BaselineBandwidthInMbps"),
    )
