"""A drill: plan, restore into isolation, read both sides, injure the copy, and look.

What it makes is torn down by the runner (`opslib.actions.teardown`), which outlives the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import pandas as pd

from opslib.actions.chosen_baselines import ChosenBaselines
from opslib.actions.controls import run_controls
from opslib.actions.declared_changes import record_changes
from opslib.actions.drill_plan import plan_drill
from opslib.actions.liveness import ask_liveness, warm_up
from opslib.actions.recorded_restore import open_clock, record_last_stages, record_restore
from opslib.actions.stage_clock import StageClock
from opslib.actions.store_copies import check_baselines, read_copies
from opslib.analysis.dr.baseline_choice import BaselineChoice
from opslib.analysis.dr.drill import Drill, DrillPlan, Outcome, RestoredStates
from opslib.analysis.dr.validation import differing_buckets
from opslib.aws.baselines import fetch_baseline
from opslib.aws.database_servers import read_database_server
from opslib.aws.reads import Reads
from opslib.databases.first_query import ask_first
from opslib.databases.opened import Opener, open_database
from opslib.databases.postgres import connect
from opslib.databases.recorded import record_rows, record_state
from opslib.databases.recorded_transactions import record_transaction_file
from opslib.databases.state import read_state
from opslib.databases.statements import Statements
from opslib.errors import DatabaseUnreachable, NotFound, ReadError
from opslib.parameters.dr import DrParameters, Mode
from opslib.parameters.synthetic import Transaction
from opslib.progress import tell
from opslib.tables.backups import BackupTables
from opslib.tables.database_servers import DATABASE_SERVERS
from opslib.tables.database_state import DatabaseState

__all__ = ["run_drill"]


def run_drill(reads: Reads, parameters: DrParameters, backups: BackupTables) -> Drill:
    """Do what the mode says: plan, restore and validate, or validate what is restored already.

    Args:
        reads: the run's context; what it recorded is neither read nor done again.
        parameters: what to restore, how to enter it, and what to hold it against.
        backups: from `opslib.aws.backup_tables.read_backup_tables`.

    Raises:
        OpsError: in mode restore, whatever is known to be wrong before anything is made.
    """
    plan = plan_drill(reads, parameters, backups)
    drill = Drill(plan=plan, restored_server=pd.DataFrame(columns=list(DATABASE_SERVERS.columns)))
    if parameters.mode is Mode.PLAN or (plan.blocked and not plan.source.empty):
        return drill
    baselines, moment = ChosenBaselines(reads, parameters), _moment_of(plan, parameters)
    choice = baselines.of_database(moment)
    if choice is not None:
        drill = replace(drill, baseline=choice)
        parameters = parameters.model_copy(update={"baseline": choice.path or choice.series})
    baseline = _baseline(reads, parameters, choice)
    transactions = record_transaction_file(reads, parameters.transactions)
    against = _Against(baseline=baseline, transactions=transactions)
    if parameters.mode is Mode.RESTORE:
        check_baselines(reads, parameters, baselines)
        drill = _restore(reads, parameters, drill, against)
    else:
        server = _restored_server(reads, parameters, parameters.restored)
        drill = _validate(reads, parameters, replace(drill, restored_server=server), against)
    return _with_copies(reads, parameters, drill, baselines, moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Against:
    """What a copy is held against, and the clock of its restore."""

    baseline: DatabaseState | None
    transactions: tuple[Transaction, ...]
    clock: StageClock | None = None


def _restore(reads: Reads, parameters: DrParameters, drill: Drill, against: _Against) -> Drill:
    order = drill.plan.order
    assert order is not None, "a plan that is not blocked has an order"
    clock = open_clock(parameters)
    answers = partial(_answer, reads, parameters)
    restore = record_restore(reads, parameters, order, clock, drill.plan.usd_per_hour, answers)
    drill = replace(drill, restore=restore)
    if restore.outcome is not Outcome.COMPLETED:
        return drill
    server = _restored_server(reads, parameters, order.target)
    against = replace(against, clock=clock)
    return _validate(reads, parameters, replace(drill, restored_server=server), against)


def _moment_of(plan: DrillPlan, parameters: DrParameters) -> datetime | None:
    """Return the moment that is, or was, restored; None where it is not known."""
    if parameters.mode is Mode.RESTORE and plan.order is not None:
        return plan.order.restores_to
    return parameters.restored_to


def _baseline(
    reads: Reads, parameters: DrParameters, choice: BaselineChoice | None
) -> DatabaseState | None:
    """Return the baseline; before a restore it must be there."""

    def fetch() -> DatabaseState:
        if choice is not None and not choice.path:
            raise NotFound(choice.because.removesuffix("."), remedy=choice.remedy)
        return fetch_baseline(reads, parameters.account, parameters.baseline)

    found = record_state(reads, "baseline", fetch)
    if found is None and parameters.mode is Mode.RESTORE:
        told = [line for line in reads.coverage if line.table.startswith("baseline: ")]
        raise ReadError(
            f"the baseline cannot be read: {told[0].detail}",
            where=parameters.baseline,
            remedy="Capture one: opslib baseline capture -e ENVIRONMENT TARGET.",
        )
    return found


def _with_copies(
    reads: Reads,
    parameters: DrParameters,
    drill: Drill,
    baselines: ChosenBaselines,
    moment: datetime | None,
) -> Drill:
    """Add the tables, buckets and folders, beside the database."""
    choice = drill.plan.choice
    until = None if choice is None else choice.restore_to
    copies = read_copies(reads, parameters, until, baselines, moment)
    return replace(drill, copies=copies)


def _restored_server(reads: Reads, parameters: DrParameters, identifier: str) -> pd.DataFrame:
    kind = parameters.source_kind
    return read_database_server(reads, parameters.account, kind, identifier, "restored")


def _answer(
    reads: Reads, parameters: DrParameters, server: pd.DataFrame, clock: StageClock
) -> None:
    """Wait until a restored database takes connections, and ask it for data."""
    database = open_database(reads, parameters, server, "restored")
    clock.wait_for("first connection", partial(_why_closed, database))
    began = clock.passed
    ask_first(database())
    clock.reached("first query", began)


def _why_closed(database: Opener) -> str:
    try:
        with connect(database()):
            return ""
    except DatabaseUnreachable as error:
        return error.what


def _validate(reads: Reads, parameters: DrParameters, drill: Drill, against: _Against) -> Drill:
    """Read both sides, and make the negative controls."""
    if against.baseline is None:
        return drill
    copy = open_database(reads, parameters, drill.restored_server, "restored")
    source = open_database(reads, parameters, drill.plan.source, "source")
    warm = warm_up(reads, parameters, copy, against.transactions)
    statements = Statements()
    states = _read_states(reads, parameters, against.baseline, copy, source, statements)
    recovered_to = _recovered_to(drill, parameters)
    changes = record_changes(reads, parameters, states, copy, source, recovered_to, statements)
    drill = replace(drill, states=replace(states, changes=changes))
    if states.restored is None:
        return drill
    liveness = ask_liveness(
        reads, parameters, copy, source, against.transactions, recovered_to, warm, statements
    )
    drill = replace(drill, liveness=liveness, statements=statements.frame())
    if drill.restore is not None and against.clock is not None:
        stages = record_last_stages(reads, against.clock, drill.restore.stages)
        drill = replace(drill, restore=replace(drill.restore, stages=stages))
    if not parameters.controls:
        return drill
    tell("making the negative controls")
    limit = parameters.control_rows_limit
    made = run_controls(reads, "restored", copy, states.restored, limit)
    return replace(drill, controls=made)


def _recovered_to(drill: Drill, parameters: DrParameters) -> datetime | None:
    """Return the moment that the copy is of: as restored, or as the parameters say."""
    if drill.restore is not None and drill.plan.order is not None:
        return drill.plan.order.restores_to
    return parameters.restored_to


def _read_states(
    reads: Reads,
    parameters: DrParameters,
    baseline: DatabaseState,
    copy: Opener,
    source: Opener,
    statements: Statements,
) -> RestoredStates:
    rows_limit = parameters.rows_limit
    restored = record_state(
        reads,
        "restored",
        lambda: read_state(
            copy(), baseline.algorithm, baseline.plans, rows_limit=rows_limit, is_restored=True
        ),
    )
    # A table that is newer than the baseline is read alike on both sides.
    plans = {**(restored.plans if restored else {}), **baseline.plans}
    now = record_state(reads, "source", lambda: read_state(source(), baseline.algorithm, plans))
    if restored is None:
        return RestoredStates(baseline=baseline, now=now)
    if restored.statements is not None:
        statements.extend(restored.statements.itertuples(index=False))
    wanted = differing_buckets(baseline, restored)
    return RestoredStates(
        baseline=baseline,
        restored=restored,
        restored_rows=record_rows(reads, "restored", copy, baseline, wanted, statements),
        now=now,
        now_rows=None if now is None else record_rows(reads, "source", source, baseline, wanted),
    )
