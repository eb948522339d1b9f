"""What holds data in the sandbox, and how AWS Backup protects it.

Daily at 03:00 UTC a plan backs up what is tagged for it, keeps it 35 days and copies it to the
other region. `opslib.sandbox.backup_history` tells what came of that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from opslib.sandbox.estate import PRODUCTION, STAGING
from opslib.sandbox.terraform import STATE_BUCKET, STATE_REPLICA

__all__ = [
    "BACKUP_ACCOUNTS",
    "BACKUP_REGION",
    "COPY_REGION",
    "COPY_VAULT",
    "DYNAMODB_PITR_DAYS",
    "PLAN_NAME",
    "RDS_PITR_DAYS",
    "RECOVERY_LAG",
    "RETENTION_DAYS",
    "RULE_NAME",
    "SCHEDULE",
    "SCHEDULE_HOUR",
    "START_WINDOW_MINUTES",
    "TAG_KEY",
    "TAG_VALUE",
    "VAULT",
    "DataStore",
    "list_stores",
    "plan_id",
    "vault_arn",
]

BACKUP_REGION, COPY_REGION = "us-east-1", "eu-west-1"
BACKUP_ACCOUNTS = (PRODUCTION, STAGING)
VAULT, COPY_VAULT = "primary", "primary-copies"
PLAN_NAME, RULE_NAME = "daily", "every-night"
SCHEDULE, SCHEDULE_HOUR = "cron(0 3 * * ? *)", 3
START_WINDOW_MINUTES = 60
RETENTION_DAYS = 35
RDS_PITR_DAYS, DYNAMODB_PITR_DAYS = 7, 35
RECOVERY_LAG = timedelta(minutes=5)
"""How far behind the epoch point-in-time recovery ends."""
TAG_KEY, TAG_VALUE = "Backup", "daily"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataStore:
    """A resource that holds data, and what becomes of its backups.

    Args:
        account: the account that it is in; its region is `BACKUP_REGION` unless told.
        type: AWS Backup's ResourceType.
        name: its name, of which its ARN is made.
        engine: of a database.
        region: where it is.
        planned: whether the plan selects it.
        newest_days: how many days ago it was backed up last; 0 is today.
        failed_backups: days ago on which its backup failed.
        copied: whether its backups are copied to `COPY_REGION`.
        failed_copies: days ago on which its copy failed.
        encrypted: whether it is, and so its snapshots.
        retention_days: how long its backups are kept.
        pitr: whether point-in-time recovery is on, for databases.
        replica: bucket in `COPY_REGION` that a bucket is replicated to.
        continuous: whether AWS Backup keeps a continuous backup beside the daily ones.
    """

    account: str
    type: str
    name: str
    engine: str = ""
    region: str = BACKUP_REGION
    planned: bool = True
    newest_days: int = 0
    failed_backups: tuple[int, ...] = field(default=())
    copied: bool = True
    failed_copies: tuple[int, ...] = field(default=())
    encrypted: bool = True
    retention_days: int = RETENTION_DAYS
    pitr: bool = True
    replica: str = ""
    continuous: bool = False

    @property
    def arn(self) -> str:
        """Return its ARN."""
        if self.type == "S3":
            return f"arn:aws:s3:::{self.name}"
        service, kind = {
            "Aurora": ("rds", "cluster:"),
            "RDS": ("rds", "db:"),
            "DynamoDB": ("dynamodb", "table/"),
            "EFS": ("elasticfilesystem", "file-system/"),
        }[self.type]
        return f"arn:aws:{service}:{self.region}:{self.account}:{kind}{self.name}"


def list_stores() -> tuple[DataStore, ...]:
    """Return what holds data while nothing is wrong."""
    return (
        DataStore(account=PRODUCTION, type="Aurora", name="orders", engine="aurora-postgresql"),
        DataStore(account=PRODUCTION, type="RDS", name="ledger", engine="postgres"),
        DataStore(account=PRODUCTION, type="RDS", name="catalog", engine="mysql"),
        DataStore(account=PRODUCTION, type="DynamoDB", name="carts"),
        DataStore(account=PRODUCTION, type="DynamoDB", name="sessions"),
        DataStore(account=PRODUCTION, type="DynamoDB", name="inventory"),
        DataStore(account=PRODUCTION, type="EFS", name="fs-0a1b2c3d4e5f60718"),
        DataStore(account=PRODUCTION, type="S3", name="acme-documents", continuous=True),
        _replicated("acme-uploads", "acme-uploads-replica"),
        DataStore(account=STAGING, type="RDS", name="ledger-staging", engine="postgres"),
        DataStore(account=STAGING, type="DynamoDB", name="sessions-staging"),
        _replicated(STATE_BUCKET, STATE_REPLICA),
    )


def _replicated(name: str, replica: str) -> DataStore:
    """Return a bucket that no plan selects, since its versions are replicated."""
    return DataStore(account=PRODUCTION, type="S3", name=name, planned=False, replica=replica)


def plan_id(account: str) -> str:
    """Return the id of an account's plan."""
    return f"{account[:8]}-0300-4daf-8a35-{account}"


def vault_arn(account: str, region: str) -> str:
    """Return the ARN of an account's vault in a region."""
    name = COPY_VAULT if region == COPY_REGION else VAULT
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"
