"""Where baselines are kept, a folder or a prefix of a bucket: what lies there, and its text."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opslib.aws.faults import aws_faults
from opslib.aws.file_cache import FileCache
from opslib.aws.reads import Reads
from opslib.errors import CapReached, NotFound, ReadError
from opslib.named_file import find_named

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["BucketPlace", "FolderPlace", "find_place"]

MOST_FILES = 100_000
DEPTH = 3
"""Folders down to the files of a series of baselines that have folders of their own."""


class FolderPlace:
    """A folder on this machine.

    Args:
        path: its name.
    """

    def __init__(self, path: str) -> None:
        self._root = find_named(path)

    def has(self, name: str) -> bool:
        """Say whether there is a file of this name."""
        return (self._root / name).is_file()

    def files(self) -> Mapping[str, str]:
        """Return the files below, each with what tells its versions apart.

        Raises:
            ReadError: the folder cannot be read.
            CapReached: there are too many.
        """
        try:
            return _bounded(_walk(self._root, "", DEPTH), str(self._root))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ReadError(error.strerror or str(error), where=str(self._root)) from None

    def text(self, name: str) -> str:
        """Return what stands in a file.

        Raises:
            ReadError: it cannot be read.
        """
        try:
            return (self._root / name).read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise ReadError(error.strerror or str(error), where=str(self._root / name)) from None


def _walk(folder: Path, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file():
                yield f"{prefix}{entry.name}", ""
            elif depth > 1 and entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{prefix}{entry.name}/", depth - 1)


class BucketPlace:
    """A prefix of a bucket.

    Args:
        reads: the run's context.
        account: the account whose role reads it.
        path: ``s3://bucket/prefix``.
    """

    def __init__(self, reads: Reads, account: Account | None, path: str) -> None:
        self._bucket, _, prefix = path.removeprefix("s3://").partition("/")
        self._path = path.rstrip("/")
        self._prefix = f"{prefix.rstrip('/')}/" if prefix.rstrip("/") else ""
        self._client: Any = reads.connection.client("s3", account=account)
        self._versions: Mapping[str, str] = {}

    def has(self, name: str) -> bool:
        """Say whether there is an object of this name.

        Raises:
            ReadError: S3 refuses to tell.
        """
        try:
            with aws_faults(f"s3:HeadObject {self._path}/{name}"):
                self._client.head_object(Bucket=self._bucket, Key=f"{self._prefix}{name}")
        except NotFound:
            return False
        return True

    def files(self) -> Mapping[str, str]:
        """Return the objects below with their ETags, by the rest of their keys.

        Raises:
            ReadError: S3 refuses.
            CapReached: there are too many.
        """
        with aws_faults(f"s3:ListObjectsV2 {self._path}/"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            )
            listed = (one for page in pages for one in page.get("Contents") or [])
            named = ((one["Key"].removeprefix(self._prefix), one["ETag"]) for one in listed)
            self._versions = _bounded(named, self._path)
        return self._versions

    def text(self, name: str) -> str:
        """Return what stands in an object; one that was listed comes from the cache if it can.

        Raises:
            ReadError: S3 refuses.
        """
        place, version = f"{self._path}/{name}", self._versions.get(name, "")
        if not version:
            with aws_faults(f"s3:GetObject {place}"):
                found = self._client.get_object(Bucket=self._bucket, Key=f"{self._prefix}{name}")
                body: bytes = found["Body"].read()
            return body.decode("utf-8", errors="replace")
        identity = f"{place}@{version}"
        kept = FileCache.of_user().fetch(identity, "head.json", lambda to: self.download(name, to))
        return kept.read_text(encoding="utf-8", errors="replace")

    def download(self, name: str, target: Path) -> None:
        """Bring an object into a file.

        Raises:
            ReadError: S3 refuses.
        """
        with aws_faults(f"s3:GetObject {self._path}/{name}"):
            self._client.download_file(self._bucket, f"{self._prefix}{name}", str(target))


def _bounded(files: Iterator[tuple[str, str]], where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, version in files:
        found[name] = version
        if len(found) > MOST_FILES:
            raise CapReached(
                f"more than {MOST_FILES:,} files lie there",
                where=where,
                remedy="Name the folder right above the baselines.",
            )
    return found


def find_place(reads: Reads, account: Account | None, path: str) -> FolderPlace | BucketPlace:
    """Return the place that a parameter names.

    Args:
        reads: the run's context.
        account: the account whose bucket is read.
        path: a folder, or ``s3://bucket/prefix``.
    """
    if path.startswith("s3://"):
        return BucketPlace(reads, account, path)
    return FolderPlace(path)
