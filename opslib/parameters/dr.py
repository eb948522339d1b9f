"""Parameters of the DR restore validation."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from opslib.parameters.base import Account, NotebookParameters, SecretReference

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
    control_rows_limit: Annotated[
        int,
        Field(ge=1, description="rows of a table above which controls injure a sample of it"),
    ] = 100_000
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
    top: Annotated[int, Field(ge=1, le=1000, description="rows in ranked tables")] = 20

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
