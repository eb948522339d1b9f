"""What a drill planned, did and read: the values that its report is made from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import pandas as pd

from opslib.analysis.dr.baseline_choice import BaselineChoice
from opslib.analysis.dr.changes import ChangeEvidence
from opslib.analysis.dr.recovery_point import RecoveryPointChoice
from opslib.analysis.dr.restore_order import RestoreOrder
from opslib.parameters.store_copies import StoreCopy
from opslib.tables.database_state import DatabaseState
from opslib.tables.heartbeat import Heartbeat
from opslib.tables.store_states import FileCopyStates, ObjectCopyStates, TableCopyStates

__all__ = [
    "Drill",
    "DrillPlan",
    "Liveness",
    "Outcome",
    "ReadCopy",
    "RestoreOutcome",
    "RestoredStates",
]


class Outcome(StrEnum):
    """What became of a restore."""

    COMPLETED = "completed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillPlan:
    """What would be, or was, restored.

    Args:
        source: columns of `opslib.tables.database_servers.DATABASE_SERVERS`; empty where it could
            not be read.
        choice: what to restore from, and what was passed over; None without a source.
        order: the restore; None where there can be none.
        blocked: why there can be none; '' where there can.
        is_unseen: whether that is for what could not be read.
        usd_per_hour: price of the instance; None where not known.
    """

    source: pd.DataFrame
    choice: RecoveryPointChoice | None
    order: RestoreOrder | None
    blocked: str
    usd_per_hour: Decimal | None
    is_unseen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreOutcome:
    """What became of a restore.

    Args:
        outcome: how it ended.
        message: why it did not complete; '' otherwise.
        stages: columns of `opslib.tables.restores.RESTORE_STAGES`.
    """

    outcome: Outcome
    message: str
    stages: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredStates:
    """What was read of a source and of the database that was restored from it.

    Args:
        baseline: the source at, or before, the recovery point.
        restored: what came back.
        restored_rows: its rows in the buckets that differ from the baseline.
        now: the source as it is.
        now_rows: its rows in the same buckets.
        changes: what declared columns tell; None where none is declared, too.

    Each is None where it could not be read.
    """

    baseline: DatabaseState | None = None
    restored: DatabaseState | None = None
    restored_rows: pd.DataFrame | None = None
    now: DatabaseState | None = None
    now_rows: pd.DataFrame | None = None
    changes: ChangeEvidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """How fresh a copy is, and how it serves; each None where it could not be asked.

    Args:
        heartbeat: the newest times that the copy holds.
        source_heartbeat: the newest that the source had written by the recovery point.
        baseline_latencies: columns of `opslib.tables.transactions.TRANSACTIONS`, of the source.
        rounds: columns of `ROUNDS`, until the copy was as fast.
        ran: columns of `TRANSACTIONS`, of the copy.
    """

    heartbeat: Heartbeat | None
    source_heartbeat: Heartbeat | None
    baseline_latencies: pd.DataFrame | None
    rounds: pd.DataFrame | None
    ran: pd.DataFrame | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCopy:
    """A table, bucket or folder beside its copy.

    Args:
        copy: which ones.
        states: what was read of both; None where there is no copy, or no baseline of it.
        message: why there is none.
        baseline: the one that was taken of a series; None where none had to be chosen.
    """

    copy: StoreCopy
    states: TableCopyStates | ObjectCopyStates | FileCopyStates | None
    message: str = ""
    baseline: BaselineChoice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """Everything that a drill brought in.

    Args:
        plan: what would be, or was, restored.
        restore: what became of it; None where nothing was restored.
        restored_server: the server that was validated, columns of `DATABASE_SERVERS`.
        states: what was read of both sides.
        controls: columns of `opslib.tables.controls.CONTROLS`; None where they were not made.
        liveness: how fresh the copy is and how it serves; None where it was not asked.
        copies: tables, buckets and folders beside their copies.
        statements: that were sent to the restored database, columns of
            `opslib.tables.statements.STATEMENTS`; None where it was not read.
        baseline: the one that was taken of a series; None where none had to be chosen.
    """

    plan: DrillPlan
    restored_server: pd.DataFrame
    restore: RestoreOutcome | None = None
    states: RestoredStates = RestoredStates()
    controls: pd.DataFrame | None = None
    liveness: Liveness | None = None
    copies: tuple[ReadCopy, ...] = ()
    statements: pd.DataFrame | None = None
    baseline: BaselineChoice | None = None
