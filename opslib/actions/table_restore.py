"""Restoring a DynamoDB table, to a point in time or from a backup.

Source: Amazon DynamoDB API Reference, RestoreTableToPointInTime and RestoreTableFromBackup; a
table cannot be tagged by the call that restores it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from opslib.actions.changes import Changes
from opslib.actions.database_restore import RestoreFailed
from opslib.actions.made_things import find_thing
from opslib.actions.stage_clock import StageClock
from opslib.parameters.store_copies import StoreCopy

__all__ = ["restore_table", "restored_name"]

LONGEST_NAME = 255


def restored_name(changes: Changes, source: str) -> str:
    """Return the name of the copy that a run makes of a table."""
    return f"{changes.run.name}-{source}"[:LONGEST_NAME]


def restore_table(
    changes: Changes, copy: StoreCopy, until: datetime | None, clock: StageClock
) -> str:
    """Restore a table and wait until it is active; return its name.

    Args:
        changes: bound to the run.
        copy: which table, and from which backup.
        until: the moment to restore to, where no backup is named; None for the latest.
        clock: how long to wait.

    Raises:
        RestoreFailed: it went away while it was made.
        RestoreTimedOut: it is not active in time.
        ReadError: AWS refuses.
    """
    target = restored_name(changes, copy.source)
    _ask(changes, copy, target, until)
    _tag(changes, target)
    clock.wait_for(f"table {copy.source} active", lambda: _status(changes, target))
    return target


def _ask(changes: Changes, copy: StoreCopy, target: str, until: datetime | None) -> None:
    client = changes.client("dynamodb")
    if copy.backup:
        with changes.change("dynamodb:RestoreTableFromBackup", "table", target):
            client.restore_table_from_backup(TargetTableName=target, BackupArn=copy.backup)
        return
    when = {"UseLatestRestorableTime": True}
    chosen = when if until is None else {"RestoreDateTime": until.astimezone(UTC)}
    with changes.change("dynamodb:RestoreTableToPointInTime", "table", target):
        client.restore_table_to_point_in_time(
            SourceTableName=copy.source, TargetTableName=target, **chosen
        )


def _tag(changes: Changes, target: str) -> None:
    thing = find_thing(changes.client, "table", target)
    if thing is None:
        raise RestoreFailed(f"table {target} is not there", where="dynamodb:DescribeTable")
    with changes.change("dynamodb:TagResource", "table", target):
        changes.client("dynamodb").tag_resource(ResourceArn=thing.arn, Tags=changes.run.tags)


def _status(changes: Changes, target: str) -> str:
    thing = find_thing(changes.client, "table", target)
    if thing is None:
        raise RestoreFailed(f"table {target} is gone", where="dynamodb:DescribeTable")
    return "" if thing.status == "ACTIVE" else thing.status
