"""EBS snapshots that the account owns, and the images that are made of each.

Source: Amazon EC2 API Reference, DescribeSnapshots and DescribeImages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

from opslib.aws.details import Details
from opslib.aws.places import Place
from opslib.aws.reads import Fetched
from opslib.aws.savings.rows import resource_row, tags_of
from opslib.tables.savings import SAVINGS_RESOURCES

__all__ = ["list_snapshots"]

Images = Mapping[str, list[str]]


def list_snapshots(place: Place) -> Fetched:
    """Return every snapshot of a place; rows of `SAVINGS_RESOURCES`.

    Settings ``images`` has the images that need it; absent where they may not be listed.
    """
    details = Details()
    told = list(place.items("ec2", "DescribeSnapshots", "Snapshots", OwnerIds=["self"]))
    images = details.ask(partial(_images, place)) if told else {}
    return details.fetched([_row(place, one, images) for one in told], SAVINGS_RESOURCES)


def _images(place: Place) -> Images:
    """Return snapshot to images, disabled ones too, which hold theirs as well."""
    found: dict[str, list[str]] = defaultdict(list)
    listed = place.items("ec2", "DescribeImages", "Images", Owners=["self"], IncludeDisabled=True)
    for image in listed:
        for device in image.get("BlockDeviceMappings", []):
            snapshot = device.get("Ebs", {}).get("SnapshotId")
            if snapshot:
                found[snapshot].append(image["ImageId"])
    return found


def _row(place: Place, one: Mapping[str, Any], images: Images | None) -> dict[str, Any]:
    return resource_row(
        place,
        "snapshot",
        one["SnapshotId"],
        created=one["StartTime"],
        tags=tags_of(one.get("Tags")),
        settings={
            "state": one.get("State"),
            "volume": one.get("VolumeId"),
            "gib": one.get("VolumeSize"),
            "tier": one.get("StorageTier"),
            "images": None if images is None else sorted(images.get(one["SnapshotId"], [])),
        },
    )
