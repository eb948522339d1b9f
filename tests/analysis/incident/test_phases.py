"""The phases of an incident and of the response to it."""

from __future__ import annotations

from dataclasses import replace

from opslib.analysis.incident.durations import IncidentTimes
from opslib.analysis.incident.moments import Moment
from opslib.analysis.incident.phases import incident_phases, response_phases
from opslib.timewindow import TimeWindow
from tests.analysis.incident.events import at

WINDOW = TimeWindow(start=at(0), end=at(600))


def moment(minute: int) -> Moment:
    return Moment(earliest=at(minute), latest=at(minute + 1))


TIMES = IncidentTimes(
    onset=moment(100),
    detection=moment(110),
    acknowledgement=moment(112),
    mitigation=moment(130),
    recovery=moment(160),
)


def test_a_phase_ends_where_the_next_moment_begins() -> None:
    found = incident_phases(TIMES, WINDOW)
    assert [phase.name for phase in found] == [
        "onset to detection",
        "detection to acknowledgement",
        "acknowledgement to mitigation",
        "mitigation to recovery",
    ]
    assert [(p.start, p.end) for p in found] == [
        (at(100), at(110)),
        (at(110), at(112)),
        (at(112), at(130)),
        (at(130), at(161)),
    ]


def test_phases_follow_the_clock_and_leave_out_what_is_not_known() -> None:
    odd = replace(TIMES, mitigation=moment(105), acknowledgement=None, recovery=None)
    found = incident_phases(odd, WINDOW)
    assert [phase.name for phase in found] == [
        "onset to mitigation",
        "mitigation to detection",
        "detection to end of the window",
    ]
    assert found[-1].end == WINDOW.end


def test_moments_outside_of_the_incident_divide_nothing() -> None:
    odd = replace(TIMES, detection=moment(90), acknowledgement=None, mitigation=moment(300))
    assert [phase.name for phase in incident_phases(odd, WINDOW)] == ["onset to recovery"]


def test_without_an_onset_there_is_no_phase() -> None:
    assert incident_phases(replace(TIMES, onset=None), WINDOW) == ()
    assert response_phases(replace(TIMES, onset=None), WINDOW) == ()
    assert response_phases(replace(TIMES, detection=None), WINDOW) == ()


def test_the_response_runs_from_the_detection_to_the_recovery() -> None:
    found = response_phases(TIMES, WINDOW)
    assert [(p.name, p.start, p.end) for p in found] == [
        ("0-5 min", at(110), at(115)),
        ("5-15 min", at(115), at(125)),
        ("15-30 min", at(125), at(140)),
        ("30+ min", at(140), at(161)),
    ]
    short = replace(TIMES, recovery=moment(117))
    assert [p.name for p in response_phases(short, WINDOW)] == ["0-5 min", "5-15 min"]
