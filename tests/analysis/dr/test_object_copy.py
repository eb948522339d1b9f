from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from opslib.analysis.dr.check_result import CheckResult, worst_verdict
from opslib.analysis.dr.object_copy import validate_object_copy
from opslib.analysis.dr.replica_copy import estimate_replica_lag, validate_replica
from opslib.findings import Verdict
from opslib.tables.object_versions import are_same, list_versions
from opslib.tables.store_states import BucketState, ObjectCopyStates
from tests.analysis.dr.store_states import NOON, bucket, by_check, version

MOMENT = NOON + timedelta(minutes=30)


def states(
    copy: BucketState | None,
    source: BucketState | None,
    baseline: BucketState | None = None,
    **other: Any,
) -> ObjectCopyStates:
    told = {"moment": None, "has_baseline": baseline is not None, "unread": ("copy: denied",)}
    return ObjectCopyStates(
        source_bucket="b",
        copy_bucket="b-2",
        copy=copy,
        source=source,
        baseline=baseline,
        **{**told, **other},
    )


def content(*sides: BucketState | None, **other: Any) -> CheckResult:
    result: CheckResult = by_check(validate_object_copy(states(*sides, **other)), "content")
    return result


BEFORE = bucket(version("k", "one"), minutes=10)


@pytest.mark.parametrize(
    ("copy", "source", "verdict", "says"),
    [
        (["one"], ["one"], Verdict.PASS, "1 object same"),
        (["two"], ["two"], Verdict.PASS, "written at the source"),
        (["two"], ["one"], Verdict.FAIL, "1 object changed"),
        (["tw"], ["one"], Verdict.FAIL, "1 object changed"),
        ([], ["one"], Verdict.FAIL, "is empty, 1 object was expected"),
        (["two"], ["six"], Verdict.INCONCLUSIVE, "unlike baseline and source"),
        (["two"], None, Verdict.INCONCLUSIVE, "unlike baseline and source"),
        (["one"], None, Verdict.PASS, "1 object same"),
        (["one"], ["two"], Verdict.PASS, "1 object same"),
    ],
)
def test_a_difference_is_explained_by_the_source_or_not_at_all(
    copy: list[str], source: list[str] | None, verdict: Verdict, says: str
) -> None:
    held = bucket(*(version("k", one) for one in copy))
    now = None if source is None else bucket(*(version("k", one) for one in source))
    found = content(held, now, BEFORE)
    assert found.verdict is verdict
    assert says.replace("was expected", "were expected") in found.sentence


def test_an_object_that_nobody_had_is_not_expected_and_one_of_two_is_lost() -> None:
    before = bucket(version("k", "one"), version("l", "two"), minutes=10)
    strange = bucket(version("k", "one"), version("l", "two"), version("m", "six"))
    assert "1 object not expected" in content(strange, before, before).sentence
    found = content(bucket(version("k", "one")), before, before)
    assert (found.verdict, "1 object lost" in found.sentence) == (Verdict.FAIL, True)


def test_the_sources_versions_tell_what_was_there_at_the_moment() -> None:
    history = [
        version("k", "one", 0, IsLatest=False),
        version("k", "two", 20, IsLatest=False),
        version("k", "six", 50),
        version("gone", "old", 0, IsLatest=False),
        version("gone", None, 20),
        version("new", "new", 55),
    ]
    source = bucket(*history)
    right = bucket(version("k", "two"))
    assert content(right, source, moment=MOMENT).verdict is Verdict.PASS
    unlike = bucket(version("k", "ten"))
    assert content(unlike, source, moment=MOMENT).verdict is Verdict.INCONCLUSIVE
    quiet = bucket(version("k", "two", 20))
    assert content(unlike, quiet, moment=MOMENT).verdict is Verdict.FAIL
    assert content(unlike, quiet).verdict is Verdict.INCONCLUSIVE, "one reference alone is no proof"


def test_what_the_source_wrote_and_deleted_since_the_baseline_explains_the_copy() -> None:
    source = bucket(
        version("k", "one", 0, IsLatest=False),
        version("k", "two", 20, IsLatest=False),
        version("k", None, 30, IsLatest=False),
        version("k", "six", 50),
        version("l", "any", 0),
    )
    before = bucket(version("k", "one"), version("l", "any"), minutes=10)
    other = version("l", "any")
    assert content(bucket(version("k", "two"), other), source, before).verdict is Verdict.PASS
    assert content(bucket(other), source, before).verdict is Verdict.PASS
    assert content(bucket(version("k", "ten"), other), source, before).verdict is (
        Verdict.INCONCLUSIVE
    )


