"""Baselines of databases and other stores, from a folder or from S3."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from opslib.aws.baseline_places import BucketPlace
from opslib.aws.file_cache import FileCache
from opslib.aws.reads import Reads
from opslib.errors import NotFound
from opslib.named_file import find_named
from opslib.tables.baseline import baseline_files, load_baseline_latencies, load_store_baseline
from opslib.tables.baseline_layout import BASELINE_FILE
from opslib.tables.database_state import DatabaseState
from opslib.tables.store_states import StoreState
from opslib.wording import count

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
        NotFound: it is not in S3, or was not written there to its end.
        AccessDenied: S3 refuses.
        ParameterError: it is not in the folder.
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
    place = BucketPlace(reads, account, path)
    try:
        text = place.text(BASELINE_FILE)
    except NotFound:
        raise _missing(place, path) from None
    cache, identity = FileCache.of_user(), f"{path}@{hashlib.sha256(text.encode()).hexdigest()}"
    for name in (BASELINE_FILE, *baseline_files(text)):
        kept = cache.fetch(identity, name, lambda to, name=name: place.download(name, to))  # type: ignore[misc]
    return kept.parent


def _missing(place: BucketPlace, path: str) -> NotFound:
    """Return what is wrong with a place that holds no JSON of a baseline."""
    there = list(place.files())
    unfinished = [name for name in there if "/" not in name]
    if unfinished:
        return NotFound(
            f"the baseline was not written to its end: {BASELINE_FILE} is missing beside "
            f"{count(len(unfinished), 'object')}",
            where=path,
            remedy="Name another one, or capture it again: opslib baseline capture.",
        )
    return NotFound(
        "there is no baseline" if not there else "there is no baseline of this kind",
        where=path,
        remedy="Make one: opslib baseline capture -e ENVIRONMENT TARGET --write.",
    )
