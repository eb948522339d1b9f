from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.backup_plans import read_backup_rules, read_backup_selections
from opslib.aws.backups import read_backup_jobs, read_backup_vaults, read_recovery_points
from opslib.aws.data_stores import read_data_stores
from opslib.aws.permissions import iam_action
from opslib.aws.reads import Reads
from opslib.coverage import CoverageStatus
from opslib.errors import CredentialsError
from tests.aws.fakes import reads_with, refusal

NOON = datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1)))
SINCE = datetime(2026, 2, 23, 6, tzinfo=UTC)
ORDERS = "arn:aws:rds:us-east-1:222222222222:cluster:orders"
ACCOUNTS: list[dict[str, Any]] = [
    {"id": "222222222222", "name": "acme", "regions": ("us-east-1", "eu-west-1")},
    {"id": "333333333333", "name": "other"},
]
Answer = dict[str, Any] | list[dict[str, Any]] | Exception


class FakeClient:
    """Answers operations by name: a dictionary, the pages of a listing, or an error."""

    def __init__(self, **answers: Answer | Callable[..., Answer]) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers = answers

    def _answer(self, operation: str, asked: dict[str, Any]) -> Any:
        self.asked.append((operation, asked))
        answer = self._answers.get(operation, {})
        answer = answer(**asked) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def get_paginator(self, operation: str) -> FakePaginator:
        return FakePaginator(self, operation)

    def __getattr__(self, operation: str) -> Any:
        return lambda **asked: self._answer(operation, asked)


class FakePaginator:
    def __init__(self, client: FakeClient, operation: str) -> None:
        self._client, self._operation = client, operation

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        pages = self._client._answer(self._operation, asked)
        yield from pages if isinstance(pages, list) else [pages]


def vault(name: str) -> dict[str, Any]:
    return {"BackupVaultName": name, "BackupVaultArn": f"arn:aws:backup:::backup-vault:{name}"}


def point(name: str, **facts: Any) -> dict[str, Any]:
    return {
        "RecoveryPointArn": f"arn:{name}",
        "ResourceArn": ORDERS,
        "Status": "COMPLETED",
        "CreationDate": NOON,
        **facts,
    }


def only_acme(folder: Path, **clients: FakeClient) -> Reads:
    account = {**ACCOUNTS[0], "regions": ("us-east-1",)}
    return reads_with(folder, clients, accounts=[account])


def test_every_region_of_every_account_is_asked(tmp_path: Path) -> None:
    backup = FakeClient(list_backup_vaults={"BackupVaultList": [vault("main")]})
    reads = reads_with(tmp_path, {"backup": backup}, accounts=ACCOUNTS)
    vaults = read_backup_vaults(reads)
    places = list(zip(vaults["Account"], vaults["Region"], strict=True))
    assert places == [("acme", "us-east-1"), ("acme", "eu-west-1"), ("other", "us-east-1")]
    assert len(reads.coverage) == 3


def test_a_vault_is_read_to_its_last_page_and_in_utc(tmp_path: Path) -> None:
    pages: list[dict[str, Any]] = [
        {"RecoveryPoints": [point("a", Lifecycle={"DeleteAfterDays": 35}, IsEncrypted=True)]},
        {},
        {"RecoveryPoints": [point("b", AggregatedScanResult={"Findings": ["MALWARE"]})]},
    ]
    backup = FakeClient(
        list_backup_vaults={"BackupVaultList": [vault("main")]},
        list_recovery_points_by_backup_vault=pages,
    )
    reads = only_acme(tmp_path, backup=backup)
    points = read_recovery_points(reads, read_backup_vaults(reads))
    assert points["RecoveryPointArn"].tolist() == ["arn:a", "arn:b"]
    assert points["CreatedAt"].tolist() == [pd.Timestamp("2026-03-01T12:00Z")] * 2
    assert points["RetentionDays"][0] == 35
    assert pd.isna(points["RetentionDays"][1])
    assert points["IsEncrypted"].tolist() == [True, None]
    assert points["ScanFindings"].tolist() == ["", "MALWARE"]


def test_one_vault_that_is_refused_leaves_the_others(tmp_path: Path) -> None:
    def answer(BackupVaultName: str) -> Answer:  # noqa: N803
        if BackupVaultName == "shut":
            refused: Exception = refusal("AccessDeniedException", "ListRecoveryPointsByBackupVault")
            return refused
        return {"RecoveryPoints": [point("a")]}

    backup = FakeClient(
        list_backup_vaults={"BackupVaultList": [vault("main"), vault("shut")]},
        list_recovery_points_by_backup_vault=answer,
    )
    reads = only_acme(tmp_path, backup=backup)
    points = read_recovery_points(reads, read_backup_vaults(reads))
    assert points["VaultName"].tolist() == ["main"]
    (gap,) = [line for line in reads.coverage if line.status.is_gap]
    assert (gap.table, gap.account, gap.region) == ("recovery points", "acme", "us-east-1")
    assert "shut" in gap.asked
    assert gap.status is CoverageStatus.DENIED


