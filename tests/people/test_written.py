"""Notes in YAML, and lists in CSV: what people write by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.coverage import CoverageStatus
from opslib.errors import ParameterError
from opslib.people.notes import read_note_events
from opslib.people.records_csv import read_csv_events
from opslib.run_folder import RunFolder
from opslib.tables.schema import check_table
from opslib.tables.timeline import EVENTS
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with
from tests.aws.model_clients import model_reads

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = TimeWindow(start=NOON - timedelta(hours=1), end=NOON + timedelta(hours=1))
NOTES = """\
window: anything
notes:
  - at: 2026-03-01T13:05:00+01:00
    who: ann
    what: "rolled back, password=hunter22 \\e[31m"
    kind: response
    resource: checkout
    severity: high
  - {at: 2026-03-01 12:06:30Z, what: 'errors gone'}
  - {at: 2026-03-01 19:00:00Z, what: 'another day'}
"""


def notes(folder: Path, text: str) -> tuple[pd.DataFrame, Any]:
    file = folder / "notes.yaml"
    file.write_text(text, encoding="utf-8")
    reads = reads_with(folder / "run")
    return read_note_events(reads, str(file), WINDOW), reads


def test_notes_are_events_with_the_line_they_are_in(tmp_path: Path) -> None:
    events, reads = notes(tmp_path, NOTES)
    check_table(events, EVENTS, "notes")
    assert events["At"].tolist() == [
        pd.Timestamp("2026-03-01T12:05Z"),
        pd.Timestamp("2026-03-01T12:06:30Z"),
    ]
    assert events["ResolutionSeconds"].tolist() == [60, 1]
    assert events["Kind"].tolist() == ["response", "context"]
    assert events["Reference"].tolist() == ["notes.yaml:3", "notes.yaml:9"]
    assert events["Severity"].tolist() == ["high", ""]
    assert "hunter22" not in events["Summary"][0]
    assert "\x1b" not in events["Summary"][0]
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            "notes:\n  - at: 2026-03-01T12:00:00Z\n    what: x\n    wat: y\n",
            4,
            "unknown name 'notes.0.wat'; did you mean 'what'",
        ),
        ("notes:\n  - what: x\n    at: 2026-03-01 12:00:00\n", 3, "without a time zone"),
        ("notes:\n  - at: 2026-03-01T12:00:00Z\n", 2, "missing"),
        ("notes:\n  - at: [\n", 3, "not valid YAML"),
        ("notes: 3\n", 1, "valid list"),
        ("a: 1\na: 2\n", 2, "stands twice"),
    ],
)
def test_malformed_notes_are_refused_with_their_line(
    text: str, line: int, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ParameterError, match=said) as caught:
        notes(tmp_path, text)
    assert caught.value.where.endswith(f"notes.yaml:{line}")


@pytest.mark.parametrize("text", ["", "notes:\n", "window: x\n"])
def test_no_note_is_an_answer(text: str, tmp_path: Path) -> None:
    events, reads = notes(tmp_path, text)
    assert events.empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


def test_a_file_that_is_absent_is_a_gap(tmp_path: Path) -> None:
    reads = reads_with(tmp_path)
    assert read_note_events(reads, str(tmp_path / "none.yaml"), WINDOW).empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.NOT_FOUND]


def test_a_replay_needs_no_file(tmp_path: Path) -> None:
    events, _ = notes(tmp_path, NOTES)
    (tmp_path / "notes.yaml").unlink()
    replayed = reads_with(tmp_path / "run")
    replayed.run = RunFolder(path=tmp_path / "run", replay=True)
    again = read_note_events(replayed, str(tmp_path / "notes.yaml"), WINDOW)
    pd.testing.assert_frame_equal(again, events)


def listed(folder: Path, text: str, **values: Any) -> tuple[pd.DataFrame, Any]:
    file = folder / "log.csv"
    file.write_text(text, encoding="utf-8")
    reads = reads_with(folder / "run")
    return read_csv_events(reads, str(file), WINDOW, **values), reads


def test_a_list_is_read_with_what_it_may_tell_beside(tmp_path: Path) -> None:
    text = (
        "\ufeffTime,Who,What,Kind\r\n"
        '2026-03-01T12:00:05Z,ann,"saw, that\nit burns",Detection\r\n'
        "2026-03-01 13:10+01:00,bob,took it,strange\r\n"
        "2026-03-01T12:11:00Z,eve\r\n"
    )
    events, reads = listed(tmp_path, text)
    check_table(events, EVENTS, "csv")
    assert events["Kind"].tolist() == ["detection", "context", "context"]
    assert events["Summary"].tolist() == ["saw, that it burns", "took it", ""]
    assert events["ResolutionSeconds"].tolist() == [1, 60, 1]
    assert events["Reference"].tolist() == ["log.csv:3", "log.csv:4", "log.csv:5"]
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


def test_a_time_without_an_offset_is_refused_with_its_line(tmp_path: Path) -> None:
    text = "time,who,what\n2026-03-01T12:00:05Z,a,b\n2026-03-01 12:10,a,b\n"
    with pytest.raises(ParameterError, match="has no offset") as caught:
        listed(tmp_path, text)
    assert caught.value.where.endswith("log.csv:3")
    events, _ = listed(tmp_path, text, zone="Europe/Berlin")
    assert events["At"].tolist() == [
        pd.Timestamp("2026-03-01T11:10Z"),
        pd.Timestamp("2026-03-01T12:00:05Z"),
    ]


def test_the_hour_that_clocks_repeat_is_not_known_better(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("time,who,what\n2025-10-26 02:30:00,a,b\n")
    night = TimeWindow(start=datetime(2025, 10, 26, tzinfo=UTC), end=NOON)
    reads = reads_with(tmp_path / "run")
    events = read_csv_events(reads, str(file), night, zone="Europe/Berlin")
    assert events["At"].tolist() == [pd.Timestamp("2025-10-26T00:30Z")]
    assert events["ResolutionSeconds"].tolist() == [3601]


def test_rows_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"soon,a,{number}\n" for number in range(7))
    events, reads = listed(tmp_path, f"time,who,what\n2026-03-01T12:00Z,a,b\n{rows}")
    assert len(events) == 1
    (line,) = reads.coverage
    assert line.status is CoverageStatus.PARTIAL
    assert line.detail.endswith("7 rows without a time that can be read (line 3, 4, 5, 6, 7, ...)")


@pytest.mark.parametrize("text", ["", "when,who,what\n", "time;who;what\n"])
def test_missing_columns_are_named(text: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="columns are missing: time"):
        listed(tmp_path, text)


def test_an_unknown_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="no time zone"):
        listed(tmp_path, "time,who,what\n", zone="Mars/Olympus")


def test_a_folder_in_s3_is_brought_here(tmp_path: Path) -> None:
    names = ["day/a.csv", "day/b.csv", "day/readme.txt", "day2/c.csv"]
    pages = [
        {"Contents": [{"Key": name, "ETag": f'"{name}"'} for name in names[:2]]},
        {"Contents": [{"Key": name, "ETag": f'"{name}"'} for name in names[2:]]},
    ]

    class Bucket:
        fetched: list[str] = []  # noqa: RUF012

        def get_paginator(self, _: str) -> Any:
            return self

        def paginate(self, **_: Any) -> Any:
            return iter(pages)

        def download_file(self, _: str, key: str, target: str) -> None:
            self.fetched.append(key)
            Path(target).write_text("time,who,what\n2026-03-01T12:00:00Z,ann,saw it\n")

    reads = reads_with(tmp_path, {"s3": Bucket()})
    events = read_csv_events(reads, "s3://incidents/day", WINDOW)
    assert Bucket.fetched == ["day/a.csv", "day/b.csv"]
    assert events["Reference"].tolist() == ["a.csv:2", "b.csv:2"]


def test_an_empty_place_in_s3_is_a_gap(tmp_path: Path) -> None:
    reads, _ = model_reads(tmp_path, {"s3": {"ListObjectsV2": {"Contents": []}}})
    assert read_csv_events(reads, "s3://incidents/day", WINDOW).empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.NOT_FOUND]
