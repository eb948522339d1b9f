"""Instance types of a previous generation, and what the types cost that AWS names instead.

Source: Amazon EC2 API Reference, DescribeInstanceTypes (CurrentGeneration); AWS, "Previous
Generation Instances", upgrade paths (https://aws.amazon.com/ec2/previous-generation/).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from opslib.aws.capacity.rows import records
from opslib.aws.places import Place, join_parts
from opslib.aws.prices import read_server_price
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.tables.savings import PREVIOUS_TYPES, SUCCESSORS
from opslib.tables.schema import check_table

__all__ = ["read_successors", "successor_of"]

FAMILIES = {"t1": "t3", "m1": "m7i", "m3": "m7i", "i2": "i3"}
"""Family to the first on AWS's upgrade path, which has the same processor architecture. Those that
AWS names none for are not judged."""
MOST_VALUES = 200
"""Values of a filter of DescribeInstanceTypes."""
Wanted = Mapping[tuple[str, str], set[tuple[str, str]]]


def read_successors(reads: Reads, resources: pd.DataFrame) -> pd.DataFrame:
    """Read what runs on a previous generation, and its successors' prices; `SUCCESSORS`.

    Nothing is asked where no instance runs on a family that AWS names a successor for.

    Args:
        reads: the context of the run.
        resources: columns of `opslib.tables.savings.SAVINGS_RESOURCES`.
    """
    wanted = _wanted(resources)

    def read(account: Any, region: str) -> Fetched:
        place = Place(reads, account, region)
        types = sorted({kind for kind, _ in wanted.get((place.label, region), ())})
        return Fetched(frame=_read_previous(place, types))

    found = join_parts([one.frame for one in reads.fan_out_regions(read)], PREVIOUS_TYPES)
    previous = set(zip(found["RegionId"], found["InstanceType"], strict=True))
    uses = {(place[1], *use) for place, told in wanted.items() for use in told}
    rows = [
        (*use, successor_of(use[1]), read_server_price(reads, use[0], successor_of(use[1]), use[2]))
        for use in sorted(uses)
        if use[:2] in previous
    ]
    frame = pd.DataFrame(rows, columns=list(SUCCESSORS.columns), dtype=object)
    return check_table(frame, SUCCESSORS, "successors")


def successor_of(instance_type: str) -> str:
    """Return the type of the same size in the family that follows; '' where AWS names none.

    >>> successor_of("m3.large")
    'm7i.large'
    """
    family, _, size = instance_type.partition(".")
    return f"{FAMILIES[family]}.{size}" if family in FAMILIES else ""


def _wanted(resources: pd.DataFrame) -> Wanted:
    """Return type and operation of what runs and has a successor, by account label and region."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for row in records(resources[resources["Kind"] == "instance"]):
        told = json.loads(row["Settings"])
        if told["state"] == "running" and successor_of(told["type"]):
            use = (told["type"], told.get("operation", ""))
            found[row["Account"], row["RegionId"]].add(use)
    return found


def _read_previous(place: Place, types: list[str]) -> pd.DataFrame:
    if not types:
        return pd.DataFrame(columns=list(PREVIOUS_TYPES.columns))
    request = ReadRequest(
        table="previous generations",
        asked=", ".join(types),
        schema=PREVIOUS_TYPES,
        account=place.label,
        region=place.region,
        arguments={"types": types},
    )
    return place.reads.read(request, lambda: _fetch(place, types)).frame


def _fetch(place: Place, types: list[str]) -> Fetched:
    rows = [
        (place.region, one["InstanceType"])
        for one in _types(place, types)
        if one["CurrentGeneration"] is False
    ]
    return Fetched(frame=pd.DataFrame(rows, columns=list(PREVIOUS_TYPES.columns)))


def _types(place: Place, types: list[str]) -> Iterator[Any]:
    for start in range(0, len(types), MOST_VALUES):
        asked = [{"Name": "instance-type", "Values": types[start : start + MOST_VALUES]}]
        yield from place.items("ec2", "DescribeInstanceTypes", "InstanceTypes", Filters=asked)
