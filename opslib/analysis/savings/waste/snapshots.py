"""EBS snapshots that are older than the lifecycle policy keeps any.

Source: Amazon EBS User Guide, "How Amazon EBS snapshots work": a snapshot is charged for the blocks
that no earlier one holds, and deleting one frees only those that no other needs; AWS Backup
Developer Guide: recovery points have a lifecycle of their own, and the tag
aws:backup:source-resource; Amazon EBS User Guide, "Automate backups with Amazon Data Lifecycle
Manager": its tag is aws:dlm:lifecycle-policy-id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Effect, Judging, Option, recommend
from opslib.analysis.savings.recommendation import Basis, Reason, Recommendation, Rejection
from opslib.wording import count, join, printable

__all__ = ["check_snapshots"]

KIND = "old_snapshot"
OWNERS = {
    "aws:backup:source-resource": "AWS Backup",
    "aws:dlm:lifecycle-policy-id": "Amazon Data Lifecycle Manager",
}
"""Tag of what has a lifecycle of its own, to what sees to it."""
NO_VOLUME = "vol-ffffffff"
"""What DescribeSnapshots calls the volume of a copied snapshot."""
Key = tuple[str, str, str]


def check_snapshots(judging: Judging) -> Iterator[Option]:
    """Yield snapshots older than the policy, and which of them have a reason to exist.

    Failure mode: what a snapshot shares with a later one that stays is charged to that one
    afterwards; where there is such a one, the saving is marked as an estimate.
    """
    oldest = judging.as_of - timedelta(days=judging.parameters.snapshot_days)
    latest = _latest(judging)
    for snapshot in judging.estate.of_kind("snapshot"):
        if snapshot.created is None or snapshot.created >= oldest:
            continue
        kept = latest[_volume(snapshot)] >= oldest
        yield _reason_to_exist(snapshot) or _delete(snapshot, judging, kept=kept)


def _volume(snapshot: Thing) -> Key:
    """Return the volume of a snapshot; of a copy, which AWS names none for, the copy itself."""
    volume = snapshot.settings.get("volume", NO_VOLUME)
    return (snapshot.account_id, snapshot.region, snapshot.id if volume == NO_VOLUME else volume)


def _latest(judging: Judging) -> Mapping[Key, datetime]:
    """Return when the latest snapshot of each volume was made."""
    made: dict[Key, list[datetime]] = defaultdict(list)
    for snapshot in judging.estate.of_kind("snapshot"):
        if snapshot.created is not None:
            made[_volume(snapshot)].append(snapshot.created)
    return {volume: max(moments) for volume, moments in made.items()}


def _reason_to_exist(snapshot: Thing) -> Rejection | None:
    images = snapshot.settings.get("images")
    owner = next((name for tag, name in OWNERS.items() if tag in snapshot.tags), "")
    if owner:
        reason, sentence = Reason.COVERED, f"{owner} made it and has a lifecycle for it"
    elif images is None:
        reason, sentence = Reason.UNKNOWN, "the images that may need it could not be listed"
    elif images:
        reason, sentence = Reason.IN_USE, f"{join([printable(one) for one in images])} needs it"
    else:
        return None
    return Rejection(kind=KIND, thing=snapshot, reason=reason, sentence=sentence)


def _delete(snapshot: Thing, judging: Judging, *, kept: bool) -> Option:
    assert snapshot.created is not None
    age = count((judging.as_of - snapshot.created).days, "day")
    days = judging.parameters.snapshot_days
    shared = "; what a later one of its volume shares stays charged with that" if kept else ""
    option = recommend(
        KIND,
        snapshot,
        judging,
        Effect(meters=("EBS:Snapshot",)),
        sentence=f"a snapshot is {age} old, where {days} are kept, and no image needs it{shared}",
        action="Delete the snapshot, and let a lifecycle policy delete those to come.",
    )
    if kept and isinstance(option, Recommendation):
        return replace(option, basis=Basis.ESTIMATE)
    return option
