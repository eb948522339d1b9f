"""What a drill is to restore, from what and into what, before anything is done.

Method: the recovery point as `choose_recovery_point` chose it; by AWS Backup where that keeps it,
by RDS from a snapshot or to a point in time otherwise. What is made bears the run's name, lies in
the subnet and security groups that are named for drills, and has one instance.
Source: AWS Backup developer guide, "Restore a database"; Amazon RDS and Aurora user guides,
"Restoring from a DB snapshot" and "Restoring to a specified time".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opslib.analysis.dr.points import moment
from opslib.analysis.dr.recovery_point import RecoveryPointChoice
from opslib.errors import ParameterError

__all__ = ["RestoreOrder", "RestoreStep", "list_steps", "order_restore", "supports"]

SUPPORTED = {"aurora-postgresql", "postgres"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreOrder:
    """A restore as it would be, or was, asked for.

    Args:
        kind: ``cluster`` or ``instance``.
        source: identifier of what is restored.
        target: identifier of what is made.
        method: ``backup`` (AWS Backup), ``snapshot`` or ``point_in_time``.
        recovery_point: ARN of the recovery point or snapshot; '' for a point in time.
        restores_to: the moment whose data it should bring back.
        engine: RDS's name of it.
        instance_class: of the instance that is made.
        subnet_group: where it lies; '' for AWS's default.
        security_groups: around it; none for AWS's default.
        parameter_group: of it; '' for AWS's default.
        role: that AWS Backup restores by; '' where it is not used.
    """

    kind: str
    source: str
    target: str
    method: str
    recovery_point: str
    restores_to: datetime
    engine: str
    instance_class: str
    subnet_group: str
    security_groups: tuple[str, ...]
    parameter_group: str
    role: str

    @property
    def instance(self) -> str:
        """Return the identifier of the instance that answers."""
        return f"{self.target}-1" if self.kind == "cluster" else self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreStep:
    """One call of a drill, in words."""

    operation: str
    target: str
    purpose: str


def supports(engine: str) -> bool:
    """Say whether the data of an engine can be validated."""
    return engine in SUPPORTED


def order_restore(
    choice: RecoveryPointChoice, source: Mapping[str, Any], target: str, settings: Mapping[str, Any]
) -> RestoreOrder:
    """Return what to restore.

    Args:
        choice: what to restore from.
        source: a row of `opslib.tables.database_servers.DATABASE_SERVERS`.
        target: identifier of what is to be made.
        settings: ``subnet_group``, ``security_groups``, ``parameter_group``, ``instance_class``
            and ``role`` as the parameters give them.

    Raises:
        ParameterError: nothing can be restored from, the recovery point is of another kind, AWS
            Backup has no role to restore by, or a class is needed and not known.
    """
    point = choice.point
    if point is None and choice.restore_to is None:
        raise ParameterError(
            f"there is nothing to restore from: {choice.because}",
            where=f"recovery_point: {choice.rule}",
            remedy="Name another recovery point, or mend the backups.",
        )
    method = "point_in_time" if point is None or choice.restore_to else _method(point.arn)
    instance_class = settings["instance_class"] or source["InstanceClass"]
    if not instance_class:
        raise ParameterError(
            f"{source['Identifier']} has no instance to take the class from",
            where="restore_instance_class",
            remedy="Name one, such as db.r6g.large.",
        )
    if method == "backup" and not settings["role"]:
        raise ParameterError(
            "AWS Backup restores by a role, and none is named",
            where="backup_role",
            remedy="Name the ARN of a role that AWS Backup may assume to restore.",
        )
    restores_to = choice.restore_to or (point.created if point else None)
    assert restores_to is not None
    return RestoreOrder(
        kind=source["Kind"],
        source=source["Identifier"],
        target=target,
        method=method,
        recovery_point=point.arn if point and method != "point_in_time" else "",
        restores_to=restores_to,
        engine=source["Engine"],
        instance_class=instance_class,
        subnet_group=settings["subnet_group"],
        security_groups=tuple(settings["security_groups"]),
        parameter_group=settings["parameter_group"],
        role=settings["role"] if method == "backup" else "",
    )


def _method(arn: str) -> str:
    return "backup" if ":awsbackup:" in arn or ":recovery-point:" in arn else "snapshot"


def list_steps(order: RestoreOrder) -> tuple[RestoreStep, ...]:
    """Return the calls that change something, in their order."""
    noun = "Cluster" if order.kind == "cluster" else "Instance"
    when = moment(order.restores_to)
    first = {
        "backup": ("backup:StartRestoreJob", f"restore the recovery point of {when}"),
        "snapshot": (
            f"rds:RestoreDB{noun}From{'' if noun == 'Cluster' else 'DB'}Snapshot",
            f"restore the snapshot of {when}",
        ),
        "point_in_time": (f"rds:RestoreDB{noun}ToPointInTime", f"restore to {when}"),
    }[order.method]
    steps = [RestoreStep(operation=first[0], target=order.target, purpose=first[1])]
    if order.method == "backup":
        tagging = "rds:AddTagsToResource", "AWS Backup cannot tag what it restores"
        steps.append(RestoreStep(operation=tagging[0], target=order.target, purpose=tagging[1]))
    if order.kind == "cluster":
        creating = "rds:CreateDBInstance", f"a {order.instance_class} to ask the cluster by"
        steps.append(RestoreStep(operation=creating[0], target=order.instance, purpose=creating[1]))
        deleting = "rds:DeleteDBInstance", "at the end, however the drill went"
        steps.append(RestoreStep(operation=deleting[0], target=order.instance, purpose=deleting[1]))
    steps.append(
        RestoreStep(
            operation=f"rds:DeleteDB{noun}",
            target=order.target,
            purpose="at the end, however the drill went",
        )
    )
    return tuple(steps)
