"""Negative controls: the restored database is injured on purpose, and every injury must show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from opslib.actions.injuries import Injury, injure
from opslib.actions.injury_list import INJURIES
from opslib.analysis.dr.validation import differing_buckets, validate_restore
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.databases.content import read_rows_on
from opslib.databases.postgres import Database, connect
from opslib.databases.state import read_state_on
from opslib.findings import Verdict
from opslib.tables.controls import CONTROLS
from opslib.tables.database_state import DatabaseState

__all__ = ["judge_injury", "run_controls"]


def run_controls(
    reads: Reads, label: str, database: Callable[[], Database], restored: DatabaseState
) -> pd.DataFrame | None:
    """Make every injury that the schema allows; columns of `CONTROLS`, None where refused.

    Each is made in a transaction of the restored database and rolled back; nothing stays.

    Args:
        reads: the run's context.
        label: what coverage and evidence call the database.
        database: opens the restored database, by a role that owns what is in it.
        restored: its state, with the digest of every row.
    """
    request = ReadRequest(
        table=f"{label}: negative controls",
        asked=f"{len(INJURIES)} classes of injury, each made and taken back",
        schema=CONTROLS,
        arguments={"database": label},
    )

    def fetch() -> Fetched:
        opened = database()
        rows = [judge_injury(opened, injury, restored) for injury in INJURIES]
        return Fetched(frame=pd.DataFrame(rows, columns=list(CONTROLS.columns)))

    found = reads.read(request, fetch)
    return None if found.status.is_gap else found.frame


def judge_injury(
    database: Database, injury: Injury, restored: DatabaseState
) -> tuple[str, str, str, str]:
    """Make one injury, validate, take it back; return injury, outcome, place and checks."""
    with connect(database, read_only=False) as connection:
        with injure(connection, injury) as made:
            if made is None:
                return injury.name, "not applicable", "", ""
            state = read_state_on(connection, restored.algorithm, restored.plans)
            wanted = differing_buckets(restored, state)
            rows = read_rows_on(connection, restored.algorithm, wanted, restored.plans)
        connection.rollback()
    state = replace(state, corruptions=restored.corruptions)
    results = validate_restore(restored, state, rows, restored, restored.rows)
    failed = {result.check for result in results if result.verdict is Verdict.FAIL}
    outcome = "caught" if failed & set(injury.caught_by) else "missed"
    return injury.name, outcome, made.place, ", ".join(sorted(failed))
