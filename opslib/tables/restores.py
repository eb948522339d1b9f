"""What became of a restore, stage by stage."""

from __future__ import annotations

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["RESTORE_STAGES"]

RESTORE_STAGES = pa.DataFrameSchema(
    {
        "Stage": column(str),
        "EarliestSeconds": column(float),
        "LatestSeconds": column(float),
    },
    unique=["Stage"],
)
"""One row a stage that was reached, in seconds since the restore was asked for: it was reached
after the last look that did not see it, and at or before the first that did."""
