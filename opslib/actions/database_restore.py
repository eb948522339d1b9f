"""Restoring a database server into isolation, and timing each stage of it.

``available`` is not recovered: the clock goes on until the database has answered. Volumes that
are restored from a snapshot load lazily, so that a first query can be slow.
"""

from __future__ import annotations

from opslib.actions.changes import Changes
from opslib.actions.made_things import find_thing
from opslib.actions.restore_jobs import look_at_job
from opslib.actions.restore_requests import ask_for_restore, create_instance
from opslib.actions.stage_clock import StageClock
from opslib.analysis.dr.restore_order import RestoreOrder
from opslib.errors import OpsError

__all__ = ["RestoreFailed", "restore_server"]

BROKEN = ("failed", "incompatible", "storage-full", "deleting", "inaccessible")


class RestoreFailed(OpsError):
    """AWS gave the restore up."""


def restore_server(
    changes: Changes, order: RestoreOrder, clock: StageClock, usd_per_hour: str = ""
) -> None:
    """Restore a server and wait until it is available.

    Args:
        changes: bound to the run.
        order: what to restore.
        clock: was made just before; notes the stages ``request accepted``, ``job completed`` and
            ``endpoint available``.
        usd_per_hour: price of the instance.

    Raises:
        RestoreFailed: AWS gave it up.
        RestoreTimedOut: it did not come to its end in time.
        ReadError: AWS refuses a call.
    """
    job = ask_for_restore(changes, order, usd_per_hour)
    clock.reached("request accepted")
    if job:
        clock.wait_for("job completed", lambda: _job_state(changes, order, job))
    else:
        clock.wait_for("job completed", lambda: _status(changes, order.kind, order.target))
    if order.kind == "cluster":
        if job:
            clock.wait_for("cluster available", lambda: _status(changes, "cluster", order.target))
        create_instance(changes, order, usd_per_hour)
    clock.wait_for("endpoint available", lambda: _status(changes, "instance", order.instance))


def _job_state(changes: Changes, order: RestoreOrder, job: str) -> str:
    """Return how far a job is, '' at its end; tag what it makes as soon as that is there."""
    seen = look_at_job(changes.client, job)
    if seen.state in {"FAILED", "ABORTED"}:
        raise RestoreFailed(
            f"the restore job {seen.state.lower()}: {seen.message or 'AWS does not say why'}",
            where=f"backup:DescribeRestoreJob {job}",
        )
    if seen.made:
        _tag(changes, order)
    return "" if seen.state == "COMPLETED" else f"{seen.state} {seen.percent}".strip()


def _tag(changes: Changes, order: RestoreOrder) -> None:
    thing = find_thing(changes.client, order.kind, order.target)
    if thing is None or thing.tags.keys() >= {tag["Key"] for tag in changes.run.tags}:
        return
    with changes.change("rds:AddTagsToResource", order.kind, order.target):
        changes.client("rds").add_tags_to_resource(ResourceName=thing.arn, Tags=changes.run.tags)


def _status(changes: Changes, kind: str, identifier: str) -> str:
    thing = find_thing(changes.client, kind, identifier)
    status = "not there yet" if thing is None else thing.status
    if status.startswith(BROKEN):
        raise RestoreFailed(f"{kind} {identifier} is {status}", where="rds")
    return "" if status == "available" else status
