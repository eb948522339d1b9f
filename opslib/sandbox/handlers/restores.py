"""Restores of the sandbox's databases: by AWS Backup, from a snapshot, to a point in time.

Each is physical, and takes its time: a job is PENDING, RUNNING with per cent, COMPLETED.

Source: AWS Backup API Reference, StartRestoreJob; Amazon RDS API Reference, the Restore operations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from moto.backends import get_backend

from opslib.sandbox.backup_history import Point
from opslib.sandbox.backups import RECOVERY_LAG
from opslib.sandbox.handlers.restore_history import extra_restore_jobs, find_restore_job
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.served_databases import Restore, databases_of
from opslib.sandbox.source_databases import SOURCES

__all__ = [
    "describe_restore_job",
    "get_restore_job_metadata",
    "restore_db_cluster_from_snapshot",
    "restore_db_cluster_to_point_in_time",
    "restore_db_instance_from_db_snapshot",
    "restore_db_instance_to_point_in_time",
    "running_restore_jobs",
    "start_restore_job",
]

_JOBS: dict[str, dict[str, Any]] = {}
"""Job id to what it was asked for, in this process."""

KINDS = {"Aurora": "DBClusterIdentifier", "RDS": "DBInstanceIdentifier"}
SUBNET_GROUPS = {"", "default", "isolated"}


@op("backup", "StartRestoreJob")
def start_restore_job(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:StartRestoreJob of a recovery point of a database that has a server."""
    point = _point(asked["RecoveryPointArn"], caller)
    metadata: dict[str, str] = asked["Metadata"]
    name = KINDS.get(point.store.type, "")
    if point.store.name not in SOURCES or name not in metadata:
        raise AwsError("InvalidParameterValueException", "Invalid restore metadata.")
    identifier = metadata[name]
    if _exists(identifier, caller):
        raise AwsError("InvalidParameterValueException", f"{identifier} exists already.")
    job = str(uuid5(NAMESPACE_URL, identifier)).upper()
    refused = _refusal(metadata.get("DBSubnetGroupName", ""))
    wanted = Restore(
        identifier=identifier,
        source=point.store.name,
        until=point.created,
        settings=_settings(metadata),
        error=refused,
    )
    restore = databases_of(caller.scenario).restore(wanted)
    if not refused:
        _make(point.store.name, identifier, caller, metadata)
    _JOBS[job] = {"point": point, "metadata": metadata, "restore": restore, "caller": caller}
    return {"RestoreJobId": job}


