"""Which events are wanted, and which are marked."""

from __future__ import annotations

from typing import Any

import pytest

from opslib.analysis.incident.event_filter import (
    EventFilter,
    filter_events,
    marked_events,
    unknown_marks,
)
from opslib.analysis.incident.timeline import merge_events
from opslib.parameters.incident_file import IncidentFile
from opslib.timewindow import TimeWindow
from tests.analysis.incident.events import at, event, events

TIMELINE = merge_events(
    [
        events(
            event(0, "a", Source="cloudtrail", Actor="role/Deploy", Service="ecs", ActId="d-1",
                  Action="ecs:UpdateService", Resource="checkout", Summary="deployed"),
            event(0, "b", Source="ecs", Service="ecs", ActId="d-1", Summary="a deployment began"),
            event(5, "c", Source="alarms", Kind="detection", Service="cloudwatch", Summary="(slow"),
            event(9, "d", Source="csv", Kind="response", Actor="ada", Summary="looked at checkout"),
        )
    ]
)  # fmt: skip
IDS = list(TIMELINE["EventId"])


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ({}, [0, 1, 2]),
        ({"sources": frozenset({"ecs"})}, [0]),
        ({"sources": frozenset({"cloudtrail", "csv"})}, [0, 2]),
        ({"kinds": frozenset({"detection", "response"})}, [1, 2]),
        ({"services": frozenset({"ecs"})}, [0]),
        ({"actor": "DEPLOY"}, [0]),
        ({"words": "checkout"}, [0, 2]),
        ({"words": "Ada CHECKOUT"}, [2]),
        ({"words": "("}, [1]),
        ({"words": "nothing"}, []),
        ({"span": TimeWindow(start=at(5), end=at(9))}, [1]),
        ({"kinds": frozenset({"response"}), "words": "deployed"}, []),
        ({"marked": True}, []),
    ],
)
def test_all_that_is_asked_for_has_to_hold(wanted: dict[str, Any], places: list[int]) -> None:
    found = filter_events(TIMELINE, EventFilter(**wanted))
    assert list(found["EventId"]) == [IDS[place] for place in places]


def test_an_empty_timeline_has_nothing_to_find() -> None:
    wanted = EventFilter(sources=frozenset({"ecs"}), words="x", marked=True)
    assert filter_events(TIMELINE[:0], wanted).empty


def test_marks_are_those_of_the_file_and_no_others() -> None:
    file = IncidentFile(start=at(0), end=at(9), stars=(IDS[0],), notes={IDS[2]: "why?", "x": "y"})
    marked = marked_events(TIMELINE, file)
    assert list(marked["IsStarred"]) == [True, False, False]
    assert list(marked["Note"]) == ["", "", "why?"]
    assert list(filter_events(marked, EventFilter(marked=True))["EventId"]) == [IDS[0], IDS[2]]
    assert list(filter_events(marked, EventFilter(words="WHY?"))["EventId"]) == [IDS[2]]
    assert unknown_marks(TIMELINE, file) == ("x",)
    again = marked_events(marked, None)
    assert not again["IsStarred"].any()
    assert set(again["Note"]) == {""}
    assert unknown_marks(TIMELINE, None) == ()
