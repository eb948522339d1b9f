"""Errors in logs: how many a minute, and lines that show what they say.

Source: Amazon CloudWatch Logs User Guide, CloudWatch Logs Insights query syntax.
"""

from __future__ import annotations

from datetime import datetime

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["ERROR_LINES", "LOG_ERRORS", "LOG_PATTERNS"]

LOG_ERRORS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "LogGroup": column(str),
        "At": column(datetime),
        "Errors": column(int),
    },
    unique=["Account", "Region", "LogGroup", "At"],
)
"""One row a minute of a log group that has lines that match; At is its beginning. No row: none,
where coverage is complete."""

ERROR_LINES = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "LogGroup": column(str),
        "At": column(datetime),
        "Pattern": column(str),
        "Line": column(str),
        "Reference": column(str),
    }
)
"""One row a sampled line: the first ones of each slice of the window. Line is redacted and cut,
Pattern what is left of it without numbers, ids and times, Reference Insights' pointer to it."""

LOG_PATTERNS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "LogGroup": column(str),
        "At": column(datetime),
        "Pattern": column(str),
        "Errors": column(float),
    },
    unique=["Account", "Region", "LogGroup", "At", "Pattern"],
)
"""One row a minute and pattern. Errors is an estimate: the minute's count in `LOG_ERRORS`, shared
out as the lines sampled in its slice are."""
