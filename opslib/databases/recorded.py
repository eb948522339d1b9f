"""Databases read within a run: recorded part by part, so that a replay needs no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import pandas as pd

from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.databases.content import read_rows
from opslib.databases.postgres import Database
from opslib.databases.statements import Statements
from opslib.tables.database_state import DatabaseState, TableName
from opslib.tables.databases import STATE_PARTS, WRITTEN_ROWS

__all__ = ["record_rows", "record_state"]

OPTIONAL = ("corruptions", "unreadable", "statements")
"""Parts of a state that may not have been looked for or kept."""


def record_state(
    reads: Reads, label: str, read: Callable[[], DatabaseState]
) -> DatabaseState | None:
    """Return a database's state within a run; None where it could not be read.

    Args:
        reads: the run's context.
        label: what coverage and evidence call it.
        read: reads it; not called where it was recorded.
    """
    loaded = cache(read)
    parts = {name: _part(reads, label, name, loaded) for name in STATE_PARTS}
    if any(part.status.is_gap for part in parts.values()):
        return None
    notes = {**parts["tables"].notes}
    frames: dict[str, Any] = {name: part.frame for name, part in parts.items()}
    for name in OPTIONAL:
        if not notes.pop(f"has_{name}"):
            frames[name] = None
    captured_at = datetime.fromisoformat(notes.pop("captured_at"))
    return DatabaseState(captured_at=captured_at, **notes, **frames)


def _part(reads: Reads, label: str, name: str, loaded: Callable[[], DatabaseState]) -> Fetched:
    request = ReadRequest(
        table=f"{label}: {name.replace('_', ' ')}",
        asked="the whole database",
        schema=STATE_PARTS[name],
        arguments={"database": label},
    )

    def fetch() -> Fetched:
        state = loaded()
        notes: dict[str, Any] = {
            "captured_at": state.captured_at.isoformat(),
            "is_exact": state.is_exact,
            "server_version": state.server_version,
            "algorithm": state.algorithm,
            "has_checksums": state.has_checksums,
            "server_id": state.server_id,
            "oldest_running": state.oldest_running,
            "checkpoint_id": state.checkpoint_id,
            **{f"has_{name}": getattr(state, name) is not None for name in OPTIONAL},
        }
        frame = getattr(state, name)
        if frame is None:
            frame = pd.DataFrame(columns=list(STATE_PARTS[name].columns))
        return Fetched(frame=frame, notes=notes if name == "tables" else {})

    return reads.read(request, fetch)


def record_rows(
    reads: Reads,
    label: str,
    database: Callable[[], Database],
    baseline: DatabaseState,
    wanted: Mapping[TableName, Sequence[int]],
    statements: Statements | None = None,
) -> pd.DataFrame | None:
    """Read rows within a run; columns of `WRITTEN_ROWS`, None where refused.

    Args:
        reads: the run's context.
        label: what coverage and evidence call the database.
        database: opens it.
        baseline: by whose algorithm and buckets.
        wanted: table to the buckets whose rows are read.
        statements: takes what is, or was recorded to be, asked.
    """
    buckets = {".".join(name): list(numbers) for name, numbers in wanted.items()}
    request = ReadRequest(
        table=f"{label}: differing rows",
        asked=f"rows of {sum(map(len, buckets.values()))} buckets",
        schema=WRITTEN_ROWS,
        arguments={"database": label, "buckets": buckets},
    )

    def fetch() -> Fetched:
        if not wanted:
            return Fetched(frame=pd.DataFrame(columns=list(WRITTEN_ROWS.columns)))
        asked = Statements()
        frame = read_rows(database(), baseline.algorithm, wanted, baseline.plans, asked)
        return Fetched(frame=frame, notes={"statements": asked.rows()})

    found = reads.read(request, fetch)
    if statements is not None:
        statements.extend(found.notes.get("statements", ()))
    return None if found.status.is_gap else found.frame
