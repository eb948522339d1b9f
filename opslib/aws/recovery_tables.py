"""Everything that a report on recovery reads, in one call."""

from __future__ import annotations

from datetime import timedelta

from opslib.aws.backup_tables import read_backup_tables
from opslib.aws.past_runs import read_past_runs
from opslib.aws.reads import Reads
from opslib.aws.restore_jobs import read_restore_jobs
from opslib.aws.terraform_states import read_terraform_states
from opslib.parameters.dr import DrParameters
from opslib.tables.recovery import RecoveryTables

__all__ = ["read_recovery_tables"]

JOB_DAYS = 7
RESTORES_SINCE = timedelta(days=365)


def read_recovery_tables(reads: Reads, parameters: DrParameters) -> RecoveryTables:
    """Read backups, Terraform's state, and what has been restored before.

    Args:
        reads: the run's context.
        parameters: the notebook's.
    """
    as_of = parameters.as_of
    return RecoveryTables(
        backups=read_backup_tables(reads, as_of, JOB_DAYS),
        terraform=read_terraform_states(
            reads,
            parameters.account,
            parameters.state_patterns(),
            parameters.terraform_lock_table,
        ),
        past_runs=read_past_runs(reads),
        restore_jobs=read_restore_jobs(reads, as_of - RESTORES_SINCE),
    )
