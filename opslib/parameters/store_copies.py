"""Parameters that name tables, buckets and folders whose copies are validated beside a database."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

__all__ = ["StoreCopy", "StoreKind"]


class StoreKind(StrEnum):
    """What can be validated."""

    TABLE = "table"
    BUCKET = "bucket"
    REPLICA = "replica"
    FOLDER = "folder"


class StoreCopy(BaseModel):
    """One store and its copy.

    A table without ``restored`` is restored by the drill itself, in mode restore.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[
        StoreKind, Field(description="table (DynamoDB), bucket, replica (of a bucket) or folder")
    ]
    source: Annotated[str, Field(min_length=1, description="name of the source, or its path")]
    restored: Annotated[str, Field(description="name or path of the copy")] = ""
    restored_region: Annotated[str, Field(description="region of the copy; empty: the same")] = ""
    restored_to: Annotated[
        AwareDatetime | None,
        Field(
            description="moment that the copy is of; null: as it says of itself, or as the drill"
        ),
    ] = None
    baseline: Annotated[
        str,
        Field(
            description="folder or s3://bucket/prefix of the source's state before, or of a "
            "series of them"
        ),
    ] = ""
    backup: Annotated[
        str, Field(description="ARN of a backup to restore a table from; empty: point in time")
    ] = ""

    @model_validator(mode="after")
    def _name_a_copy(self) -> Self:
        if not self.restored and self.kind is not StoreKind.TABLE:
            raise ValueError(f"a {self.kind.value} needs restored: which one is the copy?")
        if not self.baseline and self.kind in {StoreKind.TABLE, StoreKind.FOLDER}:
            raise ValueError(f"a {self.kind.value} needs baseline: what was in {self.source}?")
        if self.restored == self.source:
            raise ValueError(f"{self.source} is named as its own copy")
        return self
