"""AWS Backup: restore jobs, and the plans that test restoring.

Source: AWS Backup API Reference, ListRestoreJobs, ListRestoreTestingPlans,
ListRestoreTestingSelections and GetRestoreTestingSelection. What a restore was asked with
(GetRestoreJobMetadata) may hold secrets and is not read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from opslib.aws.places import Place, read_places, redacted_json, utc
from opslib.aws.reads import Reads
from opslib.tables.drills import RESTORE_JOBS, RESTORE_TESTING

__all__ = ["read_restore_jobs", "read_restore_testing"]


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


def read_restore_testing(reads: Reads) -> pd.DataFrame:
    """Read the restore testing plans and what they select; columns of `RESTORE_TESTING`."""

    def fetch(place: Place) -> list[tuple[Any, ...]]:
        plans = place.items("backup", "ListRestoreTestingPlans", "RestoreTestingPlans")
        return [row for plan in plans for row in _plan_rows(place, plan)]

    return read_places(
        reads, "restore testing plans", "all plans with their selections", RESTORE_TESTING, fetch
    )


def _plan_rows(place: Place, plan: dict[str, Any]) -> list[tuple[Any, ...]]:
    name = plan["RestoreTestingPlanName"]
    listed = place.items(
        "backup",
        "ListRestoreTestingSelections",
        "RestoreTestingSelections",
        RestoreTestingPlanName=name,
    )
    selections = [
        place.call(
            "backup",
            "GetRestoreTestingSelection",
            RestoreTestingPlanName=name,
            RestoreTestingSelectionName=selection["RestoreTestingSelectionName"],
        )["RestoreTestingSelection"]
        for selection in listed
    ]
    return [_selection_row(place, plan, selection) for selection in selections or [{}]]


def _selection_row(
    place: Place, plan: dict[str, Any], selection: dict[str, Any]
) -> tuple[Any, ...]:
    hours = selection.get("ValidationWindowHours")
    return (
        place.label,
        place.region,
        plan["RestoreTestingPlanName"],
        plan["RestoreTestingPlanArn"],
        plan.get("ScheduleExpression", ""),
        plan.get("ScheduleExpressionTimezone", "Etc/UTC"),
        utc(plan.get("LastExecutionTime")),
        selection.get("RestoreTestingSelectionName", ""),
        selection.get("ProtectedResourceType", ""),
        redacted_json(selection.get("ProtectedResourceArns", [])),
        None if hours is None else float(hours),
    )
