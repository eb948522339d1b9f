from __future__ import annotations

from dataclasses import replace

from opslib.comparison import compare_runs
from opslib.coverage import Coverage, CoverageStatus, distinct_gaps, merge_spans
from opslib.present import show_coverage
from opslib.present.cards import unseen_card
from tests.runner.records import document

FIRST = Coverage(
    table="ecs events",
    account="shop",
    region="us-east-1",
    asked="2026-02-18T00:00Z to 2026-02-21T00:00Z",
    status=CoverageStatus.PARTIAL,
    detail="web tells its last 100; api tells its last 100",
    rows=320,
)
SECOND = replace(
    FIRST,
    asked="2026-02-17T00:00Z to 2026-02-20T00:00Z",
    detail="api tells its last 100; search tells its last 100",
    rows=400,
)


def test_spans_of_one_read_are_one_line_with_each_detail_once() -> None:
    (line,) = merge_spans([FIRST, SECOND])
    assert line.asked == "2026-02-17T00:00Z to 2026-02-21T00:00Z in 2 spans"
    assert line.detail == (
        "web tells its last 100; api tells its last 100; search tells its last 100"
    )
    assert line.rows == 400


def test_every_place_counts_the_gaps_of_the_first_screen() -> None:
    seen = replace(FIRST, status=CoverageStatus.COMPLETE)
    assert len(distinct_gaps([FIRST, seen, SECOND])) == 1
    ((_, told),) = unseen_card([FIRST, seen, SECOND])
    assert told.startswith("What we could not see: 1 gap.")
    assert compare_runs(document(), document(coverage=(FIRST, SECOND))).doubts == (
        "1 gap: ecs events of shop",
    )


def test_what_differs_in_more_than_its_span_stays_apart_and_in_order() -> None:
    lines = (
        FIRST,
        replace(FIRST, account="other"),
        replace(FIRST, region="eu-west-1"),
        replace(FIRST, status=CoverageStatus.DENIED),
        replace(FIRST, remedy="Grant it."),
        replace(FIRST, asked="tag Project"),
        replace(FIRST, asked="tag Environment"),
    )
    assert merge_spans(lines) == lines


def test_the_first_screen_shows_one_line_and_the_text_has_each_read() -> None:
    shown = show_coverage([FIRST, SECOND])
    assert shown.markup.count("<li>") == 1
    assert "1 gap in 2 reads, 0 reads complete" in shown.markup
    assert FIRST.asked in shown.plain
    assert SECOND.asked in shown.plain
