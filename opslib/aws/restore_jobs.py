"""AWS Backup: the restore jobs that there have been, by testing plans and by hand.

Source: AWS Backup API Reference, ListRestoreJobs. What a restore was asked with
(GetRestoreJobMetadata) may hold secrets and is not read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from opslib.aws.places import Place, read_places, utc
from opslib.aws.reads import Reads
from opslib.tables.drills import RESTORE_JOBS

__all__ = ["read_restore_jobs"]


def read_restore_jobs(reads: Reads, since: datetime) -> pd.DataFrame:
    """Read the restore jobs created after ``since``; columns of `RESTORE_JOBS`.

    Jobs of a composite restore have a parent that stands for them; only that is kept.
    """

    def fetch(place: Place) -> list[tuple[Any, ...]]:
        jobs = place.items("backup", "ListRestoreJobs", "RestoreJobs", ByCreatedAfter=since)
        return [_job_row(place, job) for job in jobs if not job.get("ParentJobId")]

    asked = f"all since {since:%Y-%m-%dT%H:%MZ}"
    return read_places(
        reads, "restore jobs", asked, RESTORE_JOBS, fetch, lambda _: {"since": since}
    )


def _job_row(place: Place, job: dict[str, Any]) -> tuple[Any, ...]:
    size = job.get("BackupSizeInBytes")
    return (
        place.label,
        place.region,
        job["RestoreJobId"],
        job.get("SourceResourceArn", ""),
        job.get("ResourceType", ""),
        job.get("RecoveryPointArn", ""),
        job.get("CreatedResourceArn", ""),
        job.get("Status", ""),
        job.get("StatusMessage", ""),
        utc(job["CreationDate"]),
        utc(job.get("CompletionDate")),
        None if size is None else float(size),
        job.get("CreatedBy", {}).get("RestoreTestingPlanArn", ""),
        job.get("ValidationStatus", ""),
        job.get("ValidationStatusMessage", ""),
    )
