"""Deleting what a run has made: instances before their clusters, and only what bears its tag."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from opslib.actions.changes import Changes
from opslib.actions.drill_run import RUN_TAG
from opslib.actions.made_things import MadeThing, find_thing, list_things
from opslib.actions.restore_jobs import unfinished_targets
from opslib.analysis.dr.action_summary import summarise_actions
from opslib.errors import OpsError
from opslib.tables.actions import Action

__all__ = ["TeardownLimits", "delete_things", "tear_down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TeardownLimits:
    """How long deleting may take.

    Args:
        seconds: until what is deleted must be gone, restore jobs that still run included.
        poll_seconds: between two looks.
    """

    seconds: float = 3600
    poll_seconds: float = 15


def tear_down(
    changes: Changes, limits: TeardownLimits, tell: Callable[[str], None]
) -> list[MadeThing]:
    """Delete everything of a run, and wait until it is gone.

    A restore job that still runs cannot be cancelled: it is waited for, and what it makes is
    deleted then.

    Args:
        changes: bound to the run.
        limits: how long it may take.
        tell: takes a line of progress.

    Returns:
        What is still there.
    """
    deadline = time.monotonic() + limits.seconds
    while True:
        mine = [thing for thing in list_things(changes.client) if thing.run == changes.run.id]
        waiting = unfinished_targets(changes.client, changes.run.name)
        delete_things(changes, mine, tell)
        if not waiting and _wait_until_gone(changes, mine, deadline, limits.poll_seconds):
            left = [t for t in list_things(changes.client) if t.run == changes.run.id]
            if not left:
                _note_never_there(changes)
                return []
        if time.monotonic() > deadline:
            return [t for t in list_things(changes.client) if t.run == changes.run.id]
        if waiting:
            tell(f"a restore job still runs, and cannot be cancelled: {waiting[0]}")
        time.sleep(limits.poll_seconds)


def delete_things(
    changes: Changes, things: list[MadeThing], tell: Callable[[str], None]
) -> list[MadeThing]:
    """Ask for the deletion of ``things`` that nobody deletes yet; return what could not be.

    Args:
        changes: bound to the run that made them.
        things: instances before their clusters.
        tell: takes a line of progress.
    """
    failed = []
    for thing in things:
        if thing.status.lower() == "deleting":
            continue
        try:
            _own(changes, thing)
            _delete(changes, thing)
        except OpsError as error:
            tell(f"could not delete {thing.kind} {thing.identifier}: {error.what}")
            failed.append(thing)
        else:
            tell(f"deleting {thing.kind} {thing.identifier}")
    return failed


def _own(changes: Changes, thing: MadeThing) -> None:
    """Tag what was made a moment before its run was killed; its name bears the run's."""
    if thing.tags.get(RUN_TAG):
        return
    service = "dynamodb" if thing.kind == "table" else "rds"
    operation = f"{service}:{'TagResource' if thing.kind == 'table' else 'AddTagsToResource'}"
    with changes.change(operation, thing.kind, thing.identifier):
        if thing.kind == "table":
            changes.client("dynamodb").tag_resource(ResourceArn=thing.arn, Tags=changes.run.tags)
        else:
            changes.client("rds").add_tags_to_resource(
                ResourceName=thing.arn, Tags=changes.run.tags
            )


def _delete(changes: Changes, thing: MadeThing) -> None:
    if thing.kind == "table":
        with changes.change("dynamodb:DeleteTable", thing.kind, thing.identifier):
            changes.client("dynamodb").delete_table(TableName=thing.identifier)
    elif thing.kind == "cluster":
        with changes.change("rds:DeleteDBCluster", thing.kind, thing.identifier):
            changes.client("rds").delete_db_cluster(
                DBClusterIdentifier=thing.identifier, SkipFinalSnapshot=True
            )
    else:
        asked = {"DBInstanceIdentifier": thing.identifier, "SkipFinalSnapshot": True}
        if not thing.cluster:
            asked["DeleteAutomatedBackups"] = True
        with changes.change("rds:DeleteDBInstance", thing.kind, thing.identifier):
            changes.client("rds").delete_db_instance(**asked)


def _wait_until_gone(
    changes: Changes, things: list[MadeThing], deadline: float, poll_seconds: float
) -> bool:
    waiting = list(things)
    while waiting:
        for thing in list(waiting):
            if find_thing(changes.client, thing.kind, thing.identifier) is None:
                _note_gone(changes, thing.kind, thing.identifier)
                waiting.remove(thing)
        if waiting and time.monotonic() > deadline:
            return False
        if waiting:
            time.sleep(poll_seconds)
    return True


def _note_never_there(changes: Changes) -> None:
    """Note as gone what was asked for and is not there, such as what a failed job never made."""
    for thing in summarise_actions(changes.ledger.actions()).left:
        if find_thing(changes.client, thing.kind, thing.identifier) is None:
            _note_gone(changes, thing.kind, thing.identifier)


def _note_gone(changes: Changes, kind: str, identifier: str) -> None:
    changes.ledger.write(
        Action(
            operation="gone",
            kind=kind,
            identifier=identifier,
            outcome="gone",
            account=changes.label,
            region=changes.region,
        )
    )
