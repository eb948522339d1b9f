"""AWS Backup: vaults, plans, selections, recovery points, jobs and copies, in pages.

Source: AWS Backup API Reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from opslib.sandbox.backup_history import Job, Point
from opslib.sandbox.backups import (
    BACKUP_ACCOUNTS,
    BACKUP_REGION,
    COPY_REGION,
    COPY_VAULT,
    PLAN_NAME,
    RETENTION_DAYS,
    RULE_NAME,
    SCHEDULE,
    START_WINDOW_MINUTES,
    TAG_KEY,
    TAG_VALUE,
    VAULT,
    plan_id,
    vault_arn,
)
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError

__all__ = [
    "get_backup_plan",
    "get_backup_selection",
    "list_backup_jobs",
    "list_backup_plans",
    "list_backup_selections",
    "list_backup_vaults",
    "list_copy_jobs",
    "list_recovery_points_by_backup_vault",
]

MOST_A_PAGE = 100
MADE_BEFORE = timedelta(days=400)
LOCKED_BEFORE = timedelta(days=390)
SELECTIONS = ("tagged", "buckets")


@op("backup", "ListBackupVaults")
def list_backup_vaults(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:ListBackupVaults: one a region that backups or copies are kept in."""
    return _page("BackupVaultList", [_vault(caller)] if _has_vault(caller) else [], asked)


