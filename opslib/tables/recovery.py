"""Everything that a report on recovery reads of AWS and of its own past."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from opslib.tables.backups import BackupTables
from opslib.tables.terraform import TerraformTables

__all__ = ["RecoveryTables"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryTables:
    """What is backed up, how state is kept, and what has been restored before.

    Args:
        backups: what holds data and what AWS Backup keeps of it.
        terraform: the buckets and objects of Terraform's state.
        past_runs: columns of `opslib.tables.drills.PAST_RUNS`.
        restore_jobs: columns of `opslib.tables.drills.RESTORE_JOBS`.
    """

    backups: BackupTables
    terraform: TerraformTables
    past_runs: pd.DataFrame
    restore_jobs: pd.DataFrame
