"""A series of baselines, in a folder and in S3: what counts, and what is passed over and named."""

from __future__ import annotations

import io
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from botocore.response import StreamingBody

from opslib.aws.baseline_series import read_baseline_series
from opslib.aws.baselines import fetch_baseline
from opslib.aws.reads import Reads
from opslib.coverage import CoverageStatus
from opslib.errors import NotFound, Unreachable
from opslib.run_folder import RunFolder
from opslib.tables.baseline import write_baseline
from opslib.tables.baseline_layout import BASELINE_FILE, DATABASE_BASELINE, TABLE_BASELINE
from opslib.tables.store_states import TableDescription, TableItems
from opslib.tables.stores import ITEM_DIGESTS, TABLE_SETTINGS
from tests.analysis.dr.states import state
from tests.aws.fakes import reads_with, refusal

NIGHT = datetime(2026, 3, 2, 3, tzinfo=UTC)
STATE = state({"t": {"1": ["1"]}})
OF = "orders of cluster orders"


def read(reads: Reads, path: str, layout: Any = DATABASE_BASELINE, of: str = OF) -> Any:
    return read_baseline_series(reads, None, path, layout, of)


def edit(folder: Path, **values: Any) -> None:
    """Change the JSON of a baseline; ``captured_at`` among its facts."""
    head = folder / BASELINE_FILE
    told = json.loads(head.read_text()) | values
    told["facts"] |= {name: told.pop(name) for name in ("captured_at",) if name in told}
    head.write_text(json.dumps(told))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two whole baselines and one of each thing that is none."""
    place = tmp_path / "orders"
    for name in ("first", "format", "json", "lost", "moment", "naive", "other", "outside", "store"):
        write_baseline(STATE, place / name, of=OF)
    write_baseline(STATE, place / "unnamed")
    (place / "unfinished").mkdir()
    shutil.copy(place / "first" / "rows.parquet", place / "unfinished")
    edit(place / "format", format="0.9")
    (place / "json" / BASELINE_FILE).write_bytes(b"\xff{]")
    (place / "lost" / "rows.parquet").unlink()
    edit(place / "moment", captured_at=None)
    edit(place / "naive", captured_at="2026-03-02T03:00:00")
    edit(place / "other", of="other of cluster other")
    edit(place / "outside", files={"../../rows.parquet": ""})
    edit(place / "store", kind="TreeState")
    (place / "notes.txt").write_text("beside them")
    (place / "empty").mkdir()
    return place


PROBLEMS = {
    "first": "",
    "format": "format 0.9",
    "json": "not the JSON of a baseline",
    "lost": "rows.parquet is missing",
    "moment": "does not tell its moment",
    "naive": "does not tell its moment",
    "other": "of other of cluster other, not of orders of cluster orders",
    "outside": "names files that are not of a baseline",
    "store": "no baseline of a database: TreeState",
    "unfinished": "not written to its end: baseline.json is missing",
    "unnamed": "",
}


def check(found: pd.DataFrame) -> None:
    told = dict(zip(found["Name"], found["Problem"], strict=True))
    assert told.keys() == PROBLEMS.keys()
    for name, problem in PROBLEMS.items():
        assert problem in told[name] if problem else told[name] == "", name
    moments = found.set_index("Name")["CapturedAt"]
    assert moments["first"] == NIGHT
    assert moments.notna().sum() == 2


def test_what_is_no_baseline_is_passed_over_and_named(folder: Path, tmp_path: Path) -> None:
    reads = reads_with(tmp_path / "run")
    check(read(reads, str(folder)))
    (line,) = reads.coverage
    assert line.status is CoverageStatus.PARTIAL
    assert line.detail.startswith("9 of 11 folders passed over: format (it is of format 0.9)")
    assert line.detail.endswith("and 6 more")


def test_a_replay_has_the_same_without_the_folder(folder: Path, tmp_path: Path) -> None:
    reads = reads_with(tmp_path / "run")
    found = read(reads, str(folder))
    shutil.rmtree(folder)
    again = Reads(reads.parameters, RunFolder(path=tmp_path / "run", replay=True))
    pd.testing.assert_frame_equal(read(again, str(folder)), found)
    assert again.coverage == reads.coverage
    assert read(again, str(tmp_path / "another")) is None


@pytest.mark.parametrize("name", ["first", "unfinished", "empty", "nowhere"])
def test_a_baseline_itself_a_part_of_one_or_nothing_is_no_series(
    name: str, folder: Path, tmp_path: Path
) -> None:
    reads = reads_with(tmp_path / "run")
    assert read(reads, str(folder / name)) is None
    assert reads.coverage == ()


def test_folders_of_no_baseline_at_all_are_a_series_without_any(tmp_path: Path) -> None:
    (tmp_path / "above" / "orders" / "first").mkdir(parents=True)
    (tmp_path / "above" / "orders" / "first" / "x").write_text("")
    found = read(reads_with(tmp_path / "run"), str(tmp_path / "above"))
    assert list(found["Problem"]) == ["not written to its end: baseline.json is missing"]
    assert found["CapturedAt"].isna().all()


def write_table(folder: Path, name: str) -> None:
    described = TableDescription(
        arn=f"arn:aws:dynamodb:us-east-1:1:table/{name}",
        status="ACTIVE",
        restored_from="",
        restored_to=None,
        is_restoring=False,
        settings=pd.DataFrame(columns=list(TABLE_SETTINGS.columns)),
    )
    items = TableItems(
        captured_at=NIGHT,
        captured_until=NIGHT + timedelta(minutes=2),
        key=("id",),
        items=0,
        is_whole=True,
        read_units=1.0,
        seconds=1.0,
        units=pd.DataFrame(columns=list(ITEM_DIGESTS.columns)),
    )
    write_baseline(described, folder / "description", of=name)
    write_baseline(items, folder / "items", of=name)


def test_a_table_has_two_parts_and_counts_from_the_end_of_its_scan(tmp_path: Path) -> None:
    for name in ("whole", "without_items", "without_description", "another"):
        write_table(tmp_path / "t" / name, "carts" if name == "another" else "sessions")
    (tmp_path / "t" / "without_items" / "items" / BASELINE_FILE).unlink()
    (tmp_path / "t" / "without_description" / "description" / BASELINE_FILE).unlink()
    reads = reads_with(tmp_path / "run")
    found = read(reads, str(tmp_path / "t"), TABLE_BASELINE, "sessions").set_index("Name")
    assert found["CapturedAt"]["whole"] == NIGHT + timedelta(minutes=2)
    assert found["Problem"].to_dict() == {
        "another": "it is of carts, not of sessions",
        "whole": "",
        "without_description": "description/baseline.json is missing",
        "without_items": "not written to its end: items/baseline.json is missing",
    }
    for part in ("whole", "without_items"):
        assert read(reads, str(tmp_path / "t" / part), TABLE_BASELINE, "sessions") is None


class Bucket:
    """An S3 client over a folder, that lists three keys a page."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pages = 0
        self.refused = ""

    def _path(self, operation: str, key: str) -> Path:
        if operation == self.refused:
            raise refusal("AccessDenied", operation)
        path = self.root / key
        if not path.is_file():
            raise refusal("404" if operation == "HeadObject" else "NoSuchKey", operation)
        return path

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == "acme"
        return {"ContentLength": self._path("HeadObject", Key).stat().st_size}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == "acme"
        content = self._path("GetObject", Key).read_bytes()
        return {"Body": StreamingBody(io.BytesIO(content), len(content))}

    def download_file(self, bucket: str, key: str, target: str) -> None:
        assert bucket == "acme"
        Path(target).write_bytes(self._path("GetObject", key).read_bytes())

    def get_paginator(self, operation: str) -> Bucket:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Any:  # noqa: N803
        assert Bucket == "acme"
        if self.refused == "ListObjectsV2":
            raise refusal("AccessDenied", "ListObjectsV2")
        files = sorted(path for path in self.root.rglob("*") if path.is_file())
        keys = [path.relative_to(self.root).as_posix() for path in files]
        wanted = [key for key in keys if key.startswith(Prefix)]
        for start in range(0, len(wanted), 3):
            self.pages += 1
            yield {"Contents": [{"Key": k, "ETag": f'"{k}"'} for k in wanted[start : start + 3]]}


