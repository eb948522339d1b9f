"""How each kind of scaling decides: AWS's target tracking, DynamoDB's, and Kubernetes'.

Source: Application Auto Scaling User Guide, "How target tracking scaling works" (proportional, the
rounding always to the side of more capacity, a scale-out is not held back by a cooldown where more
is wanted, ScaleInCooldown from one scale-in to the next); the alarms that it makes: three
datapoints of a minute above the target, fifteen below nine tenths of it. DynamoDB Developer Guide,
"Managing throughput capacity automatically": two minutes above the target, fifteen below the target
less 20 percentage points; a table's throughput is lowered at most four times a day and then once an
hour, told here as once an hour. Kubernetes, "Horizontal Pod Autoscaling": every 15 seconds, a
tolerance of a tenth, the highest wish of the last five minutes when scaling in.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ScalingRules", "ScalingSetting", "rules_of"]

FULL_PERCENT = 90.0
"""Above this, on average of five minutes and of all units, some minute of some unit is full."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ScalingSetting:
    """What people set: bounds in units, and the utilisation in percent that is tracked."""

    minimum: float
    maximum: float
    target_percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingRules:
    """How a kind of scaling answers to utilisation.

    Args:
        out_minutes: above the target before it scales out.
        out_above: times the target above which it does.
        in_minutes: below the lower threshold before it scales in.
        in_below: times the target, less ``in_below_percent``, which is the lower threshold.
        in_below_percent: percentage points.
        in_cooldown_minutes: from one scale-in to the next.
        full_percent: utilisation above which capacity is called too little.
    """

    out_minutes: float
    out_above: float = 1.0
    in_minutes: float
    in_below: float = 1.0
    in_below_percent: float = 0.0
    in_cooldown_minutes: float
    full_percent: float = FULL_PERCENT


DEFAULT_COOLDOWN_SECONDS = 300.0
TARGET_TRACKING = ScalingRules(
    out_minutes=3, in_minutes=15, in_below=0.9, in_cooldown_minutes=DEFAULT_COOLDOWN_SECONDS / 60
)
THROUGHPUT = ScalingRules(
    out_minutes=2,
    in_minutes=15,
    in_below_percent=20,
    in_cooldown_minutes=60,
    full_percent=100,
)
PODS = ScalingRules(
    out_minutes=0.25, out_above=1.1, in_minutes=5, in_below=0.9, in_cooldown_minutes=0
)
DATABASE = ScalingRules(out_minutes=0, in_minutes=0, in_cooldown_minutes=0, full_percent=100)
"""Aurora Serverless v2 scales itself and has no target: only its bounds are replayed."""


def rules_of(dimension: str, in_cooldown_seconds: float | None) -> ScalingRules | None:
    """Return the rules of a dimension of `SCALING_TARGETS`; None where it is not replayed.

    Args:
        dimension: as Application Auto Scaling or the table calls it.
        in_cooldown_seconds: ScaleInCooldown; None for AWS's default.
    """
    if dimension.startswith("dynamodb:"):
        return THROUGHPUT
    if dimension == "rds:cluster:acu":
        return DATABASE
    if dimension == "eks:hpa":
        return PODS
    if dimension in {"ecs:service:DesiredCount", "autoscaling:group"}:
        seconds = DEFAULT_COOLDOWN_SECONDS if in_cooldown_seconds is None else in_cooldown_seconds
        return ScalingRules(
            out_minutes=TARGET_TRACKING.out_minutes,
            in_minutes=TARGET_TRACKING.in_minutes,
            in_below=TARGET_TRACKING.in_below,
            in_cooldown_minutes=seconds / 60,
        )
    return None
