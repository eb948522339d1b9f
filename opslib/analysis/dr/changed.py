"""Whether what a table holds beyond its baseline was written since, by a column of last changes.

Method: a row that the source has not changed since the recovery point (less a tolerance) must be in
the copy as the source has it. Rows that it has changed since are known by their keys: without
them both sides must come to the same sums, bucket by bucket. Buckets that do not are read row by
row.

What it cannot see: a row that was damaged in the copy and has been changed at the source since,
where the baseline kept no rows; a row that was lost and has been deleted at the source since.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from opslib.analysis.dr.dated_rows import BEFORE, EMPTY, DatedBucket, DatedRow, Sum
from opslib.analysis.dr.row_delta import RowDelta
from opslib.tables.changed_rows import Age

__all__ = ["COPY_SINGLE", "SOURCE_SINGLE", "ChangedSides", "explain_changed", "unsettled_buckets"]

COPY_SINGLE = frozenset({Age.RECENT_BEFORE, Age.RECENT_SINCE})
"""The ages whose rows are read one by one of the copy, beside those of the source's keys."""
SOURCE_SINGLE = COPY_SINGLE | {Age.LATER}
"""The ages whose rows are read one by one of the source: changed since the recovery point."""
SETTLED = frozenset({Age.UNDATED, Age.SETTLED_BEFORE, Age.SETTLED_SINCE})
EVERY = frozenset(Age)
DATED = SETTLED - {Age.UNDATED}
SINCE = frozenset({Age.SETTLED_SINCE, Age.RECENT_SINCE})
LATER = frozenset({Age.LATER})
UNTOLD = "no inserted_at tells a row that was lost from one that is new"

Buckets = Mapping[int, DatedBucket]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedSides:
    """What was read of a table.

    Args:
        baseline: rows and digest of every bucket.
        known: key to rows and digest in the baseline; None where it kept none.
        copy: the restored rows, those of `COPY_SINGLE` and of the source's keys one by one; all
            one by one where the baseline kept rows and the source was not asked.
        source: the source's, those of `SOURCE_SINGLE` one by one; None where it was not asked.
        reread: buckets that were read again, all rows one by one.
        copy_rows: these, of the copy.
        source_rows: these, of the source.
    """

    baseline: Mapping[int, Sum]
    known: Mapping[str, Sum] | None
    copy: Buckets
    source: Buckets | None
    reread: Collection[int] = ()
    copy_rows: Buckets
    source_rows: Buckets


def unsettled_buckets(copy: Buckets, source: Buckets, limit: int) -> tuple[int, ...]:
    """Return the buckets whose sums differ, as many as may be read row by row.

    Args:
        copy: as `ChangedSides`.
        source: as `ChangedSides`.
        limit: most rows of either side.
    """
    chosen, rows = [], 0
    for number in sorted(copy.keys() | source.keys()):
        mine, theirs = copy.get(number, EMPTY), source.get(number, EMPTY)
        if mine.summed(SETTLED) == theirs.summed(SETTLED):
            continue
        rows += max(mine.total(EVERY)[0], theirs.total(EVERY)[0])
        if rows > limit:
            break
        chosen.append(number)
    return tuple(chosen)


def explain_changed(sides: ChangedSides, column: str) -> RowDelta:
    """Hold a table's copy against its baseline and its source; ``column`` is for the sentence."""
    delta = RowDelta(unit="row", column=column, verb="changed")
    if sides.source is None and sides.known is not None:
        _judge_rows_alone(sides.known, sides.copy, delta)
        return delta
    every = sides.baseline.keys() | sides.copy.keys() | (sides.source or {}).keys()
    for number in sorted(every):
        before, mine = sides.baseline.get(number, (0, 0)), sides.copy.get(number, EMPTY)
        delta.dated += mine.total(SINCE)[0]
        if sides.source is None:
            _judge_alone(before, mine, delta)
            continue
        theirs = sides.source.get(number, EMPTY)
        if number in sides.reread:
            mine = sides.copy_rows.get(number, EMPTY)
            theirs = sides.source_rows.get(number, EMPTY)
        elif mine.summed(SETTLED) != theirs.summed(SETTLED):
            _judge_sums(mine, theirs, delta)
            continue
        _leave_later(mine.summed(LATER)[0], delta)
        _judge_rows(before, mine, theirs, sides.known, delta)
    return delta


