"""An export that cannot be read: one line that names the file, and no evidence of half a bill."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.bill_export import read_export
from opslib.errors import OpsError, ParameterError, TableError
from opslib.tables.bill_controls import BillControls
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with
from tests.tables.exports import focus_row, write_csv, write_parquet

MARCH = TimeWindow(start=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 3, 4, tzinfo=UTC))
OPTIONS: dict[str, Any] = {"tag_keys": ("Project",), "currency": ""}
Damage = Callable[[Path], object]


def read(folder: Path, **options: Any) -> BillControls:
    reads = reads_with(folder / "run", source="export", path=str(folder / "export"))
    _, controls = read_export(
        reads, None, str(folder / "export"), MARCH.days, **{**OPTIONS, **options}
    )
    return controls


def content(name: str, data: bytes) -> Damage:
    return lambda folder: (folder / name).write_bytes(data)


def whole(folder: Path) -> Path:
    return write_csv(folder / "a.csv", [focus_row()])


def cut_gzip(folder: Path) -> None:
    packed = gzip.compress(whole(folder).read_bytes() * 50)
    (folder / "b.csv.gz").write_bytes(packed[:-20])


def csv_named_parquet(folder: Path) -> None:
    whole(folder).rename(folder / "b.parquet")


def parquet_named_csv(folder: Path) -> None:
    write_parquet(folder / "b.parquet", [focus_row()]).rename(folder / "b.csv")


@pytest.mark.parametrize(
    ("damage", "kind", "named"),
    [
        (lambda _: None, ParameterError, "export"),
        (content("x-Manifest.json", b'{"dataFiles": ["b.csv"]}'), ParameterError, "export"),
        (content("b.csv", b""), TableError, "b.csv"),
        (content("b.csv.gz", b""), TableError, "b.csv.gz"),
        (content("b.parquet", b""), TableError, "b.parquet"),
        (content("b.csv", b"\x00" * 100), TableError, "b.csv"),
        (content("b.csv.gz", b"ProviderName,BilledCost\nAWS,1\n"), TableError, "b.csv.gz"),
        (cut_gzip, TableError, "b.csv.gz"),
        (csv_named_parquet, TableError, "b.parquet"),
        (parquet_named_csv, TableError, "b.csv"),
        (lambda folder: (whole(folder), (folder / "b.csv").touch()), TableError, "b.csv"),
        (lambda folder: (folder / "b.csv").symlink_to(folder / "gone"), ParameterError, "b.csv"),
    ],
)
def test_what_cannot_be_read_is_named_and_leaves_no_evidence(
    tmp_path: Path, damage: Damage, kind: type[OpsError], named: str
) -> None:
    (tmp_path / "export").mkdir()
    damage(tmp_path / "export")
    with pytest.raises(kind) as raised:
        read(tmp_path)
    assert Path(raised.value.where).name == named
    assert raised.value.remedy
    assert "\n" not in str(raised.value)
    assert not list((tmp_path / "run").rglob("*.parquet"))


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as raised:
        read(tmp_path)
    assert raised.value.where == str(tmp_path / "export")


@pytest.mark.parametrize(
    ("manifests", "states"),
    [
        (({"dataFiles": []},), ["superseded"]),
        (([1],), ["used", "unreadable"]),
        (({"dataFiles": ["a.csv"]}, {"dataFiles": ["b.csv"]}), ["used", "missing"]),
        (({"dataFiles": "a.csv"},), ["used", "unreadable"]),
    ],
)
def test_what_manifests_promise_is_told_file_by_file(
    tmp_path: Path, manifests: tuple[object, ...], states: list[str]
) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    whole(folder)
    for number, manifest in enumerate(manifests):
        (folder / f"{number}-Manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    files = read(tmp_path).files
    assert files is not None
    assert sorted(files["State"]) == sorted(states)
