"""A Slack export, and PagerDuty's log entries: what other tools write."""

from __future__ import annotations

import doctest
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.coverage import CoverageStatus
from opslib.people import slack_text
from opslib.people.pagerduty import read_pagerduty_events
from opslib.people.slack import read_slack_events
from opslib.people.slack_text import plain_text
from opslib.tables.schema import check_table
from opslib.tables.timeline import EVENTS
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = TimeWindow(start=NOON - timedelta(hours=1), end=NOON + timedelta(hours=1))
USERS = [
    {"id": "U1", "name": "ann", "real_name": "Ann Smith", "profile": {"display_name": "annie"}},
    {"id": "U2", "name": "bob"},
]


def message(minute: int, text: str, **facts: Any) -> dict[str, Any]:
    stamp = f"{int(NOON.timestamp()) + 60 * minute}.000{minute:03d}"
    return {"type": "message", "ts": stamp, "user": "U1", "text": text, **facts}


def exported(folder: Path, files: dict[str, Any], *, zipped: bool = False) -> str:
    texts = {n: one if isinstance(one, str) else json.dumps(one) for n, one in files.items()}
    if zipped:
        with zipfile.ZipFile(folder / "slack.zip", "w") as archive:
            for name, text in texts.items():
                archive.writestr(name, text)
        return str(folder / "slack.zip")
    for name, text in texts.items():
        place = folder / "slack" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return str(folder / "slack")


def slack(folder: Path, files: dict[str, Any], *, zipped: bool = False) -> tuple[Any, Any]:
    reads = reads_with(folder / "run")
    return read_slack_events(reads, exported(folder, files, zipped=zipped), WINDOW), reads


@pytest.mark.parametrize("zipped", [True, False])
def test_messages_of_people_and_bots_are_told(zipped: bool, tmp_path: Path) -> None:
    files = {
        "users.json": USERS,
        "channels.json": [{"id": "C1", "name": "general"}],
        "incidents/2026-03-01.json": [
            message(1, "<@U2> see <#C1> &lt;b&gt; token=hunter22"),
            message(2, "deployed *web*", user=None, bot_id="B1", username="deploybot"),
            message(3, "", subtype="bot_message", attachments=[{"fallback": "alarm is on"}]),
            message(300, "another time"),
        ],
        "general/2026-03-01.json": [message(1, "hello")],
        "general/2026-01-01.json": "{ broken, but of another day",
        "general/canvas_in_the_conversation.json": "[]",
    }
    events, reads = slack(tmp_path, files, zipped=zipped)
    check_table(events, EVENTS, "slack")
    assert events["Actor"].tolist() == ["annie", "annie", "deploybot (bot)", "annie (bot)"]
    assert events["Summary"][1].startswith("#incidents annie: @bob see #general <b> token=[red")
    assert events["Summary"].tolist()[2:] == [
        "#incidents deploybot: deployed web",
        "#incidents annie: alarm is on",
    ]
    assert set(events["Kind"]) == {"context"}
    assert events["At"][0] == pd.Timestamp("2026-03-01T12:01Z")
    assert events["Reference"].is_unique
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


def test_broken_parts_are_passed_over_and_counted(tmp_path: Path) -> None:
    files = {
        "users.json": USERS,
        "a/2026-03-01.json": [message(1, "x"), {"type": "message"}, 3, {"ts": "soon"}],
        "b/2026-03-01.json": "[{",
    }
    events, reads = slack(tmp_path, files)
    assert len(events) == 1
    (line,) = reads.coverage
    assert line.status is CoverageStatus.PARTIAL
    assert line.detail == (
        "a/2026-03-01.json: 3 messages without a time; b/2026-03-01.json cannot be read"
    )


def test_without_users_people_are_told_by_id(tmp_path: Path) -> None:
    events, reads = slack(tmp_path, {"a/2026-03-01.json": [message(1, "x")]})
    assert events["Actor"].tolist() == ["U1"]
    assert "people are told by id" in reads.coverage[0].detail


def test_an_export_without_channels_is_a_gap(tmp_path: Path) -> None:
    _, reads = slack(tmp_path, {"users.json": USERS}, zipped=True)
    assert [line.status for line in reads.coverage] == [CoverageStatus.NOT_FOUND]


