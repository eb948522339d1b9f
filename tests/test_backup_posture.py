"""Readers and analysis of backups against the sandbox: what was planted, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opslib.analysis.dr import BackupPosture, BackupTargets, assess_backups, choose_recovery_point
from opslib.analysis.dr.state_targets import StateTargets
from opslib.analysis.dr.terraform import (
    TerraformPosture,
    assess_terraform,
    buckets_backed_up,
)
from opslib.aws.backup_plans import read_backup_rules, read_backup_selections
from opslib.aws.backups import (
    read_backup_jobs,
    read_backup_vaults,
    read_copy_jobs,
    read_recovery_points,
)
from opslib.aws.data_stores import read_data_stores
from opslib.aws.permissions import iam_action
from opslib.aws.reads import Reads
from opslib.aws.terraform_states import read_terraform_states
from opslib.findings import Severity, Verdict
from opslib.parameters import CostParameters
from opslib.parameters.state_patterns import expand_patterns
from opslib.run_folder import RunFolder
from opslib.sandbox.process import running_sandbox
from opslib.sandbox.scenario import plan_scenario
from opslib.sandbox.terraform import ENVIRONMENTS, LAYERS, STATE_BUCKET
from opslib.sandbox.terraform_state import SECRET_IN_STATE
from opslib.sandbox.truths import PlantedTruth
from opslib.tables.backups import BackupTables

AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
REGIONS = ("us-east-1", "eu-west-1")
LINKED = {"222222222222": "acme-production", "333333333333": "acme-staging"}
TARGETS = BackupTargets(exempt=("arn:aws:s3:::acme-billing-export",))
VERDICTS = {
    "steady": Verdict.PASS,
    "troubled": Verdict.FAIL,
    "denied": Verdict.INCONCLUSIVE,
    "empty": Verdict.INCONCLUSIVE,
}
SEEDS = (4, 17)
ACTIONS = {
    "backup:GetBackupPlan",
    "backup:GetBackupSelection",
    "backup:ListBackupJobs",
    "backup:ListBackupPlans",
    "backup:ListBackupSelections",
    "backup:ListBackupVaults",
    "backup:ListCopyJobs",
    "backup:ListRecoveryPointsByBackupVault",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeTable",
    "dynamodb:ListTables",
    "dynamodb:ListTagsOfResource",
    "elasticfilesystem:DescribeFileSystems",
    "rds:DescribeDBClusters",
    "rds:DescribeDBInstanceAutomatedBackups",
    "rds:DescribeDBInstances",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetReplicationConfiguration",
    "s3:ListAllMyBuckets",
    "sts:AssumeRole",
}
"""The IAM actions that these readers need."""
STATE_CALLS = {
    ("s3", operation)
    for operation in (
        "GetBucketEncryption",
        "GetBucketReplication",
        "GetBucketVersioning",
        "GetPublicAccessBlock",
        "ListObjectVersions",
        "ListObjectsV2",
    )
}
"""What is asked about Terraform's state: nothing that could read it."""
pytestmark = pytest.mark.slow


def reads_in(folder: Path, *, replay: bool = False) -> Reads:
    linked = [
        {
            "id": account,
            "name": name,
            "role": f"arn:aws:iam::{account}:role/opslib-read",
            "regions": REGIONS,
        }
        for account, name in LINKED.items()
    ]
    payer = {"id": "111111111111", "name": "acme-payer", "regions": REGIONS}
    parameters = CostParameters.parse({"as_of": AS_OF, "accounts": [payer, *linked]})
    return Reads(parameters, RunFolder(path=folder, replay=replay))


def read_all(reads: Reads) -> BackupTables:
    since = AS_OF - timedelta(days=TARGETS.job_days)
    vaults, rules = read_backup_vaults(reads), read_backup_rules(reads)
    return BackupTables(
        stores=read_data_stores(reads),
        vaults=vaults,
        rules=rules,
        selections=read_backup_selections(reads, rules),
        points=read_recovery_points(reads, vaults),
        backup_jobs=read_backup_jobs(reads, since),
        copy_jobs=read_copy_jobs(reads, since),
    )


