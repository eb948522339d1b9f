from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.cloudtrail_files import read_cloudtrail_files, read_cloudtrail_history
from opslib.aws.cloudtrail_listing import may_hold
from opslib.coverage import CoverageStatus
from opslib.errors import ParameterError
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with, refusal
from tests.cloudtrail_records import record, write_records

DAY = TimeWindow(start=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 3, 2, tzinfo=UTC))
ROOT = "AWSLogs/111122223333"
NAME = "111122223333_CloudTrail_eu-west-1_{}Z_abc.json.gz"


class Bucket:
    """Lists objects by folder, two to a page, and hands them out."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self._objects = objects
        self.listed: list[str] = []
        self.fetched: list[str] = []

    def get_paginator(self, operation: str) -> Bucket:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str, Delimiter: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        if Bucket == "denied":
            raise refusal("AccessDenied", "ListObjectsV2")
        self.listed.append(Prefix)
        below = sorted(key for key in self._objects if key.startswith(Prefix))
        here = [key for key in below if Delimiter not in key.removeprefix(Prefix)]
        folders = sorted(
            {Prefix + key.removeprefix(Prefix).split(Delimiter)[0] + "/" for key in below}
            - {f"{key}/" for key in here}
        )
        items: list[tuple[str, dict[str, Any]]] = [
            *(("CommonPrefixes", {"Prefix": name}) for name in folders),
            *(("Contents", {"Key": key, "Size": 1, "ETag": f'"{key}"'}) for key in here),
        ]
        for start in range(0, len(items), 2):
            page: dict[str, Any] = {}
            for kind, item in items[start : start + 2]:
                page.setdefault(kind, []).append(item)
            yield page

    def download_file(self, bucket: str, key: str, target: str) -> None:
        self.fetched.append(key)
        Path(target).write_bytes(self._objects[key])


def packed(*numbers: int) -> bytes:
    return gzip.compress(json.dumps({"Records": [record(number) for number in numbers]}).encode())


def test_of_a_bucket_only_the_folders_and_files_of_the_window_are_touched(tmp_path: Path) -> None:
    day = f"{ROOT}/CloudTrail/eu-west-1/2026/03/01"
    bucket = Bucket(
        {
            **{f"{day}/{NAME.format(f'20260301T0{hour}00')}": packed(hour) for hour in range(5)},
            f"{ROOT}/CloudTrail/eu-west-1/2026/03/02/{NAME.format('20260302T0010')}": packed(9),
            f"{ROOT}/CloudTrail/eu-west-1/2026/02/27/{NAME.format('20260227T0010')}": packed(6),
            f"{ROOT}/CloudTrail/eu-west-1/2025/12/31/{NAME.format('20251231T0010')}": packed(7),
            f"{ROOT}/CloudTrail-Digest/eu-west-1/2026/03/01/d.json.gz": gzip.compress(b"{}"),
        }
    )
    reads = reads_with(tmp_path / "run", {"s3": bucket})
    read = read_cloudtrail_files(reads, None, "s3://logs/AWSLogs", DAY)
    numbers = (0, 1, 2, 3, 4, 9)
    assert list(read.frame["EventId"]) == [f"event-{number:04d}" for number in numbers]
    assert read.status is CoverageStatus.COMPLETE
    assert len(bucket.fetched) == 6
    assert not [prefix for prefix in bucket.listed if "2025/" in prefix or "Digest" in prefix]
    assert f"{ROOT}/CloudTrail/eu-west-1/2026/02/27/" not in bucket.listed


def test_a_refused_bucket_is_a_gap_and_no_empty_answer(tmp_path: Path) -> None:
    reads = reads_with(tmp_path / "run", {"s3": Bucket({})})
    read = read_cloudtrail_files(reads, None, "s3://denied/AWSLogs", DAY)
    assert read.status is CoverageStatus.DENIED
    assert read.frame.empty


@pytest.mark.parametrize(
    ("uri", "held"),
    [
        ("s3://b/any-name.json.gz", True),
        (f"/logs/{NAME.format('20260301T1200')}", True),
        (f"/logs/{NAME.format('20260302T0020')}", True),
        (f"/logs/{NAME.format('20260303T0020')}", False),
        (f"/logs/{NAME.format('20260228T2300')}", False),
        ("/AWSLogs/1/CloudTrail/eu-west-1/2026/", True),
        ("/AWSLogs/1/CloudTrail/eu-west-1/2025/", False),
        ("/AWSLogs/o-1/1/CloudTrail/us-gov-west-1/2026/03/", True),
        ("/AWSLogs/o-1/1/CloudTrail/us-gov-west-1/2026/01/", False),
        ("/AWSLogs/1/CloudTrail/eu-west-1/2026/03/02/", True),
        ("/AWSLogs/1/CloudTrail/eu-west-1/2026/03/04/", False),
        ("/AWSLogs/1/CloudTrail-Digest/eu-west-1/2026/03/01/", False),
    ],
)
def test_names_tell_which_files_may_hold_events(uri: str, held: bool) -> None:
    assert may_hold(uri, DAY) is held


def test_a_broken_file_leaves_a_gap_with_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    write_records(folder / "whole.json.gz", [record(1)])
    (folder / "cut.json").write_text(json.dumps({"Records": [record(2), record(3)]})[:-200])
    (folder / "other.json").write_text('{"a": 1}')
    read = read_cloudtrail_files(reads_with(tmp_path / "run"), None, str(folder), DAY)
    assert list(read.frame["EventId"]) == ["event-0001", "event-0002"]
    assert read.status is CoverageStatus.PARTIAL
    assert "cut.json (cut off, 1 event read)" in read.detail
    assert "other.json" in read.detail
    assert read.notes["first"] == "2026-03-01T00:01:00Z"


def test_silence_in_the_window_is_a_gap(tmp_path: Path) -> None:
    write_records(tmp_path / "logs" / "a.json.gz", [record(eventTime="2026-01-01T00:00:00Z")])
    read = read_cloudtrail_files(reads_with(tmp_path / "run"), None, str(tmp_path / "logs"), DAY)
    assert read.status is CoverageStatus.EMPTY
    assert read.detail == "no event of the window in 1 file"


def test_reading_calls_are_kept_where_asked_for(tmp_path: Path) -> None:
    place = write_records(tmp_path / "a.json.gz", [record(0), record(1, readOnly=True)])
    reads = reads_with(tmp_path / "run")
    assert len(read_cloudtrail_files(reads, None, str(place), DAY).frame) == 1
    assert len(read_cloudtrail_files(reads, None, str(place), DAY, reading=True).frame) == 2


def test_a_second_reading_comes_from_the_evidence(tmp_path: Path) -> None:
    place = write_records(tmp_path / "a.json.gz", [record(0)])
    first = read_cloudtrail_files(reads_with(tmp_path / "run"), None, str(place), DAY)
    place.unlink()
    again = read_cloudtrail_files(reads_with(tmp_path / "run"), None, str(place), DAY)
    assert again.frame.equals(first.frame)
    assert again.frame["EventTime"].iloc[0] == datetime(2026, 3, 1, tzinfo=UTC)


def test_the_history_is_counted_by_the_hour(tmp_path: Path) -> None:
    records = [record(0), record(1), record(61), record(2, readOnly=True)]
    place = write_records(tmp_path / "a.json.gz", records)
    read = read_cloudtrail_history(reads_with(tmp_path / "run"), None, str(place), DAY)
    assert list(read.frame["Events"]) == [2, 1]
    assert list(read.frame["Hour"].dt.hour) == [0, 1]
    assert set(read.frame["EventName"]) == {"UpdateService"}


def test_a_folder_without_files_is_a_wrong_parameter(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"no \.json"):
        read_cloudtrail_files(reads_with(tmp_path / "run"), None, str(tmp_path), DAY)


def test_real_detonations_are_read_whole(shared_data: Path, tmp_path: Path) -> None:
    ever = TimeWindow(start=datetime(2020, 1, 1, tzinfo=UTC), end=datetime(2030, 1, 1, tzinfo=UTC))
    folder = shared_data / "cloudtrail-detonations"
    read = read_cloudtrail_files(
        reads_with(tmp_path / "run"), None, str(folder), ever, reading=True
    )
    written = [event for file in folder.glob("*.json") for event in json.loads(file.read_text())]
    assert read.status is CoverageStatus.COMPLETE
    assert set(read.frame["EventId"]) == {event["eventID"] for event in written}
    changing = {event["eventID"] for event in written if event["readOnly"] is False}
    assert set(read.frame[read.frame["ReadOnly"] == "false"]["EventId"]) == changing
