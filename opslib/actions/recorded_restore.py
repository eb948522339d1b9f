"""A restore within a run: made once, timed, and recorded, so that a replay makes nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.actions.action_ledger import ActionLedger
from opslib.actions.changes import Changes
from opslib.actions.database_restore import RestoreFailed, restore_server
from opslib.actions.drill_run import DrillRun
from opslib.actions.stage_clock import RestoreTimedOut, StageClock, WaitLimits
from opslib.analysis.dr.drill import Outcome, RestoreOutcome
from opslib.analysis.dr.restore_order import RestoreOrder
from opslib.aws.database_servers import describe_server
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import CoverageStatus
from opslib.errors import OpsError, ParameterError, ReadError
from opslib.parameters.dr import DrParameters
from opslib.progress import tell
from opslib.tables.database_servers import DATABASE_SERVERS
from opslib.tables.restores import RESTORE_STAGES

__all__ = ["changes_of", "open_clock", "record_last_stages", "record_restore"]

Answers = Callable[[pd.DataFrame, StageClock], None]


def open_clock(parameters: DrParameters) -> StageClock:
    """Start the clock of a restore that is about to be asked for."""
    limits = WaitLimits(
        seconds=parameters.restore_timeout_minutes * 60, poll_seconds=parameters.poll_seconds
    )
    return StageClock(limits=limits, tell=tell)


def changes_of(reads: Reads, parameters: DrParameters) -> Changes:
    """Return what this run may change.

    Raises:
        ParameterError: nobody would tear down what it makes, since no runner runs it.
    """
    if not reads.run.run_id:
        raise ParameterError(
            "a restore is torn down by the runner, and there is none here",
            where="mode: restore",
            remedy="Run it: opslib run dr_restore_validation; in JupyterLab, mode plan and "
            "validate_existing serve.",
        )
    return Changes(
        reads.connection,
        parameters.account,
        parameters.region,
        DrillRun(id=reads.run.run_id, expires_hours=parameters.expires_hours),
        ActionLedger(reads.run.path),
    )


def record_restore(
    reads: Reads,
    parameters: DrParameters,
    order: RestoreOrder,
    clock: StageClock,
    usd_per_hour: Decimal | None,
    answers: Answers,
) -> RestoreOutcome:
    """Restore a server, and wait until its data answers.

    Args:
        reads: the run's context.
        parameters: where it lies.
        order: what to restore.
        clock: was started just before.
        usd_per_hour: price of the instance.
        answers: takes the restored server and the clock; asks its database.
    """
    request = ReadRequest(
        table="restore: stages",
        asked=f"{order.source} as of {order.restores_to.isoformat()}",
        schema=RESTORE_STAGES,
    )

    def fetch() -> Fetched:
        changes = changes_of(reads, parameters)
        outcome, message = Outcome.COMPLETED, ""
        try:
            restore_server(changes, order, clock, "" if usd_per_hour is None else str(usd_per_hour))
            row = describe_server(changes.client("rds"), order.kind, order.target, changes.label)
            answers(pd.DataFrame([row], columns=list(DATABASE_SERVERS.columns)), clock)
        except (RestoreFailed, RestoreTimedOut, ReadError) as error:
            outcome, message = _outcome_of(error), str(error)
        status = CoverageStatus.COMPLETE if outcome is Outcome.COMPLETED else CoverageStatus.FAILED
        notes = {"outcome": outcome.value, "message": message}
        return Fetched(frame=_stages(clock), status=status, detail=message, notes=notes)

    found = reads.read(request, fetch)
    return RestoreOutcome(
        outcome=Outcome(found.notes["outcome"]),
        message=found.notes["message"],
        stages=found.frame,
    )


def record_last_stages(reads: Reads, clock: StageClock, stages: pd.DataFrame) -> pd.DataFrame:
    """Note that the data is validated, and return all stages.

    Args:
        reads: the run's context.
        clock: of the restore.
        stages: those of the restore, columns of `RESTORE_STAGES`.
    """
    request = ReadRequest(
        table="restore: last stages", asked="until the data was validated", schema=RESTORE_STAGES
    )

    def fetch() -> Fetched:
        clock.reached("validated", clock.passed)
        reached = _stages(clock)
        return Fetched(frame=reached[~reached["Stage"].isin(set(stages["Stage"]))])

    return pd.concat([stages, reads.read(request, fetch).frame], ignore_index=True)


def _outcome_of(error: OpsError) -> Outcome:
    if isinstance(error, RestoreTimedOut):
        return Outcome.TIMED_OUT
    return Outcome.FAILED if isinstance(error, RestoreFailed) else Outcome.REFUSED


def _stages(clock: StageClock) -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = [(name, *ends) for name, ends in clock.stages.items()]
    return pd.DataFrame(rows, columns=list(RESTORE_STAGES.columns))
