from __future__ import annotations

from typing import Any

import pytest

from opslib.analysis.dr.check_result import worst_verdict
from opslib.analysis.dr.file_copy import validate_file_copy
from opslib.findings import Verdict
from opslib.tables.store_states import FileCopyStates, TreeState
from tests.analysis.dr.store_states import by_check, tree

A: dict[str, Any] = {"1": "one", "2": "two", "d": {"Kind": "directory", "Content": ""}}


def states(
    baseline: TreeState | None, copy: TreeState | None, now: TreeState | None
) -> FileCopyStates:
    return FileCopyStates(
        source="/s", restored="/r", baseline=baseline, copy=copy, now=now, unread=("gone",)
    )


def verdict(check: str, copy: dict[str, Any], now: dict[str, Any] | None) -> Verdict:
    source = None if now is None else tree(now)
    found: Verdict = by_check(
        validate_file_copy(states(tree(A), tree(copy), source)), check
    ).verdict
    return found


def test_what_came_back_as_it_was_passes_with_the_source_or_without() -> None:
    for now in (tree(A), None):
        assert worst_verdict(validate_file_copy(states(tree(A), tree(A), now))) is Verdict.PASS


@pytest.mark.parametrize(
    ("copy", "now", "expected"),
    [
        ({**A, "2": "six"}, {**A, "2": "six"}, Verdict.PASS),
        ({**A, "2": "six"}, A, Verdict.FAIL),
        ({"1": "one", "d": A["d"]}, A, Verdict.FAIL),
        ({**A, "3": "new"}, A, Verdict.FAIL),
        ({**A, "2": "six"}, {**A, "2": "ten"}, Verdict.INCONCLUSIVE),
        ({**A, "2": "six"}, None, Verdict.INCONCLUSIVE),
        ({**A, "2": {"Kind": "symlink", "Content": "two", "Size": 0}}, A, Verdict.FAIL),
        ({}, A, Verdict.FAIL),
        ({}, {}, Verdict.FAIL),
    ],
)
def test_a_difference_is_explained_by_the_source_or_not_at_all(
    copy: dict[str, Any], now: dict[str, Any] | None, expected: Verdict
) -> None:
    assert verdict("content", copy, now) is expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Mode": "0600"}, Verdict.FAIL),
        ({"Owner": "1:1"}, Verdict.FAIL),
        ({"ModifiedSecond": 2}, Verdict.FAIL),
        ({}, Verdict.PASS),
    ],
)
def test_attributes_are_judged_apart_from_content(
    change: dict[str, Any], expected: Verdict
) -> None:
    copy = {**A, "1": {"Content": "one", "Size": 3, **change}}
    assert verdict("attributes", copy, A) is expected
    assert verdict("attributes", copy, copy) is Verdict.PASS
    assert verdict("content", copy, A) is Verdict.PASS


def test_the_time_of_a_folder_is_no_difference() -> None:
    assert verdict("attributes", {**A, "d": {**A["d"], "ModifiedSecond": 9}}, A) is Verdict.PASS


def test_what_could_not_be_read_is_inconclusive_on_either_side() -> None:
    unread: dict[str, Any] = {**A, "2": {"Content": "", "Problem": "Permission denied"}}
    for sides in ((unread, A), (A, unread)):
        found = validate_file_copy(states(tree(sides[0]), tree(sides[1]), None))
        assert worst_verdict(found) is Verdict.INCONCLUSIVE
        assert "Permission denied" in by_check(found, "unread").sentence


def test_what_may_lie_in_a_folder_that_was_not_read_is_not_lost() -> None:
    closed: dict[str, Any] = {"1": "one", "d": {**A["d"], "Problem": "Permission denied"}}
    found = validate_file_copy(states(tree(A), tree(closed), tree(A)))
    assert by_check(found, "content").verdict is Verdict.PASS
    assert "2 paths" in by_check(found, "unread").sentence
    assert worst_verdict(found) is Verdict.INCONCLUSIVE


def test_a_source_that_was_not_read_explains_nothing() -> None:
    closed = {"1": "one", "d": {**A["d"], "Problem": "Permission denied"}}
    lost = {"1": "one", "d": A["d"]}
    assert verdict("content", lost, closed) is Verdict.INCONCLUSIVE
    assert verdict("content", A, closed) is Verdict.PASS


def test_nothing_at_both_is_no_alarm_and_nothing_read_no_pass() -> None:
    assert (
        by_check(validate_file_copy(states(tree({}), tree({}), None)), "content").verdict
        is Verdict.PASS
    )
    for held, copy in ((None, tree(A)), (tree(A), None)):
        assert worst_verdict(validate_file_copy(states(held, copy, None))) is Verdict.INCONCLUSIVE
