from __future__ import annotations

from dataclasses import replace

import pytest

from opslib.analysis.dr.check_result import CheckResult, worst_verdict
from opslib.analysis.dr.validation import differing_buckets, validate_restore
from opslib.findings import Verdict
from opslib.tables.database_state import DatabaseState
from tests.analysis.dr.states import Rows, sequence, state

A: Rows = {"1": ["10"], "2": ["20"], "3": ["30"]}


def results(
    baseline: DatabaseState, restored: DatabaseState, now: DatabaseState | None
) -> list[CheckResult]:
    now_rows = None if now is None else now.rows
    return validate_restore(baseline, restored, restored.rows, now, now_rows)


def of(check: str, found: list[CheckResult]) -> list[CheckResult]:
    return [result for result in found if result.check == check]


def content(restored: Rows, now: Rows | None, *, keep_rows: bool = True) -> CheckResult:
    baseline = state({"t": A}, keep_rows=keep_rows)
    current = None if now is None else state({"t": now})
    (found,) = of("content", results(baseline, state({"t": restored}), current))
    return found


def test_what_came_back_as_it_was_passes() -> None:
    found = results(state({"t": A}), state({"t": A}), state({"t": A}))
    assert worst_verdict(found) is Verdict.PASS


@pytest.mark.parametrize(
    ("restored", "now", "verdict", "says"),
    [
        ({**A, "2": ["21"]}, {**A, "2": ["21"]}, Verdict.PASS, "1 row written at the source"),
        ({**A, "4": ["40"]}, {**A, "4": ["40"]}, Verdict.PASS, "1 row written at the source"),
        ({"1": ["10"], "2": ["20"]}, {"1": ["10"], "2": ["20"]}, Verdict.PASS, "1 row written"),
        ({"1": ["10"], "2": ["20"]}, A, Verdict.FAIL, "1 row lost, such as 3"),
        ({**A, "2": ["21"]}, A, Verdict.FAIL, "1 row changed, such as 2"),
        ({**A, "2": ["20", "20"]}, A, Verdict.FAIL, "1 row not expected"),
        ({**A, "2": ["21"]}, {**A, "2": ["22"]}, Verdict.INCONCLUSIVE, "unlike both"),
        ({**A, "2": ["21"]}, None, Verdict.INCONCLUSIVE, "unlike both"),
        ({"1": ["10"]}, {**A, "2": ["22"]}, Verdict.FAIL, "1 row lost"),
    ],
)
def test_a_difference_is_explained_by_the_source_or_not_at_all(
    restored: Rows, now: Rows | None, verdict: Verdict, says: str
) -> None:
    found = content(restored, now)
    assert found.verdict is verdict
    assert says in found.sentence


def test_a_large_table_is_explained_bucket_by_bucket() -> None:
    changed = {**A, "2": ["21"]}
    assert content(changed, changed, keep_rows=False).verdict is Verdict.PASS
    assert "1 bucket changed" in content(changed, A, keep_rows=False).sentence
    assert content(changed, {**A, "2": ["22"]}, keep_rows=False).verdict is Verdict.INCONCLUSIVE


def test_exchanged_values_with_an_equal_sum_of_counts_are_seen() -> None:
    assert content({**A, "1": ["20"], "2": ["11"]}, A).verdict is Verdict.FAIL


def test_an_empty_table_that_was_empty_is_no_alarm_and_no_rows_at_all_no_pass() -> None:
    found = results(state({"t": A, "e": {}}), state({"t": A, "e": {}}), None)
    assert worst_verdict(found) is Verdict.PASS
    nothing = results(state({"e": {}}), state({"e": {}}), None)
    assert of("content", nothing)[0].verdict is Verdict.INCONCLUSIVE
    assert worst_verdict(results(state({}), state({}), None)) is Verdict.INCONCLUSIVE


def test_rows_in_a_table_that_was_empty_are_not_expected() -> None:
    found = results(state({"t": A, "e": {}}), state({"t": A, "e": {"9": ["9"]}}), None)
    assert worst_verdict(of("content", found)) is Verdict.INCONCLUSIVE


def test_a_missing_table_fails_in_schema_and_content() -> None:
    found = results(state({"t": A, "u": A}), state({"t": A}), None)
    failed = {result.check for result in found if result.verdict is Verdict.FAIL}
    assert failed == {"schema: table", "content"}


