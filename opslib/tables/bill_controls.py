"""What a bill is controlled by before anything is concluded from it.

An export is a set of files that a manifest promises; what it sums to is held against Cost Explorer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd
import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["CURRENCIES", "DUPLICATES", "EXPORT_FILES", "TIE_OUT", "BillControls"]

EXPORT_FILES = pa.DataFrameSchema(
    {
        "Uri": column(str),
        "BillingPeriod": column(date, nullable=True),
        "Manifest": column(str),
        "IsPresent": column(bool),
        "Rows": column(int),
    },
    unique=["Uri"],
)
"""One row a file that is there or that a manifest promises.

BillingPeriod is the first day of its month, null where its path does not tell. Manifest is the URI
of the manifest that lists it, '' where none does. Rows is 0 of a file that is not there.
"""

DUPLICATES = pa.DataFrameSchema(
    {
        "Uri": column(str),
        "OtherUri": column(str),
        "FirstDay": column(date),
        "LastDay": column(date),
        "Rows": column(int),
        "BilledCost": column(Decimal),
        "EffectiveCost": column(Decimal),
    }
)
"""One row a pair of files (or one file, with itself) that hold the same charges: how many, of which
days, and what they would be counted for twice."""

CURRENCIES = pa.DataFrameSchema(
    {
        "BillingCurrency": column(str),
        "Rows": column(int),
        "BilledCost": column(Decimal),
        "EffectiveCost": column(Decimal),
    },
    unique=["BillingCurrency"],
)
"""One row a currency of the export, with its sums in that currency."""

TIE_OUT = pa.DataFrameSchema(
    {
        "ChargePeriodStart": column(date),
        "ServiceName": column(str),
        "ChargeCategory": column(str),
        "BilledCost": column(Decimal),
        "EffectiveCost": column(Decimal),
    }
)
"""What Cost Explorer says of the days of an export, by service and kind of charge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillControls:
    """What the bill was controlled by.

    Args:
        files: columns of `EXPORT_FILES`; empty for a bill by Cost Explorer.
        duplicates: columns of `DUPLICATES`.
        currencies: columns of `CURRENCIES`.
        tie_out: columns of `TIE_OUT`; None where Cost Explorer was not asked or did not answer.
    """

    files: pd.DataFrame
    duplicates: pd.DataFrame
    currencies: pd.DataFrame
    tie_out: pd.DataFrame | None
