"""Rows told apart by declared columns, read within a run: a replay needs no database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

import pandas as pd

from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.databases.changed_rows import RowsAsked, find_declared, read_changed_rows
from opslib.databases.postgres import Database
from opslib.parameters.declared_changes import DeclaredChanges
from opslib.tables.changed_rows import CHANGED_ROWS, DECLARED_PLACES

__all__ = ["record_changed_rows", "record_declared"]

Opener = Callable[[], Database]


def record_declared(
    reads: Reads, label: str, database: Opener, declared: Sequence[DeclaredChanges]
) -> pd.DataFrame | None:
    """Look up what is declared within a run; columns of `DECLARED_PLACES`, None where refused."""
    request = ReadRequest(
        table=f"{label}: declared changes",
        asked=f"columns of {len(declared)} declarations",
        schema=DECLARED_PLACES,
        arguments={"database": label, "declared": [one.model_dump() for one in declared]},
    )
    found = reads.read(request, lambda: Fetched(frame=find_declared(database(), declared)))
    return None if found.status.is_gap else found.frame


def record_changed_rows(
    reads: Reads, label: str, database: Opener, asked: RowsAsked
) -> pd.DataFrame | None:
    """Read rows by their ages within a run; columns of `CHANGED_ROWS`, None where refused."""
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
    found = reads.read(request, lambda: Fetched(frame=read_changed_rows(database(), asked)))
    return None if found.status.is_gap else found.frame
