"""The guard: no call is let through that is not about something of the run's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from opslib.actions.action_ledger import ActionLedger
from opslib.actions.changes import ChangeRefused, Changes
from opslib.actions.drill_run import DrillRun, run_named
from opslib.analysis.dr.action_summary import summarise_actions
from opslib.aws.connection import Connection
from opslib.aws.ledger import Ledger
from opslib.errors import ParameterError, ReadError
from opslib.parameters import CostParameters

RUN = DrillRun(id="20260302t060000z-abcdef", expires_hours=2)
OTHER = DrillRun(id="20260302t060000z-fedcba")


@pytest.fixture
def changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Changes:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    parameters = CostParameters.parse({"environment": "test", "as_of": "2026-03-02T06:00:00Z"})
    return Changes(Connection(parameters, Ledger()), None, "us-east-1", RUN, ActionLedger(tmp_path))


@pytest.mark.parametrize(
    ("service", "operation", "asked"),
    [
        ("rds", "ModifyDBCluster", {"DBClusterIdentifier": RUN.name}),
        ("rds", "StopDBCluster", {"DBClusterIdentifier": RUN.name}),
        ("rds", "CreateDBInstance", {"DBInstanceIdentifier": "orders", "Tags": RUN.tags}),
        ("rds", "CreateDBInstance", {"DBInstanceIdentifier": f"{RUN.name}-1"}),
        ("rds", "CreateDBInstance", {"DBInstanceIdentifier": f"{RUN.name}-1", "Tags": OTHER.tags}),
        ("rds", "CreateDBInstance", {"DBInstanceIdentifier": OTHER.name, "Tags": RUN.tags}),
        ("rds", "CreateDBInstance", {"DBInstanceIdentifier": f"{RUN.name}x", "Tags": RUN.tags}),
        ("backup", "StartRestoreJob", {"Metadata": {"DBClusterIdentifier": "orders"}}),
        ("backup", "StartRestoreJob", {"Metadata": {}}),
        ("backup", "DeleteRecoveryPoint", {"RecoveryPointArn": RUN.name}),
        (
            "rds",
            "AddTagsToResource",
            {"ResourceName": "arn:aws:rds:us-east-1:1:cluster:orders", "Tags": RUN.tags},
        ),
        ("dynamodb", "RestoreTableToPointInTime", {"TargetTableName": "carts"}),
        ("dynamodb", "PutItem", {"TableName": RUN.name}),
    ],
)
def test_what_is_not_the_runs_is_refused(
    service: str, operation: str, asked: dict[str, Any], changes: Changes
) -> None:
    with pytest.raises(ChangeRefused):
        changes.admit(service, operation, asked)


@pytest.mark.parametrize(
    ("service", "operation", "asked"),
    [
        ("rds", "DescribeDBClusters", {}),
        ("rds", "CreateDBInstance", {"DBInstanceIdentifier": f"{RUN.name}-1", "Tags": RUN.tags}),
        ("backup", "StartRestoreJob", {"Metadata": {"DBClusterIdentifier": RUN.name}}),
        (
            "rds",
            "AddTagsToResource",
            {"ResourceName": f"arn:aws:rds:us-east-1:1:cluster:{RUN.name}", "Tags": RUN.tags},
        ),
    ],
)
def test_what_is_the_runs_is_let_through(
    service: str, operation: str, asked: dict[str, Any], changes: Changes
) -> None:
    changes.admit(service, operation, asked)


def make_cluster(identifier: str, tags: list[dict[str, str]]) -> None:
    boto3.client("rds", region_name="us-east-1").create_db_cluster(
        DBClusterIdentifier=identifier,
        Engine="aurora-postgresql",
        MasterUsername="owner",
        MasterUserPassword="made-up-for-tests",
        Tags=tags,
    )


def test_only_what_is_seen_to_bear_the_tag_is_deleted(changes: Changes) -> None:
    asked = {"DBClusterIdentifier": RUN.name, "SkipFinalSnapshot": True}
    with mock_aws():
        make_cluster("orders", RUN.tags)
        make_cluster(RUN.name, [])
        rds = changes.client("rds")
        with pytest.raises(ChangeRefused, match="bear the run's name"):
            rds.delete_db_cluster(DBClusterIdentifier="orders", SkipFinalSnapshot=True)
        with pytest.raises(ChangeRefused, match="does not bear the run's tag"):
            rds.delete_db_cluster(**asked)
        arn = rds.describe_db_clusters(DBClusterIdentifier=RUN.name)["DBClusters"][0]
        rds.add_tags_to_resource(ResourceName=arn["DBClusterArn"], Tags=RUN.tags)
        rds.delete_db_cluster(**asked)
        left = rds.describe_db_clusters()["DBClusters"]
    assert [cluster["DBClusterIdentifier"] for cluster in left] == ["orders"]


def be_refused(changes: Changes, file: Path) -> None:
    with changes.change("rds:CreateDBInstance", "instance", "a", "0.26"):
        assert "begun" in file.read_text()
        raise ReadError("refused")


def test_the_ledger_tells_what_was_begun_before_the_call_is_made(
    changes: Changes, tmp_path: Path
) -> None:
    with pytest.raises(ReadError):
        be_refused(changes, tmp_path / "actions.jsonl")
    with changes.change("rds:CreateDBInstance", "instance", "b", "0.26"):
        pass
    with (tmp_path / "actions.jsonl").open("a") as file:
        file.write('{"operation": "rds:Cre')  # killed while it wrote
    actions = changes.ledger.actions()
    assert [(a.identifier, a.outcome) for a in actions] == [
        ("a", "begun"),
        ("a", "failed"),
        ("b", "begun"),
        ("b", "done"),
    ]
    summary = summarise_actions(actions)
    assert [thing.identifier for thing in summary.left] == ["b"]
    assert summary.usd is None, "what is still there goes on costing"


def test_names_and_tags_tell_the_run() -> None:
    assert run_named(f"{RUN.name}-1") == RUN.id
    assert run_named("orders") == ""
    assert run_named("opslib-drill-by-hand") == ""
    assert RUN.expires_at.isoformat() == "2026-03-02T08:00:00+00:00"
    with pytest.raises(ParameterError):
        DrillRun(id="my-drill")
