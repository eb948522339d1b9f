"""Log groups, how much they hold, and what comes in by day.

Source: Amazon CloudWatch Logs API Reference, DescribeLogGroups: retentionInDays is not told where
log events never expire; Amazon CloudWatch Logs User Guide, "Monitoring with CloudWatch metrics":
IncomingBytes, uncompressed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from opslib.aws.places import Place
from opslib.aws.savings.daily_use import Measure
from opslib.aws.savings.rows import resource_row

__all__ = ["list_log_groups", "measure_log_group"]

MILLISECONDS = 1000


def list_log_groups(place: Place) -> list[dict[str, Any]]:
    """Return every log group of a place; rows of `SAVINGS_RESOURCES`."""
    return [
        resource_row(
            place,
            "log_group",
            one["arn"].removesuffix(":*"),
            name=one["logGroupName"],
            created=datetime.fromtimestamp(one["creationTime"] / MILLISECONDS, UTC),
            settings={
                "retention_days": one.get("retentionInDays"),
                "stored_bytes": one.get("storedBytes"),
            },
        )
        for one in place.items("logs", "DescribeLogGroups", "logGroups")
    ]


def measure_log_group(group: Mapping[str, Any]) -> tuple[Measure, ...]:
    """Return what CloudWatch is asked of a log group that keeps what it holds for ever."""
    settings = group["Settings"]
    if settings.get("retention_days") or not settings.get("stored_bytes"):
        return ()
    return (
        Measure(
            resource=group["ResourceId"],
            measure="bytes in",
            namespace="AWS/Logs",
            metric="IncomingBytes",
            statistic="Sum",
            dimensions={"LogGroupName": group["Name"]},
        ),
    )
