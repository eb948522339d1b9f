from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest

from opslib.aws.connection import is_read_only
from opslib.aws.faults import aws_faults
from opslib.aws.file_cache import FileCache
from opslib.aws.reads import Fetched, ReadRequest, Reads, open_reads
from opslib.coverage import CoverageStatus
from opslib.errors import (
    AccessDenied,
    NoCredentials,
    NotFound,
    ReadError,
    TableError,
    Throttled,
    Unreachable,
)
from opslib.parameters import CostParameters
from opslib.run_folder import RunFolder
from opslib.tables.schema import column
from tests.aws.fakes import reads_with, refusal

SCHEMA = pa.DataFrameSchema({"Name": column(str), "Amount": column(Decimal, nullable=True)})
REQUEST = ReadRequest(table="budgets", asked="all", schema=SCHEMA, account="payer")
FRAME = pd.DataFrame({"Name": ["a", "token=verysecret"], "Amount": [Decimal("1.50"), None]})


def fetch() -> Fetched:
    return Fetched(frame=FRAME, notes={"currency": "USD"})


def must_not_be_called() -> Fetched:
    raise AssertionError("what was recorded must not be asked for again")


def test_what_was_read_is_not_asked_for_again(tmp_path: Path) -> None:
    first = reads_with(tmp_path).read(REQUEST, fetch)
    again = reads_with(tmp_path).read(REQUEST, must_not_be_called)
    assert again.frame["Amount"].tolist() == first.frame["Amount"].tolist()
    assert again.notes == {"currency": "USD"}


def test_what_people_alter_is_read_afresh_but_by_a_replay(tmp_path: Path) -> None:
    reads, request = reads_with(tmp_path), replace(REQUEST, afresh=True)
    reads.read(request, fetch)
    altered = FRAME.assign(Name=["b", "c"])
    again = reads.read(request, lambda: Fetched(frame=altered))
    assert again.frame["Name"].tolist() == ["b", "c"]
    replayed = reads_with(tmp_path)
    replayed.run = RunFolder(path=tmp_path, replay=True)
    assert replayed.read(request, must_not_be_called).frame["Name"].tolist() == ["b", "c"]


def test_a_cell_that_is_run_again_finds_what_it_read() -> None:
    parameters = CostParameters.parse({"environment": "test", "as_of": "2026-03-02T06:00:00Z"})
    open_reads(parameters).read(REQUEST, fetch)
    assert len(open_reads(parameters).read(REQUEST, must_not_be_called).frame) == 2


def test_a_tag_key_with_slashes_is_kept_in_a_plain_file(tmp_path: Path) -> None:
    tagged = ReadRequest(table="costs by app.kubernetes.io/name", asked="all", schema=SCHEMA)
    reads_with(tmp_path).read(tagged, fetch)
    assert len(list((tmp_path / "evidence").glob("*.parquet"))) == 1


def test_a_secret_reaches_neither_the_table_nor_the_evidence(tmp_path: Path) -> None:
    read = reads_with(tmp_path).read(REQUEST, fetch)
    assert "verysecret" not in read.frame["Name"].to_list()[1]
    for path in (tmp_path / "evidence").iterdir():
        assert b"verysecret" not in path.read_bytes()


def test_a_table_that_breaks_its_promise_is_refused(tmp_path: Path) -> None:
    def fetch_floats() -> Fetched:
        return Fetched(frame=pd.DataFrame({"Name": ["a"], "Amount": [1.5]}))

    with pytest.raises(TableError, match="Amount"):
        reads_with(tmp_path).read(REQUEST, fetch_floats)
    assert not (tmp_path / "evidence").exists()


def test_a_refused_read_is_a_gap_and_is_tried_again_on_resume(tmp_path: Path) -> None:
    def refuse() -> Fetched:
        raise AccessDenied("no", where="payer budgets:DescribeBudgets")

    reads = reads_with(tmp_path)
    refused = reads.read(REQUEST, refuse)
    assert refused.frame.empty
    assert list(refused.frame.columns) == ["Name", "Amount"]
    assert reads.coverage[0].status is CoverageStatus.DENIED
    resumed = reads_with(tmp_path)
    assert len(resumed.read(REQUEST, fetch).frame) == 2
    assert resumed.coverage[0].status is CoverageStatus.COMPLETE


def test_what_could_not_be_asked_without_credentials_is_asked_on_resume(tmp_path: Path) -> None:
    def refuse() -> Fetched:
        raise NoCredentials("none")

    reads = reads_with(tmp_path, offline=True, source="export", path=str(tmp_path))
    reads.read(REQUEST, refuse)
    assert len(reads_with(tmp_path).read(REQUEST, fetch).frame) == 2


