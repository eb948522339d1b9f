"""Operations of AWS's services, as their published models tell them."""

from __future__ import annotations

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["OPERATIONS"]

OPERATIONS = pa.DataFrameSchema(
    {
        "EventSource": column(str),
        "EventName": column(str),
        "ReadOnly": column(bool, nullable=True),
    },
    unique=["EventSource", "EventName"],
)
"""One row an operation, by CloudTrail's names; ``ReadOnly`` is null where no model tells."""
