"""How dense an account's changing calls are, probed before all of them are looked up."""

from __future__ import annotations

from datetime import datetime

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["LOOKUP_PROBES"]

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
