"""What earlier runs recommended, and what people declined of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["ADVICE_TABLES", "DECLINED", "PAST_ADVICE", "PAST_LINES", "PastAdvice"]

ADVICE_TABLES = ("earlier advice", "lines of earlier advice")
"""What coverage calls the two tables of earlier reports."""

PAST_ADVICE = pa.DataFrameSchema(
    {
        "Id": column(str),
        "Kind": column(str),
        "ResourceId": column(str),
        "Name": column(str),
        "SubAccountId": column(str),
        "Account": column(str),
        "RegionId": column(str),
        "Owner": column(str),
        "Basis": column(str),
        "Cost": column(Decimal),
        "Saving": column(Decimal),
        "FirstAsOf": column(datetime),
        "LastAsOf": column(datetime),
    },
    unique=["Id"],
)
"""One row a recommendation of earlier runs. FirstAsOf and LastAsOf are the moments that the first
and the last report with it speak of, UTC; everything else is as the last one had it. Amounts are a
month of 30 days."""

PAST_LINES = pa.DataFrameSchema(
    {
        "Id": column(str),
        "SubAccountId": column(str),
        "ResourceId": column(str),
        "SkuMeter": column(str),
        "Cost": column(Decimal),
        "Acted": column(bool),
        "Charged": column(bool),
    },
    unique=["Id", "SubAccountId", "ResourceId", "SkuMeter"],
)
"""One row a line of the bill, by the last report with the recommendation; Cost is a month. Acted
says whether the recommendation acts on it, Charged whether one resource was charged by it: what is
acted on and not charged is an estimate, or a share of many lines."""

DECLINED = pa.DataFrameSchema(
    {
        "Id": column(str),
        "Reason": column(str),
        "By": column(str),
        "Until": column(date),
    },
    unique=["Id"],
)
"""One row a recommendation that somebody declined; Until is its last day."""


def _empty(schema: pa.DataFrameSchema) -> pd.DataFrame:
    return pd.DataFrame(columns=list(schema.columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAdvice:
    """What became of advice is judged from this, and from the bill.

    Args:
        advice: columns of `PAST_ADVICE`.
        lines: columns of `PAST_LINES`.
        declined: columns of `DECLINED`.
    """

    advice: pd.DataFrame = field(default_factory=lambda: _empty(PAST_ADVICE))
    lines: pd.DataFrame = field(default_factory=lambda: _empty(PAST_LINES))
    declined: pd.DataFrame = field(default_factory=lambda: _empty(DECLINED))