def test_a_copy_of_before_the_baseline_is_not_judged_lost() -> None:
    source = bucket(version("k", "one"), version("l", "one"))
    before = bucket(version("k", "one"), version("l", "one"), minutes=40)
    early = content(bucket(version("k", "one")), source, before, moment=MOMENT)
    assert early.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"MD5": "a"}, {"MD5": "a"}, True),
        ({"MD5": "a"}, {"MD5": "b"}, False),
        ({"MD5": "a"}, {}, None),
        ({"MD5": "a"}, {"SHA256": "a"}, None),
        ({"MD5": "a", "CRC64NVME": "c"}, {"CRC64NVME": "c"}, True),
        ({"MD5": "a", "SHA256": "s"}, {"MD5": "a", "SHA256": "t"}, False),
        ({"MD5-2": "a"}, {"MD5-2": "a"}, True),
        ({"MD5-2": "a"}, {"MD5-2": "b"}, None),
        ({"MD5-2": "a"}, {"MD5-3": "a"}, None),
        ({"MD5-2": "a", "SHA256": "s"}, {"MD5-2": "b", "SHA256": "s"}, True),
    ],
)
def test_only_what_proves_decides(
    one: dict[str, str], other: dict[str, str], same: bool | None
) -> None:
    frame = bucket(version("k", "xx", digests=one), version("l", "xx", digests=other)).versions
    first, second = sorted(list_versions(frame), key=lambda v: v.key)
    assert are_same(first, second) is same
    assert are_same(second, first) is same


def test_sizes_decide_where_they_differ_and_nothing_is_equal_to_nothing() -> None:
    frame = bucket(version("k", "xx", digests={}), version("l", "xxx", digests={})).versions
    first, second = list_versions(frame)
    assert are_same(first, second) is False
    empty = bucket(version("k", "", digests={}, IsDeleteMarker=False)).versions
    (nothing,) = list_versions(empty)
    assert are_same(nothing, nothing) is True


def test_what_nothing_proves_is_inconclusive() -> None:
    unknown = bucket(version("k", "one", digests={}))
    found = content(unknown, unknown, bucket(version("k", "one", digests={}), minutes=10))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "not provably the same" in found.sentence


def test_metadata_is_held_against_the_version_of_the_same_content() -> None:
    def metadata(copy: str, source: str) -> Verdict:
        sides = (
            bucket(version("k", "one", Metadata=copy)),
            bucket(version("k", "one", Metadata=source)),
        )
        found = validate_object_copy(states(*sides, BEFORE))
        verdict: Verdict = by_check(found, "metadata").verdict
        return verdict

    assert metadata("plain", "plain") is Verdict.PASS
    assert metadata("other", "other") is Verdict.PASS
    assert metadata("lost", "plain") is Verdict.FAIL
    assert metadata("", "plain") is Verdict.INCONCLUSIVE


def test_empty_buckets_and_unread_ones() -> None:
    assert content(bucket(), bucket(), bucket(minutes=10)).verdict is Verdict.PASS
    for sides in ((None, bucket(), bucket()), (bucket(), None, None)):
        assert content(*sides).verdict is Verdict.INCONCLUSIVE
    named = states(bucket(version("k", "one")), bucket(version("k", "one")), has_baseline=True)
    assert worst_verdict(validate_object_copy(named)) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("status", "minutes", "verdict", "says"),
    [
        ("PENDING", 55, Verdict.PASS, "1 on the way"),
        ("PENDING", 10, Verdict.FAIL, "1 overdue"),
        ("FAILED", 55, Verdict.FAIL, "1 failed to replicate"),
        ("COMPLETED", 55, Verdict.FAIL, "1 lost, though replicated"),
        ("", 55, Verdict.FAIL, "1 never replicated"),
    ],
)
def test_what_a_replica_lacks_is_judged_by_what_s3_says(
    status: str, minutes: int, verdict: Verdict, says: str
) -> None:
    late = version("l", "two", minutes, ReplicationStatus=status)
    source = bucket(version("k", "one", ReplicationStatus="COMPLETED"), late)
    replica = bucket(version("k", "one", ReplicationStatus="REPLICA"), minutes=61)
    found = by_check(validate_replica(states(replica, source)), "content")
    assert found.verdict is verdict
    assert says in found.sentence
    lag = estimate_replica_lag(states(replica, source))
    assert lag is not None
    assert lag.low == (60 - minutes) * 60
    assert lag.high == (61 - minutes) * 60 + 2


def test_a_replica_with_an_older_version_is_behind_and_one_with_all_is_not() -> None:
    new = version("k", "two", 59, ReplicationStatus="PENDING")
    source = bucket(version("k", "one", 0, IsLatest=False), new)
    behind = states(bucket(version("k", "one")), source)
    assert "1 on the way" in by_check(validate_replica(behind), "content").sentence
    even = states(source, source)
    assert worst_verdict(validate_replica(even)) is Verdict.PASS
    lag = estimate_replica_lag(even)
    assert lag is not None
    assert lag.high == 0


def test_a_status_that_was_not_read_is_inconclusive() -> None:
    source = bucket(version("k", "one", IsLookedAt=False))
    found = by_check(validate_replica(states(bucket(), source)), "content")
    assert found.verdict is Verdict.INCONCLUSIVE
    assert worst_verdict(validate_replica(states(None, source))) is Verdict.INCONCLUSIVE
    assert estimate_replica_lag(states(None, source)) is None


def test_what_was_deleted_may_live_on_in_a_replica_and_strangers_are_told() -> None:
    source = bucket(version("k", "one", 0, IsLatest=False), version("k", None, 5))
    kept = by_check(validate_replica(states(bucket(version("k", "one")), source)), "replication")
    assert kept.verdict is Verdict.PASS
    assert "1 object that the source has deleted" in kept.sentence
    stranger = states(bucket(version("x", "one")), source)
    assert by_check(validate_replica(stranger), "replication").verdict is Verdict.INCONCLUSIVE