def test_what_was_migrated_since_the_baseline_is_explained() -> None:
    new = state({"t": A}, schema_objects=[("table", "shop", "t", "another owner")])
    assert worst_verdict(results(state({"t": A}), new, new)) is Verdict.PASS
    assert worst_verdict(results(state({"t": A}), new, state({"t": A}))) is Verdict.FAIL


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (sequence(5, 5), sequence(5, 5), Verdict.PASS),
        (sequence(5, 5), sequence(37, 5), Verdict.PASS),
        (sequence(5, 5), sequence(4, 5), Verdict.FAIL),
        (sequence(5, 5), sequence(None, 5), Verdict.FAIL),
        (sequence(5, 5), sequence(5, 9), Verdict.FAIL),
        (sequence(5, 9), sequence(5, 9), Verdict.PASS),
        (sequence(None, None), sequence(None, None), Verdict.PASS),
        (sequence(-5, -5, -1), sequence(-4, -5, -1), Verdict.FAIL),
        (sequence(-5, -5, -1), sequence(-6, -5, -1), Verdict.PASS),
    ],
)
def test_a_sequence_may_be_ahead_and_never_behind(
    before: tuple[object, ...], after: tuple[object, ...], verdict: Verdict
) -> None:
    found = results(state({"t": A}, sequences=[before]), state({"t": A}, sequences=[after]), None)
    assert [result.verdict for result in of("sequences", found)] == [verdict]


@pytest.mark.parametrize(
    ("was", "orphans", "verdict"),
    [(0, 0, Verdict.PASS), (0, 2, Verdict.FAIL), (2, 2, Verdict.PASS), (2, 3, Verdict.FAIL)],
)
def test_orphans_that_the_source_had_too_are_no_alarm(
    was: int, orphans: int, verdict: Verdict
) -> None:
    before = state({"t": A}, orphans=[("shop", "t", "fk", False, was, 0.1)])
    after = state({"t": A}, orphans=[("shop", "t", "fk", False, orphans, 0.1)])
    assert [r.verdict for r in of("references", results(before, after, None))] == [verdict]


def test_corruption_fails_and_unchecked_pages_are_inconclusive() -> None:
    corrupt = state({"t": A}, corruptions=[("shop", "t", "table", "block 3: bad", 0.1)])
    assert worst_verdict(of("physical", results(state({"t": A}), corrupt, None))) is Verdict.FAIL
    whole = state({"t": A})
    for unchecked in (replace(whole, corruptions=None), replace(whole, has_checksums=False)):
        found = of("physical", results(state({"t": A}), unchecked, None))
        assert worst_verdict(found) is Verdict.INCONCLUSIVE


def test_digests_of_two_major_versions_are_not_compared() -> None:
    (found,) = results(state({"t": A}), replace(state({"t": A}), server_version=17), None)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "algorithm text" in found.sentence


def unread(*rows: tuple[str, ...]) -> DatabaseState:
    held = state({"t": A, "u": A}, unreadable=list(rows))
    names = {row[2] for row in rows if row[0] == "content"}
    tables, digests = held.tables, held.digests
    return replace(
        held,
        tables=tables[~tables["Table"].isin(names)],
        digests=digests[~digests["Table"].isin(names)],
    )


def test_a_table_that_cannot_be_read_is_damaged_and_not_missing() -> None:
    said = "invalid page in block 3"
    damaged = unread(
        ("content", "shop", "t", "damaged", said), ("references", "shop", "u.fk", "damaged", said)
    )
    found = results(state({"t": A, "u": A}), damaged, None)
    assert [(r.subject, r.verdict) for r in of("content", found)] == [
        ("shop.u", Verdict.PASS),
        ("shop.t", Verdict.INCONCLUSIVE),
    ]
    assert "which had 3 rows" in of("content", found)[1].sentence
    failed = [r for r in of("physical", found) if r.verdict is Verdict.FAIL]
    assert [r.subject for r in failed] == ["shop.t"], "one damage is told once"
    assert said in failed[0].sentence
    assert not any("checksum" in r.sentence for r in of("physical", found))
    assert [r.verdict for r in of("references", found)] == [Verdict.INCONCLUSIVE]


@pytest.mark.parametrize("cause", ["cancelled", "value", "refused"])
@pytest.mark.parametrize("part", ["content", "references", "sequences", "amcheck"])
def test_what_was_not_read_for_another_reason_is_inconclusive(part: str, cause: str) -> None:
    found = results(state({"t": A, "u": A}), unread((part, "shop", "t", cause, "why")), None)
    assert worst_verdict(found) is Verdict.INCONCLUSIVE
    assert any("(why)" in result.sentence for result in found)


def test_buckets_of_a_table_that_could_not_be_read_are_not_asked_for() -> None:
    lost = unread(("content", "shop", "t", "damaged", "invalid page"))
    assert differing_buckets(state({"t": A, "u": A}), lost) == {}
    assert differing_buckets(state({"t": A, "u": A}), state({"u": A})) == {("shop", "t"): (0,)}
