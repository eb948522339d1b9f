from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opslib.sandbox.backups import BACKUP_REGION, COPY_REGION, COPY_VAULT, VAULT, plan_id
from opslib.sandbox.estate import PAYER, PRODUCTION, STAGING
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import DEFAULT_EPOCH, plan_scenario
from tests.sandbox.answers import ask, ask_all

SEEDS = range(20)
ORDERS = f"arn:aws:rds:us-east-1:{PRODUCTION}:cluster:orders"


def ask_backup(operation: str, *, account: str = PRODUCTION, **asked: Any) -> dict[str, Any]:
    return ask("backup", operation, account=account, **asked)


def points_of(vault: str, region: str, **asked: Any) -> list[dict[str, Any]]:
    pages = ask_all(
        "backup",
        "ListRecoveryPointsByBackupVault",
        "NextToken",
        account=PRODUCTION,
        region=region,
        BackupVaultName=vault,
        **asked,
    )
    return [point for page in pages for point in page["RecoveryPoints"]]


def test_the_plan_is_the_one_of_the_guides() -> None:
    (plan,) = ask_backup("ListBackupPlans")["BackupPlansList"]
    (rule,) = ask_backup("GetBackupPlan", BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"]
    assert rule["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert rule["Lifecycle"] == {"DeleteAfterDays": 35}
    (copy,) = rule["CopyActions"]
    assert f":{COPY_REGION}:" in copy["DestinationBackupVaultArn"]
    names = [
        selection["SelectionId"]
        for selection in ask_backup("ListBackupSelections", BackupPlanId=plan["BackupPlanId"])[
            "BackupSelectionsList"
        ]
    ]
    chosen = [
        ask_backup("GetBackupSelection", BackupPlanId=plan["BackupPlanId"], SelectionId=name)
        for name in names
    ]
    assert [one["BackupSelection"]["Resources"] for one in chosen] == [
        ["*"],
        ["arn:aws:s3:::acme-documents"],
    ]


def test_every_night_of_35_days_is_kept_and_copied() -> None:
    points = points_of(VAULT, BACKUP_REGION, ByResourceArn=ORDERS)
    copies = points_of(COPY_VAULT, COPY_REGION, ByResourceArn=ORDERS)
    assert len(points) == len(copies) == 35
    assert [point["CreationDate"].hour for point in points] == [3] * 35
    assert points[0]["CreationDate"].date() == DEFAULT_EPOCH.date()
    assert all(point["IsEncrypted"] for point in (*points, *copies))
    assert {copy["SourceBackupVaultArn"].split(":")[3] for copy in copies} == {BACKUP_REGION}
    kept = points[0]["CalculatedLifecycle"]["DeleteAt"] - points[0]["CreationDate"]
    assert kept == timedelta(days=35)


def test_a_vault_comes_in_pages_and_counts_what_it_holds() -> None:
    points = points_of(VAULT, BACKUP_REGION)
    (vault,) = ask_backup("ListBackupVaults")["BackupVaultList"]
    assert vault["NumberOfRecoveryPoints"] == len(points) > 200
    assert len({point["RecoveryPointArn"] for point in points}) == len(points)
    assert [p["Status"] for p in points if ":continuous:" in p["RecoveryPointArn"]] == ["AVAILABLE"]


def test_jobs_are_told_since_a_moment_and_where_they_ran() -> None:
    since = datetime(2026, 3, 1, tzinfo=UTC)
    jobs = ask_backup("ListBackupJobs", ByCreatedAfter=since)["BackupJobs"]
    copies = ask_backup("ListCopyJobs", ByCreatedAfter=since)["CopyJobs"]
    assert len(jobs) == len(copies) == 16
    assert {job["State"] for job in (*jobs, *copies)} == {"COMPLETED"}
    elsewhere = ask_backup("ListBackupJobs", region=COPY_REGION, ByCreatedAfter=since)
    assert elsewhere["BackupJobs"] == []


def test_instances_can_be_wound_back_to_just_before_the_epoch() -> None:
    answer = ask("rds", "DescribeDBInstanceAutomatedBackups", account=PRODUCTION)
    backups = answer["DBInstanceAutomatedBackups"]
    assert [backup["DBInstanceIdentifier"] for backup in backups] == ["ledger", "catalog"]
    window = {"EarliestTime": DEFAULT_EPOCH - timedelta(days=7)}
    window["LatestTime"] = DEFAULT_EPOCH - timedelta(minutes=5)
    assert {**backups[0]["RestoreWindow"]} == window
    elsewhere = ask("rds", "DescribeDBInstanceAutomatedBackups", account=PAYER)
    assert elsewhere["DBInstanceAutomatedBackups"] == []


@pytest.mark.parametrize(
    ("account", "scenario", "region"),
    [
        (PAYER, "steady", BACKUP_REGION),
        (PRODUCTION, "empty", BACKUP_REGION),
        (PRODUCTION, "steady", "ap-south-1"),
    ],
)
def test_where_nothing_is_kept_there_is_no_vault(account: str, scenario: str, region: str) -> None:
    asked = {"account": account, "scenario": scenario, "region": region}
    assert ask_backup("ListBackupVaults", **asked) == {"BackupVaultList": []}
    assert ask_backup("ListBackupPlans", **asked) == {"BackupPlansList": []}
    assert ask_backup("ListCopyJobs", **asked) == {"CopyJobs": []}


@pytest.mark.parametrize(
    ("operation", "asked", "code"),
    [
        (
            "ListRecoveryPointsByBackupVault",
            {"BackupVaultName": COPY_VAULT},
            "ResourceNotFoundException",
        ),
        ("GetBackupPlan", {"BackupPlanId": plan_id(STAGING)}, "ResourceNotFoundException"),
        (
            "GetBackupSelection",
            {"BackupPlanId": plan_id(PRODUCTION), "SelectionId": "none"},
            "InvalidParameterValueException",
        ),
        ("ListBackupJobs", {"NextToken": "x"}, "InvalidNextTokenException"),
    ],
)
def test_what_is_not_there_is_refused_as_aws_does(
    operation: str, asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(AwsError) as refused:
        ask_backup(operation, **asked)
    assert refused.value.code == code


@pytest.mark.parametrize("seed", SEEDS)
def test_each_trouble_is_on_a_resource_of_its_own(seed: int) -> None:
    truths = [t for t in plan_scenario("troubled", seed).truths if t.part == "dr"]
    claims = [truth.claim for truth in truths if truth.claim]
    arns = [claim.subject["ResourceArn"] for claim in claims]
    assert len(set(arns)) == len(arns) == len(truths) == 7
    kinds = {claim.kind for claim in claims}
    assert kinds & {"dr.no_cross_region_copy", "dr.failed_copy_job"}
    pitr = next(claim for claim in claims if claim.kind == "dr.pitr_off")
    assert ":table/" in pitr.subject["ResourceArn"]


def test_the_seed_moves_which_resource_is_troubled() -> None:
    stories = {
        tuple(
            t.claim.subject["ResourceArn"]
            for t in plan_scenario("troubled", s).truths
            if t.claim and t.part == "dr"
        )
        for s in SEEDS
    }
    assert len(stories) > 15
