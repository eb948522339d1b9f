"""Where a baseline is to be written: a folder or a prefix of a bucket, with placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opslib.errors import ParameterError
from opslib.wording import printable

__all__ = ["BucketTarget", "expand_target", "fixed_parent", "parse_bucket_target"]

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
ANOTHER_PLACE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
LONGEST_KEY = 900
"""Bytes of a prefix; S3 takes keys of 1024, and the names of files follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketTarget:
    """A prefix of a bucket.

    Args:
        bucket: its name.
        prefix: with a slash at its end; '' for the bucket itself.
    """

    bucket: str
    prefix: str

    @property
    def uri(self) -> str:
        """Return what parameters call it."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def takes(self, operation: str, asked: Mapping[str, Any]) -> bool:
        """Say whether a call puts an object below the prefix that cannot replace another."""
        return (
            operation == "PutObject"
            and asked["Bucket"] == self.bucket
            and asked["Key"].startswith(self.prefix)
            and asked.get("IfNoneMatch") == "*"
        )


def expand_target(target: str, *, kind: str, store: str, moment: datetime) -> str:
    """Return a target with its placeholders filled in.

    Args:
        target: may hold ``{time}``, ``{store}`` and ``{kind}``.
        kind: database, table, bucket or folder.
        store: name of what is captured; of a path its last part.
        moment: of the capture; written as ``20260302T030000Z``.

    Raises:
        ParameterError: there is another placeholder, or a lone brace.
    """
    values = {
        "time": f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        "store": Path(store).name,
        "kind": kind,
    }
    names = PLACEHOLDER.findall(target)
    unknown = [name for name in names if name not in values]
    if unknown or re.search(r"[{}]", PLACEHOLDER.sub("", target)):
        raise ParameterError(
            f"no placeholder: {{{printable(unknown[0])}}}" if unknown else "a brace stands alone",
            where=printable(target),
            remedy="There are {time}, {store} and {kind}.",
        )
    return PLACEHOLDER.sub(lambda found: values[found[1]], target)


def fixed_parent(target: str) -> Path:
    """Return the folder that must be there already: above what placeholders name."""
    parts = Path(target).absolute().parts
    first = next((n for n, part in enumerate(parts) if PLACEHOLDER.search(part)), len(parts) - 1)
    return Path(*parts[:first])


def parse_bucket_target(target: str) -> BucketTarget | None:
    """Return a target in S3; None for a folder.

    Args:
        target: with its placeholders filled in.

    Raises:
        ParameterError: it is neither.
    """
    if not target.startswith("s3://"):
        if ANOTHER_PLACE.match(target):
            raise ParameterError(
                "a baseline goes to a folder or to s3://bucket/prefix", where=printable(target)
            )
        return None
    bucket, _, prefix = target.removeprefix("s3://").partition("/")
    prefix = prefix.rstrip("/")
    if not BUCKET_NAME.fullmatch(bucket):
        raise ParameterError(
            f"no name of a bucket: {printable(bucket) or 'empty'}",
            where=printable(target),
            remedy="Write it as s3://bucket/prefix.",
        )
    if not prefix or prefix.startswith("/") or "//" in prefix or not prefix.isprintable():
        raise ParameterError(
            "the prefix is empty, or a part of it is",
            where=printable(target),
            remedy="Write it as s3://bucket/prefix, such as s3://acme-baselines/orders/{time}.",
        )
    if len(prefix.encode()) > LONGEST_KEY:
        raise ParameterError(
            f"the prefix is longer than {LONGEST_KEY} bytes", where=printable(target)
        )
    return BucketTarget(bucket=bucket, prefix=f"{prefix}/")
