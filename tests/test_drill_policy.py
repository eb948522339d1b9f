"""The policy of a drill: every call that it makes in any way of restoring, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from opslib.actions.drill import run_drill
from opslib.actions.drill_verdict import send_back
from opslib.actions.validation_result import SentVerdict
from opslib.analysis.dr.drill import Outcome
from opslib.aws.connection import is_read_only
from opslib.aws.permissions import iam_action
from opslib.aws.reads import Reads
from opslib.aws.recovery_tables import read_recovery_tables
from opslib.findings import Conclusion, Verdict
from opslib.parameters.dr import DrParameters
from opslib.runner.catalog import read_iam_actions
from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.sandbox.scenario import plan_scenario
from tests.policies import Policy
from tests.test_dr_drill import LEDGER, ROOT, end, reads_in

POLICY = ROOT / "deploy" / "iam" / "dr_restore_validation.json"
MOMENT = "2026-03-02T05:30:00Z"
SNAPSHOT = "orders-before-release"
LOCKS = "acme-terraform-locks"
SECRET = "/opslib/orders"
ARN = "arn:aws:rds:us-east-1:222222222222"
TABLE = "arn:aws:dynamodb:us-east-1:222222222222:table"
MOST_CHARACTERS = 6144
"""Of a customer managed policy, white space aside (IAM User Guide, IAM and AWS STS quotas)."""
PREFIXES = {"cluster": f"{ARN}:cluster:", "db": f"{ARN}:db:", "table": f"{TABLE}/"}
OURS = "opslib-drill-20260302t060000z-abcdef"
TAGGED, BEARS_TAG = ("aws:RequestTag/opslib:run",), ("aws:ResourceTag/opslib:run",)
TO_FILL = "DynamoDB asks for the rights to fill a table of whoever restores it"
WITHOUT_A_CALL = {
    "iam:PassRole": "StartRestoreJob hands the role that AWS Backup restores by",
    "s3:GetObjectTagging": "GetObjectTagging of a bucket that keeps no versions",
    "s3:GetObjectVersion": "HeadObject and GetObject of a version",
    "dynamodb:BatchWriteItem": TO_FILL,
    "dynamodb:DeleteItem": TO_FILL,
    "dynamodb:PutItem": TO_FILL,
    "dynamodb:Query": TO_FILL,
    "dynamodb:UpdateItem": TO_FILL,
}
"""Actions that AWS asks for beside those of the calls, each with what asks for it."""
WRITING_ITEMS = ("BatchWriteItem", "DeleteItem", "PutItem", "Query", "UpdateItem")
WITHOUT_A_TAG = {
    "backup:StartRestoreJob": "AWS knows no tag of its request: held by the recovery points' ARNs",
    "iam:PassRole": "a role has no run: held by its ARN and by the service that it is passed to",
    "backup:PutRestoreValidationResult": "AWS knows neither resource nor tag of it",
    "dynamodb:RestoreTableFromBackup": "no tag can be given: held by the rights to fill a table",
    "dynamodb:RestoreTableToPointInTime": "the same",
    **{f"dynamodb:{call}": "the table has no tag yet: held by its name" for call in WRITING_ITEMS},
}
"""Changing actions that no tag can be demanded of, each with why."""
MAKING = {
    "rds:CreateDBInstance": "db",
    "rds:RestoreDBClusterFromSnapshot": "cluster",
    "rds:RestoreDBClusterToPointInTime": "cluster",
    "rds:RestoreDBInstanceFromDBSnapshot": "db",
    "rds:RestoreDBInstanceToPointInTime": "db",
    "rds:AddTagsToResource": "cluster",
    "dynamodb:TagResource": "table",
}
DELETING = {
    "rds:DeleteDBCluster": "cluster",
    "rds:DeleteDBInstance": "db",
    "dynamodb:DeleteTable": "table",
}
OF_SOURCE = {"rds:RestoreDBClusterToPointInTime", "rds:RestoreDBInstanceToPointInTime"}
"""RDS authorises these on their source too: it has the name, so nothing can be made by it."""
CUT_SHORT: dict[str, Any] = {"restore_timeout_minutes": 0.001, "controls": False, "copies": []}
"""A drill that is given up once its restore is asked for, and torn down while that goes on."""
UNDER_WAY = "backup:GetRestoreJobMetadata"
"""Asked of restores that still go on: on a busy machine one may be done before it is torn down."""
MOST_ATTEMPTS = 5

COPIES = [
    {"kind": "table", "source": "carts", "baseline": "s3://acme-dr-baselines/tables/carts"},
    {"kind": "bucket", "source": "acme-documents", "restored": "acme-uploads-replica"},
    {
        "kind": "replica",
        "source": "acme-uploads",
        "restored": "acme-uploads-replica",
        "restored_region": "eu-west-1",
    },
]
LATER = {"as_of": "2099-01-01T00:00:00Z"}
"""The sandbox dates snapshots that are made in it from the real clock."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="steady", seed=3) as running:
        yield running


