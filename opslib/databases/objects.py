"""Reading what a bucket holds: every version and delete marker, and what proves their content.

What an ETag proves: the MD5 of the content, if the object was stored in one part and not under a
KMS or customer key. Elsewhere S3's own checksum of the whole object does, where one was kept; else
the bytes themselves are read, up to a limit.

Source: Amazon S3 API Reference, "Common response headers" (ETag), ListObjectVersions, HeadObject;
User Guide, "Checking object integrity".
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import pandas as pd

from opslib.aws.places import Place, utc
from opslib.databases.dynamodb import answered_at
from opslib.databases.object_details import Detail, look_at, read_bytes
from opslib.errors import CapReached
from opslib.tables.schema import check_table
from opslib.tables.store_states import BucketState
from opslib.tables.stores import OBJECT_BYTES, OBJECT_VERSIONS

__all__ = ["ObjectLimits", "read_bucket", "read_object_bytes"]

CLOCK_STEP = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLimits:
    """How much of a bucket is read.

    Args:
        threads: requests at once.
        versions_limit: most versions that are listed.
        looks_limit: most versions that are looked at one by one (HeadObject).
        bytes_limit: most bytes that are read where nothing else proves the content.
    """

    threads: int = 8
    versions_limit: int = 1_000_000
    looks_limit: int = 50_000
    bytes_limit: int = 1 << 30


@dataclass(slots=True)
class _Listed:
    """A version as it was listed, and what was learnt of it by asking."""

    key: str
    version: dict[str, Any]
    is_marker: bool
    detail: Detail = field(default_factory=Detail)

    @property
    def id(self) -> str:
        return str(self.version.get("VersionId") or "null")


def read_bucket(
    place: Place,
    bucket: str,
    limits: ObjectLimits,
    *,
    prefix: str = "",
    moment: datetime | None = None,
    since: datetime | None = None,
) -> BucketState:
    """List a bucket's versions, and look at those that are current.

    Args:
        place: account and region.
        bucket: its name.
        limits: of what is read.
        prefix: of the keys that are read.
        moment: look at the versions that were current then, too.
        since: look at all versions that were written since then, too.

    Raises:
        ReadError: a listing is refused; the refusal of a single object stands in its row.
        CapReached: there are more versions than are listed.
    """
    versioning = place.call("s3", "GetBucketVersioning", Bucket=bucket)
    listed = _list(place, bucket, prefix, limits.versions_limit)
    wanted = _wanted(listed, moment, since)
    _look(place, bucket, wanted[: limits.looks_limit], limits)
    last = place.call("s3", "GetBucketVersioning", Bucket=bucket)
    rows = sorted((_row(one) for one in listed), key=lambda row: (row[0], row[1]))
    frame = pd.DataFrame(rows, columns=list(OBJECT_VERSIONS.columns))
    return BucketState(
        captured_at=answered_at(versioning),
        captured_until=answered_at(last) + CLOCK_STEP,
        bucket=bucket,
        prefix=prefix,
        versioning=versioning.get("Status", ""),
        versions=check_table(frame, OBJECT_VERSIONS, "versions"),
    )


def _list(place: Place, bucket: str, prefix: str, most: int) -> list[_Listed]:
    found: list[_Listed] = []
    for page in _pages(place, bucket, prefix):
        found += [_Listed(one["Key"], one, is_marker=False) for one in page.get("Versions") or []]
        markers = page.get("DeleteMarkers") or []
        found += [_Listed(one["Key"], one, is_marker=True) for one in markers]
        if len(found) > most:
            raise CapReached(
                f"the bucket holds more than {most:,} versions",
                where=f"{place.label} s3:ListObjectVersions {bucket}",
                remedy="Raise the limit, or name a prefix.",
            )
    return found


def _pages(place: Place, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {"Bucket": bucket} | ({"Prefix": prefix} if prefix else {})
    while True:
        page = place.call("s3", "ListObjectVersions", **asked)
        yield page
        if not page.get("IsTruncated"):
            return
        asked["KeyMarker"] = page["NextKeyMarker"]
        asked["VersionIdMarker"] = page.get("NextVersionIdMarker", "")


def _wanted(
    listed: Sequence[_Listed], moment: datetime | None, since: datetime | None
) -> list[_Listed]:
    """Return the objects that are there now, then those of the moment, then what came since."""
    then: dict[str, _Listed] = {}
    # S3 lists the versions of a key newest first.
    for one in listed:
        if moment is not None and one.version["LastModified"] <= moment:
            then.setdefault(one.key, one)
    now = [one for one in listed if one.version["IsLatest"]]
    later = [o for o in listed if since is not None and o.version["LastModified"] >= since]
    every = {(one.key, one.id): one for one in (*now, *then.values(), *later)}
    return [one for one in every.values() if not one.is_marker]


def _look(place: Place, bucket: str, wanted: Sequence[_Listed], limits: ObjectLimits) -> None:
    """Ask of every version what S3 keeps beside it, and read bytes where nothing proves them."""

    def head(one: _Listed) -> None:
        one.detail = look_at(place, bucket, one.key, one.id)

    def read(one: _Listed) -> None:
        read, one.detail.problem = read_bytes(place, bucket, one.key, one.id)
        one.detail.digests |= read

    with ThreadPoolExecutor(limits.threads) as pool:
        list(pool.map(head, wanted))
        unproven = [o for o in wanted if not (o.detail.is_proven or o.detail.problem)]
        list(pool.map(read, _within(unproven, limits.bytes_limit)))


def _within(listed: Sequence[_Listed], bytes_limit: int) -> list[_Listed]:
    """Return the smallest, as many as the limit allows."""
    chosen, left = [], bytes_limit
    for one in sorted(listed, key=lambda one: (int(one.version["Size"]), one.key, one.id)):
        left -= int(one.version["Size"])
        if left < 0:
            break
        chosen.append(one)
    return chosen


def read_object_bytes(
    place: Place,
    bucket: str,
    wanted: Collection[tuple[str, str]],
    limits: ObjectLimits,
    prefix: str = "",
) -> pd.DataFrame:
    """Read the content of some versions; columns of `OBJECT_BYTES`.

    Args:
        place: account and region.
        bucket: its name.
        wanted: hash of key, and version id, of each.
        limits: of what is read, the smallest first; what is beyond them is not among the rows.
        prefix: of the keys.
    """
    listed = _list(place, bucket, prefix, limits.versions_limit)
    chosen = _within([o for o in listed if (_hash(o.key), o.id) in wanted], limits.bytes_limit)

    def read(one: _Listed) -> tuple[str, str, str, str]:
        digests, problem = read_bytes(place, bucket, one.key, one.id)
        return _hash(one.key), one.id, json.dumps(digests), problem

    with ThreadPoolExecutor(limits.threads) as pool:
        rows = sorted(pool.map(read, chosen))
    frame = pd.DataFrame(rows, columns=list(OBJECT_BYTES.columns))
    return check_table(frame, OBJECT_BYTES, "bytes")


def _hash(key: str) -> str:
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16, person=b"key").hexdigest()


def _row(one: _Listed) -> tuple[Any, ...]:
    version, detail = one.version, one.detail
    return (
        blake2b(
            one.key.encode("utf-8", "surrogatepass"), digest_size=16, person=b"key"
        ).hexdigest(),
        one.id,
        bool(version["IsLatest"]),
        one.is_marker,
        utc(version["LastModified"]),
        int(version.get("Size", 0)),
        str(version.get("ETag", "")).strip('"'),
        detail.is_looked_at,
        detail.encryption,
        json.dumps(detail.digests, sort_keys=True) if detail.digests else "",
        detail.metadata,
        detail.replication_status,
        detail.problem,
    )
