"""The newest times that a column of a database holds: how fresh its data is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["HEARTBEATS", "Heartbeat"]

HEARTBEATS = pa.DataFrameSchema({"CommittedAt": column(datetime)}, unique=["CommittedAt"])
"""One row a time, newest first: the newest alone where no index of the column can tell more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The newest committed times of a column.

    Args:
        column: schema, table and name.
        times: newest first, at least one; distinct.
        resolution_seconds: how much later than what is written a time may be, as a date stands
            for all of its day.
        read_at: the server's clock when it was read.
    """

    column: str
    times: tuple[datetime, ...]
    resolution_seconds: float
    read_at: datetime

    @property
    def newest(self) -> datetime:
        """Return the newest time."""
        return self.times[0]

    @property
    def gaps_seconds(self) -> tuple[float, ...]:
        """Return the time between neighbours, newest first."""
        return tuple((new - old).total_seconds() for new, old in pairwise(self.times))
