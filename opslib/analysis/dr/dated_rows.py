"""Rows by bucket and age: what is compared where a column tells when rows were written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from opslib.tables.changed_rows import Age
from opslib.tables.database_state import DatabaseState, TableName

__all__ = ["BEFORE", "EMPTY", "DatedBucket", "DatedRow", "Sum", "dated_buckets", "sums_of"]

Sum = tuple[int, int]
"""Number of rows, and the sum of their digests."""

BEFORE = frozenset({Age.UNDATED, Age.SETTLED_BEFORE, Age.RECENT_BEFORE})
"""Rows that are not told to be of after the baseline."""
OLDEST_LAST = (
    Age.UNDATED, Age.LATER, Age.RECENT_SINCE, Age.RECENT_BEFORE, Age.SETTLED_SINCE,
    Age.SETTLED_BEFORE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedRow:
    """All rows of one key, mostly one.

    Args:
        age: of its last change; where several rows differ, that by which least is certain.
        inserted: when it was inserted; None where no column tells.
        rows: how many.
        digest: their sum.
    """

    age: Age
    inserted: Age | None
    rows: int
    digest: int

    def equals(self, other: DatedRow) -> bool:
        """Say whether both are the same rows."""
        return (self.rows, self.digest) == (other.rows, other.digest)


@dataclass(slots=True)
class DatedBucket:
    """The rows of one bucket: sums by age, and by key those that were told one by one."""

    sums: dict[Age, Sum] = field(default_factory=dict)
    single: dict[str, DatedRow] = field(default_factory=dict)

    def summed(self, ages: Collection[Age]) -> Sum:
        """Return rows and digest of what was told together, of some ages."""
        return _added(self.sums[age] for age in ages if age in self.sums)

    def total(self, ages: Collection[Age]) -> Sum:
        """Return rows and digest of everything of some ages."""
        singles = ((row.rows, row.digest) for row in self.single.values() if row.age in ages)
        return _added([self.summed(ages), *singles])


EMPTY = DatedBucket()


def _added(parts: Iterable[Sum]) -> Sum:
    rows = digest = 0
    for one, other in parts:
        rows, digest = rows + one, digest + other
    return rows, digest


def dated_buckets(rows: pd.DataFrame) -> dict[int, DatedBucket]:
    """Return what was read, by bucket; ``rows`` has the columns of `CHANGED_ROWS`."""
    found: dict[int, DatedBucket] = defaultdict(DatedBucket)
    for bucket, age, inserted, key, number, digest in rows.itertuples(index=False):
        row = DatedRow(
            age=Age(age),
            inserted=Age(inserted) if inserted else None,
            rows=int(number),
            digest=int(digest),
        )
        held = found[int(bucket)]
        if key:
            held.single[key] = _merged(held.single.get(key), row)
        else:
            held.sums[row.age] = (row.rows, row.digest)
    return dict(found)


def _merged(one: DatedRow | None, other: DatedRow) -> DatedRow:
    if one is None:
        return other
    return DatedRow(
        age=min(one.age, other.age, key=OLDEST_LAST.index),
        inserted=min(
            filter(None, (one.inserted, other.inserted)), key=OLDEST_LAST.index, default=None
        ),
        rows=one.rows + other.rows,
        digest=one.digest + other.digest,
    )


def sums_of(state: DatabaseState, name: TableName) -> Mapping[int, Sum]:
    """Return the buckets of a table, each with its rows and digest."""
    digests = state.digests
    mine = digests[(digests["Schema"] == name[0]) & (digests["Table"] == name[1])]
    return {
        int(bucket): (int(rows), int(digest))
        for bucket, rows, digest in zip(mine["Bucket"], mine["Rows"], mine["Digest"], strict=True)
    }
