from __future__ import annotations

from opslib.analysis.incident.moments import Moment
from opslib.analysis.incident.response import (
    find_acknowledgement,
    find_detection,
    find_rollback,
)
from opslib.analysis.incident.signals import rank_signals
from opslib.analysis.incident.timeline import merge_events
from opslib.parameters.incident_file import IncidentFile
from tests.analysis.incident.events import at, event, events

ONSET = Moment(earliest=at(10), latest=at(11))
FLAPS = event(1, "a0", Source="alarms", Kind="detection", Resource="batch")
ALARM = event(13, "a1", Source="alarms", Kind="detection", Resource="web-errors")
TALK = event(15, "t1", Source="slack", Kind="response", Summary="looking", Action="message")
ACK = event(17, "p1", Source="pagerduty", Kind="response", Action="acknowledge")
BEFORE = event(8, "c1", Action="ecs:UpdateService", Resource="checkout")
AFTER = event(40, "c2", Action="ecs:UpdateService", Resource="checkout")
TIMELINE = merge_events([events(FLAPS, ALARM, TALK, ACK, BEFORE, AFTER)])
FILE = IncidentFile(start=at(0), end=at(60))


def test_what_was_detected_before_the_onset_is_something_else() -> None:
    found = find_detection(TIMELINE, ONSET, FILE)
    assert found is not None
    assert found.earliest == at(13)
    assert find_detection(TIMELINE.iloc[:1], ONSET, FILE) is None


def test_an_acknowledgement_goes_before_talk() -> None:
    detection = find_detection(TIMELINE, ONSET, None)
    found = find_acknowledgement(TIMELINE, detection, None)
    assert found is not None
    assert found.earliest == at(17)
    without = TIMELINE[TIMELINE["Action"] != "acknowledge"]
    talk = find_acknowledgement(without, detection, None)
    assert talk is not None
    assert talk.earliest == at(15)


def test_the_same_change_of_the_same_thing_after_the_onset_takes_it_back() -> None:
    suspects = [("ecs:UpdateService", "checkout")]
    found = find_rollback(TIMELINE, ONSET, suspects, FILE)
    assert found is not None
    assert found.earliest == at(40)
    assert find_rollback(TIMELINE, ONSET, [("ecs:UpdateService", "web")], FILE) is None
    assert find_rollback(TIMELINE, None, suspects, FILE) is None


def test_a_change_that_says_so_is_the_rollback() -> None:
    said = event(30, "c3", Source="codedeploy", Summary="Rolled back to revision 41")
    timeline = merge_events([events(BEFORE, AFTER, said)])
    found = find_rollback(timeline, ONSET, [("ecs:UpdateService", "checkout")], None)
    assert found is not None
    assert found.earliest == at(30)


def test_what_the_incidents_file_says_goes_first() -> None:
    file = FILE.model_copy(
        update={"detected": at(12), "acknowledged": at(14), "rolled_back": at(35)}
    )
    assert [
        moment.earliest
        for moment in (
            find_detection(TIMELINE, ONSET, file),
            find_acknowledgement(TIMELINE, None, file),
            find_rollback(TIMELINE, None, [], file),
        )
        if moment is not None
    ] == [at(12), at(14), at(35)]


def test_signals_are_in_order_of_when_they_told() -> None:
    signals = rank_signals(TIMELINE, [], ONSET, [("p95", at(12))])
    assert [(signal.name, signal.told_at) for signal in signals] == [
        ("p95", at(12)),
        ("web-errors", at(13)),
    ]
    assert signals[0].after_onset == at(12) - at(11)


def test_an_alarm_that_was_silent_is_listed_and_an_earlier_metric_is_not() -> None:
    alarms = {"web-errors": "above 6", "db-cpu": "above 90"}
    signals = rank_signals(TIMELINE, [], ONSET, [("p95", at(2))], alarms)
    assert [(signal.name, signal.told_at, signal.condition) for signal in signals] == [
        ("web-errors", at(13), "above 6"),
        ("db-cpu", None, "above 90"),
    ]
