"""The baselines that lie in one folder, or under one prefix of a bucket."""

from __future__ import annotations

from datetime import datetime

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["BASELINE_SERIES"]

BASELINE_SERIES = pa.DataFrameSchema(
    {
        "Name": column(str),
        "CapturedAt": column(datetime, nullable=True),
        "Problem": column(str),
    },
    unique=["Name"],
)
"""One row a folder. CapturedAt is when its capture had ended, UTC, null where it is no baseline;
Problem says why it is none, '' where it is."""
