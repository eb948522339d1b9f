"""What an account's own past says of how usual a change is."""

from __future__ import annotations

from datetime import datetime

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["CHANGE_HISTORY", "LOOKUP_PROBES"]

CHANGE_HISTORY = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "Action": column(str),
        "Principal": column(str),
        "Events": column(int),
        "Failed": column(int),
        "FirstAt": column(datetime),
        "LastAt": column(datetime),
    },
    unique=["Account", "Region", "Action", "Principal"],
)
"""One row a pair of operation and principal (role without session, user or service) with the
number of its calls that were recorded as changing, Failed those among them that were refused."""

LOOKUP_PROBES = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "Part": column(str),
        "Until": column(datetime),
        "Events": column(int),
        "Seconds": column(float),
    }
)
"""One row a probe: so many changing events lie in the Seconds before Until. Part is ``window`` or
``history``."""
