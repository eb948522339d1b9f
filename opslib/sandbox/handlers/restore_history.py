"""AWS Backup: the restore jobs there have been, and verdicts.

Source: AWS Backup API Reference, ListRestoreJobs and PutRestoreValidationResult.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from opslib.sandbox.backups import BACKUP_REGION, vault_arn
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.restore_tests import (
    RestoreTest,
    testing_plan_arn,
)

__all__ = [
    "extra_restore_jobs",
    "find_restore_job",
    "list_restore_jobs",
    "put_restore_validation_result",
    "validation_of",
]

MOST_A_PAGE = 100
JobTeller = Callable[[Caller], Iterable[dict[str, Any]]]

extra_restore_jobs: list[JobTeller] = []
"""Functions that tell the jobs of an account and region which began since the epoch, each in the
shape of a RestoreJobsListMember."""

_VALIDATIONS: dict[tuple[str, str], dict[str, str]] = {}
"""The verdicts that were sent, by account and job."""


@op("backup", "ListRestoreJobs")
def list_restore_jobs(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:ListRestoreJobs, newest first."""
    jobs = [job for job in _all_jobs(caller) if _is_asked_for(job, asked)]
    jobs.sort(key=lambda job: (job["CreationDate"], job["RestoreJobId"]), reverse=True)
    return _page("RestoreJobs", jobs, asked)


def _all_jobs(caller: Caller) -> list[dict[str, Any]]:
    jobs = [_job(test) for test in _tests(caller)]
    jobs += [job for tell in extra_restore_jobs for job in tell(caller)]
    return [{**job, **validation_of(caller.account, job["RestoreJobId"])} for job in jobs]


def find_restore_job(identity: str, caller: Caller) -> dict[str, Any] | None:
    """Return a restore job of an account and region by its id; None where there is none."""
    return next((job for job in _all_jobs(caller) if job["RestoreJobId"] == identity), None)


def _is_asked_for(job: dict[str, Any], asked: dict[str, Any]) -> bool:
    exact = (
        ("ByStatus", job["Status"]),
        ("ByResourceType", job.get("ResourceType")),
        ("ByAccountId", job.get("AccountId")),
        ("ByRestoreTestingPlanArn", job.get("CreatedBy", {}).get("RestoreTestingPlanArn")),
    )
    after, before = asked.get("ByCreatedAfter"), asked.get("ByCreatedBefore")
    return (
        all(asked.get(name) in {None, value} for name, value in exact)
        and (after is None or job["CreationDate"] > after)
        and (before is None or job["CreationDate"] < before)
    )


def _tests(caller: Caller) -> list[RestoreTest]:
    here = (caller.account, caller.region)
    return [t for t in caller.scenario.restores if (t.store.account, BACKUP_REGION) == here]


def _job(test: RestoreTest) -> dict[str, Any]:
    account = test.store.account
    told = {
        "AccountId": account,
        "RestoreJobId": test.id,
        "RecoveryPointArn": f"arn:aws:backup:{BACKUP_REGION}:{account}:recovery-point:{test.id}",
        "SourceResourceArn": test.store.arn,
        "BackupVaultArn": vault_arn(account, BACKUP_REGION),
        "CreationDate": test.created,
        "CompletionDate": test.completed,
        "Status": "COMPLETED",
        "PercentDone": "100.00%",
        "BackupSizeInBytes": test.size_bytes,
        "IamRoleArn": f"arn:aws:iam::{account}:role/restore",
        "CreatedResourceArn": f"{test.store.arn}-test-{test.id[:8].lower()}",
        "ResourceType": test.store.type,
        "RecoveryPointCreationDate": test.created - timedelta(hours=1),
        "CreatedBy": {"RestoreTestingPlanArn": testing_plan_arn(account)},
        "DeletionStatus": "SUCCESSFUL",
    }
    return told | ({"ValidationStatus": test.validation} if test.validation else {})


@op("backup", "PutRestoreValidationResult")
def put_restore_validation_result(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:PutRestoreValidationResult, of a finished job of a restore testing plan."""
    job = find_restore_job(asked["RestoreJobId"], caller)
    if job is None:
        raise AwsError("ResourceNotFoundException", "Restore job does not exist")
    if not job.get("CreatedBy", {}).get("RestoreTestingPlanArn") or job["Status"] != "COMPLETED":
        raise AwsError("InvalidRequestException", "Restore job cannot be validated")
    names = ("ValidationStatus", "ValidationStatusMessage")
    told = {name: asked[name] for name in names if name in asked}
    _VALIDATIONS[caller.account, asked["RestoreJobId"]] = told
    return {}


def validation_of(account: str, job: str) -> dict[str, str]:
    """Return the verdict that was sent of a job, by the names of its shape; {} for none."""
    return _VALIDATIONS.get((account, job), {})


def _page(name: str, items: Sequence[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(items, asked.get("NextToken"), size)
    return {name: page} | ({"NextToken": token} if token else {})
