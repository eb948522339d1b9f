from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from opslib.analysis.incident.rarity import count_history
from opslib.aws.change_history import read_change_history
from opslib.aws.cloudtrail_files import read_cloudtrail_files
from opslib.aws.cloudtrail_lookup import read_cloudtrail_events, read_cloudtrail_lookup
from opslib.aws.cloudtrail_timeline import cloudtrail_timeline
from opslib.aws.lookup_estimate import estimate_lookup, probe_lookup
from opslib.coverage import CoverageStatus
from opslib.run_folder import RunFolder
from opslib.tables.change_history import CHANGE_HISTORY
from opslib.tables.cloudtrail import CLOUDTRAIL_EVENTS
from opslib.tables.engine import FILE
from opslib.tables.schema import check_table
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with, refusal
from tests.aws.model_clients import model_reads

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = TimeWindow(start=NOON - timedelta(hours=2), end=NOON + timedelta(hours=2))
ROLE = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::222222222222:assumed-role/deployer/ci-42",
}


def listed(number: int, **facts: Any) -> dict[str, Any]:
    at = NOON - timedelta(minutes=number)
    record = {
        "eventID": f"event-{number}",
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "ecs.amazonaws.com",
        "eventName": "UpdateService",
        "awsRegion": "us-east-1",
        "recipientAccountId": "222222222222",
        "userIdentity": ROLE,
        "readOnly": False,
        "requestID": f"request-{number}",
        "requestParameters": {"cluster": "shop", "service": "checkout", "desiredCount": 4},
        **facts,
    }
    return {
        "EventId": record["eventID"],
        "EventTime": at,
        "EventName": record["eventName"],
        "EventSource": record["eventSource"],
        "Username": "ci-42",
        "ReadOnly": "false",
        "CloudTrailEvent": json.dumps(record),
    }