def test_every_page_of_a_prefix_counts(folder: Path, tmp_path: Path) -> None:
    bucket = Bucket(tmp_path)
    reads = reads_with(tmp_path / "run", {"s3": bucket})
    for path in ("s3://acme/orders", "s3://acme/orders/"):
        check(read(reads, path))
    assert bucket.pages > 40


@pytest.mark.parametrize("path", ["s3://acme/orders/unfinished", "s3://acme/orders/unfinished/"])
def test_a_half_upload_is_a_clear_error(path: str, folder: Path, tmp_path: Path) -> None:
    reads = reads_with(tmp_path / "run", {"s3": Bucket(tmp_path)})
    assert read(reads, path) is None
    with pytest.raises(NotFound, match=r"not written to its end.*beside 1 object.*capture"):
        fetch_baseline(reads, None, path)


def test_nothing_there_is_told_apart_from_a_half_upload(folder: Path, tmp_path: Path) -> None:
    reads = reads_with(tmp_path / "run", {"s3": Bucket(tmp_path)})
    with pytest.raises(NotFound, match=r"there is no baseline \[s3://acme/nothing\]"):
        fetch_baseline(reads, None, "s3://acme/nothing")
    assert fetch_baseline(reads, None, "s3://acme/orders/first").captured_at == NIGHT


@pytest.mark.parametrize("refused", ["ListObjectsV2", "HeadObject"])
def test_a_baseline_that_is_named_needs_no_right_to_list(
    refused: str, folder: Path, tmp_path: Path
) -> None:
    bucket = Bucket(tmp_path)
    bucket.refused = refused
    reads = reads_with(tmp_path / "run", {"s3": bucket})
    assert read(reads, "s3://acme/orders/first") is None
    assert fetch_baseline(reads, None, "s3://acme/orders/first").captured_at == NIGHT


def test_one_that_cannot_be_read_is_passed_over(folder: Path, tmp_path: Path) -> None:
    bucket = Bucket(tmp_path)
    bucket.refused = "GetObject"
    found = read(reads_with(tmp_path / "run", {"s3": bucket}), "s3://acme/orders")
    problem = found.set_index("Name")["Problem"]
    assert problem["first"] == "AccessDenied it says"
    assert problem["unfinished"].startswith("not written to its end")


def test_no_answer_ends_the_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: Any) -> None:
        raise Unreachable("no answer")

    monkeypatch.setattr(Bucket, "download_file", unreachable)
    with pytest.raises(Unreachable):
        read(reads_with(tmp_path / "run", {"s3": Bucket(tmp_path)}), "s3://acme/orders")
