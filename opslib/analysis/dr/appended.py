"""Whether what an append-only table holds beyond its baseline was appended since.

Method: of such a table the baseline holds no row that the copy lacks, and the copy none that the
source lacks. So in every bucket the copy's rows up to the baseline's moment must be the baseline's
(or, where transactions under way then were committed later, the source's); its rows up to the
recovery point less the tolerance must be the source's; and later ones must be among the source's.

What it cannot see: rows written within the tolerance of the recovery point and lost; without a
source, any row written after the baseline.
"""

from __future__ import annotations

from collections.abc import Mapping

from opslib.analysis.dr.dated_rows import BEFORE, EMPTY, DatedBucket, DatedRow, Sum
from opslib.analysis.dr.row_delta import RowDelta
from opslib.tables.changed_rows import Age

__all__ = ["APPENDED_SINGLE", "explain_appended"]

APPENDED_SINGLE = frozenset({Age.RECENT_BEFORE, Age.RECENT_SINCE})
"""The ages whose rows are read one by one: of around the recovery point."""
SINCE = frozenset({Age.SETTLED_SINCE, Age.RECENT_SINCE})
LATER = frozenset({Age.LATER})
UNDATED = frozenset({Age.UNDATED})
SETTLED_BEFORE, SETTLED_SINCE = frozenset({Age.SETTLED_BEFORE}), frozenset({Age.SETTLED_SINCE})


def explain_appended(
    baseline: Mapping[int, Sum],
    copy: Mapping[int, DatedBucket],
    source: Mapping[int, DatedBucket] | None,
    column: str,
) -> RowDelta:
    """Hold an append-only table's copy against its baseline and its source.

    Args:
        baseline: rows and digest of every bucket.
        copy: the restored rows by bucket and age, those of `APPENDED_SINGLE` one by one.
        source: the same of the source as it is now; None where it cannot be asked.
        column: that tells when a row came, for the sentence.
    """
    delta = RowDelta(unit="row", column=column, verb="appended")
    for number in sorted(baseline.keys() | copy.keys() | (source or {}).keys()):
        before, mine = baseline.get(number, (0, 0)), copy.get(number, EMPTY)
        delta.dated += mine.total(SINCE)[0]
        later = mine.total(LATER)[0]
        if later:
            delta.leave(later, "dated after the recovery point")
        if source is None:
            if mine.total(BEFORE) != before:
                delta.leave(_apart(mine.total(BEFORE), before), "the source could not be asked")
            continue
        theirs = source.get(number, EMPTY)
        if _judge_old(before, mine, theirs, delta):
            _judge_settled(before, mine, theirs, delta)
            _judge_recent(before, mine, theirs, delta)
    return delta


def _judge_old(before: Sum, mine: DatedBucket, theirs: DatedBucket, delta: RowDelta) -> bool:
    """Judge the rows up to the baseline's moment; True where they are as they should be."""
    old, source = mine.total(BEFORE), theirs.total(BEFORE)
    if old == before or (old == source and old[0] >= before[0]):
        return True
    if source == before:
        _wrong(old, before, delta)
    else:
        delta.leave(_apart(old, before), "the source's rows of before the baseline differ too")
    return False


def _judge_settled(before: Sum, mine: DatedBucket, theirs: DatedBucket, delta: RowDelta) -> None:
    """Judge the rows up to the recovery point less the tolerance, by the source."""
    if mine.total(BEFORE) == before:
        old, source = mine.total(SETTLED_BEFORE), theirs.total(SETTLED_BEFORE)
        if old != source and source[0] >= old[0]:
            delta.leave(_apart(old, source), "dated before the baseline, and came after it")
        if mine.total(UNDATED) != theirs.total(UNDATED):
            delta.leave(_apart(mine.total(UNDATED), theirs.total(UNDATED)), "without a time")
    settled, wanted = mine.total(SETTLED_SINCE), theirs.total(SETTLED_SINCE)
    if settled == wanted:
        return
    if settled[0] > wanted[0]:
        delta.leave(settled[0] - wanted[0], "no longer at the source")
    else:
        _wrong(settled, wanted, delta)


def _judge_recent(before: Sum, mine: DatedBucket, theirs: DatedBucket, delta: RowDelta) -> None:
    """Judge the rows of around the recovery point: each must be at the source."""
    is_as_before = mine.total(BEFORE) == before
    delta.newer += theirs.total(LATER)[0]
    for key in sorted(mine.single.keys() | theirs.single.keys()):
        row, other = mine.single.get(key), theirs.single.get(key)
        if row is None:
            delta.newer += other.rows if other else 0
        elif other is not None and _is_within(row, other):
            delta.newer += other.rows - row.rows
        elif is_as_before and row.age is Age.RECENT_BEFORE:
            continue
        elif other is None:
            delta.leave(row.rows, "no longer at the source", key)
        else:
            delta.blame("changed", row.rows, key)


def _is_within(row: DatedRow, other: DatedRow) -> bool:
    """Say whether rows are among others of the same key, as equal rows of no key may be."""
    return row.rows <= other.rows and row.digest * other.rows == other.digest * row.rows


def _wrong(found: Sum, wanted: Sum, delta: RowDelta) -> None:
    """Count what a source that went on as declared proves to be wrong."""
    if found[0] < wanted[0]:
        delta.blame("lost", wanted[0] - found[0])
    elif found[0] > wanted[0]:
        delta.blame("extra", found[0] - wanted[0])
    else:
        delta.blame("changed", 1)


def _apart(one: Sum, other: Sum) -> int:
    """Return how many rows two sums that differ are apart, at the least."""
    return max(1, abs(one[0] - other[0]))
