"""The Auto Scaling group, and the EKS cluster with its node groups.

Source: Amazon EC2 Auto Scaling API Reference and Amazon EKS API Reference.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from opslib.sandbox.capacity_estate import (
    SUBNETS,
    ZONES,
)
from opslib.sandbox.capacity_instances import (
    EKS_CLUSTER,
    FLEET,
    FLEET_SIZES,
    INSTANCES,
    NODE_GROUPS,
    NodeGroup,
)
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.handlers.lab_groups import lab_groups
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.handlers.platform_services import has_platform
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.shop import REGION, make_uuid

__all__ = [
    "describe_auto_scaling_groups",
    "describe_cluster",
    "describe_nodegroup",
    "describe_policies",
    "list_clusters_of_eks",
    "list_nodegroups",
]

MADE_BEFORE = timedelta(days=380)
FLEET_TARGET = 50.0
MOST_A_PAGE = 100


@op("autoscaling", "DescribeAutoScalingGroups")
def describe_auto_scaling_groups(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer autoscaling:DescribeAutoScalingGroups: the fleet, and the groups of the nodes."""
    told = lab_groups(caller)
    if has_platform(caller):
        told.append(_group(FLEET, FLEET_SIZES, FLEET, caller))
        told += [
            _group(
                f"eks-{group.name}", (group.least, group.desired, group.most), group.name, caller
            )
            for group in NODE_GROUPS
        ]
    wanted = asked.get("AutoScalingGroupNames")
    held = [group for group in told if not wanted or group["AutoScalingGroupName"] in wanted]
    size = min(asked.get("MaxRecords") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(held, asked.get("NextToken"), size)
    return {"AutoScalingGroups": page} | ({"NextToken": token} if token else {})


def _group(name: str, sizes: tuple[int, int, int], members: str, caller: Caller) -> dict[str, Any]:
    instances = [one for one in INSTANCES if (one.group, one.account) == (members, PRODUCTION)]
    return {
        "AutoScalingGroupName": name,
        "AutoScalingGroupARN": (
            f"arn:aws:autoscaling:{REGION}:{caller.account}:autoScalingGroup:"
            f"{make_uuid(f'group {name}')}:autoScalingGroupName/{name}"
        ),
        "MinSize": sizes[0],
        "DesiredCapacity": sizes[1],
        "MaxSize": sizes[2],
        "DefaultCooldown": 300,
        "AvailabilityZones": list(ZONES),
        "HealthCheckType": "EC2",
        "VPCZoneIdentifier": ",".join(subnet.id for subnet in SUBNETS),
        "CreatedTime": caller.scenario.epoch - MADE_BEFORE,
        "Instances": [
            {
                "InstanceId": one.id,
                "InstanceType": one.type,
                "AvailabilityZone": one.zone,
                "LifecycleState": "InService",
                "HealthStatus": "Healthy",
                "ProtectedFromScaleIn": False,
            }
            for one in instances
        ],
        "EnabledMetrics": [{"Metric": "GroupInServiceInstances", "Granularity": "1Minute"}],
        "Tags": [
            {
                "Key": key,
                "Value": members,
                "ResourceId": name,
                "ResourceType": "auto-scaling-group",
                "PropagateAtLaunch": True,
            }
            for key in ("Workload", *(["eks:nodegroup-name"] if members != FLEET else []))
        ],
    }


@op("autoscaling", "DescribePolicies")
def describe_policies(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer autoscaling:DescribePolicies: the fleet tracks its CPU."""
    if not has_platform(caller) or asked.get("AutoScalingGroupName") not in {None, FLEET}:
        return {"ScalingPolicies": []}
    name = f"{FLEET}-cpu"
    policy = {
        "AutoScalingGroupName": FLEET,
        "PolicyName": name,
        "PolicyARN": (
            f"arn:aws:autoscaling:{REGION}:{caller.account}:scalingPolicy:"
            f"{make_uuid(name)}:autoScalingGroupName/{FLEET}:policyName/{name}"
        ),
        "PolicyType": "TargetTrackingScaling",
        "EstimatedInstanceWarmup": 180,
        "TargetTrackingConfiguration": {
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": FLEET_TARGET,
            "DisableScaleIn": False,
        },
        "Enabled": True,
    }
    return {"ScalingPolicies": [policy]}


@op("eks", "ListClusters")
def list_clusters_of_eks(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer eks:ListClusters."""
    names = [EKS_CLUSTER] if has_platform(caller) else []
    page, token = take_page(names, asked.get("nextToken"), asked.get("maxResults") or MOST_A_PAGE)
    return {"clusters": page} | ({"nextToken": token} if token else {})


@op("eks", "DescribeCluster")
def describe_cluster(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer eks:DescribeCluster."""
    _check_cluster(asked["name"], caller)
    cluster = {
        "name": EKS_CLUSTER,
        "arn": f"arn:aws:eks:{REGION}:{caller.account}:cluster/{EKS_CLUSTER}",
        "createdAt": caller.scenario.epoch - MADE_BEFORE,
        "version": "1.34",
        "status": "ACTIVE",
        "tags": {"Workload": EKS_CLUSTER},
    }
    return {"cluster": cluster}


@op("eks", "ListNodegroups")
def list_nodegroups(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer eks:ListNodegroups."""
    _check_cluster(asked["clusterName"], caller)
    names = [group.name for group in NODE_GROUPS]
    page, token = take_page(names, asked.get("nextToken"), asked.get("maxResults") or MOST_A_PAGE)
    return {"nodegroups": page} | ({"nextToken": token} if token else {})


@op("eks", "DescribeNodegroup")
def describe_nodegroup(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer eks:DescribeNodegroup."""
    _check_cluster(asked["clusterName"], caller)
    held = {group.name: group for group in NODE_GROUPS}
    if asked["nodegroupName"] not in held:
        said = f"No node group found for name: {asked['nodegroupName']}."
        raise AwsError("ResourceNotFoundException", said)
    return {"nodegroup": _nodegroup(held[asked["nodegroupName"]], caller)}


def _check_cluster(name: str, caller: Caller) -> None:
    if name != EKS_CLUSTER or not has_platform(caller):
        raise AwsError("ResourceNotFoundException", f"No cluster found for name: {name}.")


def _nodegroup(group: NodeGroup, caller: Caller) -> dict[str, Any]:
    identity = make_uuid(f"nodes {group.name}")
    return {
        "nodegroupName": group.name,
        "nodegroupArn": (
            f"arn:aws:eks:{REGION}:{caller.account}:nodegroup/{EKS_CLUSTER}/{group.name}/{identity}"
        ),
        "clusterName": EKS_CLUSTER,
        "version": "1.34",
        "createdAt": caller.scenario.epoch - MADE_BEFORE,
        "status": "ACTIVE",
        "capacityType": "ON_DEMAND",
        "scalingConfig": {
            "minSize": group.least,
            "maxSize": group.most,
            "desiredSize": group.desired,
        },
        "instanceTypes": [group.type],
        "subnets": [subnet.id for subnet in SUBNETS],
        "resources": {"autoScalingGroups": [{"name": f"eks-{group.name}"}]},
        "tags": {"Workload": EKS_CLUSTER},
    }
