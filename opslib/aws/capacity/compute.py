"""EC2 instances, Auto Scaling groups and EBS volumes.

Source: Amazon EC2 API Reference, DescribeInstances and DescribeVolumes; Amazon EC2 Auto Scaling API
Reference, DescribeAutoScalingGroups and DescribePolicies; CloudWatch User Guide, metrics of the
CloudWatch agent, whose dimensions are as its configuration has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from opslib.aws.capacity.known import open_details, read_resources
from opslib.aws.capacity.load import describe_targets
from opslib.aws.capacity.rows import arn_of, resource_row
from opslib.aws.details import Details
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, Reads
from opslib.tables.capacity import CAPACITY_RESOURCES, CapacityService

__all__ = ["read_groups", "read_servers", "read_volumes"]

AGENT, AGENT_MEMORY = "CWAgent", "mem_used_percent"
NODE_GROUP_TAG = "eks:nodegroup-name"
"""Groups of nodes are read with their cluster."""
GROUP_TAG, NAME_TAG = "aws:autoscaling:groupName", "Name"
RUNNING = [{"Name": "instance-state-name", "Values": ["running"]}]
TRACKING = "TargetTrackingConfiguration"


def read_servers(reads: Reads) -> pd.DataFrame:
    """Read the instances that run; columns of `CAPACITY_RESOURCES`."""
    return read_resources(reads, "capacity ec2", "EC2 instances", _fetch_servers)


def read_groups(reads: Reads) -> pd.DataFrame:
    """Read the Auto Scaling groups; columns of `CAPACITY_RESOURCES`."""
    return read_resources(reads, "capacity ec2", "Auto Scaling groups", _fetch_groups)


def read_volumes(reads: Reads) -> pd.DataFrame:
    """Read the volumes that are in use; columns of `CAPACITY_RESOURCES`."""
    return read_resources(reads, "capacity ec2", "EBS volumes", _fetch_volumes)


def _fetch_servers(place: Place) -> Fetched:
    details = open_details()
    told = [
        (reservation.get("OwnerId", ""), instance)
        for reservation in place.items("ec2", "DescribeInstances", "Reservations", Filters=RUNNING)
        for instance in reservation.get("Instances", [])
    ]
    agents = _agents(place, details) if told else {}
    rows = [_server_row(place, owner, one, agents) for owner, one in told]
    return details.fetched(rows, CAPACITY_RESOURCES)


def _agents(place: Place, details: Details) -> Mapping[str, Mapping[str, str]]:
    """Return the dimensions by which the agent tells an instance's memory, the fewest first."""
    asked = {"Namespace": AGENT, "MetricName": AGENT_MEMORY}
    listed = details.ask(lambda: list(place.items("cloudwatch", "ListMetrics", "Metrics", **asked)))
    told = [{d["Name"]: d["Value"] for d in one.get("Dimensions", [])} for one in listed or []]
    return {
        one["InstanceId"]: one
        for one in sorted(told, key=lambda dimensions: -len(dimensions))
        if "InstanceId" in one
    }


def _server_row(
    place: Place, owner: str, instance: dict[str, Any], agents: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    name, tags = instance["InstanceId"], _tags(instance)
    group, zone = tags.get(GROUP_TAG, ""), instance.get("Placement", {}).get("AvailabilityZone")
    return resource_row(
        place,
        CapacityService.EC2,
        name,
        arn_of(place, "ec2", owner, f"instance/{name}"),
        zones=[zone] if zone else [],
        settings={
            "instance_type": instance["InstanceType"],
            "label": tags.get(NAME_TAG),
            "group": group or None,
            "lifecycle": instance.get("InstanceLifecycle"),
            "subnets": [instance["SubnetId"]] if instance.get("SubnetId") else [],
            "memory_dimensions": agents.get(name),
        },
        workload=group,
    )


def _tags(told: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in told.get("Tags", [])}


def _fetch_groups(place: Place) -> Fetched:
    details = open_details()
    listed = place.items("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups")
    groups = [one for one in listed if NODE_GROUP_TAG not in _tags(one)]
    targets = describe_targets(place, details, [one.get("TargetGroupARNs", []) for one in groups])
    policies = details.ask(partial(_policies, place)) if groups else []
    tracked: dict[str, Mapping[str, Any]] = {}
    for policy in policies or []:
        if TRACKING in policy:
            tracked.setdefault(policy["AutoScalingGroupName"], policy[TRACKING])
    rows = [
        _group_row(place, one, behind, tracked.get(one["AutoScalingGroupName"], {}))
        for one, behind in zip(groups, targets, strict=True)
    ]
    return details.fetched(rows, CAPACITY_RESOURCES)


def _policies(place: Place) -> list[dict[str, Any]]:
    return list(place.items("autoscaling", "DescribePolicies", "ScalingPolicies"))


def _group_row(
    place: Place,
    group: dict[str, Any],
    targets: list[list[str]],
    tracking: Mapping[str, Any],
) -> dict[str, Any]:
    name, members = group["AutoScalingGroupName"], group.get("Instances", [])
    usual = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType", "")
    own = tracking.get("CustomizedMetricSpecification", {}).get("MetricName", "")
    followed = {"metric": usual or own, "target": tracking.get("TargetValue")}
    return resource_row(
        place,
        CapacityService.ASG,
        name,
        group.get("AutoScalingGroupARN", ""),
        zones=[one["AvailabilityZone"] for one in members] or group.get("AvailabilityZones", []),
        settings={
            "min": group["MinSize"],
            "max": group["MaxSize"],
            "desired": group["DesiredCapacity"],
            "instance_types": sorted({o["InstanceType"] for o in members if "InstanceType" in o}),
            "tracking": followed if tracking else None,
            "targets": targets,
        },
    )


def _fetch_volumes(place: Place) -> Fetched:
    attached = [{"Name": "status", "Values": ["in-use"]}]
    volumes = place.items("ec2", "DescribeVolumes", "Volumes", Filters=attached)
    rows = [_volume_row(place, one) for one in volumes]
    return Fetched(frame=pd.DataFrame(rows, columns=list(CAPACITY_RESOURCES.columns)))


def _volume_row(place: Place, volume: dict[str, Any]) -> dict[str, Any]:
    name = volume["VolumeId"]
    holders = [one["InstanceId"] for one in volume.get("Attachments", []) if "InstanceId" in one]
    return resource_row(
        place,
        CapacityService.EBS,
        name,
        arn_of(place, "ec2", "", f"volume/{name}"),
        zones=[volume["AvailabilityZone"]],
        settings={
            "label": _tags(volume).get(NAME_TAG),
            "volume_type": volume.get("VolumeType"),
            "allocated_gib": volume["Size"],
            "iops": volume.get("Iops"),
            "throughput_mib": volume.get("Throughput"),
            "instances": holders,
        },
        workload=holders[0] if holders else "",
    )
