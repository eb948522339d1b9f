"""Planning a drill: everything that can be known to be wrong is found before anything is made."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd

from opslib.actions.drill_run import NAME_PREFIX
from opslib.analysis.dr.drill import DrillPlan
from opslib.analysis.dr.recovery_point import RecoveryPointChoice, choose_recovery_point
from opslib.analysis.dr.restore_order import RestoreOrder, order_restore, supports
from opslib.aws.database_servers import read_database_server
from opslib.aws.prices import read_instance_price
from opslib.aws.reads import Reads
from opslib.aws.snapshots import is_snapshot, read_snapshot
from opslib.coverage import CoverageStatus, gaps
from opslib.errors import OpsError, ParameterError, ReadError
from opslib.parameters.dr import DrParameters, Mode
from opslib.tables.backups import BackupTables

__all__ = ["plan_drill"]

POINT_TABLES = ("backup vaults", "recovery points", "snapshot")
UNNAMED = f"{NAME_PREFIX}RUN"
"""What a plan calls what a run would name."""


def plan_drill(reads: Reads, parameters: DrParameters, backups: BackupTables) -> DrillPlan:
    """Read the source, choose a recovery point and say what would be restored.

    Args:
        reads: the run's context.
        parameters: what to restore, and where to.
        backups: what is backed up, and how far back each can be restored to.

    Data of an engine that is not supported is not restored, since nothing could be validated. For
    what is restored already, no recovery point is needed.

    Raises:
        OpsError: in mode restore, whatever else keeps it from being asked for.
    """
    source = read_database_server(
        reads, parameters.account, parameters.source_kind, parameters.source, "source"
    )
    blocked = _unsupported(source)
    plan = DrillPlan(source=source, choice=None, order=None, blocked=blocked, usd_per_hour=None)
    try:
        return _chosen(reads, parameters, backups, plan)
    except OpsError as error:
        if parameters.mode is Mode.RESTORE:
            raise
        if parameters.mode is Mode.VALIDATE_EXISTING:
            return plan
        return replace(plan, blocked=error.what, is_unseen=isinstance(error, ReadError))


def _unsupported(source: pd.DataFrame) -> str:
    """Return why the data of a source cannot be validated; '' where it can, or is not known."""
    engine = "" if source.empty else str(source.iloc[0]["Engine"])
    return f"engine not supported: {engine}" if engine and not supports(engine) else ""


def _chosen(
    reads: Reads, parameters: DrParameters, backups: BackupTables, plan: DrillPlan
) -> DrillPlan:
    if plan.source.empty:
        _raise_for_source(reads, parameters)
    choice = _choose(reads, parameters, backups, plan.source)
    if plan.blocked:
        return replace(plan, choice=choice)
    if choice.point is None and choice.restore_to is None:
        _raise_for_points(reads, parameters)
    order = _order(reads, parameters, plan.source, choice)
    price = read_instance_price(reads, order.engine, order.instance_class)
    return replace(plan, choice=choice, order=order, usd_per_hour=price)


def _raise_for_source(reads: Reads, parameters: DrParameters) -> None:
    lines = [line for line in reads.coverage if line.table.startswith("source: ")]
    told = lines[-1].detail if lines else "nothing was told"
    raise ParameterError(
        f"{parameters.source_kind} {parameters.source} cannot be read: {told}",
        where="source",
        remedy="Check source, source_kind, source_account and region.",
    )


def _raise_for_points(reads: Reads, parameters: DrParameters) -> None:
    """Raise where recovery points could not be seen: that none was found proves nothing then."""
    place = (parameters.account.label if parameters.account else "", parameters.region)
    unseen = [
        line
        for line in gaps(reads.coverage, *POINT_TABLES)
        if (line.account, line.region) == place and line.status is not CoverageStatus.NOT_FOUND
    ]
    if unseen:
        told = unseen[0]
        raise ReadError(
            f"{told.table} cannot be read: {told.detail or told.status.value}",
            where=f"recovery_point: {parameters.recovery_point}",
            remedy=told.remedy or "Grant the action; deploy/iam holds the policy.",
        )


def _choose(
    reads: Reads, parameters: DrParameters, backups: BackupTables, source: pd.DataFrame
) -> RecoveryPointChoice:
    facts = source.iloc[0]
    rule = parameters.recovery_point
    points = backups.points
    if is_snapshot(rule):
        points = read_snapshot(reads, parameters.account, rule)
    arn = str(facts["Arn"])
    return choose_recovery_point(
        points,
        arn,
        rule,
        parameters.as_of,
        region=parameters.region,
        pitr=_window(backups.stores, arn),
    )


def _window(stores: pd.DataFrame, arn: str) -> tuple[datetime, datetime] | None:
    """Return the first and last moment of a resource's point-in-time recovery, where it is on."""
    mine = stores[stores["ResourceArn"] == arn][["PitrEarliest", "PitrLatest"]].dropna()
    if mine.empty:
        return None
    earliest, latest = mine.iloc[0]
    return earliest.to_pydatetime(), latest.to_pydatetime()


def _order(
    reads: Reads, parameters: DrParameters, source: pd.DataFrame, choice: RecoveryPointChoice
) -> RestoreOrder:
    facts: dict[str, Any] = {str(name): value for name, value in source.iloc[0].items()}
    settings = {
        "subnet_group": parameters.restore_subnet_group,
        "security_groups": parameters.restore_security_groups,
        "parameter_group": parameters.restore_parameter_group,
        "instance_class": parameters.restore_instance_class,
        "role": parameters.backup_role,
    }
    run = reads.run.run_id
    return order_restore(choice, facts, f"{NAME_PREFIX}{run}" if run else UNNAMED, settings)
