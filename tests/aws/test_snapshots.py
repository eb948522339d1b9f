"""A snapshot that RDS keeps is asked for by name and held against its whole ARN."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from opslib.aws.snapshots import read_snapshot
from tests.aws.test_backups import FakeClient, only_acme

MADE = datetime(2026, 3, 1, 12, tzinfo=UTC)
OF_CLUSTER = "arn:aws:rds:us-east-1:222222222222:cluster-snapshot:rds:orders-2026-03-01"
OF_INSTANCE = "arn:aws:rds:us-east-1:222222222222:snapshot:before-release"


def clients(cluster: str, instance: str) -> FakeClient:
    common = {"SnapshotCreateTime": MADE, "Status": "available", "AllocatedStorage": 20}
    of_cluster = {"DBClusterSnapshotArn": cluster, "DBClusterIdentifier": "orders", **common}
    of_instance = {"DBSnapshotArn": instance, "DBInstanceIdentifier": "ledger", **common}
    return FakeClient(
        describe_db_cluster_snapshots={"DBClusterSnapshots": [of_cluster]},
        describe_db_snapshots={"DBSnapshots": [of_instance]},
    )


@pytest.mark.parametrize(
    ("arn", "asked", "resource"),
    [
        (OF_CLUSTER, {"DBClusterSnapshotIdentifier": "rds:orders-2026-03-01"}, "cluster:orders"),
        (OF_INSTANCE, {"DBSnapshotIdentifier": "before-release"}, "db:ledger"),
    ],
)
def test_a_snapshot_is_asked_for_by_name(
    arn: str, asked: dict[str, str], resource: str, tmp_path: Path
) -> None:
    rds = clients(OF_CLUSTER, OF_INSTANCE)
    (row,) = read_snapshot(only_acme(tmp_path, rds=rds), None, arn).to_dict("records")
    assert rds.asked[0][1] == asked
    assert row["ResourceArn"] == f"arn:aws:rds:us-east-1:222222222222:{resource}"
    assert row["RecoveryPointArn"] == arn
    assert row["CreatedAt"] == MADE


@pytest.mark.parametrize("arn", [OF_CLUSTER, OF_INSTANCE])
def test_a_snapshot_of_the_same_name_in_another_account_is_not_it(arn: str, tmp_path: Path) -> None:
    rds = clients(*(a.replace("222222222222", "999999999999") for a in (OF_CLUSTER, OF_INSTANCE)))
    reads = only_acme(tmp_path, rds=rds)
    assert read_snapshot(reads, None, arn).empty
    assert "no such snapshot" in reads.coverage[0].detail
