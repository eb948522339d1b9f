"""DynamoDB: restores as they are made, and what moto does not tell of a table.

Source: Amazon DynamoDB API Reference.
"""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend

from opslib.sandbox.backups import RECOVERY_LAG
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.table_items import TABLE_DESIGNS
from opslib.sandbox.tables import RESTORED, copy_of, find_restored, restored_at

__all__ = [
    "describe_contributor_insights",
    "describe_kinesis_streaming_destination",
    "describe_table",
    "list_tables",
    "restore_table_from_backup",
    "restore_table_to_point_in_time",
]


def _tables(caller: Caller) -> Any:
    return get_backend("dynamodb")[caller.account][caller.region]


def _find(caller: Caller, name: str) -> Any:
    found = _tables(caller).tables.get(name.rpartition("/")[2])
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Requested resource not found: {name}")
    return found


@op("dynamodb", "DescribeTable")
def describe_table(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Make the restored copy of a table before moto tells of it."""
    find_restored(_tables(caller), asked["TableName"], caller.scenario)
    return None


@op("dynamodb", "ListTables")
def list_tables(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer dynamodb:ListTables: all but the copies that nobody made by a call."""
    made = {f"{name}{RESTORED}" for name in TABLE_DESIGNS}
    after, size = asked.get("ExclusiveStartTableName", ""), asked.get("Limit") or 100
    names = sorted(n for n in _tables(caller).tables if n not in made and n > after)
    last = {"LastEvaluatedTableName": names[size - 1]} if len(names) > size else {}
    return {"TableNames": names[:size], **last}


@op("dynamodb", "RestoreTableToPointInTime")
def restore_table_to_point_in_time(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer dynamodb:RestoreTableToPointInTime: the items as they were at that moment."""
    tables, name = _tables(caller), asked["TargetTableName"]
    source = _find(caller, asked.get("SourceTableName") or asked["SourceTableArn"])
    _check_free(tables, name)
    moment = None if asked.get("UseLatestRestorableTime") else asked.get("RestoreDateTime")
    recovery = source.continuous_backups["PointInTimeRecoveryDescription"]
    if recovery["PointInTimeRecoveryStatus"] != "ENABLED":
        raise AwsError(
            "PointInTimeRecoveryUnavailableException",
            f"Point in time recovery is not enabled for table '{source.name}'",
        )
    if moment is not None and (
        moment.timestamp() < recovery["EarliestRestorableDateTime"]
        or moment > caller.scenario.epoch
        or source.name not in TABLE_DESIGNS
    ):
        raise AwsError(
            "InvalidRestoreTimeException",
            "An invalid restore time was specified. RestoreDateTime must be between "
            "EarliestRestorableDateTime and LatestRestorableDateTime.",
        )
    tables.tables[name] = restored_at(source, name, caller.scenario, moment)
    return {"TableDescription": tables.tables[name].describe()["TableDescription"]}


@op("dynamodb", "RestoreTableFromBackup")
def restore_table_from_backup(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer dynamodb:RestoreTableFromBackup: the items as they were when it was made."""
    tables, name = _tables(caller), asked["TargetTableName"]
    _check_free(tables, name)
    if asked["BackupArn"] not in tables.backups:
        raise AwsError("BackupNotFoundException", f"Backup not found: {asked['BackupArn']}")
    backup = tables.backups[asked["BackupArn"]]
    moment = caller.scenario.epoch + RECOVERY_LAG
    tables.tables[name] = copy_of(backup.table, name, moment)
    return {"TableDescription": tables.tables[name].describe()["TableDescription"]}


def _check_free(tables: Any, name: str) -> None:
    if name in tables.tables:
        raise AwsError("TableAlreadyExistsException", f"Table already exists: {name}")


@op("dynamodb", "DescribeContributorInsights")
def describe_contributor_insights(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer dynamodb:DescribeContributorInsights: on for the tables of the estate."""
    table = _find(caller, asked["TableName"])
    is_own = table.name in {store.name for store in caller.scenario.backups.stores}
    return {
        "TableName": table.name,
        "ContributorInsightsStatus": "ENABLED" if is_own else "DISABLED",
        **({"IndexName": asked["IndexName"]} if "IndexName" in asked else {}),
    }


@op("dynamodb", "DescribeKinesisStreamingDestination")
def describe_kinesis_streaming_destination(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer dynamodb:DescribeKinesisStreamingDestination: nothing is streamed to Kinesis."""
    table = _find(caller, asked["TableName"])
    return {"TableName": table.name, "KinesisDataStreamDestinations": []}
