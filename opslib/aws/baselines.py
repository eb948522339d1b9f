"""Baselines of databases and other stores, from a folder or from S3."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from opslib.aws.faults import aws_faults
from opslib.aws.file_cache import FileCache
from opslib.aws.reads import Reads
from opslib.named_file import find_named
from opslib.tables.baseline import (
    BASELINE_FILE,
    baseline_files,
    load_baseline_latencies,
    load_store_baseline,
)
from opslib.tables.database_state import DatabaseState
from opslib.tables.store_states import StoreState

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["fetch_baseline", "fetch_baseline_latencies", "fetch_store_baseline"]

Store = TypeVar("Store", bound=StoreState | DatabaseState)


def fetch_baseline(reads: Reads, account: Account | None, path: str) -> DatabaseState:
    """Return the baseline of a database at ``path``; as `fetch_store_baseline`."""
    return fetch_store_baseline(reads, account, path, DatabaseState)


def fetch_store_baseline(
    reads: Reads, account: Account | None, path: str, kind: type[Store]
) -> Store:
    """Return the baseline at ``path``.

    Args:
        reads: the run's context.
        account: the account whose bucket is read.
        path: a folder, or ``s3://bucket/prefix``.
        kind: of the state that it must hold.

    Raises:
        NotFound, AccessDenied: S3 refuses.
        ParameterError: there is none.
        TableError: a part of it is missing or was changed.
    """
    return load_store_baseline(_folder_of(reads, account, path), kind)


def fetch_baseline_latencies(
    reads: Reads, account: Account | None, path: str
) -> pd.DataFrame | None:
    """Return how long the source took, as it was captured with the baseline at ``path``.

    Args, Raises: as `fetch_baseline`.

    Returns:
        Columns of `opslib.tables.transactions.TRANSACTIONS`; None where it was not captured.
    """
    return load_baseline_latencies(_folder_of(reads, account, path))


def _folder_of(reads: Reads, account: Account | None, path: str) -> Path:
    """Return the folder of a baseline, brought from S3 where it lies there."""
    if not path.startswith("s3://"):
        return find_named(path)
    bucket, _, prefix = path.removeprefix("s3://").partition("/")
    client = reads.connection.client("s3", account=account)
    root = f"{prefix.rstrip('/')}/" if prefix else ""
    with aws_faults(f"s3:GetObject {path}"):
        head = client.get_object(Bucket=bucket, Key=f"{root}{BASELINE_FILE}")
        text = head["Body"].read().decode("utf-8")
    cache, identity = FileCache.of_user(), f"{path}@{head['ETag']}"

    def download(target: Path, name: str) -> None:
        with aws_faults(f"s3:GetObject {path}/{name}"):
            client.download_file(bucket, f"{root}{name}", str(target))

    for name in (BASELINE_FILE, *baseline_files(text)):
        place = cache.fetch(identity, name, lambda target, name=name: download(target, name))  # type: ignore[misc]
    return place.parent
