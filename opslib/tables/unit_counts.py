"""How often what is paid for was used: the denominators of unit costs."""

from __future__ import annotations

from datetime import date, datetime

import pandera.pandas as pa

from opslib.tables.schema import column
from opslib.wording import printable

__all__ = ["HOURLY_COUNTS", "UNIT_COUNTS", "counts_of"]

HOURLY_COUNTS = pa.DataFrameSchema(
    {"Hour": column(datetime), "Count": column(float)}, unique=["Hour"]
)
"""One row an hour with a datapoint, by its beginning: what a place counted in it."""

UNIT_COUNTS = pa.DataFrameSchema(
    {
        "Unit": column(str),
        "Day": column(date),
        "Count": column(float),
        "HoursSeen": column(float),
    },
    unique=["Unit", "Day"],
)
"""One row a unit of the parameters and UTC day: its count, and the hours of the day with data."""


def counts_of(unit: str) -> str:
    """Return what coverage calls the reads of a unit's counts."""
    return f"counts of {printable(unit)}"
