"""What scaling did: counted by resource, failures first."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from opslib.analysis.capacity.scaling.activities import count_activities, find_failed_scaling
from opslib.tables.event_rows import Event, events_frame
from opslib.tables.timeline import EVENTS, EventKind
from opslib.timewindow import TimeWindow
from tests.analysis.capacity.estates import AS_OF


def activity(name: str, hours: int, *, failed: bool = False, said: str = "done") -> Event:
    return Event(
        at=AS_OF - timedelta(hours=hours),
        source="scaling",
        kind=EventKind.SYMPTOM if failed else EventKind.CHANGE,
        actor="application-autoscaling",
        action="scaling",
        resource=name,
        service="ecs",
        account="shop",
        region="us-east-1",
        summary=said,
        reference=f"{name}-{hours}",
    )


def test_failures_come_first_and_say_what_the_last_one_said() -> None:
    events = [
        activity("busy", 9),
        activity("busy", 8),
        activity("busy", 7),
        activity("short", 6, failed=True, said="no addresses"),
        activity("short", 5, failed=True, said="<b>quota</b>"),
        activity("short", 4),
    ]
    window = TimeWindow(start=AS_OF - timedelta(days=1), end=AS_OF)
    short, busy = count_activities(events_frame(events, window))
    assert (short.name, short.activities, short.failed) == ("short", 3, 2)
    assert short.last_failure == "<b>quota</b>"
    assert short.last_at == AS_OF - timedelta(hours=4)
    assert (busy.name, busy.activities, busy.failed) == ("busy", 3, 0)
    (finding,) = find_failed_scaling([short, busy])
    assert finding.subject["Resource"] == "short"
    assert "2 of 3" in finding.sentence


def test_no_activity_is_no_row() -> None:
    assert count_activities(pd.DataFrame(columns=list(EVENTS.columns))) == ()
