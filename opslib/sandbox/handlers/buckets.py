"""What moto does not tell of buckets: whether their requests are counted.

Source: Amazon S3 API Reference, ListBucketMetricsConfigurations.
"""

from __future__ import annotations

from typing import Any

from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.savings.buckets import WATCHED

__all__ = ["list_bucket_metrics_configurations"]


@op("s3", "ListBucketMetricsConfigurations")
def list_bucket_metrics_configurations(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer s3:ListBucketMetricsConfigurations: one without filter where requests are counted."""
    is_counted = any(
        one.details["is_counted"]
        for one in caller.scenario.lab.resources
        if (one.kind, one.id) == ("bucket", asked["Bucket"])
    )
    counted = [{"Id": WATCHED}] if is_counted else []
    return {"IsTruncated": False, "MetricsConfigurationList": counted}
