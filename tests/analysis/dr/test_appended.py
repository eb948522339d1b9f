"""Append-only tables by the column that says when a row came."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.dr.row_delta import judge_delta
from opslib.findings import Verdict
from tests.analysis.dr.histories import (
    BASELINE,
    NOW,
    RESTORED,
    SETTLED,
    TOLERANCE,
    Row,
    Table,
    Write,
    judge_appended,
    table_at,
)

OLD = {0: Row(0, 10, None), 3: Row(0, 20, None), 6: Row(0, 30, None)}
SINCE = {9: Row(0, 50, None)}
RECENT = {12: Row(0, 65, None)}
AFTER = {15: Row(0, 90, None)}
LATE = {18: Row(0, 39, None)}
UNDATED = {21: Row(0, None, None)}
CLEAN, NOW_ROWS = {**OLD, **SINCE, **RECENT}, {**OLD, **SINCE, **RECENT, **AFTER}


def without(table: Table, *keys: int) -> Table:
    return {key: row for key, row in table.items() if key not in keys}


def changed(table: Table, key: int) -> Table:
    return {**table, key: replace(table[key], version=99)}


@pytest.mark.parametrize(
    ("copy", "source", "verdict", "says"),
    [
        (CLEAN, NOW_ROWS, Verdict.PASS, "2 rows appended since the baseline by at"),
        (CLEAN, None, Verdict.PASS, "2 rows appended since the baseline by at"),
        (without(CLEAN, 12), NOW_ROWS, Verdict.PASS, "2 rows appended at the source since"),
        (without(CLEAN, 3), NOW_ROWS, Verdict.FAIL, "1 row lost"),
        (changed(CLEAN, 3), NOW_ROWS, Verdict.FAIL, "1 row changed"),
        ({**CLEAN, **LATE}, NOW_ROWS, Verdict.FAIL, "1 row not expected"),
        ({**CLEAN, **LATE}, {**NOW_ROWS, **LATE}, Verdict.PASS, "appended since"),
        (without(CLEAN, 9), NOW_ROWS, Verdict.FAIL, "1 row lost"),
        (changed(CLEAN, 9), NOW_ROWS, Verdict.FAIL, "1 row changed"),
        (changed(CLEAN, 12), NOW_ROWS, Verdict.FAIL, "1 row changed"),
        (CLEAN, without(NOW_ROWS, 9), Verdict.INCONCLUSIVE, "no longer at the source"),
        (CLEAN, without(NOW_ROWS, 12), Verdict.INCONCLUSIVE, "no longer at the source"),
        (without(CLEAN, 3), without(NOW_ROWS, 3), Verdict.INCONCLUSIVE, "1 row unlike"),
        (CLEAN, without(NOW_ROWS, 3), Verdict.PASS, "2 rows appended since"),
        (without(CLEAN, 3), None, Verdict.INCONCLUSIVE, "the source could not be asked"),
        ({**CLEAN, **AFTER}, NOW_ROWS, Verdict.INCONCLUSIVE, "dated after the recovery point"),
        ({**CLEAN, **UNDATED}, NOW_ROWS, Verdict.FAIL, "1 row not expected"),
        ({**CLEAN, **UNDATED}, None, Verdict.INCONCLUSIVE, "the source could not be asked"),
        (CLEAN, {**NOW_ROWS, **UNDATED}, Verdict.INCONCLUSIVE, "1 row unlike both"),
        (CLEAN, {**NOW_ROWS, **LATE}, Verdict.INCONCLUSIVE, "and came after it"),
    ],
)
def test_every_line_of_the_table(
    copy: Table, source: Table | None, verdict: Verdict, says: str
) -> None:
    found, sentence = judge_delta("shop.t", judge_appended(OLD, copy, source))
    assert found is verdict, sentence
    assert says in sentence


def test_a_row_without_a_time_that_was_there_before_is_held_against_the_baseline() -> None:
    before = {**OLD, **UNDATED}
    whole = judge_appended(before, {**CLEAN, **UNDATED}, {**NOW_ROWS, **UNDATED})
    assert judge_delta("t", whole)[0] is Verdict.PASS
    lost = judge_appended(before, CLEAN, {**NOW_ROWS, **UNDATED})
    assert judge_delta("t", lost)[0] is Verdict.FAIL


def test_a_row_of_the_future_that_was_lost_is_no_pass() -> None:
    future = {24: Row(0, 500, None)}
    delta = judge_appended({**OLD, **future}, CLEAN, {**NOW_ROWS, **future})
    assert judge_delta("t", delta)[0] is Verdict.INCONCLUSIVE


def inserts(most_lag: int) -> st.SearchStrategy[list[Write]]:
    one = st.builds(
        Write,
        kind=st.just("insert"),
        key=st.integers(0, 40),
        began=st.integers(0, NOW),
        lag=st.integers(0, most_lag),
    )
    return st.lists(one, min_size=3, max_size=25, unique_by=lambda write: write.key)


@given(inserts(0))
def test_a_clean_copy_passes(writes: list[Write]) -> None:
    baseline, copy, source = (table_at(writes, moment) for moment in (BASELINE, RESTORED, NOW))
    delta = judge_appended(baseline, copy, source)
    assert not delta.wrong + delta.unexplained
    assert delta.dated == len(copy) - len(baseline)
    assert delta.newer == len(source) - len(copy)


@given(inserts(TOLERANCE))
def test_a_clean_copy_never_fails_where_commits_come_late(writes: list[Write]) -> None:
    baseline, copy, source = (table_at(writes, moment) for moment in (BASELINE, RESTORED, NOW))
    assert not judge_appended(baseline, copy, source).wrong
    assert not judge_appended(baseline, copy, None).wrong


@given(inserts(TOLERANCE), st.data())
def test_a_settled_row_that_is_lost_or_other_never_passes(
    writes: list[Write], data: st.DataObject
) -> None:
    baseline, copy, source = (table_at(writes, moment) for moment in (BASELINE, RESTORED, NOW))
    settled = sorted(key for key, row in copy.items() if (row.changed or 0) <= SETTLED)
    if not settled:
        return
    key = data.draw(st.sampled_from(settled))
    for hurt in (without(copy, key), changed(copy, key)):
        delta = judge_appended(baseline, hurt, source)
        assert delta.wrong + delta.unexplained