def test_jobs_are_asked_for_since_a_moment(tmp_path: Path) -> None:
    job = {"BackupJobId": "1", "State": "FAILED", "CreationDate": NOON, "StatusMessage": "no"}
    backup = FakeClient(list_backup_jobs=[{"BackupJobs": [job]}, {"BackupJobs": []}])
    jobs = read_backup_jobs(only_acme(tmp_path, backup=backup), SINCE)
    assert jobs[["State", "Message", "ResourceArn"]].to_numpy().tolist() == [["FAILED", "no", ""]]
    assert backup.asked == [("list_backup_jobs", {"ByCreatedAfter": SINCE})]


def test_expired_credentials_end_the_run(tmp_path: Path) -> None:
    backup = FakeClient(list_backup_vaults=refusal("ExpiredTokenException"))
    with pytest.raises(CredentialsError):
        read_backup_vaults(only_acme(tmp_path, backup=backup))


def test_plans_are_read_with_their_rules_and_selections(tmp_path: Path) -> None:
    rule = {
        "RuleName": "night",
        "TargetBackupVaultName": "main",
        "CopyActions": [{"DestinationBackupVaultArn": "arn:away"}],
    }
    chosen = {"SelectionName": "all", "IamRoleArn": "role", "Resources": ["*"], "ListOfTags": []}
    backup = FakeClient(
        list_backup_plans=[
            {"BackupPlansList": [{"BackupPlanId": "p1", "BackupPlanName": "daily"}]},
            {"BackupPlansList": [{"BackupPlanId": "p2", "BackupPlanName": "none"}]},
        ],
        get_backup_plan=lambda BackupPlanId: {  # noqa: N803
            "BackupPlan": {"Rules": [rule] if BackupPlanId == "p1" else []}
        },
        list_backup_selections={"BackupSelectionsList": [{"SelectionId": "s1"}]},
        get_backup_selection={"BackupSelection": chosen},
    )
    reads = only_acme(tmp_path, backup=backup)
    rules = read_backup_rules(reads)
    assert rules["PlanName"].tolist() == ["daily"]
    assert pd.isna(rules["RetentionDays"][0])
    assert json.loads(rules["CopyVaultArns"][0]) == ["arn:away"]
    selections = read_backup_selections(reads, rules)
    assert json.loads(selections["Selection"][0]) == {"Resources": ["*"]}


CLUSTER = {
    "DBClusterIdentifier": "orders",
    "DBClusterArn": ORDERS,
    "Engine": "aurora-postgresql",
    "StorageEncrypted": True,
    "BackupRetentionPeriod": 7,
    "LatestRestorableTime": NOON,
    "TagList": [{"Key": "Backup", "Value": "password=hunter22"}],
}
MEMBER = {"DBInstanceIdentifier": "orders-1", "DBInstanceArn": "arn:1", "DBClusterIdentifier": "o"}
INSTANCE = {
    "DBInstanceIdentifier": "ledger",
    "DBInstanceArn": "arn:2",
    "BackupRetentionPeriod": 0,
    "ReadReplicaSourceDBInstanceIdentifier": "source",
}


def stores_of(folder: Path, **clients: FakeClient) -> tuple[pd.DataFrame, Reads]:
    empty = {name: FakeClient() for name in ("rds", "dynamodb", "efs", "s3")}
    reads = only_acme(folder, **{**empty, **clients})
    return read_data_stores(reads), reads


def test_databases_are_told_by_cluster_and_by_lone_instance(tmp_path: Path) -> None:
    rds = FakeClient(
        describe_db_clusters=[{"DBClusters": [CLUSTER]}, {"DBClusters": []}],
        describe_db_instances=[{"DBInstances": [MEMBER]}, {"DBInstances": [INSTANCE]}],
        describe_db_instance_automated_backups=refusal("AccessDenied"),
    )
    stores, reads = stores_of(tmp_path, rds=rds)
    assert stores["ResourceName"].tolist() == ["orders", "ledger"]
    assert stores["ResourceType"].tolist() == ["Aurora", "RDS"]
    assert stores["IsPitrOn"].tolist() == [True, False]
    assert stores["ReplicaOf"].tolist() == ["", "source"]
    assert "hunter22" not in stores["Tags"][0]
    assert set(json.loads(stores["Tags"][0])) == {"Backup"}
    (gap,) = [line for line in reads.coverage if line.status.is_gap]
    assert gap.asked == "database instances"
    assert gap.rows == 1


