"""Service quotas: the applied values, what AWS measures of their use, and which nothing covers.

Source: Service Quotas User Guide and API Reference, ListServiceQuotas (applied values, with the
metric, statistic and period of usage where AWS measures it) and ListAWSDefaultServiceQuotas (values
of what no applied value is listed for); Amazon CloudWatch User Guide, Service Quotas integration.

A quota on calls is a rate: calls of a datapoint's period by its seconds, so that a peak within five
minutes is not seen.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd

from opslib.aws.capacity.known import open_details
from opslib.aws.capacity.measures import Measures, MetricQuery
from opslib.aws.capacity.rows import Resource, arn_of, records, resource_row
from opslib.aws.places import Place, join_parts
from opslib.aws.reads import MOST_THREADS, Fetched, ReadRequest, Reads
from opslib.tables.capacity import QUOTAS, CapacityService, ChangeKind
from opslib.tables.capacity_reads import QUOTA_LISTING
from opslib.tables.schema import check_table

__all__ = ["TABLE", "measure_quotas", "read_quotas"]

TABLE = "capacity quotas"
"""What coverage calls the read of quotas."""

SERVICE_CODES = (
    "autoscaling",
    "dynamodb",
    "ebs",
    "ec2",
    "ecs",
    "eks",
    "elasticache",
    "elasticloadbalancing",
    "fargate",
    "lambda",
    "rds",
    "vpc",
)
UNKNOWN = "NoSuchResourceException"
"""Service Quotas' word for a service that it knows no quotas of in a region."""
SECONDS = {
    "MICROSECOND": 1e-6,
    "MILLISECOND": 1e-3,
    "SECOND": 1,
    "MINUTE": 60,
    "HOUR": 3600,
    "DAY": 86_400,
    "WEEK": 604_800,
}


def read_quotas(reads: Reads, places: list[Place]) -> pd.DataFrame:
    """Read the quotas of every place; columns of `QUOTA_LISTING`.

    Args:
        reads: the context of the run.
        places: accounts and regions, the recovery region among them.
    """
    with ThreadPoolExecutor(max_workers=min(MOST_THREADS, len(places))) as pool:
        return join_parts(list(pool.map(lambda place: _read(reads, place), places)), QUOTA_LISTING)


def _read(reads: Reads, place: Place) -> pd.DataFrame:
    request = ReadRequest(
        table=TABLE,
        asked=f"quotas of {', '.join(SERVICE_CODES)}",
        schema=QUOTA_LISTING,
        account=place.label,
        region=place.region,
    )
    return reads.read(request, lambda: _fetch(place)).frame


def _fetch(place: Place) -> Fetched:
    details = open_details()
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    refused: set[str] = set()
    for operation, is_applied in (
        ("ListServiceQuotas", True),
        ("ListAWSDefaultServiceQuotas", False),
    ):
        for code in SERVICE_CODES:
            if code in refused:
                continue  # a default says nothing of the account where its own value is hidden
            listed = details.ask(_listing(place, operation, code))
            if listed is None:
                refused.add(code)
            for quota in listed or []:
                row = _row(place, quota, is_applied=is_applied)
                if _is_better(row, rows.get((code, row["QuotaCode"]))):
                    rows[code, row["QuotaCode"]] = row
    return details.fetched(list(rows.values()), QUOTA_LISTING)


def _listing(place: Place, operation: str, code: str) -> Callable[[], list[dict[str, Any]]]:
    return lambda: list(
        place.items("service-quotas", operation, "Quotas", absent=UNKNOWN, ServiceCode=code)
    )


def _is_better(row: Mapping[str, Any], held: Mapping[str, Any] | None) -> bool:
    """Say whether ``row`` is to stand for its quota: the account's own value comes first."""
    return held is None or (row["IsOfAccount"] and not held["IsOfAccount"] and row["IsApplied"])


