"""What money could be saved on: resources with their settings, their use, and the bill."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pandas as pd
import pandera.pandas as pa

from opslib.tables.held_commitments import HeldTables
from opslib.tables.past_advice import PastAdvice
from opslib.tables.savings_hours import BacktestTables
from opslib.tables.savings_sizes import SizeTables
from opslib.tables.schema import column

__all__ = [
    "DAILY_USE",
    "PREVIOUS_TYPES",
    "SAVINGS_RESOURCES",
    "SUCCESSORS",
    "SavingsTables",
    "Spend",
]

SAVINGS_RESOURCES = pa.DataFrameSchema(
    {
        "Kind": column(str),
        "ResourceId": column(str),
        "Name": column(str),
        "SubAccountId": column(str),
        "Account": column(str),
        "RegionId": column(str),
        "CreatedAt": column(pd.Timestamp, nullable=True),
        "Tags": column(str),
        "Settings": column(str),
    },
    unique=["Kind", "SubAccountId", "RegionId", "ResourceId"],
)
"""One row a resource. Kind is that of its reader, such as ``volume``. ResourceId is AWS's id or
ARN, as Describe calls tell it; Name what people call it. SubAccountId is the account's 12 digits,
'' where the credentials' own is read; Account its label. CreatedAt is UTC; null where AWS does not
tell it. Tags and Settings are JSON objects."""

DAILY_USE = pa.DataFrameSchema(
    {
        "ResourceId": column(str),
        "SubAccountId": column(str),
        "RegionId": column(str),
        "Measure": column(str),
        "Day": column(date),
        "Value": column(float),
    },
    unique=["ResourceId", "SubAccountId", "RegionId", "Measure", "Day"],
)
"""One row a resource, measure and UTC day with a datapoint; a day without one has no row."""

PREVIOUS_TYPES = pa.DataFrameSchema(
    {"RegionId": column(str), "InstanceType": column(str)}, unique=["RegionId", "InstanceType"]
)
"""One row an instance type that AWS calls of a previous generation."""

SUCCESSORS = pa.DataFrameSchema(
    {
        "RegionId": column(str),
        "InstanceType": column(str),
        "Operation": column(str),
        "Successor": column(str),
        "HourlyUsd": column(Decimal, nullable=True),
    },
    unique=["RegionId", "InstanceType", "Operation"],
)
"""One row a region, type of a previous generation and AWS's UsageOperation of instances that run.
Successor is the type that AWS names instead; HourlyUsd its price on demand by AWS's price list,
null where that does not have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """The bill of settled days.

    Args:
        meters: by `opslib.tables.costs.Breakdown.METER`; all charges.
        resources: by `opslib.tables.costs.Breakdown.RESOURCE`; None where the source does not
            tell costs by resource.
        currency: ISO 4217 code of every cost; empty where there is no charge.
        days: the days read, in order.
    """

    meters: pd.DataFrame
    resources: pd.DataFrame | None
    currency: str
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingsTables:
    """Everything that the savings report reads.

    Args:
        spend: what costs are taken from.
        resources: columns of `SAVINGS_RESOURCES`.
        use: columns of `DAILY_USE`.
        successors: columns of `SUCCESSORS`.
        held: commitments that are held, and what AWS advises.
        backtest: usage by hour, and what commitments cost.
        past: what earlier runs recommended, and what was declined.
        sizes: instance types, and the sizes that AWS advises.
    """

    spend: Spend
    resources: pd.DataFrame
    use: pd.DataFrame
    successors: pd.DataFrame
    held: HeldTables = field(default_factory=HeldTables)
    backtest: BacktestTables = field(default_factory=BacktestTables)
    past: PastAdvice = field(default_factory=PastAdvice)
    sizes: SizeTables = field(default_factory=SizeTables)
