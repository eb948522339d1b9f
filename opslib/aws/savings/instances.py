"""EC2 instances, whatever their state. Source: Amazon EC2 API Reference, DescribeInstances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opslib.aws.places import Place
from opslib.aws.savings.daily_use import Measure
from opslib.aws.savings.rows import resource_row, tags_of

__all__ = ["list_instances", "measure_instance"]

NAMESPACE, RUNNING = "AWS/EC2", "running"
MEASURES = (
    ("cpu_peak", "CPUUtilization", "p99.5"),
    ("cpu_mean", "CPUUtilization", "Average"),
    ("network_in", "NetworkIn", "Maximum"),
    ("network_out", "NetworkOut", "Maximum"),
    ("ebs_read", "EBSReadBytes", "Maximum"),
    ("ebs_written", "EBSWriteBytes", "Maximum"),
)
"""What it is called here, CloudWatch's name, and the statistic of a day."""


def list_instances(place: Place) -> list[dict[str, Any]]:
    """Return every instance of a place that is not terminated; rows of `SAVINGS_RESOURCES`."""
    return [
        _row(place, instance)
        for reservation in place.items("ec2", "DescribeInstances", "Reservations")
        for instance in reservation.get("Instances", [])
        if instance["State"]["Name"] not in {"terminated", "shutting-down"}
    ]


def _row(place: Place, told: Mapping[str, Any]) -> dict[str, Any]:
    devices = [one.get("Ebs", {}) for one in told.get("BlockDeviceMappings", [])]
    return resource_row(
        place,
        "instance",
        told["InstanceId"],
        created=told["LaunchTime"],
        tags=tags_of(told.get("Tags")),
        settings={
            "state": told["State"]["Name"],
            "type": told["InstanceType"],
            "transition": told.get("StateTransitionReason"),
            "lifecycle": told.get("InstanceLifecycle"),
            "platform": told.get("PlatformDetails"),
            "operation": told.get("UsageOperation"),
            "image": told.get("ImageId"),
            "volumes": [one["VolumeId"] for one in devices if "VolumeId" in one],
        },
    )


def measure_instance(row: Mapping[str, Any]) -> tuple[Measure, ...]:
    """Return what CloudWatch is asked of an instance that runs."""
    if row["Settings"]["state"] != RUNNING:
        return ()
    return tuple(
        Measure(
            resource=row["ResourceId"],
            measure=measure,
            namespace=NAMESPACE,
            metric=metric,
            statistic=statistic,
            dimensions={"InstanceId": row["ResourceId"]},
        )
        for measure, metric, statistic in MEASURES
    )