def assess(reads: Reads) -> tuple[BackupPosture, BackupTables]:
    tables = read_all(reads)
    return assess_backups(tables, reads.coverage, AS_OF, TARGETS), tables


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scenario", VERDICTS)
def test_what_was_planted_is_found_and_nothing_else_is_claimed(
    scenario: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = plan_scenario(scenario, seed).truths
    truths = [t for t in planted if t.part == "dr"]
    with running_sandbox(scenario=scenario, seed=seed) as sandbox:
        for name, value in sandbox.environ.items():
            monkeypatch.setenv(name, value)
        reads = reads_in(tmp_path)
        posture, tables = assess(reads)
        check_terraform(tmp_path / "terraform", posture, scenario, planted)
    claims = [truth.claim for truth in truths if truth.claim]
    claims += [claim for t in planted for claim in t.follows if claim.kind == "dr.unprotected"]
    for claim in claims:
        named = [f for f in posture.findings if claim.matches(f.kind, f.subject)]
        assert len(named) == 1, claim
    claimed = [f for f in posture.findings if f.severity is not Severity.INFO]
    assert len(claimed) == len(claims), [f.sentence for f in claimed]
    seen = {(line.table, line.account, line.status.value) for line in reads.coverage}
    assert {truth.coverage for truth in truths if truth.coverage} <= seen
    assert posture.conclusion.verdict is VERDICTS[scenario]
    failing = {row.arn for row in posture.rows if row.verdict is Verdict.FAIL}
    assert failing == {claim.subject["ResourceArn"] for claim in claims}
    again, _ = assess(reads_in(tmp_path, replay=True))
    assert again.findings == posture.findings
    assert again.rows == posture.rows
    if scenario == "steady":
        check_steady(reads, tables)


def check_terraform(
    folder: Path, posture: BackupPosture, scenario: str, planted: tuple[PlantedTruth, ...]
) -> None:
    """Hold what is told of Terraform's state against what was planted, and against a replay."""
    folder.mkdir()
    told, again = (state_posture(folder, posture, replay=replay) for replay in (False, True))
    assert again == told
    truths = [truth for truth in planted if truth.part == "terraform"]
    claims = [truth.claim for truth in truths if truth.claim]
    for claim in claims:
        assert len([f for f in told.findings if claim.matches(f.kind, f.subject)]) == 1, claim
    true = [*claims, *(claim for truth in truths for claim in truth.follows)]
    for finding in told.findings:
        assert any(claim.matches(finding.kind, finding.subject) for claim in true), finding
    verdicts = {"troubled": Verdict.FAIL, "empty": Verdict.INCONCLUSIVE}
    assert told.conclusion.verdict is verdicts.get(scenario, Verdict.PASS)
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert SECRET_IN_STATE.encode() not in kept
    calls = {(call["service"], call["operation"]) for call in ledger_of(folder)}
    assert calls - {("sts", "AssumeRole")} <= STATE_CALLS


def ledger_of(folder: Path) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = json.loads((folder / "ledger.json").read_text())
    return calls


def state_posture(folder: Path, posture: BackupPosture, *, replay: bool) -> TerraformPosture:
    reads = reads_in(folder, replay=replay)
    (account,) = (a for a in reads.parameters.accounts if a.name == "acme-production")
    pattern = f"s3://{STATE_BUCKET}/{{environment}}/{{layer}}/terraform.tfstate"
    patterns = expand_patterns([pattern], ENVIRONMENTS, LAYERS)
    tables = read_terraform_states(reads, account, patterns)
    covered = buckets_backed_up(posture)
    return assess_terraform(tables, reads.coverage, AS_OF, StateTargets(), backed_up=covered)


def check_steady(reads: Reads, tables: BackupTables) -> None:
    assert {iam_action(call.service, call.operation) for call in reads.ledger.records} == ACTIONS
    databases = tables.stores[tables.stores["IsPitrOn"].notna()]
    assert set(databases["ResourceType"]) == {"Aurora", "DynamoDB", "RDS"}
    assert set(databases["PitrLatest"]) == {AS_OF - timedelta(minutes=5)}
    assert set(AS_OF - databases["PitrEarliest"]) == {timedelta(days=7), timedelta(days=35)}
    orders = "arn:aws:rds:us-east-1:222222222222:cluster:orders"
    for region in REGIONS:
        choice = choose_recovery_point(
            tables.points, orders, "latest_healthy", AS_OF, region=region
        )
        assert choice.point is not None
        assert timedelta(hours=1) < AS_OF - choice.point.created < timedelta(hours=3)
        assert "newest of 35" in choice.because
