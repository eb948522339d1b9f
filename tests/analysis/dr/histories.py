"""Made-up histories of a table: what baseline, copy and source hold, and how they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from opslib.analysis.dr.appended import APPENDED_SINGLE, explain_appended
from opslib.analysis.dr.changed import (
    COPY_SINGLE,
    SOURCE_SINGLE,
    ChangedSides,
    explain_changed,
    unsettled_buckets,
)
from opslib.analysis.dr.dated_rows import DatedBucket, Sum, dated_buckets
from opslib.analysis.dr.row_delta import RowDelta
from opslib.tables.changed_rows import CHANGED_ROWS, Age

BASELINE, RESTORED, NOW = 40, 70, 100
TOLERANCE = 10
SETTLED, LATEST = RESTORED - TOLERANCE, RESTORED + TOLERANCE
BUCKETS = 3
EVERY = frozenset(Age)


@dataclass(frozen=True)
class Row:
    """A row: its version, when it was last changed, and when it was inserted; None for NULL."""

    version: int
    changed: int | None
    inserted: int | None

    def digest(self, key: int) -> int:
        told = hashlib.sha256(repr((key, self)).encode()).digest()
        return int.from_bytes(told[:8], "big", signed=True)


@dataclass(frozen=True)
class Write:
    """An insert, update or delete of a key; committed some time after its transaction began."""

    kind: str
    key: int
    began: int
    lag: int = 0


Table = Mapping[int, Row]


def table_at(writes: Sequence[Write], moment: int) -> dict[int, Row]:
    """Return what is committed by a moment."""
    held: dict[int, Row] = {}
    for number, write in enumerate(sorted(writes, key=lambda w: w.began + w.lag)):
        if write.began + write.lag > moment:
            break
        if write.kind == "insert" and write.key not in held:
            held[write.key] = Row(number, write.began, write.began)
        elif write.kind == "update" and write.key in held:
            held[write.key] = replace(held[write.key], version=number, changed=write.began)
        elif write.kind == "delete":
            held.pop(write.key, None)
    return held


def age(moment: int | None) -> Age:
    if moment is None:
        return Age.UNDATED
    if moment > LATEST:
        return Age.LATER
    if moment > SETTLED:
        return Age.RECENT_SINCE if moment > BASELINE else Age.RECENT_BEFORE
    return Age.SETTLED_SINCE if moment > BASELINE else Age.SETTLED_BEFORE


def read(
    table: Table,
    single: Collection[Age],
    keys: Collection[str] = (),
    buckets: Collection[int] = range(BUCKETS),
    *,
    inserted: bool = True,
) -> dict[int, DatedBucket]:
    """Return what a reader tells of a table."""
    told: dict[tuple[object, ...], tuple[int, int]] = {}
    for key, row in table.items():
        mine, bucket = age(row.changed), key % BUCKETS
        if bucket not in buckets:
            continue
        one = mine in single or str(key) in keys
        entered = age(row.inserted).value if inserted and one else ""
        place = (bucket, mine.value, entered, str(key) if one else "")
        rows, digest = told.get(place, (0, 0))
        told[place] = (rows + 1, digest + row.digest(key))
    lines = [(*place, rows, str(digest)) for place, (rows, digest) in told.items()]
    return dated_buckets(pd.DataFrame(lines, columns=list(CHANGED_ROWS.columns)))


def sums(table: Table) -> dict[int, Sum]:
    found: dict[int, Sum] = {}
    for key, row in table.items():
        rows, digest = found.get(key % BUCKETS, (0, 0))
        found[key % BUCKETS] = (rows + 1, digest + row.digest(key))
    return found


def judge_appended(baseline: Table, copy: Table, source: Table | None) -> RowDelta:
    theirs = None if source is None else read(source, APPENDED_SINGLE, inserted=False)
    return explain_appended(
        sums(baseline), read(copy, APPENDED_SINGLE, inserted=False), theirs, "at"
    )


def judge_changed(
    baseline: Table,
    copy: Table,
    source: Table | None,
    *,
    kept: bool = False,
    inserted: bool = True,
    limit: int = 1000,
) -> RowDelta:
    known = {str(key): (1, row.digest(key)) for key, row in baseline.items()} if kept else None
    if source is None:
        mine = read(copy, EVERY if kept else COPY_SINGLE, inserted=inserted)
        sides = ChangedSides(
            baseline=sums(baseline),
            known=known,
            copy=mine,
            source=None,
            copy_rows={},
            source_rows={},
        )
        return explain_changed(sides, "at")
    theirs = read(source, SOURCE_SINGLE, inserted=inserted)
    keys = {key for bucket in theirs.values() for key in bucket.single}
    mine = read(copy, COPY_SINGLE, keys, inserted=inserted)
    again = unsettled_buckets(mine, theirs, limit)
    sides = ChangedSides(
        baseline=sums(baseline),
        known=known,
        copy=mine,
        source=theirs,
        reread=again,
        copy_rows=read(copy, EVERY, buckets=again, inserted=inserted),
        source_rows=read(source, EVERY, buckets=again, inserted=inserted),
    )
    return explain_changed(sides, "at")
