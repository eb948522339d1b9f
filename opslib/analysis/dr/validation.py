"""The whole validation of a restored database: one call from three states to check results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pandas as pd

from opslib.analysis.dr.baseline_choice import HOW_TO_CAPTURE
from opslib.analysis.dr.changes import ChangeEvidence, check_declared, explain_by_columns
from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.consistency import check_orphans, check_physical, check_sequences
from opslib.analysis.dr.content import (
    check_content,
    explain_units,
    find_differing_buckets,
    units_of,
)
from opslib.analysis.dr.points import moment
from opslib.analysis.dr.row_delta import RowDelta
from opslib.analysis.dr.schema import check_schema
from opslib.analysis.dr.unreadable import check_unreadable
from opslib.analysis.dr.writers import WrittenSides, written_sides, wrote_on
from opslib.findings import Verdict
from opslib.tables.database_state import DatabaseState, TableName

__all__ = ["differing_buckets", "explain_tables", "validate_restore"]

NEED_NO_BASELINE = {"physical", "references"}
TableUnits = dict[TableName, dict[str, Counter[str]]]


def differing_buckets(
    baseline: DatabaseState, restored: DatabaseState
) -> dict[TableName, tuple[int, ...]]:
    """Return the buckets whose rows must be read to explain how the two differ.

    Tables that could not be read are left out: they cannot be compared.
    """
    found = find_differing_buckets(baseline.digests, restored.digests)
    unread = restored.unread("content")
    return {name: buckets for name, buckets in found.items() if name not in unread}


def validate_restore(
    baseline: DatabaseState,
    restored: DatabaseState,
    restored_rows: pd.DataFrame,
    now: DatabaseState | None,
    now_rows: pd.DataFrame | None,
    *,
    unchecked: str = "",
    restored_to: datetime | None = None,
    changes: ChangeEvidence | None = None,
) -> list[CheckResult]:
    """Judge a restored database against the one that it is of.

    Args:
        baseline: the source as it was.
        restored: what came back, by the baseline's algorithm and buckets.
        restored_rows: its rows in `differing_buckets`; columns of
            `opslib.tables.databases.WRITTEN_ROWS`.
        now: the source as it is, by the same buckets; None where it cannot be asked.
        now_rows: its rows in the same buckets.
        unchecked: why pages and indexes were not checked.
        restored_to: the moment that was restored; None where it is not known. Against a baseline
            of later, what differs is no proof: it may have come after that moment.
        changes: what declared columns tell of busy tables; None where none is declared.
    """
    incomparable = _incomparable(baseline, restored)
    if incomparable:
        return [incomparable]
    deltas = explain_tables(baseline, restored, restored_rows, now, now_rows)
    declared: list[CheckResult] = []
    if changes is not None:
        deltas = explain_by_columns(deltas, baseline, changes)
        declared = check_declared(changes, baseline)
    unreadable = check_unreadable(restored.unreadable, baseline.tables)
    results = [
        *check_schema(
            baseline.schema_objects,
            restored.schema_objects,
            None if now is None else now.schema_objects,
        ),
        *check_content(baseline.tables, restored.tables, deltas, restored.unread("content")),
        *declared,
        *check_orphans(baseline.orphans, restored.orphans),
        *check_sequences(baseline.sequences, restored.sequences),
        *unreadable,
        *check_physical(
            restored.corruptions,
            checksums=restored.has_checksums,
            because=unchecked,
            damaged=any(one.verdict is Verdict.FAIL for one in unreadable),
        ),
    ]
    if restored_to is None or baseline.captured_at <= restored_to:
        return results
    return [_later_baseline(baseline, restored_to), *map(_doubted, results)]


def _later_baseline(baseline: DatabaseState, restored_to: datetime) -> CheckResult:
    return CheckResult(
        check="baseline",
        subject="",
        verdict=Verdict.INCONCLUSIVE,
        sentence=(
            f"The baseline is of {moment(baseline.captured_at)}, after the recovery point of "
            f"{moment(restored_to)}: what differs may have been written in between. "
            f"{HOW_TO_CAPTURE}"
        ),
    )


def _doubted(result: CheckResult) -> CheckResult:
    """Return a result that a later baseline cannot prove; corruption and orphans need none."""
    if result.verdict is not Verdict.FAIL or result.check in NEED_NO_BASELINE:
        return result
    return replace(result, verdict=Verdict.INCONCLUSIVE)


def _incomparable(baseline: DatabaseState, restored: DatabaseState) -> CheckResult | None:
    if baseline.algorithm == restored.algorithm == "record":
        if baseline.server_version == restored.server_version:
            return None
    elif baseline.algorithm == restored.algorithm:
        return None
    return CheckResult(
        check="content",
        subject="",
        verdict=Verdict.INCONCLUSIVE,
        sentence=(
            f"Digests by {baseline.algorithm} of version {baseline.server_version} and by "
            f"{restored.algorithm} of version {restored.server_version} cannot be compared: "
            "capture the baseline with algorithm text."
        ),
    )


def explain_tables(
    baseline: DatabaseState,
    restored: DatabaseState,
    restored_rows: pd.DataFrame,
    now: DatabaseState | None,
    now_rows: pd.DataFrame | None,
) -> dict[TableName, RowDelta]:
    """Explain the differing tables row by row, or bucket by bucket where rows were not kept.

    Args are those of `validate_restore`.
    """
    differing = differing_buckets(baseline, restored)
    kept = baseline.kept
    rows = _row_units(baseline.rows, differing), _row_units(restored_rows, differing)
    rows_now = None if now_rows is None else _row_units(now_rows, differing)
    buckets = _bucket_units(baseline, differing), _bucket_units(restored, differing)
    buckets_now = None if now is None else _bucket_units(now, differing)
    written = written_sides(baseline, restored, restored_rows, now, now_rows)
    return {
        name: _explain_table(name, rows, rows_now, "row", written)
        if name in kept
        else _explain_table(name, buckets, buckets_now, "bucket", written)
        for name in differing
    }


def _explain_table(
    name: TableName,
    both: tuple[TableUnits, TableUnits],
    now: TableUnits | None,
    unit: str,
    written: WrittenSides | None,
) -> RowDelta:
    before, after = both[0].get(name, {}), both[1].get(name, {})
    current = None if now is None else now.get(name, {})
    if written is None:
        return explain_units(before, after, current, unit)
    return explain_units(before, after, current, unit, wrote_on(written, name, unit))


def _row_units(rows: pd.DataFrame, differing: Mapping[TableName, tuple[int, ...]]) -> TableUnits:
    return units_of(_within(rows, differing), ("Key", "Digest"))


def _bucket_units(
    state: DatabaseState, differing: Mapping[TableName, tuple[int, ...]]
) -> TableUnits:
    found = _within(state.digests, differing)
    told = found.assign(Told=found["Rows"].astype(str) + " rows " + found["Digest"])
    return units_of(told, ("Bucket", "Told"))


def _within(frame: pd.DataFrame, differing: Mapping[TableName, tuple[int, ...]]) -> pd.DataFrame:
    wanted = pd.DataFrame(
        [(*name, bucket) for name, buckets in differing.items() for bucket in buckets],
        columns=["Schema", "Table", "Bucket"],
    )
    # Rows of other tables are left out first: a baseline may hold millions.
    named = frame[frame["Table"].isin(wanted["Table"]) & frame["Schema"].isin(wanted["Schema"])]
    if named.empty or wanted.empty:
        return frame.iloc[:0]
    return named.merge(wanted, on=list(wanted.columns))
