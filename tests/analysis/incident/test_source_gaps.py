"""What a source could not tell, as a part of the window."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from opslib.analysis.incident.metric_gaps import find_metric_gaps
from opslib.analysis.incident.source_gaps import find_source_gaps
from opslib.aws.cloudtrail_lookup import Lookup, _note_limits
from opslib.aws.ecs import _note_cut
from opslib.aws.event_reads import Told
from opslib.aws.places import Place
from opslib.coverage import Coverage, CoverageStatus
from opslib.timewindow import TimeWindow
from tests.analysis.incident.events import at
from tests.aws.fakes import reads_with

WINDOW = TimeWindow(start=at(0), end=at(600))
MINUTE = timedelta(minutes=1)


def line(
    detail: str,
    status: CoverageStatus = CoverageStatus.PARTIAL,
    table: str = "ecs events",
    account: str = "a",
) -> Coverage:
    return Coverage(table=table, asked="all", status=status, detail=detail, account=account)


def told(moment: int) -> str:
    return f"{at(moment):%Y-%m-%dT%H:%MZ}"


@pytest.mark.parametrize(
    ("detail", "first", "last"),
    [
        ("AccessDenied", 0, 600),
        ("", 0, 600),
        (f"service web tells its last 100 events: nothing before {told(120)}", 0, 120),
        (f"900 pages were asked for: nothing before {told(60)} was read", 0, 60),
        (f"{told(30)} to {told(45)}: no answer", 30, 45),
        (f"{told(-30)} to {told(45)}: no answer", 0, 45),
        (f"9 GB were scanned, the limit is 9: nothing from {told(300)} on was asked", 300, 600),
    ],
)
def test_a_gap_is_as_wide_as_its_coverage_tells(detail: str, first: int, last: int) -> None:
    (gap,) = find_source_gaps([line(detail)], WINDOW)
    assert gap.span == TimeWindow(start=at(first), end=at(last))
    assert gap.source == "ecs"


def test_what_a_service_no_longer_keeps_is_a_gap_until_then() -> None:
    reader = Told()
    reader.lacks_before(at(120), WINDOW, "kept a day")
    status, clause = reader.gaps[0]
    (gap,) = find_source_gaps([line(clause, status)], WINDOW)
    assert gap.span == TimeWindow(start=at(0), end=at(120))
    reader.lacks_before(at(900), WINDOW, "kept a day")
    (gap,) = find_source_gaps([line(reader.gaps[1][1])], WINDOW)
    assert gap.span == WINDOW


def test_the_clauses_of_the_readers_name_their_part(tmp_path: Path) -> None:
    reader = Told()
    _note_limits(reader, WINDOW, as_of=WINDOW.end + 5 * MINUTE)
    unsettled = [line(clause, status) for status, clause in reader.gaps]
    assert [gap.span for gap in find_source_gaps(unsettled, WINDOW)] == [
        TimeWindow(start=at(590), end=at(600))
    ]
    events = [{"createdAt": at(600 - number)} for number in range(100)]
    cut, service = Told(), {"serviceName": "web", "events": events}
    _note_cut(cut, service, WINDOW)
    (gap,) = find_source_gaps([line(cut.gaps[0][1])], WINDOW)
    assert gap.span == TimeWindow(start=at(0), end=at(501))
    lookup = Lookup(Place(reads_with(tmp_path), None, "us-east-1"), most_pages=1)
    lookup.reached = at(77)
    lookup._stop(CoverageStatus.TRUNCATED, "1 page was asked for")
    assert lookup.cut is not None
    (gap,) = find_source_gaps([line(lookup.cut[1])], WINDOW)
    assert gap.span == TimeWindow(start=at(0), end=at(77))


def test_each_clause_is_a_gap_of_its_own() -> None:
    found = find_source_gaps([line(f"{told(30)} to {told(45)}: slow; refused")], WINDOW)
    assert [gap.span for gap in found] == [WINDOW, TimeWindow(start=at(30), end=at(45))]
    assert {gap.why for gap in found} == {
        f"partial: {told(30)} to {told(45)}: slow",
        "partial: refused",
    }


def test_what_may_still_come_is_a_gap_and_a_complete_read_is_none() -> None:
    late = line(f"more may come of what is since {told(585)}", CoverageStatus.UNSETTLED)
    whole = line("", CoverageStatus.COMPLETE, table="rds events")
    (gap,) = find_source_gaps([late, whole], WINDOW)
    assert gap.span == TimeWindow(start=at(585), end=at(600))


def test_one_of_two_accounts_is_half_of_the_lane() -> None:
    refused = line("refused", CoverageStatus.DENIED, account="b")
    (gap,) = find_source_gaps([line("", CoverageStatus.COMPLETE), refused], WINDOW)
    assert (gap.place, gap.strip, gap.strips) == ("b", 1, 2)
    assert gap.why == "denied: refused"


def test_tables_without_events_have_no_lane() -> None:
    metrics = line("none", CoverageStatus.DENIED, table="incident metrics")
    logs = line("none", CoverageStatus.DENIED, table="log errors")
    assert [gap.source for gap in find_source_gaps([metrics, logs], WINDOW)] == ["logs"]


def points(*minutes: int) -> pd.Series:
    return pd.Series(1.0, index=pd.DatetimeIndex([at(minute) for minute in minutes]))


def test_a_metric_is_silent_where_it_lacks_more_than_ever_before() -> None:
    every = points(*range(-60, 100), *range(160, 600))
    assert find_metric_gaps(every, MINUTE, WINDOW) == (TimeWindow(start=at(100), end=at(160)),)
    sparse = points(*range(-60, 600, 10))
    assert find_metric_gaps(sparse, MINUTE, WINDOW) == ()


def test_a_metric_that_ends_early_or_has_nothing_is_silent_to_the_end() -> None:
    ends = points(*range(-60, 500))
    assert find_metric_gaps(ends, MINUTE, WINDOW) == (TimeWindow(start=at(500), end=at(600)),)
    assert find_metric_gaps(points(-5), MINUTE, WINDOW) == (WINDOW,)
    assert find_metric_gaps(points(*range(600)), timedelta(0), WINDOW) == (WINDOW,)
