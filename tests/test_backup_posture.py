"""Readers and analysis of backups against the sandbox: what was planted, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opslib.analysis.dr import BackupPosture, BackupTargets, assess_backups, choose_recovery_point
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
from opslib.findings import Severity, Verdict
from opslib.parameters import CostParameters
from opslib.run_folder import RunFolder
from opslib.sandbox.process import running_sandbox
from opslib.sandbox.scenario import plan_scenario
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
    truths = [t for t in plan_scenario(scenario, seed).truths if t.part == "dr"]
    with running_sandbox(scenario=scenario, seed=seed) as sandbox:
        for name, value in sandbox.environ.items():
            monkeypatch.setenv(name, value)
        reads = reads_in(tmp_path)
        posture, tables = assess(reads)
    claims = [truth.claim for truth in truths if truth.claim]
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
