from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from opslib.analysis.incident.durations import (
    IncidentTimes,
    Priority,
    judge_response,
    measure_intervals,
)
from opslib.analysis.incident.moments import Moment, Span
from opslib.findings import Verdict
from tests.analysis.incident.events import at


def between(earliest: float, latest: float) -> Moment:
    return Moment(earliest=at(earliest), latest=at(latest))


def test_intervals_are_as_wide_as_what_is_known_of_their_ends() -> None:
    times = IncidentTimes(onset=between(0, 5), detection=between(7, 8), recovery=between(60, 65))
    found = {interval.name: interval.span for interval in measure_intervals(times)}
    assert found["time to detect"] == Span(low=120, high=480)
    assert found["time to recover"] == Span(low=55 * 60, high=65 * 60)
    assert found["time to acknowledge"] is None
    assert found["time to mitigate"] is None


@pytest.mark.parametrize(
    ("priority", "answered", "verdict"),
    [
        (Priority.P0, 4, Verdict.PASS),
        (Priority.P0, 7, Verdict.FAIL),
        (Priority.P1, 14, Verdict.PASS),
        (Priority.P1, 16.5, Verdict.FAIL),
        (Priority.P2, 59, Verdict.PASS),
        (Priority.P2, 62, Verdict.FAIL),
    ],
)
def test_a_response_is_held_against_its_priority(
    priority: Priority, answered: float, verdict: Verdict
) -> None:
    times = IncidentTimes(
        detection=between(0, 1), acknowledgement=between(answered, answered + 0.5)
    )
    assert judge_response(priority, times)[0] is verdict


def test_sources_too_coarse_to_tell_are_inconclusive() -> None:
    times = IncidentTimes(detection=between(0, 0), acknowledgement=between(14, 16))
    assert judge_response(Priority.P1, times)[0] is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    "times", [IncidentTimes(), IncidentTimes(detection=Moment(earliest=at(0), latest=at(0)))]
)
def test_what_nobody_recorded_is_inconclusive(times: IncidentTimes) -> None:
    verdict, because = judge_response(Priority.P1, times)
    assert verdict is Verdict.INCONCLUSIVE
    assert "no source recorded" in because


@pytest.mark.parametrize(("day", "due"), [(6, 10), (5, 7), (8, 10)])
def test_the_lowest_priority_is_due_by_the_end_of_the_next_weekday(day: int, due: int) -> None:
    """5 March 2026 is a Thursday: due by the end of Friday; of Friday by the end of Monday."""
    noon = datetime(2026, 3, day, 12, tzinfo=UTC)
    end = datetime(2026, 3, due, tzinfo=UTC)
    detected = Moment(earliest=noon, latest=noon)
    for answered, verdict in (
        (end, Verdict.PASS),
        (end + timedelta(minutes=1), Verdict.FAIL),
    ):
        told = Moment(earliest=answered, latest=answered)
        times = IncidentTimes(detection=detected, acknowledgement=told)
        assert judge_response(Priority.P3, times)[0] is verdict


def test_a_moment_is_in_order() -> None:
    with pytest.raises(ValueError, match="not in order"):
        between(2, 1)
