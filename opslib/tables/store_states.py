"""Tables, buckets and file systems as they were: what a restored copy is held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import pandera.pandas as pa

from opslib.tables.stores import (
    ITEM_DIGESTS,
    OBJECT_VERSIONS,
    TABLE_SETTINGS,
    TREE_ENTRIES,
)

__all__ = [
    "STORE_PARTS",
    "BucketState",
    "FileCopyStates",
    "ObjectCopyStates",
    "StoreState",
    "TableCopyStates",
    "TableDescription",
    "TableItems",
    "TreeState",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDescription:
    """How a DynamoDB table is set up.

    Args:
        arn: which table.
        status: DynamoDB's, such as ``ACTIVE``.
        restored_from: ARN of the table that it was restored from; '' where it does not say.
        restored_to: the moment that it was restored to; None where it does not say.
        is_restoring: whether the restore still goes on.
        settings: columns of `TABLE_SETTINGS`.
    """

    arn: str
    status: str
    restored_from: str
    restored_to: datetime | None
    is_restoring: bool
    settings: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class TableItems:
    """What a DynamoDB table holds, by one scan, which is no snapshot.

    Args:
        captured_at, captured_until: the service's clock before and after it; a restore to the
            latter or later holds all that the scan saw, if nothing was written since.
        key: names of the attributes that keys were made of.
        items: their number.
        is_whole: whether units are items, or buckets of them.
        read_units: capacity that the scan consumed.
        seconds: that it took.
        units: columns of `ITEM_DIGESTS`.
    """

    captured_at: datetime
    captured_until: datetime
    key: tuple[str, ...]
    items: int
    is_whole: bool
    read_units: float
    seconds: float
    units: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketState:
    """What a bucket holds, by one listing, which is no snapshot.

    Args:
        captured_at, captured_until: S3's clock before and after it.
        bucket: its name.
        prefix: of the keys that were read; '' for all.
        versioning: Enabled, Suspended, or '' for never.
        versions: columns of `OBJECT_VERSIONS`.
    """

    captured_at: datetime
    captured_until: datetime
    bucket: str
    prefix: str
    versioning: str
    versions: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeState:
    """What a folder holds, read entry by entry.

    Args:
        captured_at: the newest modification in it when it was read; None for an empty one.
        seconds: that reading took.
        entries: columns of `TREE_ENTRIES`.
        captured_until: when it had been read, by the clock of whoever read it; None where that
            was not kept.
    """

    captured_at: datetime | None
    seconds: float
    entries: pd.DataFrame
    captured_until: datetime | None = None


StoreState = TableDescription | TableItems | BucketState | TreeState

STORE_PARTS: dict[type[Any], dict[str, pa.DataFrameSchema]] = {
    TableDescription: {"settings": TABLE_SETTINGS},
    TableItems: {"units": ITEM_DIGESTS},
    BucketState: {"versions": OBJECT_VERSIONS},
    TreeState: {"entries": TREE_ENTRIES},
}
"""The one frame of each, by the name of its field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCopyStates:
    """What was read of a table and of the one that was restored from it.

    Args:
        source_table: name of the table that was backed up.
        restored_table: name of the one that was restored from it.
        baseline: how the source was set up.
        restored: how the restored one is.
        source: how the source is now.
        baseline_items: what the source held.
        restored_items: what came back.
        source_items: what the source holds now.
        unread: what could not be read, and why.

    Each is None where it could not be read.
    """

    source_table: str
    restored_table: str
    baseline: TableDescription | None
    restored: TableDescription | None
    source: TableDescription | None
    baseline_items: TableItems | None
    restored_items: TableItems | None
    source_items: TableItems | None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectCopyStates:
    """What was read of a bucket and of a copy of it.

    Args:
        source_bucket: its name.
        copy_bucket: name of the bucket that it was restored to, or of its replica.
        moment: that the copy was restored to; None where unknown, or for a replica.
        has_baseline: whether one was named.
        baseline: how the source was.
        copy: what the other bucket holds.
        source: how the source is now.
        unread: what could not be read, and why.

    Each state is None where it could not be read.
    """

    source_bucket: str
    copy_bucket: str
    moment: datetime | None
    has_baseline: bool
    baseline: BucketState | None
    copy: BucketState | None
    source: BucketState | None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCopyStates:
    """What was read of a folder and of the one that was restored from it.

    Args:
        source: path of the folder.
        restored: path of the one that was restored from it.
        baseline: how the source was.
        copy: what came back.
        now: how the source is.
        unread: what could not be read, and why.

    Each state is None where it could not be read.
    """

    source: str
    restored: str
    baseline: TreeState | None
    copy: TreeState | None
    now: TreeState | None
    unread: tuple[str, ...] = ()