@pytest.mark.parametrize(
    ("status", "on"),
    [("ENABLED", True), ("DISABLED", False), (None, None)],
)
def test_pitr_of_a_table_is_on_off_or_unknown(
    status: str | None, on: bool | None, tmp_path: Path
) -> None:
    recovery = {"PointInTimeRecoveryStatus": status}
    described = {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": recovery}}
    dynamodb = FakeClient(
        list_tables=[{"TableNames": ["carts"]}],
        describe_table={"Table": {"TableArn": "arn:aws:dynamodb:::table/carts"}},
        describe_continuous_backups=described if status else refusal("AccessDeniedException"),
        list_tags_of_resource=[{"Tags": []}, {"Tags": [{"Key": "a", "Value": "b"}]}],
    )
    stores, reads = stores_of(tmp_path, dynamodb=dynamodb)
    assert stores["IsPitrOn"].tolist() == [on]
    assert stores["Tags"].tolist() == ['{"a": "b"}']
    denied = [line for line in reads.coverage if line.status is CoverageStatus.DENIED]
    assert len(denied) == (0 if status else 1)


def test_a_table_that_was_deleted_meanwhile_is_left_out(tmp_path: Path) -> None:
    dynamodb = FakeClient(
        list_tables=[{"TableNames": ["carts"]}],
        describe_table=refusal("ResourceNotFoundException"),
    )
    stores, reads = stores_of(tmp_path, dynamodb=dynamodb)
    assert stores.empty
    assert not any(line.status.is_gap for line in reads.coverage)


def rule(bucket: str, **facts: Any) -> dict[str, Any]:
    return {"Status": "Enabled", "Destination": {"Bucket": bucket}, **facts}


def test_a_bucket_is_replicated_where_all_of_it_is(tmp_path: Path) -> None:
    rules = [
        rule("arn:whole", Filter={"Prefix": ""}),
        rule("arn:part", Filter={"Prefix": "logs/"}),
        rule("arn:old", Prefix="logs/"),
        rule("arn:off", Status="Disabled"),
    ]
    s3 = FakeClient(
        list_buckets=[{"Buckets": [{"Name": "papers"}]}, {"Buckets": [{"Name": "plain"}]}],
        get_bucket_versioning=lambda Bucket: {"Status": "Enabled"} if Bucket == "papers" else {},  # noqa: N803
        get_bucket_replication=lambda Bucket: (  # noqa: N803
            {"ReplicationConfiguration": {"Rules": rules}}
            if Bucket == "papers"
            else refusal("ReplicationConfigurationNotFoundError")
        ),
        get_bucket_tagging=refusal("NoSuchTagSet"),
    )
    stores, reads = stores_of(tmp_path, s3=s3)
    assert stores["Versioning"].tolist() == ["Enabled", "Disabled"]
    assert stores["ReplicasOn"].tolist() == ['["arn:whole"]', "[]"]
    assert stores["Tags"].tolist() == ["{}", "{}"]
    assert not any(line.status.is_gap for line in reads.coverage)
    assert s3.asked[0] == ("list_buckets", {"BucketRegion": "us-east-1"})


def test_what_a_bucket_does_not_tell_is_unknown(tmp_path: Path) -> None:
    refused = refusal("AccessDenied")
    s3 = FakeClient(
        list_buckets={"Buckets": [{"Name": "papers"}]},
        get_bucket_versioning=refused,
        get_bucket_replication=refused,
        get_bucket_tagging=refused,
    )
    stores, reads = stores_of(tmp_path, s3=s3)
    assert stores[["Versioning", "ReplicasOn", "Tags"]].to_numpy().tolist() == [["", "", ""]]
    (gap,) = [line for line in reads.coverage if line.status.is_gap]
    assert gap.detail.startswith("3 details: ")


def test_the_iam_actions_are_named_as_iam_does() -> None:
    named = {
        ("efs", "DescribeFileSystems"): "elasticfilesystem:DescribeFileSystems",
        ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
        ("s3", "GetBucketReplication"): "s3:GetReplicationConfiguration",
        ("backup", "ListCopyJobs"): "backup:ListCopyJobs",
    }
    assert {call: iam_action(*call) for call in named} == named
