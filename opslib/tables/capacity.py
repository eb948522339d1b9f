"""Capacity: what there is, what limits it, and how much of each limit was used.

A limit and the series that is held against it are in the same unit. Utilisation is in percent, 0 to
100; rates are by the second, whatever the period of the datapoints is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd
import pandera.pandas as pa

from opslib.tables.regular_series import RegularSeries
from opslib.tables.schema import column

__all__ = [
    "CAPACITY_LIMITS",
    "CAPACITY_RESOURCES",
    "INSTANCE_TYPES",
    "QUOTAS",
    "RESOURCE_COSTS",
    "SCALING_TARGETS",
    "UNIT_PRICES",
    "USAGE_POINTS",
    "USAGE_SERIES",
    "CapacityService",
    "CapacityTables",
    "ChangeKind",
    "UsageHistory",
    "UsageRole",
]


class CapacityService(StrEnum):
    """Kinds of resources whose capacity is read."""

    ECS = "ecs"
    EC2 = "ec2"
    ASG = "asg"
    EKS = "eks"
    AURORA = "aurora"
    RDS = "rds"
    DYNAMODB = "dynamodb"
    LAMBDA = "lambda"
    LOAD_BALANCER = "load_balancer"
    CACHE = "cache"
    NAT = "nat"
    SUBNET = "subnet"
    EBS = "ebs"
    QUOTA = "quota"


class UsageRole(StrEnum):
    """What a series tells of its resource."""

    USAGE = "usage"
    DEMAND = "demand"
    UNITS = "units"
    THROTTLES = "throttles"
    LATENCY = "latency"
    BOUND = "bound"
    """What is used at the most: memory less what is free, where caches fill what they find."""


class ChangeKind(StrEnum):
    """What has to be changed to move a limit; each takes a time of its own."""

    SCALING_SETTING = "scaling_setting"
    PROVISIONED_CAPACITY = "provisioned_capacity"
    STORAGE = "storage"
    INSTANCE_CLASS = "instance_class"
    QUOTA_INCREASE = "quota_increase"
    RESHARDING = "resharding"
    NETWORK = "network"


CAPACITY_RESOURCES = pa.DataFrameSchema(
    {
        "Resource": column(str),
        "Service": column(str),
        "Name": column(str),
        "Workload": column(str),
        "Account": column(str),
        "Region": column(str),
        "Zones": column(str),
        "Settings": column(str),
    },
    unique=["Resource"],
)
"""One row a resource. Resource is its ARN, or ``service:account:region:name`` where it has none.

Service is of `CapacityService`. Name is what people call it, unique by account, region and service.
Workload is the value of the tag that groups resources; the name where it has none. Zones is a JSON
list of the availability zones that it runs in, one entry a task, instance or node where these are
known, else one a zone; ``[]`` where it has none. Settings is a JSON object: instance_type, vcpus,
memory_gib, task_cpu, task_memory_mib, min, max, desired, engine, allocated_gib, iops,
max_connections, class, node_type, billing_mode, launch_type and what else Describe calls tell.
"""

CAPACITY_LIMITS = pa.DataFrameSchema(
    {
        "Resource": column(str),
        "Limit": column(str),
        "Series": column(str),
        "Value": column(float),
        "Unit": column(str),
        "Change": column(str),
        "Source": column(str),
    },
    unique=["Resource", "Limit"],
)
"""One row a limit that a resource has.

Limit is its name: CPU, memory, tasks, connections, storage, IOPS, ACU, read capacity, write
capacity, concurrency, free IPs, pods, nodes, or a quota's name. Series is that of `USAGE_SERIES`
whose values are held against it; '' where nothing measures it. Value is the limit in Unit, above
zero. Change is of `ChangeKind`. Source says where the limit is known from.
"""

USAGE_SERIES = pa.DataFrameSchema(
    {
        "Series": column(str),
        "Resource": column(str),
        "Role": column(str),
        "Metric": column(str),
        "Namespace": column(str),
        "Dimensions": column(str),
        "Statistic": column(str),
        "Scale": column(float),
        "Offset": column(float),
        "Unit": column(str),
        "IsRate": column(bool),
    },
    unique=["Series"],
)
"""One row a series that was asked for, with or without values.

