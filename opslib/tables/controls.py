"""What became of the injuries that a drill made on purpose."""

from __future__ import annotations

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["CONTROLS"]

CONTROLS = pa.DataFrameSchema(
    {
        "Injury": column(str),
        "Outcome": column(str),
        "Place": column(str),
        "Checks": column(str),
        "Reason": column(str),
    },
    unique=["Injury"],
)
"""One row a class of injury. Outcome is caught, missed, not applicable, not judged (it took too
long) or error (it could not be made or looked at); Place is where it was made, Checks which checks
failed then, both '' where it was not; Reason is why it was not made or judged, '' where it was."""
