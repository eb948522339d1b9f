from __future__ import annotations

from datetime import timedelta

import pytest

from opslib.analysis.dr.check_result import CheckResult, worst_verdict
from opslib.analysis.dr.store_copy import data_verdict, is_after_restore
from opslib.analysis.dr.table_copy import validate_table_copies, validate_table_copy
from opslib.findings import Verdict
from tests.analysis.dr.store_states import ARN, NOON, by_check, described, items, table_copy

A = {"1": 10, "2": 20, "3": 30}


def content(
    restored: dict[str, int], now: dict[str, int] | None, *, whole: bool = True
) -> CheckResult:
    source = None if now is None else items(now, whole=whole)
    states = table_copy(items(A, whole=whole), items(restored, whole=whole), source)
    result: CheckResult = by_check(validate_table_copy(states), "content")
    return result


def test_what_came_back_as_it_was_passes_with_the_source_or_without() -> None:
    assert (
        worst_verdict(validate_table_copy(table_copy(items(A), items(A), items(A)))) is Verdict.PASS
    )
    gone = table_copy(items(A), items(A), None, source=None)
    assert worst_verdict(validate_table_copy(gone)) is Verdict.PASS


@pytest.mark.parametrize(
    ("restored", "now", "verdict", "says"),
    [
        ({**A, "2": 21}, {**A, "2": 21}, Verdict.PASS, "1 item written at the source"),
        ({**A, "4": 40}, {**A, "4": 40}, Verdict.PASS, "1 item written at the source"),
        ({"1": 10, "2": 20}, {"1": 10, "2": 20}, Verdict.PASS, "1 item written"),
        ({"1": 10, "2": 20}, A, Verdict.FAIL, "1 item lost"),
        ({**A, "2": 21}, A, Verdict.FAIL, "1 item changed"),
        ({**A, "4": 40}, A, Verdict.FAIL, "1 item not expected"),
        ({**A, "1": 20, "2": 10}, A, Verdict.FAIL, "2 items changed"),
        ({**A, "2": 21}, {**A, "2": 22}, Verdict.INCONCLUSIVE, "unlike both"),
        ({**A, "2": 21}, None, Verdict.INCONCLUSIVE, "unlike both"),
        ({}, A, Verdict.FAIL, "is empty, 3 items were expected"),
        ({}, {}, Verdict.FAIL, "is empty, 3 items were expected"),
    ],
)
def test_a_difference_is_explained_by_the_source_or_not_at_all(
    restored: dict[str, int], now: dict[str, int] | None, verdict: Verdict, says: str
) -> None:
    found = content(restored, now)
    assert found.verdict is verdict
    assert says in found.sentence


def test_a_large_table_is_compared_by_buckets() -> None:
    changed = {**A, "2": 21}
    assert content(A, None, whole=False).verdict is Verdict.PASS
    assert content(changed, changed, whole=False).verdict is Verdict.PASS
    assert "1 bucket changed" in content(changed, A, whole=False).sentence
    assert content(changed, {**A, "2": 22}, whole=False).verdict is Verdict.INCONCLUSIVE


def test_a_side_that_is_kept_by_buckets_is_compared_with_one_that_is_not() -> None:
    mixed = table_copy(items(A), items(A, whole=False), items(A))
    assert by_check(validate_table_copy(mixed), "content").verdict is Verdict.PASS
    lost = table_copy(items(A), items({"1": 10, "2": 20}, whole=False), items(A))
    assert by_check(validate_table_copy(lost), "content").verdict is Verdict.FAIL


def test_an_empty_table_that_was_empty_is_no_alarm_and_no_item_at_all_no_pass() -> None:
    empty = table_copy(items({}), items({}), items({}))
    assert by_check(validate_table_copy(empty), "content").verdict is Verdict.PASS
    assert worst_verdict(validate_table_copies([empty])) is Verdict.INCONCLUSIVE
    full = table_copy(items(A), items(A), items(A))
    assert worst_verdict(validate_table_copies([empty, full])) is Verdict.PASS
    assert worst_verdict(validate_table_copies([])) is Verdict.INCONCLUSIVE


def test_what_could_not_be_read_is_inconclusive_and_says_why() -> None:
    for states in (table_copy(None, items(A), None), table_copy(items(A), None, items(A))):
        found = by_check(validate_table_copy(states), "content")
        assert found.verdict is Verdict.INCONCLUSIVE
        assert "restored items: denied" in found.sentence
    blind = validate_table_copy(table_copy(items(A), items(A), items(A), restored=None))
    assert worst_verdict(blind) is Verdict.INCONCLUSIVE


def test_a_restore_to_before_the_baseline_may_lack_what_the_baseline_has() -> None:
    early = described(restored_to=NOON - timedelta(hours=1))
    fewer = table_copy(items(A), items({"1": 10}), items(A), restored=early)
    found = by_check(validate_table_copy(fewer), "content")
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "before the baseline" in found.sentence
    late = described(restored_to=NOON + timedelta(hours=1))
    fewer = table_copy(items(A), items({"1": 10}), items(A), restored=late)
    assert by_check(validate_table_copy(fewer), "content").verdict is Verdict.FAIL


def test_a_table_that_says_it_was_restored_from_another_fails() -> None:
    same, other = described(restored_from=ARN), described(restored_from=f"{ARN}-other")
    assert data_verdict(
        validate_table_copy(table_copy(items(A), items(A), None, restored=same))
    ) is (Verdict.PASS)
    found = validate_table_copy(table_copy(items(A), items(A), None, restored=other))
    assert by_check(found, "restore").verdict is Verdict.FAIL


