from __future__ import annotations

import json
from datetime import datetime

from opslib.analysis.incident.timeline import Annotations, merge_events
from opslib.present.incident.exports import timeline_markdown, timesketch_jsonl
from tests.analysis.incident.events import NOON, event, events

HOSTILE = "<script>alert(1)</script> | [x](http://evil) `rm` *now*"


def test_each_line_has_what_timesketch_asks_for() -> None:
    timeline = merge_events([events(event(0, "a", Actor="ada"), event(1, "b", Summary=HOSTILE))])
    lines = [json.loads(line) for line in timesketch_jsonl(timeline).splitlines()]
    assert len(lines) == 2
    for line in lines:
        assert line["message"]
        assert line["timestamp_desc"] == "change recorded by cloudtrail"
        assert datetime.fromisoformat(line["datetime"]).utcoffset() is not None
    assert datetime.fromisoformat(lines[0]["datetime"]) == NOON
    assert lines[0]["references"] == ["cloudtrail:a"]
    assert "resource" not in lines[0], "what is not known is left out"
    assert lines[1]["message"] == HOSTILE


def test_a_record_that_says_nothing_has_a_message_still() -> None:
    """Timesketch refuses the whole file for one line without a message."""
    rows = [event(0, "a", Summary="", Action="ecs:UpdateService"), event(1, "b", Summary="")]
    lines = [
        json.loads(line)
        for line in timesketch_jsonl(merge_events([events(*rows)])).split("\n")[:-1]
    ]
    assert [line["message"] for line in lines] == ["ecs:UpdateService", "change without a summary"]
    told = [datetime.fromisoformat(line["datetime"]).timestamp() for line in lines]
    assert told == [NOON.timestamp(), NOON.timestamp() + 60]


def test_a_star_is_a_tag() -> None:
    identity = merge_events([events(event(0, "a"))]).iloc[0]["EventId"]
    said = Annotations(stars=frozenset({identity}), notes={})
    (line,) = timesketch_jsonl(merge_events([events(event(0, "a"))], said)).splitlines()
    assert json.loads(line)["tag"] == ["change", "starred"]


def test_text_from_outside_stays_text_in_markdown() -> None:
    timeline = merge_events([events(event(0, "a", Summary=HOSTILE + "\nsecond"))])
    lines = timeline_markdown(timeline).splitlines()
    assert len(lines) == 3
    row = lines[2]
    assert row.count(" | ") == 4, "the bar in it is no cell's end"
    for mark in ("\\<script\\>", "\\|", "\\[x\\]", "\\`rm\\`", "\\*now\\*"):
        assert mark in row


def test_a_note_is_whole_in_markdown_however_long_its_event_is() -> None:
    table = events(event(0, "a", Summary="one word after the other " * 10))
    identity = merge_events([table]).iloc[0]["EventId"]
    note = "the pool was made smaller by hand, which nobody had told the people on call"
    row = timeline_markdown(merge_events([table], Annotations(notes={identity: note}))).split("\n")
    assert note in row[2]
