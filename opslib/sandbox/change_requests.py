"""What the calls ask that bring an incident about, and those that take it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.shop import CLUSTER, security_group

__all__ = [
    "Parameters",
    "cluster_capacity",
    "function_code",
    "group_rule",
    "nothing",
    "parameter_name",
    "put_parameter",
    "role_name",
    "role_policy",
    "scalable_target",
    "scaling_limits",
]

Parameters = Mapping[str, Any]


def parameter_name(component: str) -> str:
    """Return the name of a component's SSM parameter."""
    return f"/shop/{component}/pool-size"


def role_name(component: str) -> str:
    """Return the role of a component's tasks."""
    return f"{component}-task"


def scalable_target(component: str) -> str:
    """Return what autoscaling calls a component."""
    return "table/sessions" if component == "sessions" else f"service/{CLUSTER}/{component}"


def put_parameter(component: str, *, undone: bool) -> Parameters:
    """Return the request of ssm:PutParameter, whose value CloudTrail hides."""
    del undone
    value = "HIDDEN_DUE_TO_SECURITY_REASONS"
    return {
        "name": parameter_name(component),
        "value": value,
        "type": "String",
        "overwrite": True,
    }


def group_rule(component: str, *, undone: bool) -> Parameters:
    """Return the request that takes a rule of a security group away, or adds it."""
    del undone
    port = {"orders": 5432, "shop-cache": 6379}.get(component, 8080)
    caller = "search" if component == "shop-cache" else "checkout"
    pair = {
        "userId": PRODUCTION,
        "groupId": security_group(caller),
        "description": f"{caller} to {component}",
    }
    rule = {
        "ipProtocol": "tcp",
        "fromPort": port,
        "toPort": port,
        "groups": {"items": [pair]},
        "ipRanges": {},
    }
    return {"groupId": security_group(component), "ipPermissions": {"items": [rule]}}


def cluster_capacity(component: str, *, undone: bool) -> Parameters:
    """Return the request of rds:ModifyDBCluster."""
    capacity = {"minCapacity": 4.0 if undone else 0.5, "maxCapacity": 32.0 if undone else 2.0}
    return {
        "dBClusterIdentifier": component,
        "serverlessV2ScalingConfiguration": capacity,
        "applyImmediately": True,
    }


def role_policy(component: str, *, undone: bool) -> Parameters:
    """Return the request that detaches a policy from a role, or attaches it."""
    del undone
    policy = f"arn:aws:iam::{PRODUCTION}:policy/shop-{component}"
    return {"roleName": role_name(component), "policyArn": policy}


def scaling_limits(component: str, *, undone: bool) -> Parameters:
    """Return the request of RegisterScalableTarget."""
    is_table = component == "sessions"
    most = (40_000, 200) if is_table else (12, 2)
    return {
        "serviceNamespace": "dynamodb" if is_table else "ecs",
        "resourceId": scalable_target(component),
        "scalableDimension": (
            "dynamodb:table:ReadCapacityUnits" if is_table else "ecs:service:DesiredCount"
        ),
        "minCapacity": 100 if is_table else 2,
        "maxCapacity": most[0] if undone else most[1],
    }


def function_code(component: str, *, undone: bool) -> Parameters:
    """Return the request of lambda:UpdateFunctionCode."""
    key = f"{component}/{'previous' if undone else 'latest'}.zip"
    return {
        "functionName": component,
        "s3Bucket": "acme-artifacts",
        "s3Key": key,
        "publish": False,
        "dryRun": False,
    }


def nothing(component: str, *, undone: bool) -> Parameters:
    """Return nothing: deployments tell their own calls."""
    del component, undone
    return {}
