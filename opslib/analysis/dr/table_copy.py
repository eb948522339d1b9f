"""Whether a restored DynamoDB table holds the items that were there, and is what it was.

Method: items are compared by key and digest, or bucket by bucket where a table is too large. One
that is equal to the baseline or to the source now is explained; one that differs though the source
still has what the baseline had was not restored: a fail. What is unlike both is unexplained, and
never a pass.

Assumption: the restore is to the end of the baseline's scan or later; a table that says otherwise
of itself is judged inconclusive where it differs. A scan is no snapshot, so that a write during it
may be in the baseline or not; the source explains it, unless the item was written again since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.store_copy import (
    Units,
    check_anything,
    explain_differences,
    judge_differences,
    unreadable,
)
from opslib.analysis.dr.table_settings import check_settings
from opslib.findings import Verdict
from opslib.tables.store_states import TableCopyStates, TableItems
from opslib.wording import count, printable

__all__ = ["validate_table_copies", "validate_table_copy"]

BUCKET_DIGITS = 4
DIGEST_MODULUS = 1 << 128


def validate_table_copies(copies: Sequence[TableCopyStates]) -> list[CheckResult]:
    """Judge several restored tables; inconclusive, too, where no table held a single item."""
    results = [result for states in copies for result in validate_table_copy(states)]
    held = [states.restored_items.items for states in copies if states.restored_items]
    expected = [states.baseline_items.items for states in copies if states.baseline_items]
    return [*results, *check_anything([*held, *expected])]


def validate_table_copy(states: TableCopyStates) -> list[CheckResult]:
    """Judge a restored table: where it is from, its items, its definition, what is to be set.

    Args:
        states: from `opslib.databases.table_copies.read_table_validation`.

    Returns:
        Results of the checks ``restore``, ``content``, ``definition: ...`` and, for what a restore
        does not bring along, ``after restore: ...``.
    """
    return [*_check_restore(states), _check_items(states), *check_settings(states)]


def _check_restore(states: TableCopyStates) -> Iterator[CheckResult]:
    """Hold what the table says of its restore against the source."""
    copy, source = states.restored, states.source or states.baseline
    if copy is None:
        yield unreadable("restore", states.restored_table, states.unread)
        return
    name = printable(states.restored_table)
    if copy.is_restoring or copy.status != "ACTIVE":
        state = "is being restored" if copy.is_restoring else f"is {printable(copy.status)}"
        yield _restore(states, Verdict.INCONCLUSIVE, f"{name} {state}.")
    if copy.restored_from and source and copy.restored_from != source.arn:
        yield _restore(
            states,
            Verdict.FAIL,
            f"{name} was restored from {printable(copy.restored_from)}.",
            (source.arn, copy.restored_from),
        )


def _restore(
    states: TableCopyStates, verdict: Verdict, sentence: str, sides: tuple[str, str] = ("", "")
) -> CheckResult:
    return CheckResult(
        check="restore",
        subject=states.restored_table,
        verdict=verdict,
        sentence=sentence,
        expected=sides[0],
        found=sides[1],
    )


def _check_items(states: TableCopyStates) -> CheckResult:
    before, after = states.baseline_items, states.restored_items
    if before is None or after is None:
        return unreadable("content", states.restored_table, states.unread)
    verdict, sentence = _judge_items(states, before, after)
    return CheckResult(
        check="content",
        subject=states.restored_table,
        verdict=verdict,
        sentence=sentence,
        expected=str(before.items),
        found=str(after.items),
        seconds=after.seconds,
    )


def _judge_items(
    states: TableCopyStates, before: TableItems, after: TableItems
) -> tuple[Verdict, str]:
    name = printable(states.restored_table)
    if not after.items and before.items:
        return Verdict.FAIL, f"{name} is empty, {count(before.items, 'item')} were expected."
    if not after.items:
        return Verdict.PASS, f"{name} is empty, as the baseline is."
    now = states.source_items
    every = all(one.is_whole for one in (before, after, now) if one is not None)
    delta = explain_differences(
        _units(before, whole=every),
        _units(after, whole=every),
        None if now is None else _units(now, whole=every),
        "item" if every else "bucket",
    )
    if not (delta.wrong or delta.unexplained or delta.explained):
        return Verdict.PASS, f"{count(after.items, 'item')} of {name}, every one as expected."
    return judge_differences(name, delta, is_too_early=_is_too_early(states, before))


def _is_too_early(states: TableCopyStates, before: TableItems) -> bool:
    moment = states.restored.restored_to if states.restored else None
    return moment is not None and moment < before.captured_until


def _units(items: TableItems, *, whole: bool) -> Units:
    """Return key and digest of every item, or bucket and sum of every bucket."""
    rows = items.units.itertuples(index=False)
    if whole:
        return [(unit, digest) for unit, _, digest in rows]
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for unit, number, digest in rows:
        held = sums[unit[:BUCKET_DIGITS]]
        held[0] += number
        held[1] += int(digest, 16)
    return [(unit, f"{n} items {digest % DIGEST_MODULUS:x}") for unit, (n, digest) in sums.items()]
