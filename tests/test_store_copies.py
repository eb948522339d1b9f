"""Restored tables, buckets and folders in the sandbox: what was injured is found, by real calls."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.store_injuries import (
    BUCKETS,
    REGION,
    TABLES,
    Account,
    capture_bucket,
    capture_table,
    clean_tree,
    copy_bucket,
    copy_tree,
    make_tree,
    outcome,
    restore_table,
    validate_bucket,
    validate_table,
    validate_tree,
)
from opslib.analysis.dr.object_copy import validate_object_copy
from opslib.analysis.dr.replica_copy import estimate_replica_lag, validate_replica
from opslib.analysis.dr.store_copy import data_verdict, is_after_restore
from opslib.analysis.dr.table_copy import validate_table_copy
from opslib.aws.reads import Reads
from opslib.databases.file_copies import capture_file_baseline
from opslib.databases.object_copies import read_object_validation
from opslib.databases.table_copies import read_table_validation
from opslib.findings import Verdict
from opslib.run_folder import RunFolder
from opslib.sandbox.bucket_injuries import BUCKET_CHANGES, BUCKET_INJURIES, BucketInjury
from opslib.sandbox.definition_injuries import DEFINITION_INJURIES
from opslib.sandbox.folder_injuries import FOLDER_INJURIES, FolderInjury
from opslib.sandbox.item_injuries import ITEM_INJURIES, TableInjury
from opslib.sandbox.process import running_sandbox
from opslib.sandbox.store_writes import write_item, write_object, writing_to

pytestmark = pytest.mark.slow
KEPT = "s3://acme-dr-baselines/tables"


@pytest.fixture(scope="module")
def production() -> Iterator[Account]:
    with (
        running_sandbox(scenario="steady", seed=3) as sandbox,
        tempfile.TemporaryDirectory(prefix="opslib-test-") as folder,
    ):
        yield Account(sandbox, Path(folder))


@pytest.fixture(autouse=True)
def _enter(production: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in production.sandbox.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OPSLIB_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("injury", [*ITEM_INJURIES, *DEFINITION_INJURIES], ids=lambda i: i.name)
def test_every_injury_of_a_table_is_caught(production: Account, injury: TableInjury) -> None:
    client = production.client("dynamodb")
    for table in TABLES:
        copy = restore_table(client, table)
        baseline = capture_table(production, table)
        place = injury.make(client, copy)
        if place:
            results = validate_table(production, table, copy, baseline)
            assert outcome(results, injury.caught_by, place) == "caught"
            return
        client.delete_table(TableName=copy)
    pytest.fail("no table of the sandbox has a place for it")


@pytest.mark.parametrize("injury", [*BUCKET_INJURIES, *BUCKET_CHANGES], ids=lambda i: i.name)
def test_every_injury_of_a_bucket_is_caught(production: Account, injury: BucketInjury) -> None:
    client = production.client("s3")
    copy, baseline = copy_bucket(client, BUCKETS[0]), capture_bucket(production, BUCKETS[0])
    place = injury.make(client, copy)
    assert place
    results = validate_bucket(production, BUCKETS[0], copy, baseline)
    expected = "caught" if injury.caught_by else "no alarm"
    assert outcome(results, injury.caught_by, place) == expected


@pytest.mark.parametrize("injury", FOLDER_INJURIES, ids=lambda i: i.name)
def test_every_injury_of_a_folder_is_caught(production: Account, injury: FolderInjury) -> None:
    root, baseline = make_tree(production.path("tree")), production.path("baseline")
    capture_file_baseline(root, baseline)
    copy = copy_tree(root, production.path("copy"))
    assert data_verdict(validate_tree(production, root, copy, baseline)) is Verdict.PASS
    place = injury.make(copy)
    results = validate_tree(production, root, copy, baseline)
    assert outcome(results, injury.caught_by, place) == "caught"


def test_a_table_restored_while_writes_go_on_raises_no_alarm(production: Account) -> None:
    client = production.client("dynamodb")
    with writing_to(write_item(production.client("dynamodb"), "sessions"), 1, 0.05) as done:
        baseline = capture_table(production, "sessions")
        copy = restore_table(client, "sessions")
        results = validate_table(production, "sessions", copy, baseline)
    assert done[0] > 3
    assert data_verdict(results) is not Verdict.FAIL


def test_a_bucket_restored_while_writes_go_on_raises_no_alarm(production: Account) -> None:
    client, bucket = production.client("s3"), BUCKETS[0]
    baseline = capture_bucket(production, bucket)
    write = write_object(production.client("s3"), bucket)
    with writing_to(write, 1, 0.05) as done:
        copy = copy_bucket(client, bucket)
        results = validate_bucket(production, bucket, copy, baseline)
    assert done[0] > 3
    assert data_verdict(results) is Verdict.PASS


def test_a_folder_restored_while_writes_go_on_raises_no_alarm(production: Account) -> None:
    _, verdict, writes, _ = clean_tree(production, 1)
    assert writes > 3
    assert verdict is not Verdict.FAIL


def test_a_restore_of_another_table_is_found_out(production: Account) -> None:
    client = production.client("dynamodb")
    baseline = capture_table(production, "sessions")
    copy = restore_table(client, "inventory")
    results = validate_table(production, "sessions", copy, baseline)
    failed = {result.check for result in results if result.verdict is Verdict.FAIL}
    assert {"restore", "content", "definition: key schema"} <= failed


def test_the_kept_copies_are_whole_and_a_replay_says_the_same(production: Account) -> None:
    for table in TABLES:
        reads, account = production.reads()
        named = (account, REGION, table, f"{table}-restored", f"{KEPT}/{table}")
        results = validate_table_copy(read_table_validation(reads, *named))
        to_set = {r.check for r in results if r.verdict is Verdict.FAIL}
        assert data_verdict(results) is Verdict.PASS
        assert {"after restore: tag", "after restore: alarm"} <= to_set
        assert all(is_after_restore(r) for r in results if r.verdict is Verdict.FAIL)
        again = Reads(reads.parameters, RunFolder(path=reads.run.path, replay=True))
        assert validate_table_copy(read_table_validation(again, *named)) == results


def test_a_replica_is_whole_and_a_replay_says_the_same(production: Account) -> None:
    reads, account = production.reads()
    named = (account, REGION, "acme-uploads", "acme-uploads-replica")
    states = read_object_validation(reads, *named)
    assert data_verdict(validate_replica(states)) is Verdict.PASS
    lag = estimate_replica_lag(states)
    assert lag is not None
    assert lag.high == 0
    again = Reads(reads.parameters, RunFolder(path=reads.run.path, replay=True))
    replayed = read_object_validation(again, *named)
    assert validate_replica(replayed) == validate_replica(states)
    assert validate_object_copy(replayed) == validate_object_copy(states)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_lost_on_the_way_is_found(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_sandbox(scenario="troubled", seed=seed) as sandbox:
        for name, value in sandbox.environ.items():
            monkeypatch.setenv(name, value)
        here = Account(sandbox, tmp_path)
        for table in TABLES:
            reads, account = here.reads()
            states = read_table_validation(
                reads, account, REGION, table, f"{table}-restored", f"{KEPT}/{table}"
            )
            assert data_verdict(validate_table_copy(states)) is Verdict.FAIL
        reads, account = here.reads()
        replica = read_object_validation(
            reads, account, REGION, "acme-uploads", "acme-uploads-replica"
        )
        assert data_verdict(validate_replica(replica)) is Verdict.FAIL
        lag = estimate_replica_lag(replica)
        assert lag is not None
        assert lag.low > 0


def test_an_account_without_stores_is_inconclusive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_sandbox(scenario="empty", seed=1) as sandbox:
        for name, value in sandbox.environ.items():
            monkeypatch.setenv(name, value)
        reads, account = Account(sandbox, tmp_path).reads()
        states = read_table_validation(reads, account, REGION, "t", "t-2", f"{KEPT}/t")
        assert data_verdict(validate_table_copy(states)) is Verdict.INCONCLUSIVE
        buckets = read_object_validation(reads, account, REGION, "b", "b-2")
        assert data_verdict(validate_object_copy(buckets)) is Verdict.INCONCLUSIVE
        assert data_verdict(validate_replica(buckets)) is Verdict.INCONCLUSIVE
        assert all(line.status.is_gap for line in reads.coverage)
