"""Activities of application auto scaling: the steps that follow the daily load.

Source: Application Auto Scaling API Reference, DescribeScalingActivities.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from opslib.sandbox.capacity_steps import crowd_steps
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.shop import REGION
from opslib.sandbox.shop_history import ScalingStep, list_steps

__all__ = ["describe_scaling_activities"]

MOST_A_PAGE = 50


@op("application-autoscaling", "DescribeScalingActivities")
def describe_scaling_activities(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer application-autoscaling:DescribeScalingActivities, newest first: of six weeks."""
    wanted = asked.get("ResourceId")
    is_told = caller.region == REGION and asked["ServiceNamespace"] == "ecs"
    steps = _steps(caller) if is_told else []
    activities = [_activity(step) for step in steps if wanted in {None, _resource(step)}]
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(activities, asked.get("NextToken"), size)
    return {"ScalingActivities": page} | ({"NextToken": token} if token else {})


def _steps(caller: Caller) -> list[ScalingStep]:
    """Return the steps in an account, newest first."""
    shop = list_steps(caller.scenario.incident, caller.account)
    platform = crowd_steps(caller.scenario.capacity)
    held = [step for step in (*shop, *platform) if step.account == caller.account]
    return sorted(held, key=lambda step: step.at, reverse=True)


def _resource(step: ScalingStep) -> str:
    return f"service/{step.cluster}/{step.service}"


def _activity(step: ScalingStep) -> dict[str, Any]:
    side = "High" if step.after > step.before else "Low"
    alarm = f"TargetTracking-{_resource(step)}-Alarm{side}-{step.activity_id[:8]}"
    done = f"Successfully set desired count to {step.after}. Change successfully fulfilled by ecs."
    return {
        "ActivityId": step.activity_id,
        "ServiceNamespace": "ecs",
        "ResourceId": _resource(step),
        "ScalableDimension": "ecs:service:DesiredCount",
        "Description": f"Setting desired count to {step.after}.",
        "Cause": f"monitor alarm {alarm} in state ALARM triggered policy {step.service}-cpu",
        "StartTime": step.at,
        "EndTime": step.at + timedelta(seconds=36),
        "StatusCode": "Successful",
        "StatusMessage": done,
    }
