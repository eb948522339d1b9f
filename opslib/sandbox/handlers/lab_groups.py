"""Auto Scaling groups of the account for trials, and what Spot Instances cost there.

Every group of the account has prices of its own zones; the first one's are told.

Source: Amazon EC2 Auto Scaling API Reference and Amazon EC2 API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from opslib.sandbox.estate import LAB
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.savings.planted import PlantedResource
from opslib.sandbox.savings.spot_groups import TYPE

__all__ = ["describe_spot_price_history", "lab_groups"]

MOST_A_PAGE = 1000
PLATFORM = "Linux/UNIX"


def _planted(caller: Caller) -> list[PlantedResource]:
    held = caller.scenario.lab.resources if caller.account == LAB else ()
    return [one for one in held if (one.kind, one.region) == ("instance_group", caller.region)]


def lab_groups(caller: Caller) -> list[dict[str, Any]]:
    """Return the groups as DescribeAutoScalingGroups tells them."""
    return [_group(one) for one in _planted(caller)]


def _group(one: PlantedResource) -> dict[str, Any]:
    size = len(one.details["instances"])
    template = {"LaunchTemplateSpecification": {"LaunchTemplateName": one.details["name"]}}
    mixed = {"MixedInstancesPolicy": {"LaunchTemplate": template}}
    return {
        "AutoScalingGroupName": one.details["name"],
        "AutoScalingGroupARN": one.id,
        "MinSize": size,
        "DesiredCapacity": size,
        "MaxSize": 2 * size,
        "DefaultCooldown": 300,
        "AvailabilityZones": sorted(set(one.details["zones"])),
        "HealthCheckType": "EC2",
        "CreatedTime": one.created,
        "Instances": [
            {
                "InstanceId": name,
                "InstanceType": TYPE,
                "AvailabilityZone": zone,
                "LifecycleState": "InService",
                "HealthStatus": "Healthy",
                "ProtectedFromScaleIn": False,
            }
            for name, zone in zip(one.details["instances"], one.details["zones"], strict=True)
        ],
        "Tags": [
            {
                "Key": key,
                "Value": value,
                "ResourceId": one.details["name"],
                "ResourceType": "auto-scaling-group",
                "PropagateAtLaunch": True,
            }
            for key, value in one.tags.items()
        ],
    } | (mixed if one.details["is_mixed"] else {})


@op("ec2", "DescribeSpotPriceHistory")
def describe_spot_price_history(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ec2:DescribeSpotPriceHistory: newest first, with the change before the beginning."""
    wanted = asked.get("InstanceTypes") or [TYPE]
    platforms = asked.get("ProductDescriptions") or [PLATFORM]
    told = list(_prices(caller)) if TYPE in wanted and PLATFORM in platforms else []
    told.sort(key=lambda one: one["Timestamp"], reverse=True)
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(told, asked.get("NextToken"), size)
    return {"SpotPriceHistory": page, "NextToken": token or ""}


def _prices(caller: Caller) -> Iterator[dict[str, Any]]:
    for group in _planted(caller)[:1]:
        for zone, changes in group.details["spot"].items():
            for days, price in changes:
                yield {
                    "AvailabilityZone": zone,
                    "InstanceType": TYPE,
                    "ProductDescription": PLATFORM,
                    "SpotPrice": price,
                    "Timestamp": caller.scenario.epoch - timedelta(days=days),
                }
