"""The calls that ask for a restore: AWS Backup's and RDS's own.

Source: AWS Backup developer guide, "Restore an RDS database" and "Restore an Amazon Aurora
cluster"; Amazon RDS API Reference.
"""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from opslib.actions.changes import Changes
from opslib.analysis.dr.restore_order import RestoreOrder

__all__ = ["ask_for_restore", "create_instance"]


def ask_for_restore(changes: Changes, order: RestoreOrder, usd_per_hour: str) -> str:
    """Ask for a restore; return the id of its job, '' where RDS has none.

    Args:
        changes: bound to the run.
        order: what to restore.
        usd_per_hour: price of the instance.

    Raises:
        ReadError: AWS refuses.
    """
    asks = {
        "backup": _ask_backup,
        "snapshot": _ask_snapshot,
        "point_in_time": _ask_point_in_time,
    }
    return asks[order.method](changes, order, "" if order.kind == "cluster" else usd_per_hour)


def _ask_backup(changes: Changes, order: RestoreOrder, usd_per_hour: str) -> str:
    name = "DBClusterIdentifier" if order.kind == "cluster" else "DBInstanceIdentifier"
    metadata = {name: order.target, "Engine": order.engine, **_placed_for_backup(order)}
    if order.kind == "instance":
        metadata |= {"DBInstanceClass": order.instance_class, "PubliclyAccessible": "false"}
    with changes.change("backup:StartRestoreJob", order.kind, order.target, usd_per_hour):
        answer = changes.client("backup").start_restore_job(
            RecoveryPointArn=order.recovery_point,
            Metadata=metadata,
            IamRoleArn=order.role,
            ResourceType="Aurora" if order.kind == "cluster" else "RDS",
            IdempotencyToken=order.target,
        )
    return str(answer["RestoreJobId"])


def _placed_for_backup(order: RestoreOrder) -> dict[str, str]:
    groups = json.dumps(list(order.security_groups)) if order.security_groups else ""
    chosen = {
        "DBSubnetGroupName": order.subnet_group,
        "VpcSecurityGroupIds": groups,
        _group_name(order): order.parameter_group,
    }
    return {name: value for name, value in chosen.items() if value}


def _group_name(order: RestoreOrder) -> str:
    return "DBClusterParameterGroupName" if order.kind == "cluster" else "DBParameterGroupName"


def _placed(changes: Changes, order: RestoreOrder) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "DBSubnetGroupName": order.subnet_group,
        "VpcSecurityGroupIds": list(order.security_groups),
        _group_name(order): order.parameter_group,
    }
    placed = {name: value for name, value in chosen.items() if value}
    if order.kind == "instance":
        placed |= {"DBInstanceClass": order.instance_class, "PubliclyAccessible": False}
    return {**placed, "DeletionProtection": False, "Tags": changes.run.tags}


def _ask_snapshot(changes: Changes, order: RestoreOrder, usd_per_hour: str) -> str:
    rds, placed = changes.client("rds"), _placed(changes, order)
    if order.kind == "cluster":
        with changes.change("rds:RestoreDBClusterFromSnapshot", order.kind, order.target):
            rds.restore_db_cluster_from_snapshot(
                DBClusterIdentifier=order.target,
                SnapshotIdentifier=order.recovery_point,
                Engine=order.engine,
                **placed,
            )
        return ""
    with changes.change(
        "rds:RestoreDBInstanceFromDBSnapshot", order.kind, order.target, usd_per_hour
    ):
        rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier=order.target,
            DBSnapshotIdentifier=order.recovery_point,
            **placed,
        )
    return ""


def _ask_point_in_time(changes: Changes, order: RestoreOrder, usd_per_hour: str) -> str:
    rds, placed = changes.client("rds"), _placed(changes, order)
    when = order.restores_to.astimezone(UTC)
    if order.kind == "cluster":
        with changes.change("rds:RestoreDBClusterToPointInTime", order.kind, order.target):
            rds.restore_db_cluster_to_point_in_time(
                DBClusterIdentifier=order.target,
                SourceDBClusterIdentifier=order.source,
                RestoreToTime=when,
                **placed,
            )
        return ""
    with changes.change(
        "rds:RestoreDBInstanceToPointInTime", order.kind, order.target, usd_per_hour
    ):
        rds.restore_db_instance_to_point_in_time(
            TargetDBInstanceIdentifier=order.target,
            SourceDBInstanceIdentifier=order.source,
            RestoreTime=when,
            **placed,
        )
    return ""


def create_instance(changes: Changes, order: RestoreOrder, usd_per_hour: str) -> None:
    """Make the instance that a restored cluster is asked by."""
    with changes.change("rds:CreateDBInstance", "instance", order.instance, usd_per_hour):
        changes.client("rds").create_db_instance(
            DBInstanceIdentifier=order.instance,
            DBClusterIdentifier=order.target,
            DBInstanceClass=order.instance_class,
            Engine=order.engine,
            PubliclyAccessible=False,
            Tags=changes.run.tags,
        )
