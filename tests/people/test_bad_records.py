"""Records that cannot be read as they are: refused with what to do, or a gap that is shown."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.cloudtrail_files import read_cloudtrail_files
from opslib.aws.reads import Fetched, Reads
from opslib.coverage import CoverageStatus
from opslib.errors import ParameterError
from opslib.people.notes import read_note_events
from opslib.people.pagerduty import read_pagerduty_events
from opslib.people.records_csv import read_csv_events
from opslib.people.slack import read_slack_events
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with

DAY = TimeWindow(start=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 3, 2, tzinfo=UTC))
OLD = "111122223333_CloudTrail_eu-west-1_20250101T0000Z_abc.json.gz"
NAIVE = "time,who,what\n2026-03-01 10:00,ann,restart\n"
LONG = "notes:\n  - {at: 2026-03-01T12:00:00Z, what: " + "x" * 20_000 + "}\n"
Reader = Callable[[Reads, str], Any]


def trail(reads: Reads, path: str) -> Any:
    return read_cloudtrail_files(reads, None, path, DAY)


def notes(reads: Reads, path: str) -> Any:
    return read_note_events(reads, path, DAY)


def slack(reads: Reads, path: str) -> Any:
    return read_slack_events(reads, path, DAY)


def pagerduty(reads: Reads, path: str) -> Any:
    return read_pagerduty_events(reads, path, DAY)


def table(reads: Reads, path: str) -> Any:
    return read_csv_events(reads, path, DAY, zone="")


def written(folder: Path, name: str, content: bytes | str | None) -> str:
    """Return the path of a file, of a folder where the name ends so, or of nothing at all."""
    place = folder / name
    if content is None:
        return str(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith("/"):
        place.mkdir()
    else:
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(place)


@pytest.mark.parametrize(
    ("reader", "name", "content", "said"),
    [
        (trail, "absent", None, "there is no such file or folder"),
        (trail, "empty/", "", r"no \.json.* file there"),
        (notes, "tab.yaml", "notes:\n\t- at: x\n", r"found character '\\t'.*tab\.yaml:2\]"),
        (notes, "list.yaml", "- at: x\n", r"name: value pairs are expected.*list\.yaml:1\]"),
        (notes, "twice.yaml", "notes: []\nnotes: []\n", r"'notes' stands twice.*yaml:2\]"),
        (notes, "binary.yaml", b"\0\1\xff", r"unacceptable character"),
        (notes, "long.yaml", LONG, r"at most 10000 characters.*long\.yaml:2\]"),
        (table, "other.csv", "when,by\n1,2\n", r"columns are missing: time, who, what"),
        (table, "empty.csv", "", r"columns are missing"),
        (table, "naive.csv", NAIVE, r"has no offset.*naive\.csv:2\]"),
    ],
)
def test_what_a_person_must_correct_is_refused_in_one_line(
    reader: Reader, name: str, content: bytes | str | None, said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, name, content)
    with pytest.raises(ParameterError, match=said) as refused:
        reader(reads_with(tmp_path / "run"), path)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 600, "what was written is quoted in part only"
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("reader", "name", "content", "status", "said"),
    [
        (trail, "a.json", '{"a": 1}', CoverageStatus.EMPTY, "1 file without CloudTrail events"),
        (
            trail,
            OLD,
            gzip.compress(b"", mtime=0),
            CoverageStatus.EMPTY,
            "no file there is of the window",
        ),
        (notes, "absent.yaml", None, CoverageStatus.NOT_FOUND, "there is no such file"),
        (notes, "empty/", "", CoverageStatus.NOT_FOUND, "no .yaml or .yml is in it"),
        (slack, "no.zip", "hello", CoverageStatus.FAILED, "not a zip that can be read"),
        (slack, "x.json", "{}", CoverageStatus.NOT_FOUND, "no channel with a file"),
        (pagerduty, "p.json", '{"incidents": []}', CoverageStatus.PARTIAL, "no log_entries"),
        (pagerduty, "p.json", "nothing", CoverageStatus.PARTIAL, "no log_entries"),
        (pagerduty, "p.json", '["a", 3, null]', CoverageStatus.PARTIAL, "3 log entries without"),
    ],
)
def test_what_holds_nothing_of_its_kind_is_a_gap(
    reader: Reader,
    name: str,
    content: bytes | str | None,
    status: CoverageStatus,
    said: str,
    tmp_path: Path,
) -> None:
    reads = reads_with(tmp_path / "run")
    read = reader(reads, written(tmp_path, name, content))
    frame = read.frame if isinstance(read, Fetched) else read
    assert frame.empty
    (line,) = reads.coverage
    assert line.status is status
    assert said in line.detail
    assert line.status.is_gap


def test_a_message_cannot_move_the_cursor_or_turn_the_text_around(tmp_path: Path) -> None:
    said = "\x1b[31mred\x1b[0m \u202eabc <script>alert(1)</script>"
    message = {"ts": "1772366400.1", "user": "U1", "text": said}
    written(tmp_path, "export/general/2026-03-01.json", json.dumps([message]))
    (summary,) = slack(reads_with(tmp_path / "run"), str(tmp_path / "export"))["Summary"]
    assert "\x1b" not in summary
    assert "\u202e" not in summary
    assert "red" in summary
