"""How fresh a copy is: an old one never passes, and the truth lies in the interval."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.dr.freshness import Freshness, FreshnessQuestion, assess_freshness
from opslib.findings import Verdict
from opslib.tables.heartbeat import Heartbeat

RECOVERED = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
READ = RECOVERED + timedelta(hours=3)
ASKED = FreshnessQuestion(recovery_point_at=RECOVERED, rpo=timedelta(hours=24))
DAY = 86_400.0


def beats(
    seconds_before: float, *, every: float = 60, count: int = 10, **values: object
) -> Heartbeat:
    newest = RECOVERED - timedelta(seconds=seconds_before)
    times = tuple(newest - timedelta(seconds=every * place) for place in range(count))
    made = Heartbeat(column="a.b.c", times=times, resolution_seconds=0, read_at=READ)
    return replace(made, **values)  # type: ignore[arg-type]


def verdicts(found: Freshness) -> tuple[Verdict, Verdict]:
    return found.checks[0].verdict, found.checks[1].verdict


def ends(found: Freshness) -> tuple[float, float]:
    assert found.lost_seconds is not None
    return float(found.lost_seconds.low), float(found.lost_seconds.high)


P, F, UNTOLD = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("seconds_before", "expected"),
    [
        (0, (P, P)),
        (59, (P, P)),
        (900 + 2 * 60, (P, P)),
        (900 + 2 * 60 + 1, (F, P)),
        (-899, (P, P)),
        (-901, (UNTOLD, UNTOLD)),
        (10 * DAY, (F, UNTOLD)),
    ],
)
def test_a_copy_is_as_new_as_its_recovery_point_or_not(
    seconds_before: float, expected: tuple[Verdict, Verdict]
) -> None:
    assert verdicts(assess_freshness(beats(seconds_before), ASKED)) == expected


def test_the_same_old_snapshot_never_passes_however_its_beats_look() -> None:
    """A pause of ten days among the beats must not make a ten-day-old copy look usual."""
    old = beats(10 * DAY)
    paused = replace(old, times=(old.newest, *(t - timedelta(days=10) for t in old.times)))
    found = assess_freshness(paused, ASKED)
    assert found.checks[0].verdict is F
    assert "Stale" in found.checks[0].sentence
    assert found.lag_seconds == 10 * DAY


def test_a_source_that_went_on_makes_the_copy_stale_and_fixes_the_loss() -> None:
    asked = replace(ASKED, source_newest=RECOVERED - timedelta(seconds=10))
    found = assess_freshness(beats(10 * DAY), asked)
    assert verdicts(found) == (F, F)
    assert ends(found) == (10 * DAY - 60, 10 * DAY)
    assert found.lost_seconds is not None
    assert found.lost_seconds.confidence == pytest.approx(0.9)


def test_a_source_with_rare_beats_still_shows_a_stale_copy() -> None:
    rare = beats(1.5 * DAY, every=DAY)
    assert verdicts(assess_freshness(rare, ASKED))[0] is P, "two days are usual here"
    asked = replace(ASKED, source_newest=RECOVERED - timedelta(hours=12))
    assert verdicts(assess_freshness(rare, asked))[0] is F


def test_a_writer_that_stood_still_is_inconclusive_and_not_stale() -> None:
    stopped = beats(6 * 3600)
    asked = replace(ASKED, source_newest=stopped.newest)
    found = assess_freshness(stopped, asked)
    assert verdicts(found) == (UNTOLD, P)
    assert ends(found) == (0, 6 * 3600)


def test_without_a_heartbeat_nothing_is_told_but_how_to_get_one() -> None:
    found = assess_freshness(None, ASKED)
    assert verdicts(found) == (UNTOLD, UNTOLD)
    assert "opslib heartbeat sql" in found.checks[0].sentence
    assert found.lost_seconds is None


def test_without_a_recovery_point_nothing_is_told() -> None:
    assert verdicts(assess_freshness(beats(0), replace(ASKED, recovery_point_at=None))) == (
        UNTOLD,
        UNTOLD,
    )
    asked = replace(ASKED, recovery_point_at=None, failure_at=READ)
    found = assess_freshness(beats(0), asked)
    assert verdicts(found) == (UNTOLD, P)
    assert ends(found) == (0, 3 * 3600)


def test_times_yet_to_come_tell_nothing() -> None:
    found = assess_freshness(beats(-4 * 3600), replace(ASKED, backup_seconds=DAY))
    assert verdicts(found) == (UNTOLD, UNTOLD)
    assert "yet to come" in found.checks[0].sentence


def test_the_loss_is_counted_from_the_failure() -> None:
    asked = replace(ASKED, failure_at=RECOVERED + timedelta(hours=5), rpo=timedelta(hours=4))
    found = assess_freshness(beats(30), asked)
    assert verdicts(found) == (P, F)
    assert ends(found) == (5 * 3600, 5 * 3600 + 30)
    assert found.lost_seconds is not None
    assert found.lost_seconds.confidence == 1.0, "the recovery point bounds it"


def test_an_interval_about_the_objective_is_inconclusive() -> None:
    asked = replace(ASKED, rpo=timedelta(seconds=15))
    assert verdicts(assess_freshness(beats(30), asked)) == (P, UNTOLD)


def test_a_failure_before_the_recovery_point_makes_no_sense() -> None:
    asked = replace(ASKED, failure_at=RECOVERED - timedelta(hours=1))
    assert verdicts(assess_freshness(beats(30), asked)) == (P, UNTOLD)


def test_a_date_may_be_as_late_as_its_end() -> None:
    day = beats(3 * 3600, count=1, resolution_seconds=DAY)
    found = assess_freshness(day, ASKED)
    assert verdicts(found) == (P, P)
    old = beats(3 * 3600 + 3 * DAY, count=1, resolution_seconds=DAY)
    assert verdicts(assess_freshness(old, ASKED))[0] is F


def test_a_single_beat_bounds_the_loss_by_the_recovery_point_alone() -> None:
    found = assess_freshness(beats(40, count=1), ASKED)
    assert found.beat_seconds is None
    assert ends(found) == (0, 40)


@given(
    st.lists(st.floats(1, 120), min_size=12, max_size=60),
    st.floats(0, 1),
    st.floats(0, 100_000),
)
def test_the_truth_lies_in_the_interval_where_no_gap_exceeds_those_seen(
    gaps: list[float], within: float, failed_after: float
) -> None:
    """The copy is as of a moment between two beats, of which it holds the first."""
    seen, following = gaps[:-1], min(gaps[-1], max(gaps[:-1]))
    recovered_after = within * following
    newest = RECOVERED - timedelta(seconds=recovered_after)
    times = [newest]
    for gap in seen:
        times.append(times[-1] - timedelta(seconds=gap))
    heartbeat = Heartbeat(column="a.b.c", times=tuple(times), resolution_seconds=0, read_at=READ)
    asked = replace(ASKED, failure_at=RECOVERED + timedelta(seconds=failed_after))
    lost = assess_freshness(heartbeat, asked).lost_seconds
    assert lost is not None
    assert float(lost.low) <= failed_after + 0.001
    assert failed_after <= float(lost.high) + 0.001


@given(st.floats(0, 40 * DAY), st.floats(1, 3600), st.integers(1, 50), st.booleans())
def test_an_older_copy_is_never_judged_better(
    seconds_before: float, every: float, count: int, known: bool
) -> None:
    asked = replace(ASKED, source_newest=RECOVERED if known else None)
    rank = {F: 0, UNTOLD: 1, P: 2}
    newer = assess_freshness(beats(seconds_before, every=every, count=count), asked)
    older = assess_freshness(beats(seconds_before * 2 + 1, every=every, count=count), asked)
    assert rank[older.checks[0].verdict] <= rank[newer.checks[0].verdict]