def _settings(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was chosen; AWS Backup takes lists as JSON, RDS as lists."""
    groups = asked.get("VpcSecurityGroupIds")
    chosen = {
        "subnet_group": asked.get("DBSubnetGroupName"),
        "parameter_group": asked.get("DBClusterParameterGroupName")
        or asked.get("DBParameterGroupName"),
        "security_groups": json.loads(groups) if isinstance(groups, str) else groups,
    }
    return {name: value for name, value in chosen.items() if value}


def _refusal(subnet_group: str) -> str:
    known = subnet_group in SUBNET_GROUPS
    return "" if known else f"DB subnet group '{subnet_group}' does not exist."


def _exists(identifier: str, caller: Caller) -> bool:
    held: Any = get_backend("rds")[caller.account][caller.region]
    return identifier in held.clusters or identifier in held.databases


def _point(arn: str, caller: Caller) -> Point:
    for point in caller.scenario.backups.points:
        if (point.arn, point.store.account) == (arn, caller.account):
            return point
    raise AwsError("ResourceNotFoundException", f"Cannot find recovery point {arn}.")


def _make(
    source: str,
    identifier: str,
    caller: Caller,
    chosen: Mapping[str, Any],
    tags: list[dict[str, str]] | None = None,
) -> None:
    """Let moto hold the cluster or instance that a restore makes."""
    held: Any = get_backend("rds")[caller.account][caller.region]
    common = {
        "engine_version": "16.6",
        "master_username": "owner",
        "master_user_password": "of-the-sandbox",
        "storage_encrypted": True,
        "tags": tags or [],
    }
    if source in held.clusters:
        made = {"db_cluster_identifier": identifier, "engine": "aurora-postgresql"}
        held.create_db_cluster({**common, **made}).status = "available"
        return
    instance_class = chosen.get("DBInstanceClass") or held.databases[source].db_instance_class
    held.create_db_instance(
        {
            **common,
            "db_instance_identifier": identifier,
            "engine": "postgres",
            "allocated_storage": held.databases[source].allocated_storage,
            "db_instance_class": instance_class,
        }
    )


@op("backup", "DescribeRestoreJob")
def describe_restore_job(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:DescribeRestoreJob, of a job that was started here or is of the past."""
    job = find_restore_job(asked["RestoreJobId"], caller)
    if job is None:
        raise AwsError("ResourceNotFoundException", "Cannot find the restore job.")
    return job


def _job(identity: str, job: dict[str, Any], caller: Caller) -> dict[str, Any]:
    point, restore = job["point"], job["restore"]
    state = restore.state
    told = {
        "AccountId": caller.account,
        "RestoreJobId": identity,
        "RecoveryPointArn": point.arn,
        "SourceResourceArn": point.store.arn,
        "ResourceType": point.store.type,
        "CreationDate": caller.scenario.epoch,
        "Status": state,
        "PercentDone": f"{restore.percent:.2f}%",
        "BackupSizeInBytes": point.size_bytes,
    }
    if state == "FAILED":
        return told | {"StatusMessage": restore.error}
    kind = "cluster" if point.store.type == "Aurora" else "db"
    made = f"arn:aws:rds:{caller.region}:{caller.account}:{kind}:{restore.identifier}"
    told |= {"CreatedResourceArn": made}
    if state == "COMPLETED":
        told |= {"CompletionDate": caller.scenario.epoch + timedelta(seconds=1)}
    return told


@op("backup", "GetRestoreJobMetadata")
def get_restore_job_metadata(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer backup:GetRestoreJobMetadata of a job that was started here."""
    del caller
    job = _JOBS.get(asked["RestoreJobId"])
    if job is None:
        raise AwsError("ResourceNotFoundException", "Cannot find the restore job.")
    return {"RestoreJobId": asked["RestoreJobId"], "Metadata": job["metadata"]}


def running_restore_jobs(caller: Caller) -> list[dict[str, Any]]:
    """Return the restore jobs that were started here, as ListRestoreJobs tells them."""
    return [
        _job(identity, job, caller)
        for identity, job in _JOBS.items()
        if (job["caller"].account, job["caller"].region) == (caller.account, caller.region)
    ]


@op("rds", "RestoreDBClusterToPointInTime")
def restore_db_cluster_to_point_in_time(
    asked: dict[str, Any], caller: Caller
) -> dict[str, Any] | None:
    """Answer rds:RestoreDBClusterToPointInTime of a cluster that has a server."""
    source, identifier = asked["SourceDBClusterIdentifier"], asked["DBClusterIdentifier"]
    if source not in SOURCES:
        return None
    _begin(source, identifier, _moment(asked, caller), asked, caller)
    return {"DBCluster": {"DBClusterIdentifier": identifier, "Status": "creating"}}


@op("rds", "RestoreDBInstanceToPointInTime")
def restore_db_instance_to_point_in_time(
    asked: dict[str, Any], caller: Caller
) -> dict[str, Any] | None:
    """Answer rds:RestoreDBInstanceToPointInTime of an instance that has a server."""
    source, identifier = asked["SourceDBInstanceIdentifier"], asked["TargetDBInstanceIdentifier"]
    if source not in SOURCES:
        return None
    _begin(source, identifier, _moment(asked, caller), asked, caller)
    return {"DBInstance": {"DBInstanceIdentifier": identifier, "DBInstanceStatus": "creating"}}


@op("rds", "RestoreDBClusterFromSnapshot")
def restore_db_cluster_from_snapshot(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer rds:RestoreDBClusterFromSnapshot of a snapshot of AWS Backup, or one moto holds."""
    identifier = asked["DBClusterIdentifier"]
    source, moment = _snapshot(asked["SnapshotIdentifier"], "cluster_snapshots", caller)
    _begin(source, identifier, moment, asked, caller)
    return {"DBCluster": {"DBClusterIdentifier": identifier, "Status": "creating"}}


@op("rds", "RestoreDBInstanceFromDBSnapshot")
def restore_db_instance_from_db_snapshot(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer rds:RestoreDBInstanceFromDBSnapshot likewise."""
    identifier = asked["DBInstanceIdentifier"]
    source, moment = _snapshot(asked["DBSnapshotIdentifier"], "database_snapshots", caller)
    _begin(source, identifier, moment, asked, caller)
    return {"DBInstance": {"DBInstanceIdentifier": identifier, "DBInstanceStatus": "creating"}}


def _snapshot(named: str, kind: str, caller: Caller) -> tuple[str, datetime]:
    """Return source and moment of a snapshot, by name or ARN."""
    for point in caller.scenario.backups.points:
        if named in {point.arn, point.arn.partition("snapshot:")[2]}:
            return point.store.name, point.created
    held: Any = getattr(get_backend("rds")[caller.account][caller.region], kind)
    snapshot = held.get(named.rpartition(":")[2])
    if snapshot is None:
        raise AwsError("DBClusterSnapshotNotFoundFault", f"Snapshot {named} not found.")
    of = getattr(snapshot, "db_cluster_identifier", None) or snapshot.db_instance_identifier
    return of, caller.scenario.epoch - RECOVERY_LAG


def _moment(asked: dict[str, Any], caller: Caller) -> datetime:
    latest = caller.scenario.epoch - RECOVERY_LAG
    wanted: datetime = asked.get("RestoreToTime") or asked.get("RestoreTime") or latest
    if wanted > latest:
        raise AwsError("InvalidRestoreFault", "RestoreTime is after the latest restorable time.")
    return wanted


def _begin(
    source: str, identifier: str, moment: datetime, asked: dict[str, Any], caller: Caller
) -> Restore:
    if _exists(identifier, caller):
        raise AwsError("DBClusterAlreadyExistsFault", f"{identifier} exists already.")
    refused = _refusal(asked.get("DBSubnetGroupName", ""))
    if refused:
        raise AwsError("DBSubnetGroupNotFoundFault", refused)
    _make(source, identifier, caller, asked, asked.get("Tags"))
    wanted = Restore(identifier=identifier, source=source, until=moment, settings=_settings(asked))
    return databases_of(caller.scenario).restore(wanted)


extra_restore_jobs.append(running_restore_jobs)