def paged(*pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last = len(pages) - 1
    return [
        {"Events": page, **({} if number == last else {"NextToken": f"t{number}"})}
        for number, page in enumerate(pages)
    ]


def test_every_page_is_read_at_the_pace_that_is_allowed(tmp_path: Path) -> None:
    pages = paged([listed(1)], [], [listed(2), listed(1)])
    reads, connection = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": pages}})
    waited: list[float] = []
    events = read_cloudtrail_events(reads, WINDOW, wait=waited.append)
    assert events["Reference"].tolist() == ["event-2", "event-1"]
    assert waited == [0.5, 0.5]
    asked = [asked for _, asked in connection.asked]
    assert asked[0]["LookupAttributes"] == [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
    assert asked[0]["EndTime"] == WINDOW.end - timedelta(seconds=1)
    assert [one.get("NextToken") for one in asked] == [None, "t0", "t1"]
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


def test_an_event_says_who_did_what_to_what(tmp_path: Path) -> None:
    reads, _ = model_reads(
        tmp_path,
        {"cloudtrail": {"LookupEvents": paged([listed(1)])}},
        accounts=[{"id": "222222222222", "name": "acme"}],
    )
    (event,) = read_cloudtrail_events(reads, WINDOW).to_dict("records")
    assert event["At"] == pd.Timestamp("2026-03-01T11:59Z")
    assert pd.isna(event["ObservedAt"])
    assert event["ResolutionSeconds"] == 1
    assert (event["Kind"], event["Actor"]) == ("change", "deployer/ci-42")
    assert (event["Action"], event["Resource"]) == ("ecs:UpdateService", "checkout")
    assert event["ActId"] == "event-1"
    assert (event["Account"], event["Region"]) == ("acme", "us-east-1")
    said = "deployer/ci-42 called ecs:UpdateService on checkout (cluster=shop, desiredCount=4)"
    assert event["Summary"] == said


def test_a_refused_call_changed_nothing(tmp_path: Path) -> None:
    pages = paged([listed(1, errorCode="AccessDenied")])
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": pages}})
    (event,) = read_cloudtrail_events(reads, WINDOW).to_dict("records")
    assert event["Kind"] == "context"
    assert event["Summary"].endswith("refused with AccessDenied")


def test_a_record_that_cannot_be_read_is_told_as_it_is_listed(tmp_path: Path) -> None:
    broken = [{**listed(1), "CloudTrailEvent": text} for text in ("{", "[]")]
    broken[1]["EventId"] = "other"
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": paged(broken)}})
    events = read_cloudtrail_events(reads, WINDOW)
    assert events[["Kind", "Action", "Actor"]].drop_duplicates().to_numpy().tolist() == [
        ["change", "ecs:UpdateService", "ci-42"]
    ]
    (line,) = reads.coverage
    assert (line.status, line.rows) == (CoverageStatus.PARTIAL, 2)
    assert line.detail == "some records cannot be read: told as they are listed"


def test_the_events_are_those_that_log_files_hold(tmp_path: Path) -> None:
    pages = paged([listed(1)], [listed(2)])
    reads, _ = model_reads(tmp_path / "a", {"cloudtrail": {"LookupEvents": pages}})
    looked_up = read_cloudtrail_lookup(reads, WINDOW, wait=lambda _: None)
    records = [json.loads(one["CloudTrailEvent"]) for one in (listed(1), listed(2))]
    (tmp_path / "log.json").write_text(json.dumps({"Records": records}))
    read = read_cloudtrail_files(
        reads_with(tmp_path / "b"), None, str(tmp_path / "log.json"), WINDOW
    ).frame
    texts = [FILE, "RequestParameters"]  # the order of names in JSON is not kept
    pd.testing.assert_frame_equal(looked_up.drop(columns=texts), read.drop(columns=texts))
    told, also_told = (cloudtrail_timeline(one, {}) for one in (looked_up, read))
    pd.testing.assert_frame_equal(told, also_told)
    check_table(looked_up, CLOUDTRAIL_EVENTS, "events")


def test_what_was_read_before_it_is_throttled_is_kept(tmp_path: Path) -> None:
    answers = [paged([listed(1)], [])[0], refusal("ThrottlingException", "LookupEvents")]
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": answers}})
    events = read_cloudtrail_events(reads, WINDOW, wait=lambda _: None)
    assert len(events) == 1
    (line,) = reads.coverage
    assert (line.status, line.rows) == (CoverageStatus.THROTTLED, 1)
    assert "nothing before 2026-03-01T11:59:00Z was read" in line.detail


def test_pages_beyond_the_limit_are_left_and_told(tmp_path: Path) -> None:
    pages = paged([listed(1)], [listed(2)])
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": pages}})
    assert len(read_cloudtrail_events(reads, WINDOW, most_pages=1)) == 1
    assert [line.status for line in reads.coverage] == [CoverageStatus.TRUNCATED]


def test_refused_is_a_gap(tmp_path: Path) -> None:
    denied = refusal("AccessDeniedException", "LookupEvents")
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": denied}})
    assert read_cloudtrail_events(reads, WINDOW).empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.DENIED]


def test_no_event_is_an_answer(tmp_path: Path) -> None:
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": {"Events": []}}})
    assert read_cloudtrail_events(reads, WINDOW).empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


def test_the_last_quarter_of_an_hour_is_not_settled(tmp_path: Path) -> None:
    reads, _ = model_reads(
        tmp_path, {"cloudtrail": {"LookupEvents": {"Events": []}}}, as_of=WINDOW.end
    )
    read_cloudtrail_events(reads, WINDOW)
    (line,) = reads.coverage
    assert line.status is CoverageStatus.UNSETTLED
    assert "2026-03-01T13:45Z" in line.detail


def test_what_is_older_than_ninety_days_is_gone(tmp_path: Path) -> None:
    as_of = WINDOW.start + timedelta(days=90, hours=1)
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": {"Events": []}}}, as_of=as_of)
    read_cloudtrail_events(reads, WINDOW)
    (line,) = reads.coverage
    assert line.status is CoverageStatus.PARTIAL
    assert "2026-03-01T10:00Z is gone, from 2026-03-01T11:00Z on it remains" in line.detail


def test_where_global_services_record_is_told(tmp_path: Path) -> None:
    reads, _ = model_reads(
        tmp_path, {"cloudtrail": {"LookupEvents": {"Events": []}}}, region="eu-west-1"
    )
    read_cloudtrail_events(reads, WINDOW)
    (gap,) = [line for line in reads.coverage if line.status is CoverageStatus.NOT_ASKED]
    assert "us-east-1" in gap.detail


def test_history_counts_operations_of_principals(tmp_path: Path) -> None:
    other = {**ROLE, "arn": "arn:aws:sts::222222222222:assumed-role/deployer/ci-43"}
    pages = paged(
        [listed(1), listed(2, userIdentity=other, errorCode="Refused")],
        [listed(3, userIdentity={"type": "IAMUser", "userName": "ann"})],
    )
    reads, connection = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": pages}})
    history = read_change_history(reads, NOON, wait=lambda _: None)
    check_table(history, CHANGE_HISTORY, "history")
    told = history[["Principal", "EventName", "Events"]].fillna("").to_numpy().tolist()
    deployer = "arn:aws:sts::222222222222:assumed-role/deployer"
    assert told == [["ann", "UpdateService", 1], [deployer, "UpdateService", 2]]
    looked_up = read_cloudtrail_lookup(
        model_reads(tmp_path / "b", {"cloudtrail": {"LookupEvents": pages}})[0],
        WINDOW,
        wait=lambda _: None,
    )
    counted = count_history(looked_up)
    pd.testing.assert_frame_equal(history.astype({"Events": int}), counted)
    assert connection.asked[0][1]["StartTime"] == NOON - timedelta(days=7)


def test_a_replay_says_the_same_without_aws(tmp_path: Path) -> None:
    pages = paged([listed(1)], [listed(2)])
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": pages}})
    events = read_cloudtrail_events(reads, WINDOW, wait=lambda _: None)
    replayed = reads_with(tmp_path)
    replayed.run = RunFolder(path=tmp_path, replay=True)
    pd.testing.assert_frame_equal(read_cloudtrail_events(replayed, WINDOW), events)
    assert [line.status for line in replayed.coverage] == [CoverageStatus.COMPLETE]


def test_how_long_it_takes_is_said_beforehand(tmp_path: Path) -> None:
    def answer(**asked: Any) -> dict[str, Any]:
        """Tell of one event a minute in the window, and of one in four hours before it."""
        until, since = asked["EndTime"] + timedelta(seconds=1), asked["StartTime"]
        step = timedelta(minutes=1 if until > WINDOW.start else 240)
        moments = [until - step * number for number in range(1, 51)]
        kept = [{**listed(0), "EventTime": one} for one in moments if one >= since]
        return {"Events": kept, **({"NextToken": "t"} if len(kept) == 50 else {})}

    reads, connection = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": answer}})
    waited: list[float] = []
    told = estimate_lookup(probe_lookup(reads, WINDOW, wait=waited.append), WINDOW)
    assert len(connection.asked) == 4 + 1
    assert waited == [0.5] * 5
    assert told.places == 1
    assert told.events == 240 + 7 * 6
    assert told.seconds == 0.5 * (5 + 1)  # 240 events in 5 pages, 42 in one
    assert "282 changing events" in told.sentence


def test_nothing_is_estimated_of_what_does_not_answer(tmp_path: Path) -> None:
    denied = refusal("AccessDeniedException", "LookupEvents")
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": denied}})
    told = estimate_lookup(probe_lookup(reads, WINDOW), WINDOW)
    assert (told.places, told.seconds) == (0, 0)
    assert [line.status for line in reads.coverage] == [CoverageStatus.DENIED]
