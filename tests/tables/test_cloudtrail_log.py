from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.tables.cloudtrail import CLOUDTRAIL_EVENTS
from opslib.tables.cloudtrail_log import CloudTrailLog, gather_events
from opslib.tables.cloudtrail_salvage import salvage
from opslib.tables.log_engine import LogEngine
from opslib.timewindow import TimeWindow
from tests.cloudtrail_records import record, write_records

DAY = TimeWindow(start=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 3, 2, tzinfo=UTC))
TEN = [record(number) for number in range(10)]


def gather(*files: Path, window: TimeWindow = DAY) -> tuple[pd.DataFrame, CloudTrailLog]:
    with LogEngine(threads=1) as engine:
        log = gather_events(engine, files, window)
        return engine.run(log.events), log


def ids(events: pd.DataFrame) -> list[str]:
    return list(events["EventId"])


def test_an_event_becomes_a_row_of_the_table(tmp_path: Path) -> None:
    events, log = gather(write_records(tmp_path / "a.json.gz", TEN[:1]))
    row = events.iloc[0]
    assert list(events.columns) == list(CLOUDTRAIL_EVENTS.columns)
    assert row["EventTime"] == pd.Timestamp("2026-03-01T00:00:00")
    assert row["Principal"] == "arn:aws:iam::111122223333:role/deploy"
    assert row["SessionName"] == "run-0"
    assert row["ReadOnly"] == "false"
    assert json.loads(row["RequestParameters"]) == {"service": "web"}
    assert pd.isna(row["ResponseElements"])
    assert (log.rows, log.repeated, log.losses, log.passed_over) == (1, 0, {}, ())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("records.json", json.dumps({"Records": TEN}).encode()),
        ("array.json", json.dumps(TEN).encode()),
        ("pretty.json", json.dumps(TEN, indent=2).encode()),
        ("lines.json", b"\n".join(json.dumps(item).encode() for item in TEN)),
        ("lines.json.gz", gzip.compress(b"\n".join(json.dumps(item).encode() for item in TEN))),
        ("packed.json", gzip.compress(json.dumps({"Records": TEN}).encode())),
        ("mark.json", b"\xef\xbb\xbf" + json.dumps({"Records": TEN}).encode()),
        (
            "looked-up.json",
            json.dumps(
                {"Events": [{"CloudTrailEvent": json.dumps(item)} for item in TEN]}
            ).encode(),
        ),
        ("bridge.json", b"\n".join(json.dumps({"detail": item}).encode() for item in TEN)),
        (
            "quoted.json",
            json.dumps(
                [{**item, "userIdentity": json.dumps(item["userIdentity"])} for item in TEN]
            ).encode(),
        ),
    ],
)
def test_every_layout_gives_the_same_events(tmp_path: Path, name: str, content: bytes) -> None:
    place = tmp_path / name
    place.write_bytes(content)
    events, log = gather(place)
    assert ids(events) == [item["eventID"] for item in TEN]
    assert set(events["Principal"]) == {"arn:aws:iam::111122223333:role/deploy"}
    assert log.losses == {}


def test_the_window_is_half_open_and_files_of_all_kinds_are_one_table(tmp_path: Path) -> None:
    first = write_records(tmp_path / "a.json.gz", TEN[:6])
    second = tmp_path / "b.json"
    second.write_text(json.dumps(TEN[6:]))
    window = TimeWindow(
        start=datetime(2026, 3, 1, 0, 2, tzinfo=UTC), end=datetime(2026, 3, 1, 0, 8, tzinfo=UTC)
    )
    events, _ = gather(second, first, window=window)
    assert ids(events) == [f"event-{number:04d}" for number in range(2, 8)]


def test_a_file_that_is_cut_off_gives_what_it_holds_and_is_named(tmp_path: Path) -> None:
    whole = write_records(tmp_path / "whole.json.gz", TEN[:2])
    many = [record(number, errorMessage=f"{number * 7919 % 10007:x}" * 9) for number in range(900)]
    cut = write_records(tmp_path / "cut.json.gz", many)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    events, log = gather(cut, whole)
    assert 100 < len(events) < 900
    assert list(log.losses) == [cut]
    assert log.losses[cut].startswith("cut off")
    assert ids(events) == [f"event-{number:04d}" for number in range(len(events))]


