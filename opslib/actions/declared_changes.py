"""Reading by declared columns what baseline and source alone leave unexplained.

The source comes first: the copy is asked for the rows that the source has changed since. What is
read here is newer than the source's state, and is judged by its own columns alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from opslib.analysis.dr.appended import APPENDED_SINGLE
from opslib.analysis.dr.changed import COPY_SINGLE, SOURCE_SINGLE, unsettled_buckets
from opslib.analysis.dr.changes import ChangeEvidence, TableChanges, age_bounds, tables_to_ask
from opslib.analysis.dr.dated_rows import dated_buckets
from opslib.analysis.dr.drill import RestoredStates
from opslib.analysis.dr.validation import explain_tables
from opslib.aws.reads import Reads
from opslib.databases.changed_rows import RowsAsked
from opslib.databases.opened import Opener
from opslib.databases.recorded_changes import record_changed_rows, record_declared
from opslib.databases.statements import Statements
from opslib.parameters.declared_changes import DeclaredChanges
from opslib.parameters.dr import DrParameters
from opslib.tables.changed_rows import Age

__all__ = ["ChangesAsked", "gather_changes", "record_changes"]

ReadRows = Callable[[str, RowsAsked], pd.DataFrame | None]
"""Takes ``restored`` or ``source``, and what is asked of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesAsked:
    """What is declared, and what ages are told by.

    Args:
        declared: of the parameters.
        restored_to: the moment that the copy is of; None where it is not known.
        tolerance_seconds: how far a column's time and its commit may be apart.
        rows_limit: most rows of a table that are read one by one.
    """

    declared: tuple[DeclaredChanges, ...]
    restored_to: datetime | None
    tolerance_seconds: float
    rows_limit: int


def record_changes(
    reads: Reads,
    parameters: DrParameters,
    states: RestoredStates,
    copy: Opener,
    source: Opener,
    restored_to: datetime | None,
    statements: Statements,
) -> ChangeEvidence | None:
    """Read what is declared within a run; None where nothing is.

    Args:
        reads: the run's context.
        parameters: what is declared, and the limits.
        states: what was read of both sides.
        copy: opens the restored database.
        source: opens the source.
        restored_to: the moment that the copy is of; None where it is not known.
        statements: takes what the copy is asked.
    """
    if not parameters.changes or states.restored is None or states.restored_rows is None:
        return None
    asked = ChangesAsked(
        declared=parameters.changes,
        restored_to=restored_to,
        tolerance_seconds=parameters.backup_seconds,
        rows_limit=parameters.rows_limit,
    )
    places = record_declared(reads, "restored", copy, asked.declared, statements)
    sides = {"restored": (copy, statements), "source": (source, Statements())}

    def read(label: str, rows: RowsAsked) -> pd.DataFrame | None:
        database, kept = sides[label]
        return record_changed_rows(reads, label, database, rows, kept)

    return gather_changes(states, asked, places, read)


def gather_changes(
    states: RestoredStates, asked: ChangesAsked, places: pd.DataFrame | None, read: ReadRows
) -> ChangeEvidence:
    """Read the tables that need it by their columns.

    Args:
        states: what was read of both sides: at least baseline, copy and the copy's rows.
        asked: what is declared.
        places: columns of `opslib.tables.changed_rows.DECLARED_PLACES`; None where not known.
        read: reads the rows of either side.
    """
    baseline, restored, rows = states.baseline, states.restored, states.restored_rows
    assert baseline is not None, "nothing is compared without a baseline"
    assert restored is not None, "nor without a copy"
    assert rows is not None, "nor without its rows"
    bounds, because = age_bounds(baseline.captured_at, asked.restored_to, asked.tolerance_seconds)
    evidence = ChangeEvidence(declared=asked.declared, places=places, because=because)
    if bounds is None:
        return evidence
    deltas = explain_tables(baseline, restored, rows, states.now, states.now_rows)
    plans, kept = {**restored.plans, **baseline.plans}, baseline.kept
    found = []
    for declared, name in tables_to_ask(evidence, deltas, restored, states.now):
        question = RowsAsked(
            declared=declared,
            table=name,
            algorithm=baseline.algorithm,
            plan=plans[name],
            bounds=bounds,
            single=frozenset(),
            limit=asked.rows_limit,
        )
        asks_source = states.now is not None
        found.append(_read_table(question, read, asks_source=asks_source, is_kept=name in kept))
    return replace(evidence, tables=tuple(found))


def _read_table(
    question: RowsAsked, read: ReadRows, *, asks_source: bool, is_kept: bool
) -> TableChanges:
    """Read one table on both sides, once, and again where sums of changed rows differ.

    Args:
        question: without the rows that are told one by one.
        read: reads the rows of either side.
        asks_source: whether the source can be asked.
        is_kept: whether the baseline kept the table's rows.
    """
    declared = question.declared
    told = TableChanges(
        table=question.table, declared=declared, asks_source=asks_source, copy=None, source=None
    )
    single = APPENDED_SINGLE if declared.is_append_only else SOURCE_SINGLE
    keys: tuple[str, ...] = ()
    if asks_source:
        source = read("source", replace(question, single=single))
        if source is None:
            return told
        told = replace(told, source=source)
        single = APPENDED_SINGLE if declared.is_append_only else COPY_SINGLE
        if not declared.is_append_only:
            keys = tuple(sorted(set(source["Key"]) - {""}))
    elif is_kept and not declared.is_append_only:
        single = frozenset(Age)
    told = replace(told, copy=read("restored", replace(question, single=single, keys=keys)))
    if declared.is_append_only or told.copy is None or told.source is None:
        return told
    return _read_again(question, read, told)


def _read_again(question: RowsAsked, read: ReadRows, told: TableChanges) -> TableChanges:
    """Read the rows of the buckets whose sums differ."""
    assert told.copy is not None, "sums are of both sides"
    assert told.source is not None, "sums are of both sides"
    buckets = unsettled_buckets(
        dated_buckets(told.copy), dated_buckets(told.source), question.limit
    )
    if not buckets:
        return told
    again = replace(question, single=frozenset(Age), buckets=buckets)
    return replace(
        told,
        reread=buckets,
        source_rows=read("source", again),
        copy_rows=read("restored", again),
    )
