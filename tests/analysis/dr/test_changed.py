"""Tables by the column that says when a row was last changed."""

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
    judge_changed,
    table_at,
)

OLD = {0: Row(0, 10, 10), 3: Row(0, 20, 20), 6: Row(0, 30, 30)}
UPDATED = {3: Row(1, 50, 20)}
NEW = {9: Row(0, 55, 55)}
COPY = {**OLD, **UPDATED, **NEW}
HOT = {**COPY, 6: Row(2, 90, 30), 12: Row(0, 90, 90)}
"""The source: 6 was changed and 12 inserted after the recovery point."""


def without(table: Table, *keys: int) -> Table:
    return {key: row for key, row in table.items() if key not in keys}


def damaged(table: Table, key: int) -> Table:
    return {**table, key: replace(table[key], version=99)}


def at(table: Table, key: int, changed: int | None) -> Table:
    return {**table, key: replace(table[key], changed=changed)}


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize(
    ("copy", "source", "verdict", "says"),
    [
        (COPY, COPY, Verdict.PASS, "2 rows changed since the baseline by at"),
        (COPY, HOT, Verdict.PASS, "2 rows changed at the source since the recovery point by at"),
        (damaged(COPY, 0), HOT, Verdict.FAIL, "1 row changed"),
        (damaged(COPY, 9), HOT, Verdict.FAIL, "1 row changed"),
        (without(COPY, 0), HOT, Verdict.FAIL, "1 row lost"),
        (without(COPY, 9), HOT, Verdict.FAIL, "1 row lost"),
        (without(COPY, 6), HOT, Verdict.FAIL, "1 row lost"),
        (COPY, without(HOT, 9), Verdict.PASS, "2 rows changed since the baseline"),
        (damaged(COPY, 0), without(HOT, 0), Verdict.INCONCLUSIVE, "no longer at the source"),
        (at(COPY, 0, None), without(HOT, 0), Verdict.INCONCLUSIVE, "no longer at the source"),
        (at(COPY, 6, 95), HOT, Verdict.INCONCLUSIVE, "dated after the recovery point"),
        (COPY, {**HOT, 15: Row(0, None, None)}, Verdict.INCONCLUSIVE, "without a time"),
        (at(COPY, 6, None), HOT, Verdict.INCONCLUSIVE, "without a time"),
        (COPY, at(HOT, 0, None), Verdict.INCONCLUSIVE, "without a time"),
    ],
)
def test_every_line_of_the_table(
    copy: Table, source: Table, verdict: Verdict, says: str, kept: bool
) -> None:
    found, sentence = judge_delta("shop.t", judge_changed(OLD, copy, source, kept=kept))
    if kept and "without a time" in says and copy.get(6) == replace(OLD[6], changed=None):
        says = "unlike both"
    assert found is verdict, sentence
    assert says in sentence


def test_what_is_damaged_and_hot_is_seen_where_the_baseline_kept_rows() -> None:
    copy = damaged(COPY, 6)
    kept = judge_changed(OLD, copy, HOT, kept=True)
    assert judge_delta("t", kept)[0] is Verdict.INCONCLUSIVE
    assert "which has them otherwise" in judge_delta("t", kept)[1]
    assert judge_delta("t", judge_changed(OLD, copy, HOT))[0] is Verdict.PASS, "documented"


def test_without_a_column_of_inserts_lost_and_new_cannot_be_told_apart() -> None:
    lost = judge_changed(OLD, without(COPY, 6), HOT, inserted=False)
    assert lost.unexplained == 2
    assert "no inserted_at tells" in judge_delta("t", lost)[1]
    clean = judge_changed(OLD, COPY, HOT, inserted=False)
    assert clean.unexplained == 1, "3 was changed since the baseline, and 12 is new"
    quiet = judge_changed(OLD, {**OLD, **NEW}, {**OLD, **NEW, 12: HOT[12]}, inserted=False)
    assert (quiet.unexplained, quiet.newer) == (0, 1), "all of the baseline is there"
    known = judge_changed(OLD, COPY, HOT, inserted=False, kept=True)
    assert (known.unexplained, known.newer) == (0, 2), "the baseline knows every key"