@pytest.fixture
def account(
    sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Enter the sandbox, with what other teams have made in the account of the source."""
    for name, value in {**sandbox.environ, "OPSLIB_CACHE": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)
    return make_what_others_made()


def make_what_others_made() -> dict[str, str]:
    """Make snapshots, a table of locks and a parameter; return the snapshots' ARNs by kind."""
    role = "arn:aws:iam::222222222222:role/opslib-read"
    granted = boto3.client("sts", region_name="us-east-1").assume_role(
        RoleArn=role, RoleSessionName="others"
    )["Credentials"]
    session = boto3.Session(
        granted["AccessKeyId"],
        granted["SecretAccessKey"],
        granted["SessionToken"],
        region_name="us-east-1",
    )
    rds = session.client("rds")
    cluster = rds.create_db_cluster_snapshot(
        DBClusterSnapshotIdentifier=SNAPSHOT, DBClusterIdentifier="orders"
    )["DBClusterSnapshot"]["DBClusterSnapshotArn"]
    instance = rds.create_db_snapshot(DBSnapshotIdentifier=SNAPSHOT, DBInstanceIdentifier="ledger")[
        "DBSnapshot"
    ]["DBSnapshotArn"]
    session.client("dynamodb").create_table(
        TableName=LOCKS,
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    master = session.client("secretsmanager").get_secret_value(SecretId=secret_of("cluster-orders"))
    session.client("s3").put_object_tagging(
        Bucket="acme-documents",
        Key="2020/Übersicht 0.txt",
        Tagging={"TagSet": [{"Key": "kept", "Value": "seven years"}]},
    )
    backup = session.client("dynamodb").create_backup(
        TableName="sessions", BackupName="before-release"
    )["BackupDetails"]["BackupArn"]
    session.client("ssm").put_parameter(
        Name=SECRET, Value=master["SecretString"], Type="SecureString"
    )
    return {"cluster": cluster, "instance": instance, "table": backup}


def secret_of(name: str) -> str:
    text = (ROOT / "parameters" / "sandbox" / "dr_restore_validation.yaml").read_text()
    reference: str = yaml.safe_load(text)["source_secret"]
    return reference.removeprefix("secretsmanager:").replace("cluster-orders", name)


def calls_of(reads: Reads) -> set[str]:
    return {iam_action(call.service, call.operation) for call in reads.ledger.records}


def drill(folder: Path, **values: Any) -> set[str]:
    """Drill and tear down; return the IAM actions of its calls."""
    reads = reads_in(folder, **values)
    assert isinstance(reads.parameters, DrParameters)
    tables = read_recovery_tables(reads, reads.parameters)
    restore = run_drill(reads, reads.parameters, tables.backups).restore
    end(reads)  # at once, while what was given up still goes on
    assert restore is not None
    assert restore.outcome is not Outcome.REFUSED, restore.message
    return calls_of(reads)


def send_a_verdict(folder: Path) -> set[str]:
    job = plan_scenario("steady", 3).restores[0].id
    values: dict[str, Any] = {
        "mode": "validate_existing",
        "restored": "orders-restored",
        "restore_job": job,
    }
    reads = reads_in(folder, **values, send_verdict=True)
    assert isinstance(reads.parameters, DrParameters)
    answer = Conclusion(question="?", verdict=Verdict.PASS, sentence="Yes.")
    sent = send_back(reads, reads.parameters, answer)
    assert isinstance(sent, SentVerdict)
    assert sent.is_sent
    return calls_of(reads)


@pytest.mark.slow
def test_the_policy_holds_every_call_of_a_drill_and_no_other(
    account: dict[str, str], tmp_path: Path
) -> None:
    master = f"secretsmanager:{secret_of('cluster-ledger')}"
    ledger = {**LEDGER, "source_secret": master, "restored_secret": master, **CUT_SHORT}
    from_backup = {
        "kind": "table",
        "source": "sessions",
        "baseline": "s3://acme-dr-baselines/tables/sessions",
        "backup": account["table"],
    }
    ways: list[dict[str, Any]] = [
        {
            "controls": False,
            "terraform_lock_table": LOCKS,
            "source_secret": f"ssm:{SECRET}",
            "copies": COPIES,
        },
        CUT_SHORT,
        {**CUT_SHORT, "recovery_point": MOMENT, "copies": [from_backup]},
        {**CUT_SHORT, "recovery_point": account["cluster"], **LATER},
        {**ledger, "recovery_point": MOMENT},
        {**ledger, "recovery_point": account["instance"], **LATER},
    ]
    called = send_a_verdict(tmp_path / "verdict")
    for number, way in enumerate(ways):
        called |= drill(tmp_path / str(number), **way)
    for attempt in range(MOST_ATTEMPTS):
        if UNDER_WAY in called:
            break
        called |= drill(tmp_path / f"again-{attempt}", **CUT_SHORT)
    allowed = set(read_iam_actions(POLICY))
    assert sorted(called - allowed) == []
    assert allowed - called == set(WITHOUT_A_CALL)


def test_the_policy_fits_into_one_that_aws_manages() -> None:
    text = json.dumps(json.loads(POLICY.read_text(encoding="utf-8")), separators=(",", ":"))
    assert len(text) <= MOST_CHARACTERS


def test_every_change_is_bound_to_the_tag_of_a_run_or_says_why_not() -> None:
    for statement in Policy.load(POLICY).statements:
        changing = [a for a in statement["Action"] if not is_read_only(a.partition(":")[2])]
        keys = statement.get("Condition", {}).get("Null", {})
        tagged = "false" in {keys.get(key) for key in (*TAGGED, *BEARS_TAG)}
        assert not changing or tagged or set(changing) <= set(WITHOUT_A_TAG), statement["Sid"]
        assert "*" not in statement["Resource"] or not set(changing) - {
            "backup:PutRestoreValidationResult"
        }


@pytest.mark.parametrize(("action", "kind"), MAKING.items())
def test_only_what_bears_the_name_and_the_tag_of_a_drill_is_made(action: str, kind: str) -> None:
    policy, prefix = Policy.load(POLICY), PREFIXES[kind]
    assert policy.allows(action, prefix + OURS, TAGGED)
    assert not policy.allows(action, prefix + OURS)
    assert policy.allows(action, f"{prefix}orders", TAGGED) is (action in OF_SOURCE)
    for other in ("orders-restored", "ledger", "sessions", "my-opslib-drill-1"):
        assert not policy.allows(action, prefix + other, TAGGED)


@pytest.mark.parametrize(("action", "kind"), DELETING.items())
def test_only_what_bears_the_tag_of_a_drill_is_deleted(action: str, kind: str) -> None:
    policy, prefix = Policy.load(POLICY), PREFIXES[kind]
    assert policy.allows(action, prefix + OURS, BEARS_TAG)
    assert not policy.allows(action, prefix + OURS)
    for other in ("orders", "sessions"):
        assert not policy.allows(action, prefix + other, BEARS_TAG)


@pytest.mark.parametrize("call", WRITING_ITEMS)
def test_items_are_written_into_tables_of_a_drill_alone(call: str) -> None:
    policy = Policy.load(POLICY)
    assert policy.allows(f"dynamodb:{call}", f"{TABLE}/{OURS}-sessions")
    for other in ("sessions", "acme-terraform-locks", "my-opslib-drill-1"):
        assert not policy.allows(f"dynamodb:{call}", f"{TABLE}/{other}", (*TAGGED, *BEARS_TAG))


def test_only_recovery_points_of_databases_are_restored() -> None:
    """Those of a bucket or a file system could be restored onto what they are of."""
    policy = Policy.load(POLICY)
    point = "awsbackup:job-0d5a1e2f"
    assert policy.allows("backup:StartRestoreJob", f"{ARN}:cluster-snapshot:{point}")
    assert policy.allows("backup:StartRestoreJob", f"{ARN}:snapshot:{point}")
    of_bucket = "arn:aws:backup:us-east-1:222222222222:recovery-point:acme-documents-1"
    assert not policy.allows("backup:StartRestoreJob", of_bucket)
