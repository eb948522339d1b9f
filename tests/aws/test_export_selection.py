from __future__ import annotations

from datetime import date, timedelta

import pytest

from opslib.aws.export_files import ExportFile
from opslib.aws.export_layout import may_hold, place_of
from opslib.aws.export_manifest import Manifest, current_manifests, parse_manifest
from opslib.aws.export_selection import select_files, tabulate_files
from opslib.tables.bill_controls import EXPORT_FILES, FileState
from opslib.tables.schema import check_table

DAYS = tuple(date(2026, 2, 1) + timedelta(days=n) for n in range(28))
ROOT = "s3://bills/exports/cost"
FEBRUARY = f"{ROOT}/data/BILLING_PERIOD=2026-02"
PROMISE = f"{ROOT}/metadata/BILLING_PERIOD=2026-02/cost-Manifest.json"


def files(*uris: str, modified: str = "") -> list[ExportFile]:
    return [ExportFile(uri=uri, bytes=7, version="e", modified=modified) for uri in uris]


def states(
    listed: list[ExportFile], *promised: str, manifest: str = PROMISE
) -> dict[str, FileState]:
    told = [Manifest(uri=manifest, files=promised)] if promised else []
    chosen = select_files(listed, told, DAYS)
    assert check_table(tabulate_files(chosen), EXPORT_FILES, "files")["State"].size == len(chosen)
    return {one.uri: one.state for one in chosen}


@pytest.mark.parametrize(
    ("uri", "start", "version"),
    [
        (f"{FEBRUARY}/cost-00001.parquet", date(2026, 2, 1), ""),
        (
            f"{ROOT}/data/billing_period=2026-12/20261207T05-ab/c.csv.gz",
            date(2026, 12, 1),
            "20261207T05-ab",
        ),
        ("s3://bills/cur/20260201-20260301/1234-ab/cur-1.csv.gz", date(2026, 2, 1), "1234-ab"),
        ("/bills/cur/cur/year=2026/month=2/cur-00001.snappy.parquet", date(2026, 2, 1), ""),
    ],
)
def test_a_path_tells_the_billing_period_and_version(uri: str, start: date, version: str) -> None:
    place = place_of(uri)
    assert place is not None
    assert (place.start, place.version) == (start, version)
    assert place.end == (start + timedelta(days=32)).replace(day=1)
    assert uri == place.root + place.tail


@pytest.mark.parametrize(
    "uri", ["/bills/part.csv", "/x/BILLING_PERIOD=2026-13/a.csv", "/x/120260201-20260301/a.csv"]
)
def test_a_path_without_a_period_may_hold_any_day(uri: str) -> None:
    assert place_of(uri) is None
    assert may_hold(uri, DAYS)


def test_what_a_manifest_promises_counts_and_what_is_not_there_is_missing() -> None:
    first, second = f"{FEBRUARY}/cost-00001.parquet", f"{FEBRUARY}/cost-00002.parquet"
    stale = f"{FEBRUARY}/cost-00003.parquet"
    assert states(files(first, stale), first, second) == {
        first: FileState.USED,
        stale: FileState.LEFT_OVER,
        second: FileState.MISSING,
    }


def test_the_manifest_tells_which_of_several_versions_is_current() -> None:
    old, new = f"{FEBRUARY}/20260203T01-a/c.csv.gz", f"{FEBRUARY}/20260204T01-b/c.csv.gz"
    assert states(files(old, new), old) == {old: FileState.USED, new: FileState.SUPERSEDED}


def test_promises_are_kept_by_a_copy_of_the_export_in_another_place() -> None:
    copy = "/home/me/cost/data/BILLING_PERIOD=2026-02/cost-00001.parquet"
    manifest = "/home/me/cost/metadata/BILLING_PERIOD=2026-02/cost-Manifest.json"
    promised = f"{FEBRUARY}/cost-00001.parquet"
    assert states(files(copy), promised, manifest=manifest) == {copy: FileState.USED}
    flat = states(files("/a/cost-00001.parquet"), promised, manifest="/a/cost-Manifest.json")
    assert flat == {"/a/cost-00001.parquet": FileState.USED}


def test_without_a_manifest_the_newest_version_is_taken_and_the_others_are_rivals() -> None:
    old = files(f"{FEBRUARY}/bbb/c.csv", modified="2026-02-03")
    new = files(f"{FEBRUARY}/aaa/c.csv", modified="2026-02-04")
    assert states([*old, *new]) == {
        f"{FEBRUARY}/bbb/c.csv": FileState.RIVAL,
        f"{FEBRUARY}/aaa/c.csv": FileState.USED,
    }
    plain = states(files(f"{FEBRUARY}/c.csv", f"{FEBRUARY}/run-2/c.csv"))
    assert sorted(plain.values()) == [FileState.RIVAL, FileState.USED]


def test_a_file_outside_all_periods_counts_only_where_no_manifest_is() -> None:
    stray, kept = f"{ROOT}/data/old.csv", f"{FEBRUARY}/c.csv"
    assert states(files(stray, kept))[stray] is FileState.USED
    assert states(files(stray, kept), kept)[stray] is FileState.LEFT_OVER


def test_an_unreadable_manifest_is_told_and_its_files_still_count() -> None:
    broken = parse_manifest(PROMISE, "{")
    chosen = select_files(files(f"{FEBRUARY}/c.csv"), [broken], DAYS)
    assert {one.uri: one.state for one in chosen} == {
        PROMISE: FileState.UNREADABLE,
        f"{FEBRUARY}/c.csv": FileState.USED,
    }


def test_periods_that_nothing_is_asked_of_are_left_alone() -> None:
    other = f"{ROOT}/data/BILLING_PERIOD=2025-02/c.csv"
    manifest = f"{ROOT}/metadata/BILLING_PERIOD=2025-02/cost-Manifest.json"
    assert states(files(other), other, manifest=manifest) == {}


@pytest.mark.parametrize(
    ("text", "promised"),
    [
        ('{"dataFiles": ["s3://b/x.parquet"], "executionId": "e"}', ("s3://b/x.parquet",)),
        ('{"assemblyId": "a", "reportKeys": ["cur/x.csv.gz"]}', ("cur/x.csv.gz",)),
        ('{"dataFiles": []}', ()),
        ("", None),
        ("[]", None),
        ("{}", None),
        ('{"dataFiles": {"a": 1}}', None),
        ('{"dataFiles": [1]}', None),
        ("[" * 100_000, None),
    ],
)
def test_a_manifest_is_read_or_says_why_not(text: str, promised: tuple[str, ...] | None) -> None:
    manifest = parse_manifest(PROMISE, text)
    assert manifest.files == promised
    assert bool(manifest.problem) == (promised is None)


def test_the_manifest_in_the_folder_of_the_period_is_the_current_one() -> None:
    old = f"{ROOT}/metadata/BILLING_PERIOD=2026-02/20260203T01-a/cost-Manifest.json"
    new = f"{ROOT}/metadata/BILLING_PERIOD=2026-02/20260204T01-b/cost-Manifest.json"
    assert [file.uri for file in current_manifests(files(old, PROMISE, new))] == [PROMISE]
    assert [file.uri for file in current_manifests(files(old))] == [old]
    assert current_manifests(files(old, new)) == []
