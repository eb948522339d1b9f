"""S3 buckets: their lifecycle rules, how much they hold, and who reads it.

Source: Amazon S3 API Reference, ListBuckets, GetBucketLifecycleConfiguration,
ListBucketMetricsConfigurations and GetBucketTagging; Amazon S3 User Guide, "Metrics and
dimensions": storage metrics once a day; request metrics only of a bucket that has a metrics
configuration, by its id, which without a filter holds for the whole bucket.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from opslib.aws.details import Details
from opslib.aws.places import Place
from opslib.aws.reads import Fetched
from opslib.aws.savings.daily_use import Measure
from opslib.aws.savings.rows import resource_row, tags_of
from opslib.aws.savings.token_pages import token_items
from opslib.tables.savings import SAVINGS_RESOURCES

__all__ = ["list_buckets", "measure_buckets"]

NO_RULES, NO_TAGS = "NoSuchLifecycleConfiguration", "NoSuchTagSet"
REQUESTS = ("AllRequests", "GetRequests", "BytesUploaded")


def list_buckets(place: Place) -> Fetched:
    """Return every bucket of a place; rows of `SAVINGS_RESOURCES`.

    Settings: rules, how many lifecycle rules are enabled; watched, the id of a metrics
    configuration of the whole bucket, '' where there is none. What is refused is left out.
    """
    details = Details()
    listed = place.items("s3", "ListBuckets", "Buckets", BucketRegion=place.region)
    rows = [_bucket(place, one, details) for one in listed]
    return details.fetched(rows, SAVINGS_RESOURCES)


def _bucket(place: Place, one: Mapping[str, Any], details: Details) -> dict[str, Any]:
    name = one["Name"]
    ask = partial(place.call, "s3", Bucket=name)
    rules = details.ask(partial(ask, "GetBucketLifecycleConfiguration", absent=NO_RULES))
    tags = details.ask(partial(ask, "GetBucketTagging", absent=NO_TAGS))
    return resource_row(
        place,
        "bucket",
        name,
        created=one.get("CreationDate"),
        tags=tags_of((tags or {}).get("TagSet")),
        settings={
            "rules": None if rules is None else _enabled(rules),
            "watched": details.ask(partial(_watched, place, name)),
        },
    )


def _enabled(told: Mapping[str, Any]) -> int:
    return sum(rule["Status"] == "Enabled" for rule in told.get("Rules", []))


def _watched(place: Place, bucket: str) -> str:
    """Return the first configuration of request metrics that has no filter."""
    configurations = token_items(
        place,
        "s3",
        "ListBucketMetricsConfigurations",
        ("MetricsConfigurationList",),
        "ContinuationToken",
        answered="NextContinuationToken",
        Bucket=bucket,
    )
    return next((one["Id"] for one in configurations if not one.get("Filter")), "")


def measure_buckets(row: Mapping[str, Any]) -> tuple[Measure, ...]:
    """Return what a bucket holds, and its requests where they are counted."""
    bucket, watched = {"BucketName": row["Name"]}, row["Settings"].get("watched")
    asked = [
        ("bytes", "BucketSizeBytes", "Average", {**bucket, "StorageType": "StandardStorage"}),
        ("objects", "NumberOfObjects", "Average", {**bucket, "StorageType": "AllStorageTypes"}),
    ]
    if watched:
        asked += [(one, one, "Sum", {**bucket, "FilterId": watched}) for one in REQUESTS]
    return tuple(
        Measure(
            resource=row["ResourceId"],
            measure=measure,
            namespace="AWS/S3",
            metric=metric,
            statistic=statistic,
            dimensions=dimensions,
        )
        for measure, metric, statistic, dimensions in asked
    )
