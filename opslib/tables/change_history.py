"""What was changed in the past, counted: who called which operation from where, by the hour."""

from __future__ import annotations

from datetime import datetime

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["CHANGE_HISTORY", "HISTORY_KEYS"]

HISTORY_KEYS = (
    "AccountId",
    "Principal",
    "EventSource",
    "EventName",
    "AwsRegion",
    "SourceIpAddress",
)

CHANGE_HISTORY = pa.DataFrameSchema(
    {
        "Hour": column(datetime),
        **{name: column(str, nullable=True) for name in HISTORY_KEYS},
        "Events": column(int),
    }
)
"""One row an hour (UTC, its start) and combination of keys; reading calls are left out."""