def test_a_damaged_record_costs_itself_alone(tmp_path: Path) -> None:
    text = json.dumps({"Records": TEN}).replace('"eventID": "event-0003"', '"eventID" "event-0003')
    place = tmp_path / "damaged.json"
    place.write_text(text)
    events, log = gather(place)
    assert len(events) == 9
    assert "event-0003" not in ids(events)
    assert log.losses[place].startswith("damaged")


@pytest.mark.parametrize(
    "content",
    [
        b'{"awsAccountId": "111122223333", "logFiles": [{"s3Object": "x"}]}',
        b"[]",
        b'{"Records": "none"}',
        b'{"a": {"b": [1, 2, 3]}}',
    ],
)
def test_json_that_is_no_cloudtrail_is_passed_over_and_named(
    tmp_path: Path, content: bytes
) -> None:
    strange = tmp_path / "strange.json"
    strange.write_bytes(content)
    events, log = gather(strange, write_records(tmp_path / "a.json.gz", TEN))
    assert len(events) == 10
    assert log.passed_over == (strange,)


def test_no_json_at_all_is_a_loss(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json.gz"
    broken.write_bytes(b"no gzip, no json")
    _, log = gather(broken)
    assert list(log.losses) == [broken]


def test_notifications_of_s3_are_no_events_though_they_look_alike(tmp_path: Path) -> None:
    told = {**record(), "eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}
    events, _ = gather(write_records(tmp_path / "told.json.gz", [told, record(1)]))
    assert ids(events) == ["event-0001"]


def test_an_event_in_two_files_is_one_event(tmp_path: Path) -> None:
    first = write_records(tmp_path / "a.json.gz", TEN)
    second = write_records(tmp_path / "b.json.gz", TEN[5:])
    events, log = gather(first, second)
    assert (len(events), log.rows, log.repeated) == (10, 10, 5)


def test_of_a_reading_call_the_parameters_are_left_out(tmp_path: Path) -> None:
    reading = record(0, readOnly=True, resources=[{"ARN": "arn:aws:kms:::key/a"}])
    events, _ = gather(write_records(tmp_path / "a.json.gz", [reading]))
    assert pd.isna(events["RequestParameters"].iloc[0])
    assert json.loads(events["Resources"].iloc[0]) == [{"ARN": "arn:aws:kms:::key/a"}]


@pytest.mark.parametrize(
    ("identity", "principal"),
    [
        ({"type": "IAMUser", "arn": "arn:aws:iam::1:user/ann"}, "arn:aws:iam::1:user/ann"),
        ({"type": "AWSService", "invokedBy": "rds.amazonaws.com"}, "rds.amazonaws.com"),
        (
            {"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/app/i-0"},
            "arn:aws:sts::1:assumed-role/app",
        ),
        (
            {
                "type": "AssumedRole",
                "arn": "arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_ab/ann@example.com",
                "sessionContext": {
                    "sessionIssuer": {"arn": "arn:aws:iam::1:role/x/AWSReservedSSO_Admin_ab"}
                },
            },
            "arn:aws:iam::1:role/x/AWSReservedSSO_Admin_ab/ann@example.com",
        ),
        ({"type": "Unknown"}, "Unknown"),
    ],
)
def test_who_acts_is_named_whatever_the_session(
    tmp_path: Path, identity: dict[str, object], principal: str
) -> None:
    events, _ = gather(write_records(tmp_path / "a.json.gz", [record(userIdentity=identity)]))
    assert events["Principal"].iloc[0] == principal


def test_the_user_agent_is_not_read(tmp_path: Path) -> None:
    plain, _ = gather(write_records(tmp_path / "a.json.gz", TEN))
    other = [{**item, "userAgent": f"other {n}"} for n, item in enumerate(TEN)]
    changed, _ = gather(write_records(tmp_path / "a.json.gz", other))
    pd.testing.assert_frame_equal(plain, changed)


@given(cut=st.integers(0, 700))
def test_salvage_never_fails_and_never_makes_anything_up(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    packed = gzip.compress(json.dumps({"Records": TEN}).encode())
    place = tmp_path_factory.mktemp("cut") / "cut.json.gz"
    place.write_bytes(packed[: min(cut, len(packed))])
    found = salvage(place)
    known = [item["eventID"] for item in TEN]
    assert [item["eventID"] for item in found.records] == known[: len(found.records)]
    assert bool(found.lost) == (cut < len(packed))
