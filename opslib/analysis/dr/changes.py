"""Explaining by declared columns what baseline and source alone leave unexplained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pandas as pd

from opslib.analysis.dr.appended import explain_appended
from opslib.analysis.dr.changed import ChangedSides, explain_changed
from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.dated_rows import Sum, dated_buckets, sums_of
from opslib.analysis.dr.row_delta import RowDelta
from opslib.findings import Verdict
from opslib.parameters.declared_changes import DeclaredChanges
from opslib.tables.changed_rows import AgeBounds
from opslib.tables.database_state import DatabaseState, TableName

__all__ = [
    "ChangeEvidence",
    "TableChanges",
    "age_bounds",
    "check_declared",
    "explain_by_columns",
    "tables_to_ask",
]

Deltas = Mapping[TableName, RowDelta]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChanges:
    """What was read of one table by its declared columns.

    Args:
        table: schema and name.
        declared: its columns.
        asks_source: whether the source was to be asked too.
        copy: columns of `opslib.tables.changed_rows.CHANGED_ROWS`, of the restored table.
        source: the same of the source as it is.
        reread: buckets that were read again, each row by itself.
        copy_rows: their rows in the copy.
        source_rows: their rows at the source.

    Frames are None where they were not read.
    """

    table: TableName
    declared: DeclaredChanges
    asks_source: bool
    copy: pd.DataFrame | None
    source: pd.DataFrame | None
    reread: tuple[int, ...] = ()
    copy_rows: pd.DataFrame | None = None
    source_rows: pd.DataFrame | None = None

    @property
    def is_read(self) -> bool:
        """Say whether everything that was to be read was."""
        return self.copy is not None and (self.source is not None) is self.asks_source


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvidence:
    """What declared columns tell.

    Args:
        declared: of the parameters.
        places: columns of `opslib.tables.changed_rows.DECLARED_PLACES`; None where not known.
        tables: what was read of each that needed it.
        because: why nothing was read; '' where there is no such reason.
    """

    declared: tuple[DeclaredChanges, ...]
    places: pd.DataFrame | None
    tables: tuple[TableChanges, ...] = ()
    because: str = ""

    def tables_of(self, declared: DeclaredChanges) -> list[TableName]:
        """Return the tables, or partitions, whose column can be read."""
        if self.places is None:
            return []
        mine = self.places[
            (self.places["DeclaredSchema"] == declared.name[0])
            & (self.places["DeclaredTable"] == declared.name[1])
            & (self.places["Problem"] == "")
        ]
        return list(zip(mine["Schema"], mine["Table"], strict=True))


def age_bounds(
    baseline: datetime, restored_to: datetime | None, tolerance_seconds: float
) -> tuple[AgeBounds | None, str]:
    """Return the moments that tell ages; or None, and why there are none."""
    if restored_to is None:
        return None, "its column explains nothing without the recovery point's moment: restored_to"
    if baseline > restored_to:
        return None, "its column explains nothing against a baseline of after the recovery point"
    tolerance = timedelta(seconds=tolerance_seconds)
    bounds = AgeBounds(
        baseline=baseline, settled=restored_to - tolerance, latest=restored_to + tolerance
    )
    return bounds, ""


def tables_to_ask(
    evidence: ChangeEvidence,
    deltas: Deltas,
    restored: DatabaseState,
    now: DatabaseState | None,
) -> list[tuple[DeclaredChanges, TableName]]:
    """Return the tables that are to be read by their columns.

    Those that differ from the source as it is (from the baseline, where it cannot be asked) and
    are not known to be wrong already.

    Args:
        evidence: with the places of what is declared.
        deltas: of baseline, copy and source alone.
        restored: what came back.
        now: the source as it is; None where it cannot be asked.
    """
    held = set(zip(restored.tables["Schema"], restored.tables["Table"], strict=True))
    chosen = []
    for declared in evidence.declared:
        for name in evidence.tables_of(declared):
            differs = (
                name in deltas if now is None else sums_of(restored, name) != sums_of(now, name)
            )
            is_wrong = name in deltas and deltas[name].wrong
            if name in held and differs and not is_wrong:
                chosen.append((declared, name))
    return chosen


def explain_by_columns(
    deltas: Deltas, baseline: DatabaseState, evidence: ChangeEvidence
) -> dict[TableName, RowDelta]:
    """Return the deltas, explained by columns where these were read.

    Args:
        deltas: of baseline, copy and source alone.
        baseline: the source as it was.
        evidence: what was read.
    """
    explained = dict(deltas)
    for declared in evidence.declared if evidence.because else ():
        for name in evidence.tables_of(declared):
            _doubt(explained, name, evidence.because)
    for one in evidence.tables:
        if not one.is_read:
            _doubt(explained, one.table, f"its {one.declared.column} could not be read")
            continue
        delta = _explain_table(baseline, one)
        if one.table in explained or delta.wrong or delta.unexplained:
            explained[one.table] = delta
    return explained


def _doubt(deltas: dict[TableName, RowDelta], name: TableName, because: str) -> None:
    """Tell why a column does not explain what is unexplained."""
    if name in deltas and deltas[name].unexplained:
        deltas[name] = replace(deltas[name], because=[*deltas[name].because, because])


def _explain_table(baseline: DatabaseState, one: TableChanges) -> RowDelta:
    assert one.copy is not None, "is_read says so"
    sums, copy = sums_of(baseline, one.table), dated_buckets(one.copy)
    source = None if one.source is None else dated_buckets(one.source)
    if one.declared.is_append_only:
        return explain_appended(sums, copy, source, one.declared.column)
    both = one.copy_rows is not None and one.source_rows is not None
    sides = ChangedSides(
        baseline=sums,
        known=_known(baseline, one.table),
        copy=copy,
        source=source,
        reread=one.reread if both else (),
        copy_rows={} if one.copy_rows is None else dated_buckets(one.copy_rows),
        source_rows={} if one.source_rows is None else dated_buckets(one.source_rows),
    )
    return explain_changed(sides, one.declared.column)


def _known(baseline: DatabaseState, name: TableName) -> dict[str, Sum] | None:
    """Return the rows of a table by key; None where the baseline did not keep them."""
    if name not in baseline.kept:
        return None
    rows = baseline.rows
    known: dict[str, Sum] = {}
    mine = rows[(rows["Schema"] == name[0]) & (rows["Table"] == name[1])]
    for key, digest in zip(mine["Key"], mine["Digest"], strict=True):
        number, held = known.get(str(key), (0, 0))
        known[str(key)] = (number + 1, held + int(digest))
    return known


def check_declared(evidence: ChangeEvidence, baseline: DatabaseState) -> list[CheckResult]:
    """Say which declarations are of nothing: each is inconclusive, whatever its table holds."""
    if evidence.places is None:
        return [_unknown("", "What changes declares could not be looked up in the copy.")]
    held = set(zip(baseline.tables["Schema"], baseline.tables["Table"], strict=True))
    found = []
    for declared in evidence.declared:
        subject = ".".join(declared.name)
        problems = list(_problems(evidence.places, declared))
        tables = evidence.tables_of(declared)
        if tables and not held.intersection(tables):
            problems.append("the baseline has no such table")
        found += [
            _unknown(subject, f"{subject} is declared in changes, but {problem}.")
            for problem in problems
        ]
    return found


def _problems(places: pd.DataFrame, declared: DeclaredChanges) -> Sequence[str]:
    mine = places[
        (places["DeclaredSchema"] == declared.name[0])
        & (places["DeclaredTable"] == declared.name[1])
        & (places["Problem"] != "")
    ]
    return sorted(set(mine["Problem"]))


def _unknown(subject: str, sentence: str) -> CheckResult:
    return CheckResult(
        check="changes", subject=subject, verdict=Verdict.INCONCLUSIVE, sentence=sentence
    )