def _judge_alone(before: Sum, mine: DatedBucket, delta: RowDelta) -> None:
    """Judge a bucket by the baseline alone."""
    _leave_later(mine.total(LATER)[0], delta)
    old = mine.total(BEFORE)
    if old != before:
        delta.leave(max(1, abs(old[0] - before[0])), "the source could not be asked")


def _judge_rows_alone(known: Mapping[str, Sum], copy: Buckets, delta: RowDelta) -> None:
    """Judge all rows by those of the baseline alone."""
    held = {key: row for bucket in copy.values() for key, row in bucket.single.items()}
    for key in sorted(known.keys() | held.keys()):
        row = held.get(key)
        if row is not None and row.age is Age.LATER:
            _leave_later(row.rows, delta)
        elif row is not None and row.age.is_since:
            delta.dated += row.rows
        elif row is None or known.get(key) != (row.rows, row.digest):
            delta.leave(1 if row is None else row.rows, "the source could not be asked", key)


def _leave_later(rows: int, delta: RowDelta) -> None:
    if rows:
        delta.leave(rows, "dated after the recovery point")


def _judge_sums(mine: DatedBucket, theirs: DatedBucket, delta: RowDelta) -> None:
    """Judge a bucket whose rows are too many to be read one by one."""
    found, wanted = mine.summed(DATED), theirs.summed(DATED)
    if found[0] < wanted[0]:
        delta.blame("lost", wanted[0] - found[0])
    else:
        delta.leave(max(1, found[0] - wanted[0]), "too many to be compared one by one")


def _judge_rows(
    before: Sum,
    mine: DatedBucket,
    theirs: DatedBucket,
    known: Mapping[str, Sum] | None,
    delta: RowDelta,
) -> None:
    """Judge the rows that were told one by one, each by what the source has of its key."""
    old = mine.total(BEFORE)
    doubtful = 0
    for key in sorted(mine.single.keys() | theirs.single.keys()):
        row, other = mine.single.get(key), theirs.single.get(key)
        if row is not None:
            kept = None if known is None else known.get(key)
            is_kept = old == before if known is None else kept == (row.rows, row.digest)
            _judge_held(key, row, other, delta, is_kept=is_kept, is_known=known is not None)
        elif other is not None and _judge_absent(key, other, known, delta):
            doubtful += other.rows
    unaccounted = min(doubtful, max(0, before[0] - old[0]))
    delta.newer += doubtful - unaccounted
    if unaccounted:
        delta.leave(unaccounted, UNTOLD)


def _judge_held(
    key: str,
    row: DatedRow,
    other: DatedRow | None,
    delta: RowDelta,
    *,
    is_kept: bool,
    is_known: bool,
) -> None:
    """Judge a row that the copy has.

    Args:
        key: its key.
        row: the copy's.
        other: the source's; None where it is gone there.
        delta: takes the outcome.
        is_kept: whether it is as in the baseline.
        is_known: whether the baseline kept the rows of the table.
    """
    if row.age is Age.LATER:
        _leave_later(row.rows, delta)
    elif other is not None and row.equals(other):
        return
    elif other is not None and other.age.is_settled:
        delta.blame("changed", row.rows, key)
    elif other is not None and other.age is Age.UNDATED:
        delta.leave(row.rows, "without a time", key)
    elif is_kept or row.age.is_since:
        delta.newer += 0 if other is None else other.rows
    elif other is None:
        delta.leave(row.rows, "no longer at the source", key)
    elif row.age is Age.UNDATED:
        delta.leave(row.rows, "without a time", key)
    elif is_known:
        delta.leave(row.rows, "dated before the baseline, which has them otherwise", key)
    else:
        delta.newer += other.rows


def _judge_absent(
    key: str, other: DatedRow, known: Mapping[str, Sum] | None, delta: RowDelta
) -> bool:
    """Judge a row that only the source has; True where it may be lost, or new."""
    inserted = None if other.inserted is Age.RECENT_BEFORE else other.inserted
    if Age.UNDATED in {other.age, inserted}:
        delta.leave(other.rows, "without a time", key)
    elif other.age.is_settled or (inserted is not None and inserted.is_settled):
        delta.blame("lost", other.rows, key)
    elif inserted is not None or (known is not None and key not in known):
        delta.newer += other.rows
    elif known is not None:
        delta.leave(other.rows, UNTOLD, key)
    else:
        return True
    return False
