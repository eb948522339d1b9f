"""EBS volumes. Source: Amazon EC2 API Reference, DescribeVolumes."""

from __future__ import annotations

from typing import Any

from opslib.aws.places import Place
from opslib.aws.savings.rows import resource_row, tags_of

__all__ = ["list_volumes"]


def list_volumes(place: Place) -> list[dict[str, Any]]:
    """Return every volume of a place; rows of `SAVINGS_RESOURCES`."""
    return [
        resource_row(
            place,
            "volume",
            one["VolumeId"],
            created=one["CreateTime"],
            tags=tags_of(one.get("Tags")),
            settings={
                "state": one["State"],
                "type": one["VolumeType"],
                "gib": one["Size"],
                "iops": one.get("Iops"),
                "mib_a_second": one.get("Throughput"),
                "instances": [part["InstanceId"] for part in one.get("Attachments", [])],
            },
        )
        for one in place.items("ec2", "DescribeVolumes", "Volumes")
    ]
