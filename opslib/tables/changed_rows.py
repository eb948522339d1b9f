"""Rows told apart by the time that a declared column gives them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["CHANGED_ROWS", "DECLARED_PLACES", "Age", "AgeBounds"]


class Age(StrEnum):
    """When a row was written, by its column.

    Before or since the baseline; settled by the recovery point, or so close to it (recent) that a
    restore may lack it; later than the recovery point can be; or at no time that can be told.
    """

    UNDATED = "undated"
    SETTLED_BEFORE = "settled before"
    SETTLED_SINCE = "settled since"
    RECENT_BEFORE = "recent before"
    RECENT_SINCE = "recent since"
    LATER = "later"

    @property
    def is_settled(self) -> bool:
        """Say whether a restore must hold the row."""
        return self in {Age.SETTLED_BEFORE, Age.SETTLED_SINCE}

    @property
    def is_since(self) -> bool:
        """Say whether it was written between the baseline and the recovery point."""
        return self in {Age.SETTLED_SINCE, Age.RECENT_SINCE}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeBounds:
    """The moments that ages are told by.

    Args:
        baseline: that of the baseline.
        settled: up to which whatever was written must have been restored.
        latest: after which nothing can have been restored.
    """

    baseline: datetime
    settled: datetime
    latest: datetime


CHANGED_ROWS = pa.DataFrameSchema(
    {
        "Bucket": column(int),
        "Age": column(str),
        "Inserted": column(str),
        "Key": column(str),
        "Rows": column(int),
        "Digest": column(str),
    },
    unique=["Bucket", "Age", "Inserted", "Key"],
)
"""Rows of one table, by bucket: one line a row (or equal rows) where Key is given; all others of
one Age together, where Key is ''. Age and Inserted are values of `Age`; Inserted is '' where no
such column is declared, and for rows that stand together. Digest is the sum of the rows' digests,
as text."""

DECLARED_PLACES = pa.DataFrameSchema(
    {
        "DeclaredSchema": column(str),
        "DeclaredTable": column(str),
        "Schema": column(str),
        "Table": column(str),
        "Problem": column(str),
    },
    unique=["DeclaredSchema", "DeclaredTable", "Schema", "Table"],
)
"""One row a table that a declaration is of: itself, or every partition of it. Problem is why its
column tells no time, '' where it does; what is not there has one row with its own name."""
