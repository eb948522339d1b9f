"""Whether a bucket's replica holds what the bucket holds, and how far behind it is.

Method: the current objects of source and replica are compared. One that the replica lacks, or has
in an older version, is on its way if S3 says PENDING and it is young enough; it failed if S3 says
FAILED; it is lost if S3 says COMPLETED, and was never replicated if S3 says nothing. What the
source has deleted may live on in a replica: delete markers are replicated only where a rule says.

The lag is how much would be lost if the source were gone: the age of the oldest write that the
replica lacks, from before the source was listed to after the replica was.

Source: Amazon S3 User Guide, "Getting replication status information".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.object_copy import check_metadata
from opslib.analysis.dr.store_copy import unreadable
from opslib.estimate import Estimate
from opslib.findings import Verdict
from opslib.tables.object_versions import (
    ObjectVersion,
    are_same,
    current_objects,
    list_versions,
)
from opslib.tables.store_states import BucketState, ObjectCopyStates
from opslib.wording import count, join, printable

__all__ = ["estimate_replica_lag", "validate_replica"]

ALLOWED = timedelta(minutes=15)
"""S3 Replication Time Control promises 99.99 per cent of objects within it."""
SHOWN = 3
UNPROVEN = "not provably the same"


def validate_replica(states: ObjectCopyStates, allowed: timedelta = ALLOWED) -> list[CheckResult]:
    """Judge a replica.

    Args:
        states: from `opslib.databases.object_copies.read_object_validation`, without a moment.
        allowed: how long a write may take to arrive.

    Returns:
        Results of the checks ``content``, ``replication`` and ``metadata``.
    """
    source, copy = states.source, states.copy
    if source is None or copy is None:
        return [unreadable("content", states.copy_bucket, states.unread)]
    wanted, found = _objects(source), _objects(copy)
    missing = _missing(source, copy)
    return [
        _check_presence(states, wanted, found, missing, allowed),
        _check_extra(states, source, found),
        *check_metadata(states.copy_bucket, found, [wanted]),
    ]


def estimate_replica_lag(states: ObjectCopyStates) -> Estimate | None:
    """Return by how many seconds the replica is behind; None where it could not be told.

    The interval is that of the time the two listings took.
    """
    source, copy = states.source, states.copy
    if source is None or copy is None:
        return None
    missing = [one for one, state in _missing(source, copy) if state != UNPROVEN]
    if not missing:
        return Estimate.exact(Decimal(0))
    oldest = min(one.modified_at for one in missing)
    low = _seconds(oldest, source.captured_at)
    high = max(low, _seconds(oldest, copy.captured_until), _seconds(oldest, source.captured_until))
    return Estimate(low=low, mid=(low + high) / 2, high=high, confidence=1.0)


def _seconds(since: datetime, until: datetime) -> Decimal:
    return max(Decimal(0), Decimal(str((until - since).total_seconds())))


def _objects(state: BucketState) -> dict[str, ObjectVersion]:
    return current_objects(list_versions(state.versions))


def _missing(source: BucketState, copy: BucketState) -> list[tuple[ObjectVersion, str]]:
    """Return the objects that the replica has not, and what S3 says of each."""
    found = _objects(copy)
    return list(_unlike(_objects(source), found))


def _unlike(
    wanted: dict[str, ObjectVersion], found: dict[str, ObjectVersion]
) -> Iterator[tuple[ObjectVersion, str]]:
    for key, one in sorted(wanted.items()):
        same = are_same(one, found[key]) if key in found else False
        if same is None:
            yield one, UNPROVEN
        elif not same:
            yield one, one.replication_status if one.is_looked_at else "unknown"


def _check_presence(
    states: ObjectCopyStates,
    wanted: dict[str, ObjectVersion],
    found: dict[str, ObjectVersion],
    missing: list[tuple[ObjectVersion, str]],
    allowed: timedelta,
) -> CheckResult:
    source, name = states.source, printable(states.copy_bucket)
    assert source is not None
    kinds: dict[str, list[str]] = {}
    for one, status in missing:
        kinds.setdefault(_kind(one, status, source.captured_at, allowed), []).append(one.key)
    if not wanted:
        return _result(
            states, "content", Verdict.PASS, f"{name}: the source is empty.", (0, len(found))
        )
    told = [f"{count(len(wanted) - len(missing), 'object')} as at the source"]
    told += [f"{len(keys)} {kind}, such as {join(keys[:SHOWN])}" for kind, keys in kinds.items()]
    fine, doubtful = {"on the way"}, {UNPROVEN, "missing, of which the status was not read"}
    verdict = Verdict.PASS
    if set(kinds) - fine:
        verdict = Verdict.INCONCLUSIVE if set(kinds) <= fine | doubtful else Verdict.FAIL
    sentence = f"{name}: {'; '.join(told)}."
    return _result(states, "content", verdict, sentence, (len(wanted), len(found)))


def _kind(one: ObjectVersion, status: str, at: datetime, allowed: timedelta) -> str:
    if status == "PENDING":
        return "on the way" if at - one.modified_at <= allowed else "overdue"
    return {
        "FAILED": "failed to replicate",
        "COMPLETED": "lost, though replicated",
        "REPLICA": "lost, themselves replicas",
        UNPROVEN: UNPROVEN,
        "unknown": "missing, of which the status was not read",
    }.get(status, "never replicated")


def _check_extra(
    states: ObjectCopyStates, source: BucketState, found: dict[str, ObjectVersion]
) -> CheckResult:
    """Look for objects in the replica that the source never had, or has no longer."""
    known = {one.key for one in list_versions(source.versions)}
    current = _objects(source)
    deleted = [key for key in found if key in known and key not in current]
    strangers = sorted(key for key in found if key not in known)
    name = printable(states.copy_bucket)
    told = [f"{count(len(deleted), 'object')} that the source has deleted"] if deleted else []
    if strangers:
        examples = join(strangers[:SHOWN])
        told.append(f"{count(len(strangers), 'object')} unknown to the source, such as {examples}")
    sentence = f"{name} holds {join(told) or 'nothing that the source has not'}."
    verdict = Verdict.INCONCLUSIVE if strangers else Verdict.PASS
    return _result(states, "replication", verdict, sentence, (0, len(strangers)))


def _result(
    states: ObjectCopyStates, check: str, verdict: Verdict, sentence: str, sides: tuple[int, int]
) -> CheckResult:
    return CheckResult(
        check=check,
        subject=states.copy_bucket,
        verdict=verdict,
        sentence=sentence,
        expected=str(sides[0]),
        found=str(sides[1]),
    )
