"""What scales by itself: scalable targets with their target tracking, and recent activities.

Source: Application Auto Scaling API Reference, DescribeScalableTargets and DescribeScalingPolicies
(a dimension may have several target tracking policies: it follows the one that asks for most; the
one listed first is told here).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pandas as pd

from opslib.aws.capacity.known import Known, Scaled
from opslib.aws.capacity.rows import Resource, records
from opslib.aws.places import Place, join_parts, read_places
from opslib.aws.reads import Reads
from opslib.aws.scaling import KEPT_DAYS, read_group_scaling_events, read_scaling_events
from opslib.tables.capacity import SCALING_TARGETS, CapacityService
from opslib.tables.capacity_reads import SCALED_DIMENSIONS
from opslib.tables.schema import check_table
from opslib.tables.timeline import EVENTS
from opslib.timewindow import TimeWindow

__all__ = ["SCALING", "read_activities", "read_scaled", "scaling_targets"]

SCALING = "capacity scaling"
"""What coverage calls the read of scaled dimensions."""
NAMESPACES = ("ecs", "dynamodb", "rds", "lambda", "elasticache")
TRACKING = "TargetTrackingScalingPolicyConfiguration"
Key = tuple[str, str, str, str]


def read_scaled(reads: Reads) -> Mapping[Key, Scaled]:
    """Read the scalable targets of every account and region, by account, region, id, dimension."""
    frame = read_places(reads, SCALING, "scalable targets", SCALED_DIMENSIONS, _fetch)
    return {
        (row["Account"], row["Region"], row["ScalingId"], row["Dimension"]): Scaled(
            minimum=row["Min"],
            maximum=row["Max"],
            metric=row["Metric"],
            target=_none_if_null(row["Target"]),
            out_seconds=_none_if_null(row["ScaleOutCooldownSeconds"]),
            in_seconds=_none_if_null(row["ScaleInCooldownSeconds"]),
        )
        for row in records(frame)
    }


def _none_if_null(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else value


def _fetch(place: Place) -> list[tuple[Any, ...]]:
    return [row for namespace in NAMESPACES for row in _of_namespace(place, namespace)]


def _of_namespace(place: Place, namespace: str) -> Iterator[tuple[Any, ...]]:
    api, asked = "application-autoscaling", {"ServiceNamespace": namespace}
    targets = list(place.items(api, "DescribeScalableTargets", "ScalableTargets", **asked))
    policies = place.items(api, "DescribeScalingPolicies", "ScalingPolicies", **asked)
    tracked: dict[tuple[str, str], Mapping[str, Any]] = {}
    for policy in policies if targets else ():
        if TRACKING in policy:
            key = (policy["ResourceId"], policy["ScalableDimension"])
            tracked.setdefault(key, policy[TRACKING])
    for target in targets:
        key = (target["ResourceId"], target["ScalableDimension"])
        yield (
            place.label,
            place.region,
            *key,
            float(target["MinCapacity"]),
            float(target["MaxCapacity"]),
            *_tracking(tracked.get(key, {})),
        )


def _tracking(told: Mapping[str, Any]) -> tuple[str, float | None, float | None, float | None]:
    usual = told.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType", "")
    own = told.get("CustomizedMetricSpecification", {}).get("MetricName", "")
    cooldowns = (told.get("ScaleOutCooldown"), told.get("ScaleInCooldown"))
    out, back = (None if one is None else float(one) for one in cooldowns)
    return usual or own, told.get("TargetValue"), out, back


def scaling_targets(resources: Iterable[Resource], known: Known) -> pd.DataFrame:
    """Return how each resource is scaled; columns of `SCALING_TARGETS`."""
    by_place: dict[tuple[str, str, str], list[tuple[str, Scaled]]] = {}
    for (account, region, scaling_id, dimension), scaled in known.scaled.items():
        by_place.setdefault((account, region, scaling_id), []).append((dimension, scaled))
    rows = []
    for one in resources:
        scaling_id = str(one.settings.get("scaling_id", ""))
        found = by_place.get((one.account, one.region, scaling_id), [])
        for dimension, scaled in [*found, *_of_settings(one)]:
            rows.append(
                (
                    one.identity,
                    dimension,
                    scaled.minimum,
                    scaled.maximum,
                    scaled.metric,
                    scaled.target,
                    scaled.out_seconds,
                    scaled.in_seconds,
                )
            )
    frame = pd.DataFrame(rows, columns=list(SCALING_TARGETS.columns))
    return check_table(frame, SCALING_TARGETS, "scaling targets")


OWN_SCALING = {
    CapacityService.ASG: "autoscaling:group",
    CapacityService.AURORA: "rds:cluster:acu",
    CapacityService.EKS: "eks:nodegroup",
}
"""What scales without Application Auto Scaling, by the minimum and maximum of its settings."""


def _of_settings(resource: Resource) -> Iterator[tuple[str, Scaled]]:
    settings, dimension = resource.settings, OWN_SCALING.get(resource.service)
    if dimension and settings.get("max") is not None:
        tracking = settings.get("tracking", {})
        yield (
            dimension,
            Scaled(
                minimum=float(settings.get("min") or 0),
                maximum=float(settings["max"]),
                metric=tracking.get("metric", ""),
                target=tracking.get("target"),
            ),
        )


def read_activities(reads: Reads) -> pd.DataFrame:
    """Read the scaling activities that AWS still tells; columns of `EVENTS`."""
    end = reads.parameters.as_of
    window = TimeWindow(start=end - timedelta(days=KEPT_DAYS), end=end)
    parts = [read_scaling_events(reads, window), read_group_scaling_events(reads, window)]
    return join_parts(parts, EVENTS)
