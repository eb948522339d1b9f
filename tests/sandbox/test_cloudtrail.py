from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from opslib.sandbox.cloudtrail import calls_between
from opslib.sandbox.estate import PAYER, PRODUCTION
from opslib.sandbox.handlers import cloudtrail
from opslib.sandbox.handlers.cloudtrail import Pace
from opslib.sandbox.incident_buckets import TRAIL_DAYS, trail_files
from opslib.sandbox.incident_plan import window_of
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import DEFAULT_EPOCH
from tests.sandbox.answers import ask, ask_all
from tests.sandbox.days import plan_of

OPENS, ENDS = window_of(DEFAULT_EPOCH)
CHANGING = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every request pass: seconds fly."""
    seconds = iter(range(10_000))
    monkeypatch.setattr(cloudtrail, "PACE", Pace(lambda: float(next(seconds))))


def look_up(**asked: Any) -> list[dict[str, Any]]:
    pages = ask_all(
        "cloudtrail",
        "LookupEvents",
        "NextToken",
        account=PRODUCTION,
        scenario="troubled",
        seed=3,
        **asked,
    )
    return [event for page in pages for event in page["Events"]]


def test_events_come_newest_first_fifty_a_page_and_not_again() -> None:
    asked: dict[str, Any] = {"account": PRODUCTION, "scenario": "troubled", "seed": 3}
    first = ask("cloudtrail", "LookupEvents", **asked, StartTime=OPENS, EndTime=ENDS)
    assert len(first["Events"]) == 50
    events = look_up(StartTime=OPENS, EndTime=ENDS)
    moments = [event["EventTime"] for event in events]
    assert all(later >= earlier for later, earlier in pairwise(moments))
    assert len({event["EventId"] for event in events}) == len(events) > 100
    assert moments[-1] >= OPENS
    assert moments[0] <= ENDS


def test_the_end_is_inclusive_to_the_second() -> None:
    plan = plan_of("troubled", 3)
    assert plan.incident is not None
    at = plan.incident.changed_at
    events = look_up(StartTime=at, EndTime=at, LookupAttributes=CHANGING)
    assert [event["EventName"] for event in events] == ["ModifyDBCluster"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ReadOnly", "false"),
        ("EventName", "UpdateService"),
        ("Username", "terraform-plan"),
        ("ResourceName", "orders"),
        ("EventSource", "ecs.amazonaws.com"),
    ],
)
def test_one_attribute_chooses(key: str, value: str) -> None:
    everything = look_up(StartTime=OPENS, EndTime=ENDS)
    wanted = [{"AttributeKey": key, "AttributeValue": value}]
    chosen = look_up(StartTime=OPENS, EndTime=ENDS, LookupAttributes=wanted)
    assert 0 < len(chosen) < len(everything)
    expected = [event["EventId"] for event in everything if value in told(event, key)]
    assert [event["EventId"] for event in chosen] == expected


def told(event: dict[str, Any], key: str) -> list[Any]:
    if key == "ResourceName":
        return [resource["ResourceName"] for resource in event["Resources"]]
    return [event.get(key)]


def test_the_record_says_what_the_event_says() -> None:
    for event in look_up(StartTime=OPENS, EndTime=ENDS, LookupAttributes=CHANGING):
        record = json.loads(event["CloudTrailEvent"])
        assert record["eventID"] == event["EventId"]
        assert record["readOnly"] is False
        assert datetime.fromisoformat(record["eventTime"]) == event["EventTime"]
        assert record["eventSource"] == event["EventSource"]
        assert record["recipientAccountId"] == PRODUCTION


def test_more_than_two_requests_a_second_are_refused() -> None:
    seconds = [0.0]
    pace = Pace(lambda: seconds[0])
    assert [pace.admit("a", "r") for _ in range(3)] == [True, True, False]
    assert pace.admit("b", "r")
    seconds[0] = 1.0
    assert [pace.admit("a", "r") for _ in range(3)] == [True, True, False]


def test_what_is_refused() -> None:
    both = [*CHANGING, {"AttributeKey": "EventName", "AttributeValue": "RunTask"}]
    with pytest.raises(AwsError, match="Only one"):
        look_up(LookupAttributes=both)
    with pytest.raises(AwsError, match="after the end"):
        look_up(StartTime=ENDS, EndTime=OPENS)


def test_nothing_is_older_than_ninety_days_nor_in_other_accounts_or_regions() -> None:
    old = DEFAULT_EPOCH - timedelta(days=120)
    oldest = list(calls_between(plan_of("steady", 1), PRODUCTION, old, DEFAULT_EPOCH))[-1]
    assert timedelta(0) <= oldest.at - (DEFAULT_EPOCH - timedelta(days=90)) < timedelta(hours=2)
    asked: dict[str, Any] = {"StartTime": OPENS, "EndTime": ENDS}
    elsewhere: dict[str, Any] = {"account": PRODUCTION, "region": "eu-west-1"}
    assert ask("cloudtrail", "LookupEvents", account=PAYER, **asked) == {"Events": []}
    assert ask("cloudtrail", "LookupEvents", **elsewhere, **asked) == {"Events": []}
    empty: dict[str, Any] = {"account": PRODUCTION, "scenario": "empty"}
    assert ask("cloudtrail", "LookupEvents", **empty, **asked) == {"Events": []}


def test_log_files_hold_the_same_events_and_one_of_them_is_late() -> None:
    plan = plan_of("troubled", 3)
    files = list(trail_files(plan))
    delays, held = [], set()
    for key, content, at in files:
        records = json.loads(gzip.decompress(content))["Records"]
        stamp = key.rpartition("/")[2].split("_")[3]
        assert datetime.strptime(stamp, "%Y%m%dT%H%MZ").replace(tzinfo=UTC) == at
        last = max(datetime.fromisoformat(record["eventTime"]) for record in records)
        if "/2026/03/01/" in key and PRODUCTION in key:
            delays.append(at.minute)
            held |= {record["eventID"] for record in records}
        assert last < at
    assert sorted(set(delays)) == [6, 31]
    assert len({key for key, _, _ in files}) == len(files) > 2 * 12 * TRAIL_DAYS
    assert {e["EventId"] for e in look_up(StartTime=OPENS, EndTime=ENDS)} <= held
