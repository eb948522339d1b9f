"""Rows told apart by declared columns, read within a run: a replay needs no database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

import pandas as pd

from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.databases.changed_rows import RowsAsked, find_declared, read_changed_rows
from opslib.databases.postgres import Database
from opslib.databases.statements import Statements
from opslib.parameters.declared_changes import DeclaredChanges
from opslib.tables.changed_rows import CHANGED_ROWS, DECLARED_PLACES

__all__ = ["record_changed_rows", "record_declared"]

Opener = Callable[[], Database]


def record_declared(
    reads: Reads,
    label: str,
    database: Opener,
    declared: Sequence[DeclaredChanges],
    statements: Statements,
) -> pd.DataFrame | None:
    """Look up what is declared within a run; columns of `DECLARED_PLACES`, None where refused.

    Args:
        reads: the run's context.
        label: what coverage and evidence call the database.
        database: opens it.
        declared: of the parameters.
        statements: takes what is, or was recorded to be, asked.
    """
    request = ReadRequest(
        table=f"{label}: declared changes",
        asked=f"columns of {len(declared)} declarations",
        schema=DECLARED_PLACES,
        arguments={"database": label, "declared": [one.model_dump() for one in declared]},
    )

    def fetch() -> Fetched:
        asked = Statements()
        frame = find_declared(database(), declared, asked)
        return Fetched(frame=frame, notes={"statements": asked.rows()})

    found = reads.read(request, fetch)
    statements.extend(found.notes.get("statements", ()))
    return None if found.status.is_gap else found.frame


def record_changed_rows(
    reads: Reads,
    label: str,
    database: Opener,
    asked: RowsAsked,
    statements: Statements,
) -> pd.DataFrame | None:
    """Read rows by their ages within a run; columns of `CHANGED_ROWS`, None where refused.

    Args:
        reads: the run's context.
        label: what coverage and evidence call the database.
        database: opens it.
        asked: of which table.
        statements: takes what is, or was recorded to be, asked.
    """
    name = ".".join(asked.table)
    part = "" if asked.buckets is None else f" in {len(asked.buckets)} buckets"
    request = ReadRequest(
        table=f"{label}: {name} by {asked.declared.column}",
        asked=f"rows by their age{part}",
        schema=CHANGED_ROWS,
        arguments={
            "database": label,
            "table": list(asked.table),
            "declared": asked.declared.model_dump(),
            "baseline": asked.bounds.baseline.isoformat(),
            "settled": asked.bounds.settled.isoformat(),
            "latest": asked.bounds.latest.isoformat(),
            "single": sorted(asked.single),
            "keys": sha256("".join(asked.keys).encode()).hexdigest(),
            "buckets": None if asked.buckets is None else list(asked.buckets),
            "limit": asked.limit,
        },
    )

    def fetch() -> Fetched:
        kept = Statements()
        frame = read_changed_rows(database(), asked, kept)
        return Fetched(frame=frame, notes={"statements": kept.rows()})

    found = reads.read(request, fetch)
    statements.extend(found.notes.get("statements", ()))
    return None if found.status.is_gap else found.frame