def test_a_deleted_row_is_explained_where_the_baseline_had_it_just_so() -> None:
    source = without({**OLD, 12: HOT[12]}, 0)
    assert judge_delta("t", judge_changed(OLD, OLD, source))[0] is Verdict.PASS
    moved = judge_changed(OLD, COPY, without(COPY, 0))
    assert moved.unexplained == 1, "its bucket has others that were changed"
    kept = judge_changed(OLD, COPY, without(COPY, 0), kept=True)
    assert judge_delta("t", kept)[0] is Verdict.PASS


@pytest.mark.parametrize(
    ("copy", "kept", "left"),
    [
        (OLD, False, 0),
        ({**OLD, **NEW}, False, 0),
        (COPY, False, 1),
        (COPY, True, 0),
        (without(COPY, 0), True, 1),
        (damaged(COPY, 0), True, 1),
        (at(COPY, 9, 95), True, 1),
        (at(COPY, 9, 95), False, 2),
    ],
)
def test_without_a_source_the_baseline_decides(copy: Table, kept: bool, left: int) -> None:
    delta = judge_changed(OLD, copy, None, kept=kept)
    assert (delta.wrong, delta.unexplained) == (0, left)


def test_buckets_of_too_many_rows_are_judged_by_their_sums() -> None:
    lost = judge_changed(OLD, without(COPY, 0), HOT, limit=1)
    assert (lost.lost, lost.unexplained) == (1, 0)
    other = judge_changed(OLD, damaged(COPY, 0), HOT, limit=1)
    assert (other.wrong, other.unexplained) == (0, 1)
    assert "too many" in judge_delta("t", other)[1]


def writes(kinds: list[str], most_lag: int) -> st.SearchStrategy[list[Write]]:
    one = st.builds(
        Write,
        kind=st.sampled_from(kinds),
        key=st.integers(0, 8),
        began=st.integers(0, NOW),
        lag=st.integers(0, most_lag),
    )
    return st.lists(one, min_size=5, max_size=40)


KEPT = st.booleans()


@given(writes(["insert", "update"], 0), KEPT)
def test_a_clean_copy_passes(history: list[Write], kept: bool) -> None:
    baseline, copy, source = (table_at(history, moment) for moment in (BASELINE, RESTORED, NOW))
    delta = judge_changed(baseline, copy, source, kept=kept)
    assert not delta.wrong + delta.unexplained


@given(writes(["insert", "update", "delete"], TOLERANCE), KEPT, st.booleans())
def test_a_clean_copy_never_fails(history: list[Write], kept: bool, inserted: bool) -> None:
    baseline, copy, source = (table_at(history, moment) for moment in (BASELINE, RESTORED, NOW))
    for limit in (0, 1000):
        delta = judge_changed(baseline, copy, source, kept=kept, inserted=inserted, limit=limit)
        assert not delta.wrong
    assert not judge_changed(baseline, copy, None, kept=kept).wrong


@given(
    writes(["insert", "update", "delete"], TOLERANCE),
    KEPT,
    st.sampled_from([0, 5, 1000]),
    st.data(),
)
def test_a_settled_row_that_is_lost_never_passes(
    history: list[Write], kept: bool, limit: int, data: st.DataObject
) -> None:
    baseline, copy, source = (table_at(history, moment) for moment in (BASELINE, RESTORED, NOW))
    entered = {key: row.inserted for key, row in source.items()}
    settled = sorted(key for key in copy if (entered.get(key, NOW) or 0) <= SETTLED)
    if not settled:
        return
    key = data.draw(st.sampled_from(settled))
    delta = judge_changed(baseline, without(copy, key), source, kept=kept, limit=limit)
    assert delta.wrong + delta.unexplained
    if (source[key].changed or 0) <= SETTLED:
        delta = judge_changed(baseline, damaged(copy, key), source, kept=kept, limit=limit)
        assert delta.wrong + delta.unexplained
        if limit == 1000:
            assert delta.wrong
