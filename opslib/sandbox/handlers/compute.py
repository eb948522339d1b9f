"""EC2 instances and volumes of the estate; instance types are moto's.

Source: Amazon EC2 API Reference.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from opslib.sandbox.capacity_estate import (
    SUBNETS,
)
from opslib.sandbox.capacity_instances import (
    EKS_CLUSTER,
    INSTANCES,
    NODE_GROUPS,
    VOLUMES,
    Instance,
    instances_of,
)
from opslib.sandbox.estate import LAB
from opslib.sandbox.handlers.lab_compute import list_lab_instances, list_lab_volumes
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.shop import REGION

__all__ = ["describe_instances", "describe_volumes", "tags_of_instance"]

MADE_BEFORE = timedelta(days=420)
MOST_A_PAGE = 1000
GP3_GIB, GP3_IOPS, GP3_MIB = 500, 3000, 125


@op("ec2", "DescribeInstances")
def describe_instances(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer ec2:DescribeInstances: all of them run; accounts without any are left to moto."""
    if caller.account == LAB:
        return list_lab_instances(asked, caller)
    if not _has_estate(caller):
        return None
    held = {instance.id: instance for instance in instances_of(caller.account)}
    wanted = asked.get("InstanceIds") or list(held)
    missing = [name for name in wanted if name not in held]
    if missing:
        said = f"The instance IDs '{', '.join(missing)}' do not exist"
        raise AwsError("InvalidInstanceID.NotFound", said)
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(wanted, asked.get("NextToken"), size)
    reservations = [
        {
            "ReservationId": f"r-{name.removeprefix('i-')}",
            "OwnerId": caller.account,
            "Instances": [_instance(held[name], caller)],
        }
        for name in page
    ]
    return {"Reservations": reservations} | ({"NextToken": token} if token else {})


def _has_estate(caller: Caller) -> bool:
    is_here = caller.region == REGION and bool(instances_of(caller.account))
    return is_here and not caller.scenario.capacity.is_empty


def _instance(instance: Instance, caller: Caller) -> dict[str, Any]:
    (subnet,) = (subnet for subnet in SUBNETS if subnet.zone == instance.zone)
    return {
        "InstanceId": instance.id,
        "InstanceType": instance.type,
        "ImageId": "ami-0a1b2c3d4e5f60718",
        "State": {"Code": 16, "Name": "running"},
        "LaunchTime": caller.scenario.epoch - MADE_BEFORE,
        "Placement": {"AvailabilityZone": instance.zone, "Tenancy": "default"},
        "Monitoring": {"State": "disabled"},
        "SubnetId": subnet.id,
        "VpcId": "vpc-0a1b2c3d4e5f60718",
        "Architecture": "x86_64",
        "PlatformDetails": "Linux/UNIX",
        "Tags": tags_of_instance(instance),
    }


def tags_of_instance(instance: Instance) -> list[dict[str, str]]:
    """Return the tags of an instance: of its group where it has one."""
    if not instance.group:
        return [{"Key": "Workload", "Value": "tools"}]
    tags = [{"Key": "Workload", "Value": instance.group}]
    if instance.group in {group.name for group in NODE_GROUPS}:
        tags += [
            {"Key": f"kubernetes.io/cluster/{EKS_CLUSTER}", "Value": "owned"},
            {"Key": "eks:nodegroup-name", "Value": instance.group},
        ]
        return tags
    return [*tags, {"Key": "aws:autoscaling:groupName", "Value": instance.group}]


@op("ec2", "DescribeVolumes")
def describe_volumes(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer ec2:DescribeVolumes: all are gp3, each attached to an instance."""
    if caller.account == LAB:
        return list_lab_volumes(asked, caller)
    if not _has_estate(caller):
        return None
    held = [volume for volume, account in VOLUMES if account == caller.account]
    wanted = [volume for volume in held if volume in (asked.get("VolumeIds") or held)]
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(wanted, asked.get("NextToken"), size)
    told = [_volume(volume, held.index(volume), caller) for volume in page]
    return {"Volumes": told} | ({"NextToken": token} if token else {})


def _volume(volume: str, place: int, caller: Caller) -> dict[str, Any]:
    mine = [instance for instance in INSTANCES if instance.account == caller.account]
    instance = mine[place % len(mine)]
    made = caller.scenario.epoch - MADE_BEFORE
    attached = {
        "VolumeId": volume,
        "InstanceId": instance.id,
        "Device": "/dev/sdf",
        "State": "attached",
        "AttachTime": made,
        "DeleteOnTermination": False,
    }
    return {
        "VolumeId": volume,
        "VolumeType": "gp3",
        "Size": GP3_GIB,
        "Iops": GP3_IOPS,
        "Throughput": GP3_MIB,
        "State": "in-use",
        "AvailabilityZone": instance.zone,
        "Encrypted": True,
        "CreateTime": made,
        "Attachments": [attached],
        "Tags": [{"Key": "Workload", "Value": instance.group or "tools"}],
    }