Series is an identity, Metric what people call it (CPU, memory, requests, ...). Role is of
`UsageRole`. Dimensions is JSON text. Usage is Scale x value + Offset, so that free storage is told
as used; where IsRate, value is first divided by the seconds of its period.
"""

USAGE_POINTS = pa.DataFrameSchema(
    {"Series": column(str), "At": column(pd.Timestamp), "Value": column(float)}
)
"""One row a datapoint as CloudWatch tells it; At is the beginning of its period."""

SCALING_TARGETS = pa.DataFrameSchema(
    {
        "Resource": column(str),
        "Dimension": column(str),
        "Min": column(float),
        "Max": column(float),
        "Metric": column(str),
        "Target": column(float, nullable=True),
        "ScaleOutCooldownSeconds": column(float, nullable=True),
        "ScaleInCooldownSeconds": column(float, nullable=True),
    },
    unique=["Resource", "Dimension"],
)
"""One row a dimension that is scaled by itself, in the units of the dimension.

Dimension is Application Auto Scaling's name of it (ecs:service:DesiredCount,
dynamodb:table:ReadCapacityUnits, ...), or autoscaling:group, rds:cluster:acu, eks:nodegroup,
eks:hpa. Metric and Target are of its target tracking; '' and null where it has none.
"""

QUOTAS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "ServiceCode": column(str),
        "QuotaCode": column(str),
        "Name": column(str),
        "Value": column(float),
        "Unit": column(str),
        "IsAdjustable": column(bool),
        "Series": column(str),
        "Uncovered": column(str),
    },
    unique=["Account", "Region", "ServiceCode", "QuotaCode"],
)
"""One row an applied quota. Series is that of its usage, '' where AWS measures none; Uncovered then
says why nothing is held against it."""

INSTANCE_TYPES = pa.DataFrameSchema(
    {"InstanceType": column(str), "Vcpus": column(float), "MemoryGib": column(float)},
    unique=["InstanceType"],
)
"""One row an instance type that the account's region offers, of the families in use."""

RESOURCE_COSTS = pa.DataFrameSchema(
    {"Resource": column(str), "SkuMeter": column(str), "MonthlyCost": column(float)},
    unique=["Resource", "SkuMeter"],
)
"""One row a resource and meter of the bill: what it comes to in 30 days at the rate of the days
that are settled. Resource is as in `CAPACITY_RESOURCES`."""

UNIT_PRICES = pa.DataFrameSchema(
    {"Region": column(str), "SkuMeter": column(str), "Price": column(float), "Unit": column(str)},
    unique=["Region", "SkuMeter"],
)
"""One row a meter: what the account paid for a unit of it, effective cost over quantity. Region is
'' where the bill does not tell it by meter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageHistory:
    """What a series measured, in the unit of its limit.

    Args:
        fine: every five minutes, as long as CloudWatch keeps them; None where there is nothing.
        coarse: every hour, up to where ``fine`` begins; None where there is nothing.
    """

    fine: RegularSeries | None
    coarse: RegularSeries | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityTables:
    """What was read of an estate's capacity.

    Args:
        resources, limits, series, targets, quotas, types, costs, prices: columns of
            `CAPACITY_RESOURCES`, `CAPACITY_LIMITS`, `USAGE_SERIES`, `SCALING_TARGETS`, `QUOTAS`,
            `INSTANCE_TYPES`, `RESOURCE_COSTS` and `UNIT_PRICES`.
        currency: ISO 4217 code of costs and prices; '' where there are none.
        activities: scaling activities, columns of `opslib.tables.timeline.EVENTS`.
        usage: history by series; a series that came back empty has none.
    """

    resources: pd.DataFrame
    limits: pd.DataFrame
    series: pd.DataFrame
    targets: pd.DataFrame
    quotas: pd.DataFrame
    types: pd.DataFrame
    costs: pd.DataFrame
    prices: pd.DataFrame
    currency: str
    activities: pd.DataFrame
    usage: Mapping[str, UsageHistory]
