"""Backup and copy jobs as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

__all__ = ["JobLine", "list_jobs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLine:
    """A backup or copy job: what of, how it stands, and where a copy goes."""

    account: str
    region: str
    resource: str
    type: str
    state: str
    message: str
    created: datetime
    destination: str = ""
    made: str = ""


def list_jobs(jobs: pd.DataFrame, as_of: datetime) -> tuple[JobLine, ...]:
    """Return the jobs up to ``as_of``, newest first.

    Args:
        jobs: columns of `opslib.tables.backups.BACKUP_JOBS` or `COPY_JOBS`.
        as_of: the report's moment.
    """
    listed = [
        JobLine(
            account=row["Account"],
            region=row["Region"],
            resource=row["ResourceArn"],
            type=row["ResourceType"],
            state=row["State"],
            message=row["Message"],
            created=row["CreatedAt"].to_pydatetime(),
            destination=row.get("DestinationVaultArn", ""),
            made=row.get("DestinationRecoveryPointArn", row.get("RecoveryPointArn", "")),
        )
        for row in jobs.to_dict("records")
    ]
    past = [job for job in listed if job.created <= as_of]
    return tuple(sorted(past, key=lambda job: (job.created, job.resource), reverse=True))
