"""Restore jobs of AWS Backup: started, watched, and found again after a kill.

Source: AWS Backup API Reference, StartRestoreJob, DescribeRestoreJob, ListRestoreJobs,
GetRestoreJobMetadata. A restore job cannot be cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opslib.actions.made_things import Clients
from opslib.aws.faults import aws_faults

__all__ = ["RestoreJob", "look_at_job", "unfinished_targets"]

UNFINISHED = ("PENDING", "RUNNING")
NAMES = ("DBClusterIdentifier", "DBInstanceIdentifier", "targetTableName")


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreJob:
    """A restore job as it is now.

    Args:
        state: PENDING, RUNNING, COMPLETED, ABORTED or FAILED.
        percent: how much is done, as AWS writes it; '' where it does not.
        made: ARN of what it makes; '' before that is there.
        message: why it failed.
    """

    state: str
    percent: str
    made: str
    message: str


def look_at_job(clients: Clients, job: str) -> RestoreJob:
    """Return the state of a restore job.

    Raises:
        ReadError: AWS refuses to tell.
    """
    with aws_faults(f"backup:DescribeRestoreJob {job}"):
        told = clients("backup").describe_restore_job(RestoreJobId=job)
    return RestoreJob(
        state=told["Status"],
        percent=told.get("PercentDone", ""),
        made=told.get("CreatedResourceArn", ""),
        message=told.get("StatusMessage", ""),
    )


def unfinished_targets(clients: Clients, name: str) -> list[str]:
    """Return what jobs under way will make, of names that begin with ``name``.

    Raises:
        ReadError: AWS refuses to tell.
    """
    with aws_faults("backup:ListRestoreJobs"):
        pages = clients("backup").get_paginator("list_restore_jobs")
        jobs = [
            job["RestoreJobId"]
            for status in UNFINISHED
            for page in pages.paginate(ByStatus=status)
            for job in page["RestoreJobs"]
        ]
        targets = [_target(clients, job) for job in jobs]
    return [target for target in targets if target.startswith(name)]


def _target(clients: Clients, job: str) -> str:
    metadata: dict[str, Any] = (
        clients("backup").get_restore_job_metadata(RestoreJobId=job).get("Metadata", {})
    )
    return next((str(metadata[name]) for name in NAMES if name in metadata), "")
