from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from opslib.aws.reads import Reads
from opslib.aws.terraform_states import read_terraform_states
from opslib.coverage import CoverageStatus
from opslib.parameters.state_patterns import expand_patterns
from opslib.tables.terraform import TerraformTables
from tests.aws.fakes import reads_with, refusal
from tests.aws.test_backups import FakeClient

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = "prod/data/terraform.tfstate"
HOUR = timedelta(hours=1)


def item(key: str, moment: datetime = NOON, **facts: Any) -> dict[str, Any]:
    return {"Key": key, "LastModified": moment, "Size": 100, "IsLatest": True, **facts}


def closed() -> dict[str, Any]:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return {"PublicAccessBlockConfiguration": dict.fromkeys(names, True)}


def client(**answers: Any) -> FakeClient:
    usual = {
        "get_bucket_versioning": {"Status": "Enabled"},
        "get_public_access_block": closed(),
        "list_objects_v2": {"Contents": [item(KEY)]},
        "list_object_versions": {"Versions": [item(KEY)]},
    }
    return FakeClient(**{**usual, **answers})


def read(
    folder: Path, s3: FakeClient, pattern: str = f"s3://state/{KEY}", **more: Any
) -> tuple[TerraformTables, Reads]:
    table = more.pop("lock_table", "")
    reads = reads_with(folder, {"s3": s3, **more})
    return read_terraform_states(reads, None, expand_patterns([pattern]), table), reads


def test_versions_deletions_and_locks_are_counted_over_all_pages(tmp_path: Path) -> None:
    listed = [
        {"Contents": [item(KEY)]},
        {"Contents": [item("prod/net/terraform.tfstate"), item("prod/net/other")]},
    ]
    versions: list[dict[str, Any]] = [
        {"Versions": [item(KEY), item(KEY, NOON - HOUR, IsLatest=False)]},
        {
            "Versions": [
                item(KEY, NOON - 9 * HOUR, IsLatest=False),
                item(f"{KEY}.tflock", IsLatest=False),
                item("prod/old/terraform.tfstate", NOON - 99 * HOUR, IsLatest=False),
            ],
            "DeleteMarkers": [
                item("prod/old/terraform.tfstate", NOON - 2 * HOUR),
                item(KEY, NOON - 5 * HOUR, IsLatest=False),
            ],
        },
    ]
    s3 = client(list_objects_v2=listed, list_object_versions=versions)
    tables, reads = read(tmp_path, s3, "s3://state/{environment}/{layer}/terraform.tfstate")
    states = tables.states.set_index("Layer")
    assert states["Exists"].to_dict() == {"data": True, "net": True, "old": False}
    assert states["OldVersions"].to_dict() == {"data": 2, "net": 0, "old": 1}
    assert states.loc["data", "OldestVersionAt"] == pd.Timestamp(NOON - 9 * HOUR)
    assert states.loc["old", "DeletedAt"] == pd.Timestamp(NOON - 2 * HOUR)
    assert states["DeletedAt"].isna().to_dict() == {"data": True, "net": True, "old": False}
    assert states["IsLockSeen"].to_dict() == {"data": True, "net": False, "old": False}
    assert set(states["IsExpected"]) == {False}
    assert not [line for line in reads.coverage if line.status.is_gap]
    asked = {operation for operation, _ in s3.asked}
    assert not {"get_object", "head_object"} & asked


def test_a_state_that_is_not_there_has_a_row(tmp_path: Path) -> None:
    s3 = client(list_objects_v2={}, list_object_versions={})
    tables, _ = read(tmp_path, s3)
    (row,) = tables.states.to_dict("records")
    assert (row["Key"], row["Exists"], row["IsExpected"]) == (KEY, False, True)
    assert row["IsLockSeen"] is False


