"""EC2's listings of the account for trials, with dates and states that moto cannot be told.

Source: Amazon EC2 API Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

from opslib.sandbox.estate import LAB
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.savings.planted import PlantedResource

__all__ = [
    "describe_addresses",
    "describe_images",
    "describe_snapshots",
    "list_lab_instances",
    "list_lab_volumes",
]

MOST_A_PAGE = 1000
RUNNING: dict[str, Any] = {"Code": 16, "Name": "running"}
STOPPED: dict[str, Any] = {"Code": 80, "Name": "stopped"}


def list_lab_instances(asked: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ec2:DescribeInstances of the account; each is a reservation of its own.

    Of filters, ``instance-state-name`` alone counts.
    """
    filters = {each["Name"]: each["Values"] for each in asked.get("Filters", [])}
    states = filters.get("instance-state-name", [RUNNING["Name"], STOPPED["Name"]])

    def reservation(one: PlantedResource) -> dict[str, Any]:
        told = {"ReservationId": f"r-{one.id.removeprefix('i-')}", "OwnerId": LAB}
        return {**told, "Instances": [_instance(one)]}

    told = _planted("instance", caller)
    wanted = [one for one in told if _state(one)["Name"] in states]
    return _listed("Reservations", wanted, reservation, asked)


def list_lab_volumes(asked: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ec2:DescribeVolumes of the account."""
    return _listed("Volumes", _planted("volume", caller), _volume, asked)


@op("ec2", "DescribeSnapshots")
def describe_snapshots(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer ec2:DescribeSnapshots of the account; other accounts are left to moto."""
    if caller.account != LAB:
        return None
    return _listed("Snapshots", _planted("snapshot", caller), _snapshot, asked)


@op("ec2", "DescribeImages")
def describe_images(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer ec2:DescribeImages of the account; other accounts are left to moto."""
    if caller.account != LAB:
        return None
    return _listed("Images", _planted("image", caller), _image, asked)


@op("ec2", "DescribeAddresses")
def describe_addresses(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer ec2:DescribeAddresses of the account; other accounts are left to moto."""
    del asked
    if caller.account != LAB:
        return None
    return {"Addresses": [_address(one) for one in _planted("address", caller)]}


def _planted(kind: str, caller: Caller) -> list[PlantedResource]:
    held = caller.scenario.lab.resources
    return [one for one in held if one.kind == kind and one.region == caller.region]


def _listed(
    name: str,
    held: Sequence[PlantedResource],
    tell: Callable[[PlantedResource], dict[str, Any]],
    asked: Mapping[str, Any],
) -> dict[str, Any]:
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(held, asked.get("NextToken"), size)
    return {name: [tell(one) for one in page]} | ({"NextToken": token} if token else {})


def _tags(one: PlantedResource) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in one.tags.items()]


def _state(one: PlantedResource) -> dict[str, Any]:
    return STOPPED if "stop_reason" in one.details else RUNNING


def _instance(one: PlantedResource) -> dict[str, Any]:
    return {
        "InstanceId": one.id,
        "InstanceType": one.details["type"],
        "ImageId": "ami-0a1b2c3d4e5f60718",
        "State": _state(one),
        "StateTransitionReason": one.details.get("stop_reason", ""),
        "LaunchTime": one.created,
        "Placement": {"AvailabilityZone": one.details.get("zone", f"{one.region}a")},
        "BlockDeviceMappings": [
            {"DeviceName": f"/dev/xvd{letter}", "Ebs": {"VolumeId": volume, "Status": "attached"}}
            for letter, volume in zip("abcd", one.details.get("disks", ()), strict=False)
        ],
        "Monitoring": {"State": "disabled"},
        "Architecture": "x86_64",
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "Tags": _tags(one),
    }


def _volume(one: PlantedResource) -> dict[str, Any]:
    instance = one.details.get("instance")
    attached = {
        "VolumeId": one.id,
        "InstanceId": instance,
        "Device": "/dev/sdf",
        "State": "attached",
        "AttachTime": one.created + timedelta(minutes=5),
        "DeleteOnTermination": False,
    }
    told = {"Iops": one.details.get("iops"), "Throughput": one.details.get("mib_a_second")}
    return {
        "VolumeId": one.id,
        "VolumeType": one.details["type"],
        "Size": one.details["gib"],
        "State": "in-use" if instance else "available",
        "AvailabilityZone": f"{one.region}a",
        "Encrypted": True,
        "CreateTime": one.created,
        "Attachments": [attached] if instance else [],
        "Tags": _tags(one),
    } | {key: value for key, value in told.items() if value is not None}


def _snapshot(one: PlantedResource) -> dict[str, Any]:
    return {
        "SnapshotId": one.id,
        "OwnerId": LAB,
        "VolumeId": one.details["volume"],
        "VolumeSize": one.details["gib"],
        "StartTime": one.created,
        "State": "completed",
        "Progress": "100%",
        "StorageTier": "standard",
        "Encrypted": True,
        "Tags": _tags(one),
    }


def _image(one: PlantedResource) -> dict[str, Any]:
    made = one.created.astimezone(UTC)
    return {
        "ImageId": one.id,
        "Name": one.tags["Name"],
        "OwnerId": LAB,
        "State": "available",
        "CreationDate": f"{made:%Y-%m-%dT%H:%M:%S.000Z}",
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": one.details["snapshot"]}}
        ],
        "Tags": _tags(one),
    }


def _address(one: PlantedResource) -> dict[str, Any]:
    instance, interface = one.details.get("instance"), one.details.get("interface")
    told: dict[str, Any] = {
        "AllocationId": one.id,
        "PublicIp": one.details["address"],
        "Domain": "vpc",
        "Tags": _tags(one),
    }
    if instance:
        tail = one.id[-17:]
        told |= {
            "InstanceId": instance,
            "AssociationId": f"eipassoc-{tail}",
            "NetworkInterfaceId": f"eni-{tail}",
        }
    return told | ({"NetworkInterfaceId": interface} if interface else {})
