"""Parameters of the DR restore validation."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import AwareDatetime, BeforeValidator, Field, field_validator, model_validator

from opslib.errors import ParameterError
from opslib.parameters.base import Account, SecretReference
from opslib.parameters.column_name import HEARTBEAT_COLUMN, parse_column
from opslib.parameters.declared_changes import DeclaredTables
from opslib.parameters.dr_evidence import EvidenceParameters
from opslib.parameters.store_copies import StoreCopy
from opslib.parameters.zone_name import ZoneName

__all__ = ["DrParameters", "Mode"]

CLUSTER_NAMES = r"^[a-zA-Z][a-zA-Z0-9-]{0,62}$"


class Mode(StrEnum):
    """How far a drill goes."""

    PLAN = "plan"
    RESTORE = "restore"
    VALIDATE_EXISTING = "validate_existing"


def _as_text(value: Any) -> Any:
    """Return a moment, as YAML reads it, as the text that it was."""
    return value.isoformat() if isinstance(value, datetime) else value


class DrParameters(EvidenceParameters):
    """What ``dr_restore_validation`` takes."""

    notebook: ClassVar[str] = "dr_restore_validation"

    mode: Annotated[
        Mode,
        Field(
            description="plan shows what would be done; restore restores, validates and tears "
            "down; validate_existing takes a database that somebody restored"
        ),
    ] = Mode.PLAN
    confirm_restore: Annotated[
        str, Field(description="what mode restore asks for: 'SOURCE in ACCOUNT'")
    ] = ""
    source_account: Annotated[
        str, Field(description="name or id of the account of the source; empty: the first")
    ] = ""
    source_kind: Annotated[
        str, Field(pattern="^(cluster|instance)$", description="cluster or instance")
    ] = "cluster"
    source: Annotated[
        str,
        Field(pattern=CLUSTER_NAMES, description="identifier of the cluster or instance to drill"),
    ]
    restored: Annotated[
        str, Field(description="identifier of what was restored, for validate_existing")
    ] = ""
    restored_to: Annotated[
        AwareDatetime | None,
        Field(
            description="moment that it was restored to, for validate_existing; a baseline of "
            "later proves nothing"
        ),
    ] = None
    recovery_point: Annotated[
        str,
        BeforeValidator(_as_text),
        Field(description="latest_healthy, the ARN of a recovery point or snapshot, or a moment"),
    ] = "latest_healthy"
    backup_role: Annotated[
        str, Field(description="ARN of the role that AWS Backup restores by")
    ] = ""
    restore_subnet_group: Annotated[
        str, Field(description="DB subnet group that restores are isolated in")
    ] = ""
    restore_security_groups: Annotated[
        tuple[str, ...], Field(description="security groups of what is restored")
    ] = ()
    restore_parameter_group: Annotated[
        str, Field(description="parameter group of what is restored")
    ] = ""
    restore_instance_class: Annotated[
        str, Field(description="class of the restored instance; empty: the source's")
    ] = ""
    restore_timeout_minutes: Annotated[
        float, Field(gt=0, description="how long a restore may take")
    ] = 120
    expires_hours: Annotated[
        float, Field(gt=0, description="after which anybody may sweep what is left of a drill")
    ] = 24
    poll_seconds: Annotated[
        float, Field(gt=0, le=60, description="between two looks at what is restored")
    ] = 15
    source_secret: Annotated[
        SecretReference,
        Field(description="reference to JSON with username and password of a read-only role"),
    ]
    restored_secret: Annotated[
        SecretReference,
        Field(description="the same of the owner; a restore has the passwords of its source"),
    ]
    database: Annotated[str, Field(min_length=1, description="database to validate")]
    baseline: Annotated[
        str,
        Field(
            min_length=1,
            description="folder or s3://bucket/prefix of the source's state at, or before, the "
            "recovery point, or of a series of them (opslib baseline capture)",
        ),
    ]
    rows_limit: Annotated[
        int, Field(ge=0, description="rows of a table up to which each row's digest is kept")
    ] = 200_000
    changes: Annotated[
        DeclaredTables,
        Field(
            description="how tables change, which explains what a busy one holds: table, and "
            "changed_at (inserted_at) or appended_at"
        ),
    ] = ()
    controls: Annotated[
        bool, Field(description="injure the restored copy on purpose, and take it back")
    ] = True
    control_rows_limit: Annotated[
        int,
        Field(ge=1, description="rows of a table above which controls injure a sample of it"),
    ] = 100_000
    statement_seconds: Annotated[
        int, Field(ge=1, description="after which a statement is cancelled")
    ] = 600
    connections: Annotated[int, Field(ge=1, le=64, description="open at once to each database")] = 2
    reader_endpoint: Annotated[
        bool, Field(description="read a source cluster at its reader endpoint, not at its writer")
    ] = True
    failure_at: Annotated[
        AwareDatetime | None,
        Field(description="moment whose data is wanted back; null: as_of"),
    ] = None
    rpo_hours: Annotated[float, Field(gt=0, description="most data that may be lost, in hours")] = (
        24
    )
    retention_days: Annotated[
        float, Field(gt=0, description="how long a recovery point must be kept")
    ] = 35
    cross_region_copy: Annotated[
        bool, Field(description="whether each backup needs a copy in another region")
    ] = True
    exempt: Annotated[
        tuple[str, ...], Field(description="patterns of ARNs that need no backup")
    ] = ()
    heartbeat_column: Annotated[
        str,
        Field(
            description="schema.table.column that tells how fresh a copy is: timestamptz, "
            "timestamp, date or epoch"
        ),
    ] = HEARTBEAT_COLUMN
    heartbeat_zone: Annotated[
        ZoneName, Field(description="time zone of a heartbeat_column whose type has none")
    ] = "UTC"
    heartbeat_seconds: Annotated[
        float | None,
        Field(gt=0, description="longest usual time between its values; null: as it shows"),
    ] = None
    heartbeat_secret: Annotated[
        SecretReference | None,
        Field(description="reference to JSON with username and password of role opslib_heartbeat"),
    ] = None
    backup_seconds: Annotated[
        float, Field(ge=0, description="how long a backup may take: tolerance of its moment")
    ] = 900
    transactions: Annotated[
        str, Field(description="YAML file of synthetic transactions; empty: only our own reads")
    ] = ""
    latency_share: Annotated[
        float, Field(ge=0, description="how much slower than the source is fine; 1 is twice")
    ] = 1.0
    latency_ms: Annotated[
        float, Field(ge=0, description="milliseconds more that are fine beside it")
    ] = 5.0
    warm_up_seconds: Annotated[
        float, Field(gt=0, description="how long the copy is given to be as fast as the source")
    ] = 600
    copies: Annotated[
        tuple[StoreCopy, ...],
        Field(description="tables, buckets and folders to validate: kind, source, restored, ..."),
    ] = ()
    restore_job: Annotated[
        str,
        Field(description="job of a restore testing plan that made restored; gets the verdict"),
    ] = ""
    send_verdict: Annotated[
        bool, Field(description="send it, rather than only show what would be sent")
    ] = False
    top: Annotated[int, Field(ge=1, le=1000, description="rows in ranked tables")] = 20

    @field_validator("heartbeat_column")
    @classmethod
    def _is_a_column(cls, text: str) -> str:
        try:
            parse_column(text)
        except ParameterError as error:
            raise ValueError(error.what) from None
        return text

    @model_validator(mode="after")
    def _beat_by_its_own_role(self) -> DrParameters:
        if self.heartbeat_secret in {self.source_secret, self.restored_secret}:
            raise ValueError("heartbeat_secret is of a role of its own, never of a reading one")
        return self

    @model_validator(mode="after")
    def _name_a_known_account(self) -> DrParameters:
        if self.source_account and self.account is None:
            known = ", ".join(account.label for account in self.accounts) or "none"
            raise ValueError(f"source_account is not among accounts ({known})")
        return self

    @model_validator(mode="after")
    def _ask_before_restoring(self) -> DrParameters:
        if self.mode is not Mode.RESTORE:
            return self
        if self.rto_minutes is None:
            raise ValueError("mode restore needs rto_minutes: what is the restore held against?")
        place = self.account.label if self.account else "this account"
        wanted = f"{self.source} in {place}"
        if self.confirm_restore != wanted:
            raise ValueError(
                "mode restore makes things that cost; look at mode plan first, then confirm with "
                f"confirm_restore: '{wanted}'"
            )
        return self

    @model_validator(mode="after")
    def _name_what_was_restored(self) -> DrParameters:
        if self.mode is Mode.VALIDATE_EXISTING and not self.restored:
            raise ValueError("mode validate_existing needs restored: what was restored already?")
        if self.restored == self.source:
            raise ValueError("restored is the source itself: nothing would be compared")
        return self

    @property
    def changes_aws(self) -> bool:
        """Say whether a run makes something in AWS, and must tear it down."""
        return self.mode is Mode.RESTORE

    def without_changes(self) -> Self:
        """Return the same with mode ``plan`` in place of ``restore``, which a runner tears down."""
        return self.model_copy(update={"mode": Mode.PLAN}) if self.changes_aws else self

    @property
    def wait_seconds(self) -> float:
        """Return how long a run may have to wait for AWS, beside its reads."""
        return self.restore_timeout_minutes * 60 if self.changes_aws else 0

    @property
    def account(self) -> Account | None:
        """Return the account of the source; None for the one of the credentials."""
        if not self.source_account:
            return self.accounts[0] if self.accounts else None
        wanted = self.source_account
        return next((a for a in self.accounts if wanted in {a.id, a.name}), None)