def test_a_held_lock_is_dated_by_its_file(tmp_path: Path) -> None:
    listed = {"Contents": [item(KEY), item(f"{KEY}.tflock", NOON - HOUR)]}
    tables, _ = read(tmp_path, client(list_objects_v2=listed))
    assert tables.states["LockedSince"].tolist() == [pd.Timestamp(NOON - HOUR)]


def test_a_table_of_locks_is_asked_for_the_lock_and_the_digest(tmp_path: Path) -> None:
    info = json.dumps({"Created": "2026-03-01T11:00:00.123456789Z", "Who": "somebody@desk"})

    def get_item(TableName: str, Key: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        assert TableName == "locks"
        held = Key["LockID"]["S"] == f"state/{KEY}"
        return {"Item": {"Info": {"S": info}}} if held else {"Item": {"Digest": {"S": "0"}}}

    locks = FakeClient(get_item=get_item)
    tables, _ = read(tmp_path, client(), lock_table="locks", dynamodb=locks)
    (row,) = tables.states.to_dict("records")
    assert row["IsLockSeen"] is True
    assert row["LockedSince"].isoformat().startswith("2026-03-01T11:00:00.123456")
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"somebody" not in kept


def test_a_table_that_may_not_be_read_leaves_a_doubt(tmp_path: Path) -> None:
    locks = FakeClient(get_item=refusal("AccessDeniedException", "GetItem"))
    tables, reads = read(tmp_path, client(), lock_table="locks", dynamodb=locks)
    assert tables.states["IsLockSeen"].tolist() == [None]
    assert [g.status for g in reads.coverage if g.status.is_gap] == [CoverageStatus.DENIED]


def test_what_is_refused_is_unknown_and_a_gap(tmp_path: Path) -> None:
    denied = {
        name: refusal("AccessDenied", name)
        for name in (
            "get_bucket_versioning",
            "get_bucket_replication",
            "get_bucket_encryption",
            "get_public_access_block",
            "list_object_versions",
        )
    }
    tables, reads = read(tmp_path, client(**denied))
    (bucket,) = tables.buckets.to_dict("records")
    told = [bucket[name] for name in ("Versioning", "Replication", "Encryption")]
    assert told == ["", "", ""]
    assert bucket["IsPublicBlocked"] is None
    (state,) = tables.states.to_dict("records")
    assert state["Exists"] is True
    assert pd.isna(state["OldVersions"])
    assert state["IsLockSeen"] is None
    assert {line.table for line in reads.coverage if line.status is CoverageStatus.DENIED} == {
        "state buckets",
        "terraform states",
    }


def test_a_bucket_that_is_not_there_is_a_gap(tmp_path: Path) -> None:
    gone = refusal("NoSuchBucket", "ListObjectsV2")
    s3 = FakeClient(get_bucket_versioning=gone, list_objects_v2=gone)
    tables, reads = read(tmp_path, s3)
    assert tables.states.empty
    assert tables.buckets.empty
    assert {line.status for line in reads.coverage} == {CoverageStatus.NOT_FOUND}


def test_replication_by_prefix_counts_and_by_tag_does_not(tmp_path: Path) -> None:
    target = {"Bucket": "arn:aws:s3:::copy"}
    rules = [
        {"Status": "Enabled", "Filter": {"Prefix": "prod/"}, "Destination": target},
        {"Status": "Disabled", "Destination": target},
        {"Status": "Enabled", "Filter": {"Tag": {"Key": "a"}}, "Destination": target},
        {"Status": "Enabled", "Filter": {"And": {"Prefix": "x"}}, "Destination": target},
    ]
    s3 = client(get_bucket_replication={"ReplicationConfiguration": {"Rules": rules}})
    tables, _ = read(tmp_path, s3)
    assert json.loads(tables.buckets["Replication"][0]) == [["prod/", "arn:aws:s3:::copy"]]


def test_without_patterns_nothing_is_asked(tmp_path: Path) -> None:
    reads = reads_with(tmp_path, {})
    tables = read_terraform_states(reads, None, ())
    assert tables.states.empty
    assert reads.coverage == ()
