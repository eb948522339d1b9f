"""What a bill is controlled by before anything is concluded from it.

An export is a set of files that a manifest promises; what it sums to is held against Cost Explorer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

import pandas as pd
import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["CURRENCIES", "DUPLICATES", "EXPORT_FILES", "TIE_OUT", "BillControls", "FileState"]


class FileState(StrEnum):
    """What became of a file of an export, or of one that was promised."""

    USED = "used"
    MISSING = "missing"
    SUPERSEDED = "superseded"
    """Of an earlier version of its period, as the manifest tells."""
    LEFT_OVER = "left over"
    """In no manifest, though others are: the export no longer counts it."""
    COPY = "copy"
    """The same, byte by byte once unpacked, as another file that is used."""
    RIVAL = "rival"
    """Of another version of what is used, and nothing says which one counts."""
    UNREADABLE = "unreadable"
    """A manifest that could not be read."""


EXPORT_FILES = pa.DataFrameSchema(
    {
        "Uri": column(str),
        "BillingPeriod": column(date, nullable=True),
        "Manifest": column(str),
        "State": column(str),
        "Bytes": column(int),
    },
    unique=["Uri"],
)
"""One row a file that is there or that a manifest promises, and a manifest that is unreadable.

BillingPeriod is the first day of its period, null where its path does not tell. Manifest is the
URI of the manifest that lists it, '' where none does. State is one of `FileState`.
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
    },
    unique=["Uri", "OtherUri"],
)
"""One row a pair of files that hold the same charges: how many, of which days, and what they are
counted for twice."""

CURRENCIES = pa.DataFrameSchema(
    {
        "BillingCurrency": column(str),
        "ProviderName": column(str),
        "SubAccountId": column(str),
        "FirstDay": column(date),
        "LastDay": column(date),
        "Rows": column(int),
        "BilledCost": column(Decimal),
        "EffectiveCost": column(Decimal),
    },
    unique=["BillingCurrency", "ProviderName", "SubAccountId"],
)
"""What an export holds in other currencies than the reported one, each in its own."""

TIE_OUT = pa.DataFrameSchema(
    {
        "ChargePeriodStart": column(date),
        "ServiceName": column(str),
        "RecordType": column(str),
        "BilledCost": column(Decimal),
        "EffectiveCost": column(Decimal),
        "NetBilledCost": column(Decimal),
        "NetEffectiveCost": column(Decimal),
    },
    unique=["ChargePeriodStart", "ServiceName", "RecordType"],
)
"""What Cost Explorer says of the days of an export, by its names of services and record types.

The net columns are after private discounts, where the payer has some; else they repeat the others.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillControls:
    """What the bill was controlled by.

    Args:
        files: columns of `EXPORT_FILES`; None for a bill that is not read from files.
        duplicates: columns of `DUPLICATES`; None where they were not looked for.
        currencies: columns of `CURRENCIES`; empty where the bill has one only.
        tie_out: columns of `TIE_OUT`; None where Cost Explorer was not asked or did not answer.
        tied_days: the days that Cost Explorer was asked about.
    """

    files: pd.DataFrame | None
    duplicates: pd.DataFrame | None
    currencies: pd.DataFrame
    tie_out: pd.DataFrame | None
    tied_days: tuple[date, ...] = ()
