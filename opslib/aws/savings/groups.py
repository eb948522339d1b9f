"""Auto Scaling groups, and what their instances would cost as Spot Instances.

Source: Amazon EC2 Auto Scaling API Reference, DescribeAutoScalingGroups; Amazon EC2 API Reference,
DescribeSpotPriceHistory (changes of the price of a type in a zone, up to the last 90 days, with the
change before the beginning) and DescribeInstanceTypes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from opslib.aws.details import Details
from opslib.aws.places import Place
from opslib.aws.reads import Fetched
from opslib.aws.savings.rows import resource_row, tags_of
from opslib.money import divide
from opslib.tables.savings import SAVINGS_RESOURCES

__all__ = ["list_groups", "mean_price"]

HISTORY = timedelta(days=30)
PLATFORM = "Linux/UNIX"
Change = tuple[datetime, Decimal]


def list_groups(place: Place) -> Fetched:
    """Return every Auto Scaling group of a place; rows of `SAVINGS_RESOURCES`.

    Settings: instances by id with type and zone; mixed, whether the group chooses among purchase
    options; stored, the types with disks of their own; spot, USD an hour by type and zone, of
    Linux, on average over thirty days. The last two are left out where they are refused.
    """
    details = Details()
    groups = list(place.items("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups"))
    types = sorted({one["InstanceType"] for group in groups for one in group["Instances"]})
    spot = details.ask(lambda: _spot(place, types)) if types else {}
    stored = details.ask(lambda: _stored(place, types)) if types else []
    rows = [_row(place, group, spot, stored) for group in groups]
    return details.fetched(rows, SAVINGS_RESOURCES)


def _row(
    place: Place,
    group: Mapping[str, Any],
    spot: Mapping[tuple[str, str], str] | None,
    stored: Sequence[str] | None,
) -> dict[str, Any]:
    held = {
        one["InstanceId"]: {"type": one["InstanceType"], "zone": one["AvailabilityZone"]}
        for one in group["Instances"]
    }
    pools = sorted({(one["type"], one["zone"]) for one in held.values()})
    types = {kind for kind, _ in pools}
    prices = None
    if spot is not None:
        prices = {
            f"{kind} {zone}": spot[kind, zone] for kind, zone in pools if (kind, zone) in spot
        }
    return resource_row(
        place,
        "instance_group",
        group["AutoScalingGroupARN"],
        name=group["AutoScalingGroupName"],
        created=group["CreatedTime"],
        tags=tags_of(group.get("Tags")),
        settings={
            "instances": held,
            "mixed": "MixedInstancesPolicy" in group,
            "stored": None if stored is None else sorted(types & set(stored)),
            "spot": prices,
        },
    )


def _stored(place: Place, types: Sequence[str]) -> list[str]:
    """Return the types that have an instance store, whose data is gone with the instance."""
    told = place.items("ec2", "DescribeInstanceTypes", "InstanceTypes", InstanceTypes=types)
    return [one["InstanceType"] for one in told if one.get("InstanceStorageSupported")]


def _spot(place: Place, types: Sequence[str]) -> dict[tuple[str, str], str]:
    """Return the mean price of each type and zone, as text."""
    end = place.reads.parameters.as_of
    changes: dict[tuple[str, str], list[Change]] = defaultdict(list)
    told = place.items(
        "ec2",
        "DescribeSpotPriceHistory",
        "SpotPriceHistory",
        InstanceTypes=types,
        ProductDescriptions=[PLATFORM],
        StartTime=end - HISTORY,
        EndTime=end,
    )
    for one in told:
        pool = (one["InstanceType"], one["AvailabilityZone"])
        changes[pool].append((one["Timestamp"], Decimal(one["SpotPrice"])))
    return {pool: str(mean_price(held, end - HISTORY, end)) for pool, held in changes.items()}


def mean_price(changes: Iterable[Change], start: datetime, end: datetime) -> Decimal:
    """Return a price's mean over time: each stands until the next, the first since the beginning.

    Args:
        changes: moment and price, at least one.
        start: beginning of the time.
        end: end of it.
    """
    ordered = sorted(changes)
    begins = [start, *(max(start, moment) for moment, _ in ordered[1:])]
    ends = [*begins[1:], end]
    seconds = [
        Decimal(max(0, int((until - since).total_seconds())))
        for since, until in zip(begins, ends, strict=True)
    ]
    weighted = sum(price * held for (_, price), held in zip(ordered, seconds, strict=True))
    return divide(Decimal(weighted), Decimal(int((end - start).total_seconds())))
