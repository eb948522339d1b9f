"""How often what is paid for was used: the denominators of unit costs."""

from __future__ import annotations

from datetime import date

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["UNIT_COUNTS"]

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