@op("backup", "ListRecoveryPointsByBackupVault")
def list_recovery_points_by_backup_vault(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:ListRecoveryPointsByBackupVault, newest first."""
    name = asked["BackupVaultName"]
    if not _has_vault(caller) or name != _vault_name(caller):
        raise AwsError("ResourceNotFoundException", f"Backup Vault {name} does not exist")
    wanted = asked.get("ByResourceArn")
    points = [
        _point(point, caller)
        for point in caller.scenario.backups.points
        if (point.store.account, point.region) == (caller.account, caller.region)
        and wanted in {None, point.store.arn}
    ]
    return _page("RecoveryPoints", points, asked)


@op("backup", "ListBackupPlans")
def list_backup_plans(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:ListBackupPlans: one an account, in the region of what it backs up."""
    plans = [{**_plan(caller), "BackupPlanName": PLAN_NAME}] if _has_plan(caller) else []
    return _page("BackupPlansList", plans, asked)


@op("backup", "GetBackupPlan")
def get_backup_plan(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:GetBackupPlan."""
    _check_plan(asked, caller)
    return {**_plan(caller), "BackupPlan": {"BackupPlanName": PLAN_NAME, "Rules": [_rule(caller)]}}


@op("backup", "ListBackupSelections")
def list_backup_selections(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:ListBackupSelections."""
    _check_plan(asked, caller)
    selections = [
        {"SelectionId": name, "SelectionName": name, "BackupPlanId": plan_id(caller.account)}
        for name in SELECTIONS
    ]
    return _page("BackupSelectionsList", selections, asked)


@op("backup", "GetBackupSelection")
def get_backup_selection(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:GetBackupSelection: by tag, and the buckets by name."""
    _check_plan(asked, caller)
    if asked["SelectionId"] not in SELECTIONS:
        raise AwsError("InvalidParameterValueException", "Cannot find Backup selection")
    chosen = {
        "SelectionName": asked["SelectionId"],
        "IamRoleArn": f"arn:aws:iam::{caller.account}:role/backup",
        **(_by_tag() if asked["SelectionId"] == "tagged" else _by_name(caller)),
    }
    return {
        "BackupSelection": chosen,
        "SelectionId": asked["SelectionId"],
        "BackupPlanId": plan_id(caller.account),
    }


@op("backup", "ListBackupJobs")
def list_backup_jobs(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:ListBackupJobs, newest first."""
    jobs = _jobs(caller.scenario.backups.backup_jobs, asked, caller)
    return _page("BackupJobs", [_backup_job(job) for job in jobs], asked)


@op("backup", "ListCopyJobs")
def list_copy_jobs(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:ListCopyJobs, newest first, in the region that is copied from."""
    jobs = _jobs(caller.scenario.backups.copy_jobs, asked, caller)
    return _page("CopyJobs", [_copy_job(job) for job in jobs], asked)


def _page(name: str, items: Sequence[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(items, asked.get("NextToken"), size)
    return {name: page} | ({"NextToken": token} if token else {})


def _has_plan(caller: Caller) -> bool:
    return _has_vault(caller) and caller.region == BACKUP_REGION


def _has_vault(caller: Caller) -> bool:
    held = bool(caller.scenario.backups.stores) and caller.account in BACKUP_ACCOUNTS
    return held and caller.region in {BACKUP_REGION, COPY_REGION}


def _vault_name(caller: Caller) -> str:
    return COPY_VAULT if caller.region == COPY_REGION else VAULT


def _check_plan(asked: dict[str, Any], caller: Caller) -> None:
    if not _has_plan(caller) or asked["BackupPlanId"] != plan_id(caller.account):
        raise AwsError("ResourceNotFoundException", "Cannot find Backup plan")


def _vault(caller: Caller) -> dict[str, Any]:
    held = (caller.account, caller.region)
    points = caller.scenario.backups.points
    return {
        "BackupVaultName": _vault_name(caller),
        "BackupVaultArn": vault_arn(caller.account, caller.region),
        "VaultType": "BACKUP_VAULT",
        "VaultState": "AVAILABLE",
        "CreationDate": caller.scenario.epoch - MADE_BEFORE,
        "EncryptionKeyArn": f"arn:aws:kms:{caller.region}:{caller.account}:key/backup",
        "NumberOfRecoveryPoints": sum((p.store.account, p.region) == held for p in points),
        "Locked": True,
        "LockDate": caller.scenario.epoch - LOCKED_BEFORE,
        "MinRetentionDays": 7,
        "MaxRetentionDays": 365,
    }


def _plan(caller: Caller) -> dict[str, Any]:
    identity = plan_id(caller.account)
    return {
        "BackupPlanId": identity,
        "BackupPlanArn": f"arn:aws:backup:{caller.region}:{caller.account}:backup-plan:{identity}",
        "CreationDate": caller.scenario.epoch - MADE_BEFORE,
        "VersionId": "v1",
    }


def _rule(caller: Caller) -> dict[str, Any]:
    lifecycle = {"DeleteAfterDays": RETENTION_DAYS}
    copies_to = vault_arn(caller.account, COPY_REGION)
    return {
        "RuleName": RULE_NAME,
        "RuleId": "every-night",
        "TargetBackupVaultName": VAULT,
        "ScheduleExpression": SCHEDULE,
        "ScheduleExpressionTimezone": "Etc/UTC",
        "StartWindowMinutes": START_WINDOW_MINUTES,
        "CompletionWindowMinutes": 180,
        "Lifecycle": lifecycle,
        "CopyActions": [{"DestinationBackupVaultArn": copies_to, "Lifecycle": lifecycle}],
    }


def _by_tag() -> dict[str, Any]:
    tag = {"ConditionKey": f"aws:ResourceTag/{TAG_KEY}", "ConditionValue": TAG_VALUE}
    return {
        "Resources": ["*"],
        "NotResources": ["arn:aws:s3:::*"],
        "Conditions": {"StringEquals": [tag]},
    }


def _by_name(caller: Caller) -> dict[str, Any]:
    stores = caller.scenario.backups.stores
    mine = [s.arn for s in stores if s.account == caller.account and s.type == "S3" and s.planned]
    return {"Resources": mine or ["arn:aws:s3:::none-yet"]}


def _point(point: Point, caller: Caller) -> dict[str, Any]:
    days = point.store.retention_days
    told = {
        "RecoveryPointArn": point.arn,
        "BackupVaultName": _vault_name(caller),
        "BackupVaultArn": vault_arn(caller.account, caller.region),
        "ResourceArn": point.store.arn,
        "ResourceName": point.store.name,
        "ResourceType": point.store.type,
        "CreatedBy": {"BackupPlanId": plan_id(caller.account), "BackupPlanName": PLAN_NAME},
        "Status": "AVAILABLE" if point.is_continuous else "COMPLETED",
        "CreationDate": point.created,
        "CompletionDate": point.completed,
        "BackupSizeInBytes": point.size_bytes,
        "Lifecycle": {"DeleteAfterDays": days},
        "CalculatedLifecycle": {"DeleteAt": point.created + timedelta(days=days)},
        "IsEncrypted": point.store.encrypted,
        "VaultType": "BACKUP_VAULT",
    }
    if point.is_copy:
        told["SourceBackupVaultArn"] = vault_arn(caller.account, BACKUP_REGION)
    return told


def _jobs(jobs: Sequence[Job], asked: dict[str, Any], caller: Caller) -> list[Job]:
    since: datetime | None = asked.get("ByCreatedAfter")
    if caller.region != BACKUP_REGION:
        return []
    return [
        job
        for job in jobs
        if job.store.account == caller.account and (since is None or job.created > since)
    ]


def _job(job: Job) -> dict[str, Any]:
    return {
        "AccountId": job.store.account,
        "ResourceArn": job.store.arn,
        "ResourceName": job.store.name,
        "ResourceType": job.store.type,
        "State": job.state,
        "CreationDate": job.created,
        "CompletionDate": job.completed,
    } | ({"StatusMessage": job.message} if job.message else {})


def _backup_job(job: Job) -> dict[str, Any]:
    made = {"RecoveryPointArn": job.point.arn} if job.point else {}
    return {**_job(job), "BackupJobId": job.id, "BackupVaultName": VAULT, **made}


def _copy_job(job: Job) -> dict[str, Any]:
    assert job.source is not None
    made = {"DestinationRecoveryPointArn": job.point.arn} if job.point else {}
    return {
        **_job(job),
        "CopyJobId": job.id,
        "SourceRecoveryPointArn": job.source.arn,
        "SourceBackupVaultArn": vault_arn(job.store.account, BACKUP_REGION),
        "DestinationBackupVaultArn": vault_arn(job.store.account, COPY_REGION),
        **made,
    }
