"""CloudTrail's trails: whether they deliver, as of the epoch.

Source: AWS CloudTrail API Reference, GetTrailStatus. moto answers by the real clock.
"""

from __future__ import annotations

from typing import Any

from opslib.sandbox.estate import LAB
from opslib.sandbox.overlay import Caller, op

__all__ = ["get_trail_status"]


@op("cloudtrail", "GetTrailStatus")
def get_trail_status(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer cloudtrail:GetTrailStatus of the account for trials; else left to moto."""
    trails = caller.scenario.lab.resources if caller.account == LAB else ()
    for one in trails:
        if one.kind == "trail" and asked["Name"] in {one.id, one.details["name"]}:
            return {
                "IsLogging": one.details["is_logging"],
                "StartLoggingTime": one.created,
                "LatestDeliveryTime": caller.scenario.epoch,
            }
    return None
