"""Objects among the versions of a bucket: which were current when, and whether two are the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

__all__ = ["ObjectVersion", "are_same", "current_objects", "list_versions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectVersion:
    """A version of an object, or a delete marker.

    Args:
        key: hash of its key.
        version: its id.
        is_latest: whether it is the current one of its key.
        is_marker: whether it is a delete marker.
        modified_at: when it was written.
        size: bytes.
        is_looked_at: whether it was asked for what S3 keeps beside it.
        digests: what is known of its content, algorithm to digest.
        metadata: hash of content type, user metadata and the like; '' where unknown.
        replication_status: S3's; '' where there is none.
        problem: why it could not be looked at; '' where it could, or was not to be.
    """

    key: str
    version: str
    is_latest: bool
    is_marker: bool
    modified_at: datetime
    size: int
    is_looked_at: bool
    digests: Mapping[str, str]
    metadata: str
    replication_status: str
    problem: str


def list_versions(versions: pd.DataFrame) -> list[ObjectVersion]:
    """Return the versions of a bucket, newest first.

    Args:
        versions: columns of `opslib.tables.stores.OBJECT_VERSIONS`.
    """
    ordered = versions.sort_values(["ModifiedAt", "IsLatest"], ascending=False, kind="stable")
    return [_version(row) for row in ordered.to_dict("records")]


def _version(row: dict[Any, Any]) -> ObjectVersion:
    return ObjectVersion(
        key=row["Key"],
        version=row["VersionId"],
        is_latest=row["IsLatest"],
        is_marker=row["IsDeleteMarker"],
        modified_at=row["ModifiedAt"],
        size=row["Size"],
        is_looked_at=row["IsLookedAt"],
        digests=json.loads(row["Digests"] or "{}"),
        metadata=row["Metadata"],
        replication_status=row["ReplicationStatus"],
        problem=row["Problem"],
    )


def current_objects(
    versions: list[ObjectVersion], moment: datetime | None = None
) -> dict[str, ObjectVersion]:
    """Return the objects that were there at a moment, by key.

    Args:
        versions: newest first.
        moment: None for now.
    """
    newest: dict[str, ObjectVersion] = {}
    for one in versions:
        if one.is_latest if moment is None else one.modified_at <= moment:
            newest.setdefault(one.key, one)
    return {key: one for key, one in newest.items() if not one.is_marker}


def are_same(one: ObjectVersion, other: ObjectVersion) -> bool | None:
    """Say whether two objects have the same content; None where nothing proves either.

    Digests of the whole content decide. Digests of digests of parts prove sameness where they are
    equal, and nothing where they are not: the parts may have been cut elsewhere.
    """
    if one.size != other.size:
        return False
    common = {name for name in one.digests if name in other.digests}
    equal = {name for name in common if one.digests[name] == other.digests[name]}
    whole = {name for name in common if "-" not in name}
    if whole:
        return whole <= equal
    return True if equal or not one.size else None
