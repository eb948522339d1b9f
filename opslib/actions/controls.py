"""Negative controls: the restored database is injured on purpose, and every injury must show.

Each is made in a transaction of the restored database and taken back, one at a time, over a
sample of the rows of large tables (see `opslib.actions.control_sample`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pandas as pd
import psycopg

from opslib.actions.control_sample import cut_to_sample
from opslib.actions.injuries import Injury, NotMade, injure
from opslib.actions.injury_list import FILE_CLASSES, INJURIES
from opslib.analysis.dr.validation import differing_buckets, validate_restore
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.databases.content import read_rows_on
from opslib.databases.postgres import Database, connect, server_message
from opslib.databases.state import read_state_on
from opslib.databases.unreadable import cause_of
from opslib.errors import OpsError
from opslib.findings import Verdict
from opslib.tables.controls import CONTROLS
from opslib.tables.database_state import DatabaseState

__all__ = ["Control", "make_controls", "run_controls"]

Control = tuple[str, str, str, str, str]
"""A row of `CONTROLS`."""

NO_FILES = "the server's files are not within reach"


def run_controls(
    reads: Reads,
    label: str,
    database: Callable[[], Database],
    restored: DatabaseState,
    rows_limit: int = 100_000,
) -> pd.DataFrame | None:
    """Make every injury that the schema allows; columns of `CONTROLS`, None where refused.

    Classes that need the server's files are named as not applicable.

    Args:
        reads: the run's context.
        label: what coverage and evidence call the database.
        database: opens the restored database, by a role that owns what is in it.
        restored: its state, with the digest of every row.
        rows_limit: rows of a table above which a sample takes their place.
    """
    request = ReadRequest(
        table=f"{label}: negative controls",
        asked=f"{len(INJURIES)} classes of injury, each made and taken back",
        schema=CONTROLS,
        arguments={"database": label, "rows_limit": rows_limit},
    )

    def fetch() -> Fetched:
        rows = make_controls(database(), INJURIES, restored, rows_limit)
        rows += [(name, "not applicable", "", "", NO_FILES) for name in FILE_CLASSES]
        return Fetched(frame=pd.DataFrame(rows, columns=list(CONTROLS.columns)))

    found = reads.read(request, fetch)
    return None if found.status.is_gap else found.frame


def make_controls(
    database: Database, injuries: Sequence[Injury], restored: DatabaseState, rows_limit: int
) -> list[Control]:
    """Make injuries one by one, each judged by itself: one that fails does not end the others.

    Args:
        database: the restored one.
        injuries: what to do to it.
        restored: its state, with the digest of every row.
        rows_limit: rows of a table above which a sample takes their place.
    """
    made: list[Control] = []
    while len(made) < len(injuries):
        try:
            with _scratch(database) as connection:
                baseline = _sampled(connection, restored, rows_limit)
                known = _failures(baseline, baseline, baseline.rows)
                for injury in injuries[len(made) :]:
                    made.append(_judge(connection, injury, baseline, known))
                    if connection.closed:
                        break
        except OpsError as error:
            left = injuries[len(made) :]
            reason = f"the database could not be prepared: {error.what}"
            made += [(injury.name, "error", "", "", reason) for injury in left]
    return made


@contextmanager
def _scratch(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """Open a transaction of which nothing stays, whatever happens."""
    with connect(database, read_only=False) as connection:
        try:
            yield connection
        finally:
            if not connection.closed:
                connection.rollback()


def _sampled(
    connection: psycopg.Connection[Any], restored: DatabaseState, rows_limit: int
) -> DatabaseState:
    """Return the state that injuries are held against: the restored one, or that of a sample."""
    cut = cut_to_sample(connection, restored, rows_limit)
    if not cut:
        return restored
    state = read_state_on(connection, restored.algorithm, restored.plans)
    names = zip(restored.rows["Schema"], restored.rows["Table"], strict=True)
    whole = pd.Series([name not in cut for name in names], index=restored.rows.index, dtype=bool)
    return replace(state, rows=restored.rows[whole], corruptions=restored.corruptions)


def _judge(
    connection: psycopg.Connection[Any],
    injury: Injury,
    baseline: DatabaseState,
    known: set[tuple[str, str]],
) -> Control:
    """Make one injury, validate, take it back; a failure of its own is its outcome."""
    try:
        with injure(connection, injury) as made:
            if isinstance(made, NotMade):
                return injury.name, "not applicable", "", "", made.reason
            state, rows = _read_again(connection, baseline)
    except psycopg.Error as error:
        outcome = "not judged" if cause_of(error) == "cancelled" else "error"
        return injury.name, outcome, "", "", server_message(error)
    except OpsError as error:
        return injury.name, "error", "", "", error.what
    unread = _newly_unread(state, baseline)
    if unread:
        return injury.name, "not judged", made.place, "", unread
    failed = {check for check, _ in _failures(baseline, state, rows) - known}
    outcome = "caught" if failed & set(injury.caught_by) else "missed"
    return injury.name, outcome, made.place, ", ".join(sorted(failed)), ""


def _read_again(
    connection: psycopg.Connection[Any], baseline: DatabaseState
) -> tuple[DatabaseState, pd.DataFrame]:
    state = read_state_on(connection, baseline.algorithm, baseline.plans)
    differing = differing_buckets(baseline, state)
    kept = baseline.kept
    wanted = {name: buckets for name, buckets in differing.items() if name in kept}
    rows = read_rows_on(connection, baseline.algorithm, wanted, baseline.plans)
    return replace(state, corruptions=baseline.corruptions), rows


def _failures(
    baseline: DatabaseState, state: DatabaseState, rows: pd.DataFrame
) -> set[tuple[str, str]]:
    """Return check and subject of all that fails, the baseline taken for the source as it is."""
    results = validate_restore(baseline, state, rows, baseline, baseline.rows)
    return {(one.check, one.subject) for one in results if one.verdict is Verdict.FAIL}


def _newly_unread(state: DatabaseState, baseline: DatabaseState) -> str:
    """Return what the server said of a thing that it could read before; '' where there is none."""
    if state.unreadable is None or state.unreadable.empty:
        return ""
    before = {
        (part, name) for part in state.unreadable["Part"].unique() for name in baseline.unread(part)
    }
    for part, schema, name, _, said in state.unreadable.itertuples(index=False):
        if (part, (schema, name)) not in before:
            return f"{schema}.{name}: {said}"
    return ""