def test_a_zip_that_is_cut_off_is_a_gap(tmp_path: Path) -> None:
    place = Path(exported(tmp_path, {"a/2026-03-01.json": [message(1, "x" * 999)]}, zipped=True))
    place.write_bytes(place.read_bytes()[:200])
    reads = reads_with(tmp_path / "run")
    assert read_slack_events(reads, str(place), WINDOW).empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.FAILED]


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("<!here> <!subteam^S1|@oncall>", "@here @oncall"),
        ("<https://e.org>", "https://e.org"),
        ("*a* _b_ ~c~ `d`", "a b c d"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("```code```", "code"),
        ("&lt;@U1&gt;", "<@U1>"),
        ("<@U9>", "@U9"),
    ],
)
def test_marks_become_plain_text(marked: str, plain: str) -> None:
    assert plain_text(marked, {"U1": "ann"}) == plain


def test_the_examples_of_plain_text_hold() -> None:
    assert doctest.testmod(slack_text) == (0, 1)


def entry(number: int, kind: str, **facts: Any) -> dict[str, Any]:
    return {
        "id": f"R{number}",
        "type": f"{kind}_log_entry",
        "summary": f"{kind} by somebody",
        "created_at": f"2026-03-01T12:{number:02d}:00Z",
        "agent": {"type": "user_reference", "summary": "Ann Smith"},
        "service": {"summary": "checkout"},
        "incident": {"summary": "[#7] p95 high", "id": "Q7", "urgency": "high"},
        **facts,
    }


def pagerduty(folder: Path, *texts: str) -> tuple[Any, Any]:
    place = folder / "pages"
    place.mkdir()
    for number, text in enumerate(texts):
        (place / f"{number}.json").write_text(text)
    reads = reads_with(folder / "run")
    return read_pagerduty_events(reads, str(place), WINDOW), reads


def test_entries_are_detection_response_and_recovery(tmp_path: Path) -> None:
    details = {"AlarmName": "shop-p95", "StateChangeTime": "2026-03-01T12:00:59.123+0000"}
    entries = [
        entry(1, "trigger", channel={"type": "cloudwatch", "details": details}),
        entry(2, "notify"),
        entry(3, "acknowledge"),
        entry(4, "escalate"),
        entry(5, "annotate", channel={"summary": "looking into it"}),
        entry(6, "resolve"),
        entry(7, "something_new"),
    ]
    pages = [json.dumps({"log_entries": entries[:3]}), json.dumps(entries[3:])]
    events, reads = pagerduty(tmp_path, *pages)
    check_table(events, EVENTS, "pagerduty")
    assert events["Kind"].tolist() == [
        "detection",
        "context",
        "response",
        "response",
        "response",
        "recovery",
        "context",
    ]
    assert events["ActId"][0] == "alarm:shop-p95:2026-03-01T12:00:59Z"
    assert events["Severity"].tolist() == ["high", *[""] * 6]
    assert events["Service"].unique().tolist() == ["checkout"]
    assert events["Summary"][4].endswith("([#7] p95 high): looking into it")
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


def test_a_trigger_may_name_its_alarm_by_the_key_of_its_alert(tmp_path: Path) -> None:
    key = "arn:aws:cloudwatch:us-east-1:222222222222:alarm:shop-p95"
    told = entry(1, "trigger", channel={"type": "auto", "cef_details": {"dedup_key": key}})
    other = entry(2, "trigger", event_details={"incident_key": "by hand"})
    events, _ = pagerduty(tmp_path, json.dumps([told, other]))
    assert events["ActId"].tolist() == ["alarm:shop-p95:2026-03-01T12:01:00Z", ""]


def test_entries_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    naive = entry(2, "trigger", created_at="2026-03-01T12:00:00")
    pages = [json.dumps({"log_entries": [entry(1, "trigger"), naive, {"id": "x"}, 3]}), "{", "{}"]
    events, reads = pagerduty(tmp_path, *pages)
    assert len(events) == 1
    (line,) = reads.coverage
    assert line.status is CoverageStatus.PARTIAL
    assert line.detail == (
        "0.json: 3 log entries without id or time; 1.json holds no log_entries; "
        "2.json holds no log_entries"
    )
