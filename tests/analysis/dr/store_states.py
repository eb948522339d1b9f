"""Small states of tables, buckets and folders, made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from opslib.tables.store_states import (
    BucketState,
    TableCopyStates,
    TableDescription,
    TableItems,
    TreeState,
)
from opslib.tables.stores import ITEM_DIGESTS, OBJECT_VERSIONS, TABLE_SETTINGS, TREE_ENTRIES

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ARN = "arn:aws:dynamodb:us-east-1:1:table/t"


def items(held: Mapping[str, int], *, whole: bool = True) -> TableItems:
    """Return items by key, with numbers for digests; in buckets of their first letters."""
    rows = [(f"{key:0>32}", 1, f"{digest:032x}") for key, digest in held.items()]
    if not whole:
        sums: dict[str, list[int]] = {}
        for key, digest in held.items():
            held_so_far = sums.setdefault(f"{key:0>32}"[:4], [0, 0])
            held_so_far[0] += 1
            held_so_far[1] += digest
        rows = [(bucket, n, f"{digest:032x}") for bucket, (n, digest) in sums.items()]
    return TableItems(
        captured_at=NOON,
        captured_until=NOON + timedelta(seconds=2),
        key=("id",),
        items=len(held),
        is_whole=whole,
        read_units=1.0,
        seconds=0.1,
        units=pd.DataFrame(rows, columns=list(ITEM_DIGESTS.columns)),
    )


def described(*settings: tuple[str, str, str], **facts: Any) -> TableDescription:
    """Return a description; a setting whose value begins with `!` could not be read."""
    rows = [
        (kind, name, *(("", value[1:]) if value.startswith("!") else (value, "")))
        for kind, name, value in (("key schema", "", "id"), *settings)
    ]
    told = {
        "arn": ARN,
        "status": "ACTIVE",
        "restored_from": "",
        "restored_to": None,
        "is_restoring": False,
        **facts,
    }
    return TableDescription(
        settings=pd.DataFrame(rows, columns=list(TABLE_SETTINGS.columns)), **told
    )


def table_copy(
    held: TableItems | None,
    copied: TableItems | None,
    now: TableItems | None,
    /,
    **descriptions: TableDescription | None,
) -> TableCopyStates:
    sides: dict[str, Any] = {
        "baseline": described(),
        "restored": described(),
        "source": described(),
        **descriptions,
    }
    return TableCopyStates(
        source_table="t",
        restored_table="t-2",
        baseline_items=held,
        restored_items=copied,
        source_items=now,
        unread=("restored items: denied",),
        **sides,
    )


def version(key: str, content: str | None, minutes: int = 0, **other: Any) -> dict[str, Any]:
    """Return a version of an object, or a delete marker for content None."""
    digests = {"MD5": content} if content else {}
    return {
        "Key": key,
        "VersionId": f"{key} {minutes}",
        "IsLatest": True,
        "IsDeleteMarker": content is None,
        "ModifiedAt": NOON + timedelta(minutes=minutes),
        "Size": len(content or ""),
        "ETag": content or "",
        "IsLookedAt": True,
        "Encryption": "",
        "Digests": json.dumps(other.pop("digests", digests)),
        "Metadata": "plain",
        "ReplicationStatus": "",
        "Problem": "",
        **other,
    }


def bucket(
    *versions: dict[str, Any], minutes: int = 60, versioning: str = "Enabled"
) -> BucketState:
    at = NOON + timedelta(minutes=minutes)
    return BucketState(
        captured_at=at,
        captured_until=at + timedelta(seconds=2),
        bucket="b",
        prefix="",
        versioning=versioning,
        versions=pd.DataFrame(list(versions), columns=list(OBJECT_VERSIONS.columns)),
    )


def tree(entries: Mapping[str, str | dict[str, Any]]) -> TreeState:
    """Return a folder of files by path; a dictionary tells otherwise."""
    rows = []
    for path, told in entries.items():
        content = told if isinstance(told, str) else "x"
        entry = {
            "Path": path,
            "Kind": "file",
            "Size": len(content),
            "Mode": "0644",
            "Owner": "0:0",
            "ModifiedSecond": 1,
            "Content": content,
            "Problem": "",
        }
        rows.append(entry if isinstance(told, str) else {**entry, **told})
    frame = pd.DataFrame(rows, columns=list(TREE_ENTRIES.columns))
    return TreeState(captured_at=NOON, seconds=0.1, entries=frame)


def by_check(found: Sequence[Any], check: str) -> Any:
    (result,) = [one for one in found if one.check == check]
    return result
