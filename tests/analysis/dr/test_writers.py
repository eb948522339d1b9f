"""What the ids of transactions tell of rows that the source has as the baseline had them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import pytest

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.validation import validate_restore
from opslib.findings import Verdict
from opslib.tables.database_state import DatabaseState
from tests.analysis.dr.states import Rows, state

OLD, SINCE, BETWEEN, ENDED, LATER = 90, 100, 150, 200, 250
"""Ids: of before the baseline, its oldest running, the next one, the end of recovery, and after."""
A: Rows = {"1": ["10"], "2": ["20"]}
Writers = Mapping[str, list[int]]
"""Key to who wrote the rows under it; rows that are not named are old."""


def written(held: DatabaseState, writers: Writers) -> pd.DataFrame:
    left = {key: list(ids) for key, ids in writers.items()}
    ids = [left[key].pop(0) if left.get(key) else OLD for key in held.rows["Key"]]
    return held.rows.assign(Transaction=pd.Series(ids, dtype=object, index=held.rows.index))


def judge(
    restored: Rows,
    copy: Writers,
    source: Writers,
    *,
    baseline: Rows = A,
    keep_rows: bool = True,
    restored_id: str = "7",
    ended: int = ENDED,
) -> CheckResult:
    """Judge a copy whose source has what the baseline has."""
    before = replace(
        state({"t": baseline}, keep_rows=keep_rows), server_id="7", oldest_running=SINCE
    )
    found = replace(state({"t": restored}), server_id=restored_id, checkpoint_id=ended)
    now = replace(state({"t": baseline}), server_id="7")
    results = validate_restore(before, found, written(found, copy), now, written(now, source))
    (content,) = (result for result in results if result.check == "content")
    return content


CHANGED: Rows = {**A, "2": ["21"]}
EXTRA: Rows = {**A, "3": ["30"]}
LOST: Rows = {"1": ["10"]}


@pytest.mark.parametrize("keep_rows", [True, False])
@pytest.mark.parametrize(
    ("restored", "copy", "source", "verdict"),
    [
        (CHANGED, {"2": [BETWEEN]}, {"2": [LATER]}, Verdict.INCONCLUSIVE),
        (CHANGED, {"2": [SINCE]}, {"2": [BETWEEN]}, Verdict.INCONCLUSIVE),
        (CHANGED, {"2": [BETWEEN]}, {}, Verdict.FAIL),
        (CHANGED, {}, {"2": [LATER]}, Verdict.FAIL),
        (CHANGED, {"2": [BETWEEN]}, {"2": [BETWEEN]}, Verdict.FAIL),
        (CHANGED, {"2": [ENDED]}, {"2": [LATER]}, Verdict.FAIL),
        (EXTRA, {"3": [BETWEEN]}, {}, Verdict.INCONCLUSIVE),
        (EXTRA, {}, {}, Verdict.FAIL),
        (EXTRA, {"3": [ENDED]}, {}, Verdict.FAIL),
        (LOST, {}, {"2": [LATER]}, Verdict.INCONCLUSIVE),
        (LOST, {}, {"2": [SINCE]}, Verdict.INCONCLUSIVE),
        (LOST, {}, {}, Verdict.FAIL),
        # One row that is explained says nothing of another.
        ({**EXTRA, "2": ["21"]}, {"3": [BETWEEN], "2": [BETWEEN]}, {}, Verdict.FAIL),
    ],
)
def test_only_what_the_source_wrote_on_both_sides_is_no_failure(
    restored: Rows, copy: Writers, source: Writers, verdict: Verdict, keep_rows: bool
) -> None:
    found = judge(restored, copy, source, keep_rows=keep_rows)
    assert found.verdict is verdict, found.sentence
    told = "written since the baseline, by the ids of the transactions" in found.sentence
    assert told or verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("before", "restored", "copy", "source", "verdict"),
    [
        (["20"], ["20", "20"], [OLD, BETWEEN], [OLD], Verdict.INCONCLUSIVE),
        (["20"], ["20", "20"], [OLD, OLD], [BETWEEN], Verdict.FAIL),
        (["20"], ["20", "20", "20"], [OLD, OLD, BETWEEN], [OLD], Verdict.FAIL),
        (["20", "20"], ["20"], [OLD], [OLD, LATER], Verdict.INCONCLUSIVE),
        (["20", "20"], ["20"], [BETWEEN], [OLD, OLD], Verdict.FAIL),
    ],
)
def test_of_equal_rows_as_many_must_be_new_as_are_too_many(
    before: list[str], restored: list[str], copy: list[int], source: list[int], verdict: Verdict
) -> None:
    rows: Rows = {"1": ["10"], "2": restored}
    baseline: Rows = {"1": ["10"], "2": before}
    assert judge(rows, {"2": copy}, {"2": source}, baseline=baseline).verdict is verdict


def test_ids_of_another_server_tell_nothing() -> None:
    """A logical restore writes every row anew, by ids that mean nothing at the source."""
    for other in ("8", ""):
        found = judge(CHANGED, {"2": [BETWEEN]}, {"2": [LATER]}, restored_id=other)
        assert found.verdict is Verdict.FAIL


def test_a_checkpoint_of_before_the_baseline_bounds_nothing() -> None:
    found = judge(CHANGED, {"2": [LATER]}, {"2": [LATER + 1]}, ended=OLD)
    assert found.verdict is Verdict.INCONCLUSIVE


def test_rows_that_tell_no_writer_are_judged_by_their_values() -> None:
    before = replace(state({"t": A}), server_id="7", oldest_running=SINCE)
    found = replace(state({"t": CHANGED}), server_id="7", checkpoint_id=ENDED)
    results = validate_restore(before, found, found.rows, before, before.rows)
    assert [r.verdict for r in results if r.check == "content"] == [Verdict.FAIL]
