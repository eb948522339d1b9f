"""Aggregated costs: the small tables that the cost analysis walks on.

Whether they come from Cost Explorer or from an export, they look the same. Every frame holds
one row per UTC day and group; a group is named by the columns of its `Breakdown`. Costs and
quantities are `decimal.Decimal` and sum exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

import pandas as pd
import pandera.pandas as pa

from opslib.tables.schema import check_table, column

__all__ = ["AMOUNTS", "TAG_VALUE", "Bill", "Breakdown", "check_costs", "costs_schema"]

TAG_VALUE = "TagValue"
"""Column with the value of the tag that a frame is broken down by; '' is untagged."""

AMOUNTS = ("PricingQuantity", "BilledCost", "EffectiveCost")
"""Columns of decimals in every frame; PricingQuantity is null where a charge has none."""


class Breakdown(StrEnum):
    """The groupings of the bill.

    Cost Explorer allows two keys: by place, provider, resource and untagged only an export tells.
    """

    METER = "meter"
    ACCOUNT = "account"
    REGION = "region"
    PLACE = "place"
    PROVIDER = "provider"
    TAG = "tag"
    RESOURCE = "resource"
    UNTAGGED = "untagged"

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that name a group, all text, never null ('' where unknown)."""
        return {
            Breakdown.METER: ("ServiceName", "SkuMeter", "PricingUnit"),
            Breakdown.ACCOUNT: ("SubAccountId", "ServiceName"),
            Breakdown.REGION: ("RegionId", "ChargeCategory"),
            Breakdown.PLACE: ("ServiceName", "SubAccountId", "RegionId"),
            Breakdown.PROVIDER: ("ProviderName", "ServiceName"),
            Breakdown.TAG: (TAG_VALUE, "ServiceName"),
            Breakdown.RESOURCE: (
                "ServiceName",
                "SkuMeter",
                "PricingUnit",
                "SubAccountId",
                "ResourceId",
            ),
            Breakdown.UNTAGGED: ("ServiceName", "SubAccountId", "ResourceId"),
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A bill, aggregated by day along each breakdown.

    Args:
        source: ``cost_explorer`` or ``export``.
        currency: ISO 4217 code of every cost; empty when there is no row at all.
        meters: by `Breakdown.METER`; all charges.
        accounts: by `Breakdown.ACCOUNT`; all charges.
        regions: by `Breakdown.REGION`; all charges.
        places: by `Breakdown.PLACE`; all charges; None where the source cannot tell.
        providers: by `Breakdown.PROVIDER`; all charges; None where the source cannot tell.
        tags: tag key to frame by `Breakdown.TAG`; charges of category Usage only, since
            tax, credits and fees cannot be tagged. A key is absent where it could not be read.
        resources: by `Breakdown.RESOURCE`, where the source knows resources; else None.
        untagged: tag key to frame by `Breakdown.UNTAGGED`: charges of category Usage that lack
            the key, ResourceId '' where a charge has none; empty where the source does not
            know resources.
        account_names: account id to name, where known.
        billing_accounts: ids of the payers whose bill it is, in order; empty where it is of the
            very account that everything else is read of.
        days: the days read, in order; a day without rows is still one that was asked for.
        first_day: first day with any charge in the source; None when there is none.
        last_day: last day with any charge in the source; None when there is none.
    """

    source: str
    currency: str
    meters: pd.DataFrame
    accounts: pd.DataFrame
    regions: pd.DataFrame
    places: pd.DataFrame | None
    providers: pd.DataFrame | None
    tags: Mapping[str, pd.DataFrame]
    resources: pd.DataFrame | None
    untagged: Mapping[str, pd.DataFrame]
    account_names: Mapping[str, str]
    billing_accounts: tuple[str, ...]
    days: tuple[date, ...]
    first_day: date | None
    last_day: date | None

    @property
    def charges(self) -> pd.DataFrame:
        """Return all charges by the finest breakdown that could be read."""
        frames = (self.meters, self.accounts, self.regions)
        return next((frame for frame in frames if not frame.empty), self.meters)


def check_costs(costs: pd.DataFrame, breakdown: Breakdown) -> pd.DataFrame:
    """Return ``costs`` in the order of its contract, or say how it departs from it.

    Args:
        costs: columns ``ChargePeriodStart`` (date), those of ``breakdown`` (text), `AMOUNTS`
            (Decimal), in any order; an empty frame may lack dtypes.
        breakdown: the grouping that the frame claims.

    Raises:
        TableError: a missing column, a null name, a cost that is no Decimal, or a group that
            stands twice on a day.
    """
    checked = check_table(costs, costs_schema(breakdown), f"costs by {breakdown}")
    return checked.sort_values(["ChargePeriodStart", *breakdown.columns], ignore_index=True)


@cache
def costs_schema(breakdown: Breakdown) -> pa.DataFrameSchema:
    """Return what a frame of costs by ``breakdown`` promises."""
    quantity, *costs = AMOUNTS
    return pa.DataFrameSchema(
        {
            "ChargePeriodStart": column(date),
            **{name: column(str) for name in breakdown.columns},
            quantity: column(Decimal, nullable=True),
            **{name: column(Decimal) for name in costs},
        },
        unique=["ChargePeriodStart", *breakdown.columns],
    )
