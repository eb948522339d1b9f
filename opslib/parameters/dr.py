"""Parameters of the DR restore validation."""

from __future__ import annotations

from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from opslib.errors import ParameterError
from opslib.parameters.base import Account, NotebookParameters, SecretReference
from opslib.parameters.column_name import HEARTBEAT_COLUMN, parse_column

__all__ = ["DrParameters"]


class DrParameters(NotebookParameters):
    """What ``dr_restore_validation`` takes."""

    notebook: ClassVar[str] = "dr_restore_validation"

    cluster_account: Annotated[
        str, Field(description="name or id of the account of both clusters; empty: the first")
    ] = ""
    source_cluster: Annotated[
        str, Field(min_length=1, description="identifier of the cluster that was backed up")
    ]
    restored_cluster: Annotated[
        str, Field(min_length=1, description="identifier of the cluster that was restored from it")
    ]
    source_secret: Annotated[
        SecretReference,
        Field(description="reference to JSON with username and password of a read-only role"),
    ]
    restored_secret: Annotated[
        SecretReference, Field(description="the same of the restored cluster's owner")
    ]
    database: Annotated[str, Field(min_length=1, description="database to validate")]
    baseline: Annotated[
        str,
        Field(
            min_length=1,
            description="folder or s3://bucket/prefix of the source's state at, or before, the "
            "recovery point (opslib baseline capture)",
        ),
    ]
    rows_limit: Annotated[
        int, Field(ge=0, description="rows of a table up to which each row's digest is kept")
    ] = 200_000
    controls: Annotated[
        bool, Field(description="injure the restored copy on purpose, and take it back")
    ] = True
    statement_seconds: Annotated[
        int, Field(ge=1, description="after which a statement is cancelled")
    ] = 600
    connections: Annotated[int, Field(ge=1, le=64, description="open at once to each database")] = 2
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
        str, Field(description="time zone of a heartbeat_column whose type has none")
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
    top: Annotated[int, Field(ge=1, le=1000, description="rows in ranked tables")] = 20

    @field_validator("heartbeat_column")
    @classmethod
    def _is_a_column(cls, text: str) -> str:
        try:
            parse_column(text)
        except ParameterError as error:
            raise ValueError(error.what) from None
        return text

    @field_validator("heartbeat_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("no such time zone; write it as Europe/Berlin") from None
        return name

    @model_validator(mode="after")
    def _beat_by_its_own_role(self) -> DrParameters:
        if self.heartbeat_secret in {self.source_secret, self.restored_secret}:
            raise ValueError("heartbeat_secret is of a role of its own, never of a reading one")
        return self

    @model_validator(mode="after")
    def _name_a_known_account(self) -> DrParameters:
        if self.cluster_account and self.account is None:
            known = ", ".join(account.label for account in self.accounts) or "none"
            raise ValueError(f"cluster_account is not among accounts ({known})")
        return self

    @property
    def account(self) -> Account | None:
        """Return the account of both clusters; None for the one of the credentials."""
        if not self.cluster_account:
            return self.accounts[0] if self.accounts else None
        wanted = self.cluster_account
        return next((a for a in self.accounts if wanted in {a.id, a.name}), None)
