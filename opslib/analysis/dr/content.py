"""Whether the restored rows are the ones that were there.

Method: tables are compared by the digests of their buckets. Where one differs, its rows are
compared with the baseline and with the source as it is now. A row (or a bucket, where the baseline
keeps no rows of a large table) that is equal to either was written between the baseline and now,
and is explained. One that differs though the source still has what the baseline had was not
restored: a fail. What differs from both, while the source went on, is unexplained: counted, and
never a pass.

Assumption: a row that the source has as the baseline had it was not changed and changed back
in between, unless the transactions that wrote it say otherwise (`opslib.analysis.dr.writers`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.row_delta import RowDelta, judge_delta
from opslib.findings import Verdict
from opslib.tables.database_state import TableName
from opslib.wording import count

__all__ = ["check_content", "explain_units", "find_differing_buckets", "units_of"]

WRITTEN_ON = "written since the baseline, by the ids of the transactions"
Units = Mapping[str, Counter[str]]


def find_differing_buckets(
    expected: pd.DataFrame, restored: pd.DataFrame
) -> dict[TableName, tuple[int, ...]]:
    """Return the buckets of every table whose rows or digest differ.

    Args:
        expected: columns of `opslib.tables.databases.BUCKET_DIGESTS`.
        restored: the same, made with as many buckets and the same algorithm.
    """
    before, after = _buckets(expected), _buckets(restored)
    differing: dict[TableName, list[int]] = defaultdict(list)
    for schema, table, bucket in sorted(before.keys() | after.keys()):
        place = (schema, table, bucket)
        if before.get(place) != after.get(place):
            differing[schema, table].append(bucket)
    return {name: tuple(buckets) for name, buckets in differing.items()}


def _buckets(digests: pd.DataFrame) -> dict[tuple[str, str, int], tuple[int, str]]:
    return {
        (schema, table, bucket): (rows, digest)
        for schema, table, bucket, rows, digest in digests.itertuples(index=False)
    }


def explain_units(
    baseline: Units,
    restored: Units,
    now: Units | None,
    unit: str,
    wrote_on: Callable[[str], bool] = lambda _: False,
) -> RowDelta:
    """Say of every unit that differs from the baseline whether the source explains it.

    Args:
        baseline: key to the digests under it, as often as they are there.
        restored: the same of the restored database.
        now: the same of the source as it is; None where it cannot be asked.
        unit: what a key names, ``row`` or ``bucket``.
        wrote_on: says of a key whether the source wrote there since the baseline, though it has
            what the baseline had.
    """
    delta = RowDelta(unit=unit)
    none: Counter[str] = Counter()
    for key in sorted(baseline.keys() | restored.keys()):
        before, after = baseline.get(key, none), restored.get(key, none)
        if before == after:
            continue
        current = None if now is None else now.get(key, none)
        if current == after:
            delta.explained += 1
            continue
        if current != before:
            delta.leave(1, key=key)
        elif wrote_on(key):
            delta.leave(1, WRITTEN_ON, key)
        elif after.total() < before.total():
            delta.blame("lost", 1, key)
        elif after.total() > before.total():
            delta.blame("extra", 1, key)
        else:
            delta.blame("changed", 1, key)
    return delta


def check_content(
    expected: pd.DataFrame,
    restored: pd.DataFrame,
    deltas: Mapping[TableName, RowDelta],
    unread: Collection[TableName] = (),
) -> list[CheckResult]:
    """Judge every table by its counts and by how its differences are explained.

    Args:
        expected: columns of `opslib.tables.databases.TABLE_FACTS`.
        restored: the same of the restored database.
        deltas: of the tables that have differing buckets.
        unread: restored tables that could not be read, which say nothing here.

    Returns:
        One result a table; an inconclusive one where no row was compared at all.
    """
    expected = _without(expected, unread)
    if not restored["Rows"].sum() and not expected["Rows"].sum():
        sentence = "Not a single row was there to compare."
        return [_result("", Verdict.INCONCLUSIVE, sentence)]
    return list(_judge_tables(expected, restored, deltas))


def _without(tables: pd.DataFrame, names: Collection[TableName]) -> pd.DataFrame:
    told = zip(tables["Schema"], tables["Table"], strict=True)
    kept = [name not in names for name in told]
    return tables[pd.Series(kept, index=tables.index, dtype=bool)]


def _judge_tables(
    expected: pd.DataFrame, restored: pd.DataFrame, deltas: Mapping[TableName, RowDelta]
) -> Iterator[CheckResult]:
    before, after = _facts(expected), _facts(restored)
    for name in sorted(before.keys() | after.keys()):
        rows, seconds = after.get(name, (0, 0.0))
        wanted = before[name][0] if name in before else None
        subject = f"{name[0]}.{name[1]}"
        if name not in after:
            sentence = f"Table {subject} with {count(wanted or 0, 'row')} is missing."
            yield _result(subject, Verdict.FAIL, sentence, expected=str(wanted))
        elif name not in deltas:
            sentence = f"{count(rows, 'row')} of {subject}, every one as expected."
            yield _judged(subject, Verdict.PASS, sentence, wanted, rows, seconds)
        else:
            verdict, sentence = judge_delta(subject, deltas[name])
            yield _judged(subject, verdict, sentence, wanted, rows, seconds)


def _judged(
    subject: str, verdict: Verdict, sentence: str, wanted: int | None, rows: int, seconds: float
) -> CheckResult:
    return CheckResult(
        check="content",
        subject=subject,
        verdict=verdict,
        sentence=sentence,
        expected="" if wanted is None else str(wanted),
        found=str(rows),
        seconds=seconds,
    )


def _facts(tables: pd.DataFrame) -> dict[TableName, tuple[int, float]]:
    rows = zip(tables["Schema"], tables["Table"], tables["Rows"], tables["Seconds"], strict=True)
    return {(schema, table): (count, seconds) for schema, table, count, seconds in rows}


def _result(subject: str, verdict: Verdict, sentence: str, *, expected: str = "") -> CheckResult:
    return CheckResult(
        check="content", subject=subject, verdict=verdict, sentence=sentence, expected=expected
    )


def units_of(rows: pd.DataFrame, names: Sequence[str]) -> dict[TableName, dict[str, Counter[str]]]:
    """Return, by table, key to digests; ``names`` are the columns of key and digest."""
    found: dict[TableName, dict[str, Counter[str]]] = defaultdict(dict)
    keys, digests = rows[names[0]], rows[names[1]]
    for schema, table, key, digest in zip(
        rows["Schema"], rows["Table"], keys, digests, strict=True
    ):
        found[schema, table].setdefault(str(key), Counter())[str(digest)] += 1
    return found
