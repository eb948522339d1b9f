"""Reading what watches and scales a DynamoDB table from outside: autoscaling and alarms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from opslib.aws.places import Place

__all__ = ["read_alarms", "read_autoscaling"]

NAMESPACE = "dynamodb"
POLICY_FACTS = (
    "PolicyType",
    "TargetTrackingScalingPolicyConfiguration",
    "StepScalingPolicyConfiguration",
)
ACTION_FACTS = ("Schedule", "Timezone", "ScalableTargetAction")
ALARM_FACTS = (
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Period",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "ActionsEnabled",
)
MADE_BY_AUTOSCALING = "TargetTracking-table/"


def read_autoscaling(place: Place, about: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Yield what scales a table and its indexes: targets, policies and scheduled actions.

    Args:
        place: account and region.
        about: the table, as DescribeTable tells it.
    """
    for suffix, resource in _resources(about):
        yield from _of_resource(place, suffix, resource)


def _resources(about: dict[str, Any]) -> Iterator[tuple[str, str]]:
    table = f"table/{about['TableName']}"
    yield "", table
    for index in about.get("GlobalSecondaryIndexes") or []:
        yield f"index/{index['IndexName']} ", f"{table}/index/{index['IndexName']}"


def _of_resource(place: Place, suffix: str, resource: str) -> Iterator[tuple[str, Any]]:
    service = "application-autoscaling"
    asked = {"ServiceNamespace": NAMESPACE, "ResourceId": resource}
    for target in place.items(
        service,
        "DescribeScalableTargets",
        "ScalableTargets",
        ServiceNamespace=NAMESPACE,
        ResourceIds=[resource],
    ):
        limits = {name: target[name] for name in ("MinCapacity", "MaxCapacity")}
        yield f"{suffix}{target['ScalableDimension']}", limits
    for policy in place.items(service, "DescribeScalingPolicies", "ScalingPolicies", **asked):
        name = f"{suffix}{policy['ScalableDimension']} policy {policy['PolicyType']}"
        yield name, {fact: policy[fact] for fact in POLICY_FACTS if policy.get(fact)}
    for action in place.items(service, "DescribeScheduledActions", "ScheduledActions", **asked):
        name = f"{suffix}{action['ScalableDimension']} schedule {action['ScheduledActionName']}"
        yield name, {fact: action[fact] for fact in ACTION_FACTS if action.get(fact)}


def read_alarms(place: Place, about: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Yield the metric alarms on a table, by what they watch; autoscaling's own are left out.

    An alarm is known by its metric, its other dimensions, its statistic and its threshold: its name
    belongs to one table.

    Args:
        place: account and region.
        about: the table, as DescribeTable tells it.
    """
    for alarm in place.items("cloudwatch", "DescribeAlarms", "MetricAlarms"):
        watched = [w for w in _watched(alarm) if _is_of(w, about["TableName"])]
        if not watched or alarm["AlarmName"].startswith(MADE_BY_AUTOSCALING):
            continue
        told = {fact: alarm[fact] for fact in ALARM_FACTS if alarm.get(fact) is not None}
        actions = sorted(alarm.get("AlarmActions") or [])
        yield _name_of(alarm, watched), {**told, "AlarmActions": actions}


def _watched(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield metric and dimensions, those of metric math too."""
    if alarm.get("MetricName"):
        yield {"MetricName": alarm["MetricName"], "Dimensions": alarm.get("Dimensions") or []}
    for query in alarm.get("Metrics") or []:
        if "MetricStat" in query:
            yield query["MetricStat"]["Metric"]


def _is_of(metric: dict[str, Any], table: str) -> bool:
    dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions") or []}
    return dimensions.get("TableName") == table


def _name_of(alarm: dict[str, Any], watched: list[dict[str, Any]]) -> str:
    others = sorted(
        f"{one['Name']}={one['Value']}"
        for metric in watched
        for one in metric.get("Dimensions") or []
        if one["Name"] != "TableName"
    )
    metrics = "+".join(sorted({str(metric["MetricName"]) for metric in watched}))
    condition = f"{alarm.get('ComparisonOperator', '')} {alarm.get('Threshold', '')}"
    return " ".join([metrics, *others, condition]).strip()
