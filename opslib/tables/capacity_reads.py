"""What AWS tells of capacity beside resources, as it is recorded."""

from __future__ import annotations

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["INSTANCE_TYPE_SIZES", "QUOTA_LISTING", "RESOURCE_TAGS", "SCALED_DIMENSIONS"]

SCALED_DIMENSIONS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "ScalingId": column(str),
        "Dimension": column(str),
        "Min": column(float),
        "Max": column(float),
        "Metric": column(str),
        "Target": column(float, nullable=True),
        "ScaleOutCooldownSeconds": column(float, nullable=True),
        "ScaleInCooldownSeconds": column(float, nullable=True),
    },
    unique=["Account", "Region", "ScalingId", "Dimension"],
)
"""One row a scalable target of Application Auto Scaling, by its resource id and dimension."""

QUOTA_LISTING = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "ServiceCode": column(str),
        "QuotaCode": column(str),
        "Name": column(str),
        "Value": column(float),
        "Unit": column(str),
        "IsAdjustable": column(bool),
        "IsApplied": column(bool),
        "IsOfAccount": column(bool),
        "PeriodSeconds": column(float),
        "UsageMetric": column(str),
    },
    unique=["Account", "Region", "ServiceCode", "QuotaCode"],
)
"""One row a quota. IsApplied: the account's own value, else AWS's default. IsOfAccount: it holds
for the account in the region, else for each resource. PeriodSeconds is 0 where it is no rate.
UsageMetric is JSON text with namespace, metric, dimensions and statistic; '' where AWS has none."""

INSTANCE_TYPE_SIZES = pa.DataFrameSchema(
    {
        "InstanceType": column(str),
        "Vcpus": column(float),
        "MemoryGib": column(float),
        "Pods": column(int),
    },
    unique=["InstanceType"],
)
"""One row an instance type. Pods is how many its network interfaces have addresses for."""

RESOURCE_TAGS = pa.DataFrameSchema(
    {"Resource": column(str), "Workload": column(str)}, unique=["Resource"]
)
"""One row a resource that carries the tag which groups resources; Resource is its ARN."""
