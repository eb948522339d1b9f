"""What Application Auto Scaling scales: targets and their policies.

Source: Application Auto Scaling API Reference, DescribeScalableTargets, DescribeScalingPolicies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from opslib.sandbox.capacity_estate import CAPACITY_CLUSTER, SERVICES, TABLES
from opslib.sandbox.capacity_loads import target_of
from opslib.sandbox.capacity_plan import CapacityPlan
from opslib.sandbox.capacity_store_metrics import TABLE_TARGET
from opslib.sandbox.estate import LAB, PRODUCTION
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.shop import CLUSTER, REGION, hex_id
from opslib.sandbox.shop_history import SCALED

__all__ = ["describe_scalable_targets", "describe_scaling_policies"]

MOST_A_PAGE = 50
MADE_BEFORE = timedelta(days=300)
ECS_DIMENSION = "ecs:service:DesiredCount"
CPU_METRIC = "ECSServiceAverageCPUUtilization"
SHOP_RANGE, SHOP_TARGET = (2, 8), 60.0
LEAST_UNITS, TRIAL_UNITS = 25, 1000
OUT_SECONDS, IN_SECONDS = 60, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    namespace: str
    resource: str
    dimension: str
    least: int
    most: int
    metric: str
    target: float


@op("application-autoscaling", "DescribeScalableTargets")
def describe_scalable_targets(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer application-autoscaling:DescribeScalableTargets of a service namespace."""
    wanted = asked.get("ResourceIds") or None
    told = [
        {
            "ServiceNamespace": target.namespace,
            "ResourceId": target.resource,
            "ScalableDimension": target.dimension,
            "MinCapacity": target.least,
            "MaxCapacity": target.most,
            "RoleARN": f"arn:aws:iam::{caller.account}:role/scaling",
            "CreationTime": caller.scenario.epoch - MADE_BEFORE,
            "SuspendedState": {
                "DynamicScalingInSuspended": False,
                "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": False,
            },
        }
        for target in _asked_for(asked, caller)
        if wanted is None or target.resource in wanted
    ]
    return _page("ScalableTargets", told, asked)


@op("application-autoscaling", "DescribeScalingPolicies")
def describe_scaling_policies(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer application-autoscaling:DescribeScalingPolicies of a service namespace."""
    wanted = asked.get("ResourceId")
    told = [
        _policy(target, caller)
        for target in _asked_for(asked, caller)
        if wanted in {None, target.resource}
    ]
    return _page("ScalingPolicies", told, asked)


def _page(name: str, items: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(items, asked.get("NextToken"), size)
    return {name: page} | ({"NextToken": token} if token else {})


def _policy(target: _Target, caller: Caller) -> dict[str, Any]:
    name = f"{target.resource.rpartition('/')[2]}-{target.metric}"
    where = f"resource/{target.namespace}/{target.resource}:policyName/{name}"
    identity = hex_id(f"policy {caller.account} {where}", 32)
    owner = f"arn:aws:autoscaling:{REGION}:{caller.account}"
    return {
        "PolicyARN": f"{owner}:scalingPolicy:{identity}:{where}",
        "PolicyName": name,
        "ServiceNamespace": target.namespace,
        "ResourceId": target.resource,
        "ScalableDimension": target.dimension,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": target.target,
            "PredefinedMetricSpecification": {"PredefinedMetricType": target.metric},
            "ScaleOutCooldown": OUT_SECONDS,
            "ScaleInCooldown": IN_SECONDS,
            "DisableScaleIn": False,
        },
        "CreationTime": caller.scenario.epoch - MADE_BEFORE,
        "Alarms": [],
    }


def _asked_for(asked: dict[str, Any], caller: Caller) -> list[_Target]:
    """Return the targets of the namespace and dimension that are asked for."""
    dimension = asked.get("ScalableDimension")
    return [
        target
        for target in _held(caller)
        if target.namespace == asked["ServiceNamespace"] and dimension in {None, target.dimension}
    ]


def _held(caller: Caller) -> Iterator[_Target]:
    if (caller.account, caller.region) == (PRODUCTION, REGION):
        yield from _targets(caller.scenario.capacity)
    for one in caller.scenario.lab.resources if caller.account == LAB else ():
        if one.region == caller.region and one.details.get("is_scaled"):
            yield from _of_table(one.details["name"], (TRIAL_UNITS, TRIAL_UNITS))


def _targets(plan: CapacityPlan) -> Iterator[_Target]:
    if plan.is_empty:
        return
    for name in SCALED:
        yield _service(f"service/{CLUSTER}/{name}", *SHOP_RANGE, SHOP_TARGET)
    for spec in SERVICES:
        if spec.most:
            resource = f"service/{CAPACITY_CLUSTER}/{spec.name}"
            yield _service(resource, spec.least, spec.most, target_of(plan, spec))
    for table in TABLES:
        yield from _of_table(table.name, (table.most_read, table.most_write))


def _of_table(name: str, most: tuple[int, int]) -> Iterator[_Target]:
    """Yield the scaled sides of a table: those that have a maximum."""
    for side, units in zip(("Read", "Write"), most, strict=True):
        if units:
            yield _Target(
                namespace="dynamodb",
                resource=f"table/{name}",
                dimension=f"dynamodb:table:{side}CapacityUnits",
                least=LEAST_UNITS,
                most=units,
                metric=f"DynamoDB{side}CapacityUtilization",
                target=TABLE_TARGET,
            )


def _service(resource: str, least: int, most: int, target: float) -> _Target:
    return _Target(
        namespace="ecs",
        resource=resource,
        dimension=ECS_DIMENSION,
        least=least,
        most=most,
        metric=CPU_METRIC,
        target=target,
    )