def _row(place: Place, quota: dict[str, Any], *, is_applied: bool) -> dict[str, Any]:
    period = quota.get("Period", {})
    unit = quota.get("Unit", "None")
    return {
        "Account": place.label,
        "Region": place.region,
        "ServiceCode": quota["ServiceCode"],
        "QuotaCode": quota["QuotaCode"],
        "Name": quota["QuotaName"],
        "Value": float(quota.get("Value", 0)),
        "Unit": "" if unit == "None" else unit,
        "IsAdjustable": bool(quota.get("Adjustable")),
        "IsApplied": is_applied,
        "IsOfAccount": quota.get("QuotaAppliedAtLevel", "ACCOUNT") != "RESOURCE",
        "PeriodSeconds": float(
            period.get("PeriodValue", 0) * SECONDS.get(period.get("PeriodUnit", ""), 0)
        ),
        "UsageMetric": _usage_metric(quota.get("UsageMetric", {})),
    }


def _usage_metric(told: dict[str, Any]) -> str:
    if not told.get("MetricName"):
        return ""
    return json.dumps(
        {
            "namespace": told.get("MetricNamespace", "AWS/Usage"),
            "metric": told["MetricName"],
            "dimensions": told.get("MetricDimensions", {}),
            "statistic": told.get("MetricStatisticRecommendation", "Maximum"),
        },
        sort_keys=True,
    )


def measure_quotas(
    listing: pd.DataFrame, places: list[Place], measures: Measures
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Add the limits and series of the quotas whose use AWS measures.

    Args:
        listing: columns of `QUOTA_LISTING`.
        places: that were read.
        measures: added to.

    Returns:
        Columns of `QUOTAS`; and rows of `CAPACITY_RESOURCES`, one a quota that is measured.
    """
    where = {(place.label, place.region): place for place in places}
    told = records(listing)
    named = Counter((row["Account"], row["Region"], row["Name"]) for row in told)
    quotas, resources = [], []
    for row in told:
        uncovered = _uncovered(row)
        series = ""
        if not uncovered:
            is_namesake = named[row["Account"], row["Region"], row["Name"]] > 1
            name = f"{row['Name']} ({row['QuotaCode']})" if is_namesake else row["Name"]
            resource = _resource(where[row["Account"], row["Region"]], row, name)
            resources.append(resource)
            series = _measure(Resource.of_row(resource), row, measures)
        quotas.append({**row, "Series": series, "Uncovered": uncovered})
    frame = pd.DataFrame(quotas, columns=list(QUOTAS.columns))
    return check_table(frame, QUOTAS, "quotas"), resources


def _uncovered(row: Mapping[str, Any]) -> str:
    if not row["UsageMetric"]:
        return "AWS measures no use of it"
    if not row["IsOfAccount"]:
        return "it holds for each resource, its use is measured for the account"
    return "" if row["Value"] > 0 else "it is 0: nothing of the kind may be used"


def _resource(place: Place, row: Mapping[str, Any], name: str) -> dict[str, Any]:
    what = f"{row['ServiceCode']}/{row['QuotaCode']}"
    return resource_row(
        place,
        CapacityService.QUOTA,
        name,
        arn_of(place, "servicequotas", "", what),
        settings={
            "service_code": row["ServiceCode"],
            "quota_code": row["QuotaCode"],
            "is_adjustable": bool(row["IsAdjustable"]),
            "is_applied": bool(row["IsApplied"]),
        },
    )


def _measure(quota: Resource, row: Mapping[str, Any], measures: Measures) -> str:
    query = MetricQuery(**json.loads(row["UsageMetric"]))
    is_rate = query.statistic == "Sum"
    unit = row["Unit"] or ("calls" if is_rate else "count")
    period = row["PeriodSeconds"] or 1.0
    series = measures.usage(
        quota, quota.name, unit, query, is_rate=is_rate, scale=period if is_rate else 1.0
    )
    source = "applied quota" if row["IsApplied"] else "AWS's default, no applied value is listed"
    every = f", every {period:g} s" if is_rate else ""
    measures.limit(
        quota,
        quota.name,
        row["Value"],
        unit,
        ChangeKind.QUOTA_INCREASE,
        f"{source} {row['QuotaCode']} of {row['ServiceCode']}{every}",
        series,
    )
    return series