@pytest.mark.parametrize("facts", [{"is_restoring": True}, {"status": "CREATING"}])
def test_a_restore_that_goes_on_is_inconclusive(facts: dict[str, object]) -> None:
    states = table_copy(items(A), items(A), None, restored=described(**facts))
    assert data_verdict(validate_table_copy(states)) is Verdict.INCONCLUSIVE


INDEX = ("global secondary index", "by-x", '{"ProjectionType": "ALL"}')


@pytest.mark.parametrize(
    ("source", "restored", "verdict"),
    [
        ([INDEX], [INDEX], Verdict.PASS),
        ([INDEX], [], Verdict.FAIL),
        ([], [INDEX], Verdict.FAIL),
        ([INDEX], [(*INDEX[:2], '{"ProjectionType": "KEYS_ONLY"}')], Verdict.FAIL),
        ([INDEX], [INDEX, ("index under way", "by-x", "CREATING")], Verdict.INCONCLUSIVE),
    ],
)
def test_keys_and_indexes_are_part_of_the_verdict_on_the_data(
    source: list[tuple[str, str, str]], restored: list[tuple[str, str, str]], verdict: Verdict
) -> None:
    sides = {"baseline": described(*source), "source": described(*source)}
    states = table_copy(items(A), items(A), None, restored=described(*restored), **sides)
    assert data_verdict(validate_table_copy(states)) is verdict


def test_an_index_that_was_made_or_dropped_since_the_baseline_is_explained() -> None:
    for baseline, source in (([INDEX], []), ([], [INDEX])):
        for restored in (baseline, source):
            states = table_copy(
                items(A),
                items(A),
                None,
                baseline=described(*baseline),
                source=described(*source),
                restored=described(*restored),
            )
            assert data_verdict(validate_table_copy(states)) is Verdict.PASS


@pytest.mark.parametrize(
    ("setting", "more_is_wrong"),
    [
        (("tag", "Team", '["shop"]'), False),
        (("alarm", "ThrottledRequests", "{}"), False),
        (("autoscaling", "dynamodb:table:ReadCapacityUnits", "{}"), False),
        (("time to live", "", '"expires_at"'), True),
        (("point-in-time recovery", "", "{}"), True),
        (("stream", "", '"NEW_IMAGE"'), True),
        (("deletion protection", "", "true"), True),
        (("resource policy", "", '"{}"'), True),
        (("encryption", "", '{"SSEType": "KMS"}'), True),
        (("billing mode", "", '"PROVISIONED"'), True),
        (("contributor insights", "", '"ENABLED"'), False),
        (("Kinesis destination", "arn", "{}"), False),
        (("global table replica", "eu-west-1", "{}"), False),
    ],
)
def test_what_a_restore_does_not_bring_is_a_list_and_says_nothing_of_the_data(
    setting: tuple[str, str, str], more_is_wrong: bool
) -> None:
    for source, restored, fails in (
        ([setting], [], True),
        ([(*setting[:2], '"another"')], [setting], True),
        ([setting], [setting], False),
        ([], [setting], more_is_wrong),
    ):
        states = table_copy(
            items(A),
            items(A),
            None,
            baseline=described(*source),
            source=described(*source),
            restored=described(*restored),
        )
        found = validate_table_copy(states)
        failed = [result for result in found if result.verdict is Verdict.FAIL]
        assert [result.check for result in failed] == (
            [f"after restore: {setting[0]}"] if fails else []
        )
        assert all(is_after_restore(result) for result in failed)
        assert data_verdict(found) is Verdict.PASS


def test_what_must_be_set_is_what_the_source_has_now() -> None:
    tag = ("tag", "Team", '["shop"]')
    for baseline, source, fails in (([], [tag], True), ([tag], [], False)):
        states = table_copy(
            items(A), items(A), None, baseline=described(*baseline), source=described(*source)
        )
        verdict = by_check(validate_table_copy(states), "after restore: tag").verdict
        assert verdict is (Verdict.FAIL if fails else Verdict.PASS)
    gone = table_copy(items(A), items(A), None, baseline=described(tag), source=None)
    assert by_check(validate_table_copy(gone), "after restore: tag").verdict is Verdict.FAIL


def test_a_setting_that_could_not_be_read_is_inconclusive_on_either_side() -> None:
    refused = described(("tag", "", "!denied"))
    for sides in ({"source": refused}, {"restored": refused}):
        found = validate_table_copy(table_copy(items(A), items(A), None, **sides))
        result = by_check(found, "after restore: tag")
        assert result.verdict is Verdict.INCONCLUSIVE
        assert "denied" in result.sentence


def test_capacity_that_autoscaling_moves_is_no_difference() -> None:
    scaled = ("autoscaling", "dynamodb:table:ReadCapacityUnits", "{}")
    was, now = ("provisioned capacity", "", "5"), ("provisioned capacity", "", "50")
    for others, fails in (((), True), ((scaled,), False)):
        states = table_copy(
            items(A),
            items(A),
            None,
            baseline=described(now, *others),
            source=described(now, *others),
            restored=described(was, *others),
        )
        verdict = by_check(
            validate_table_copy(states), "after restore: provisioned capacity"
        ).verdict
        assert verdict is (Verdict.FAIL if fails else Verdict.PASS)