def test_a_run_goes_on_with_what_a_replay_will_find(tmp_path: Path) -> None:
    def uneven() -> Fetched:
        amounts = [Decimal("1.5"), Decimal("0.0000000001")]
        return Fetched(frame=pd.DataFrame({"Name": ["a", "b"], "Amount": amounts}))

    live = reads_with(tmp_path).read(REQUEST, uneven)
    replayed = reads_with(tmp_path).read(REQUEST, must_not_be_called)
    assert [str(a) for a in live.frame["Amount"]] == [str(a) for a in replayed.frame["Amount"]]


def test_a_required_read_that_is_refused_ends_the_run(tmp_path: Path) -> None:
    def refuse() -> Fetched:
        raise NotFound("no such bucket")

    required = ReadRequest(table="bill", asked="all", schema=SCHEMA, required=True)
    with pytest.raises(NotFound):
        reads_with(tmp_path).read(required, refuse)


def test_a_replay_gives_the_recorded_gap_and_reads_nothing_new(tmp_path: Path) -> None:
    def refuse() -> Fetched:
        raise Throttled("slow down")

    reads_with(tmp_path).read(REQUEST, refuse)
    replay = Reads(
        CostParameters.parse({"environment": "test", "as_of": "2026-03-02T06:00:00Z"}),
        RunFolder(path=tmp_path, replay=True),
    )
    assert replay.read(REQUEST, must_not_be_called).status is CoverageStatus.THROTTLED
    with pytest.raises(ReadError, match="did not read this"):
        _ = replay.connection


def test_evidence_that_was_changed_is_refused(tmp_path: Path) -> None:
    reads_with(tmp_path).read(REQUEST, fetch)
    (file,) = (tmp_path / "evidence").glob("*.parquet")
    FRAME.head(1).to_parquet(file)
    with pytest.raises(TableError, match="was changed"):
        reads_with(tmp_path).read(REQUEST, must_not_be_called)


def test_the_sandbox_environment_never_talks_to_aws(tmp_path: Path) -> None:
    reads = reads_with(tmp_path, environment="sandbox")
    with pytest.raises(Unreachable, match="never talks to AWS"):
        _ = reads.connection


@pytest.mark.parametrize(
    ("operation", "reading"),
    [
        ("GetCostAndUsage", True),
        ("DescribeBudgets", True),
        ("ListObjectsV2", True),
        ("AssumeRole", True),
        ("DeleteBucket", False),
        ("PutObject", False),
        ("UpdateBudget", False),
        ("Getaway", False),
    ],
)
def test_only_reading_operations_are_let_through(operation: str, reading: bool) -> None:
    assert is_read_only(operation) is reading


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", AccessDenied),
        ("ThrottlingException", Throttled),
        ("NoSuchBucket", NotFound),
        ("SomethingElse", ReadError),
    ],
)
def test_aws_errors_become_ours_and_name_the_call(code: str, kind: type[ReadError]) -> None:
    with (
        pytest.raises(kind, match="payer ce:GetCostAndUsage"),
        aws_faults("payer ce:GetCostAndUsage"),
    ):
        raise refusal(code)


def test_a_cached_file_is_fetched_once_and_half_a_download_leaves_nothing(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, most_bytes=10)
    calls: list[str] = []

    def download(target: Path) -> None:
        calls.append("once")
        target.write_bytes(b"12345678")

    def fail(target: Path) -> None:
        target.write_bytes(b"123")
        raise ConnectionError("cut")

    first = cache.fetch("s3://b/k@1", "part.parquet", download)
    assert cache.fetch("s3://b/k@1", "part.parquet", download) == first
    assert calls == ["once"]
    with pytest.raises(ConnectionError):
        cache.fetch("s3://b/k@2", "part.parquet", fail)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [first]
    second = cache.fetch("s3://b/k@3", "part.parquet", download)
    assert second.exists()
    assert first.exists(), "a file that was used today may still be in use"
    two_days_ago = first.stat().st_mtime - 2 * 24 * 3600
    os.utime(first, (two_days_ago, two_days_ago))
    third = cache.fetch("s3://b/k@4", "part.parquet", download)
    assert [first.exists(), second.exists(), third.exists()] == [False, True, True]


def test_a_cache_is_filled_and_trimmed_by_several_at_once(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, most_bytes=1)

    def fetch_one(number: int) -> bytes:
        def download(target: Path) -> None:
            target.write_bytes(b"%d" % number)

        return cache.fetch(f"s3://b/k@{number % 50}", "head.json", download).read_bytes()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(fetch_one, [number % 50 for number in range(400)]))
    assert found == [b"%d" % (number % 50) for number in range(400)]
