"""Injuries of a restored bucket, made by real calls, and what is none though it looks like one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["BUCKET_CHANGES", "BUCKET_INJURIES", "BucketInjury", "keys_of", "restore_bucket"]

KEPT = ("ContentType", "Metadata", "CacheControl", "ContentEncoding")


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketInjury:
    """One class of injury.

    Args:
        name: what is done.
        make: does it, by a client, to a bucket; returns where, '' where there is no place for it.
        caught_by: the check that must fail; '' for what is no injury.
    """

    name: str
    make: Callable[[Any, str], str]
    caught_by: str = "content"


def keys_of(client: Any, bucket: str) -> list[str]:
    """Return the keys of a bucket that hold something."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [one["Key"] for page in pages for one in page.get("Contents", ()) if one["Size"]]


def restore_bucket(client: Any, source: str, target: str) -> None:
    """Copy the objects that a bucket holds now into a new one, as a restore does."""
    client.create_bucket(Bucket=target)
    client.put_bucket_versioning(Bucket=target, VersioningConfiguration={"Status": "Enabled"})
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=source):
        for one in page.get("Contents", ()):
            _put_as(client, target, one["Key"], client.get_object(Bucket=source, Key=one["Key"]))


def _put_as(client: Any, bucket: str, key: str, held: dict[str, Any], **other: Any) -> None:
    """Put what GetObject gave, with its metadata, but for what is told otherwise."""
    kept = {name: held[name] for name in KEPT if held.get(name)}
    body = other.pop("Body", None)
    content = held["Body"].read() if body is None else body
    client.put_object(Bucket=bucket, Key=key, Body=content, **{**kept, **other})


def _changed(change: Callable[[bytes], bytes], **other: Any) -> Callable[[Any, str], str]:
    def make(client: Any, bucket: str) -> str:
        for key in keys_of(client, bucket)[:1]:
            held = client.get_object(Bucket=bucket, Key=key)
            _put_as(client, bucket, key, held, Body=change(held["Body"].read()), **other)
            return key
        return ""

    return make


def _lose(number: int | None) -> Callable[[Any, str], str]:
    def make(client: Any, bucket: str) -> str:
        gone = keys_of(client, bucket)[:number]
        if number is None:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            gone = [one["Key"] for page in pages for one in page.get("Contents", ())]
        for key in gone:
            client.delete_object(Bucket=bucket, Key=key)
        return f"{len(gone)} objects" if gone else ""

    return make


def _add(client: Any, bucket: str) -> str:
    client.put_object(Bucket=bucket, Key="nobody/put/this", Body=b"here")
    return "nobody/put/this"


def _rename(client: Any, bucket: str) -> str:
    for key in keys_of(client, bucket)[:1]:
        _put_as(client, bucket, f"{key}.bak", client.get_object(Bucket=bucket, Key=key))
        client.delete_object(Bucket=bucket, Key=key)
        return key
    return ""


def _exchange(client: Any, bucket: str) -> str:
    keys = keys_of(client, bucket)[:2]
    if len(keys) < 2:  # noqa: PLR2004
        return ""
    held = [client.get_object(Bucket=bucket, Key=key) for key in keys]
    bodies = [one["Body"].read() for one in held]
    for key, one, body in zip(keys, held, reversed(bodies), strict=True):
        _put_as(client, bucket, key, one, Body=body)
    return keys[0]


def _in_parts(client: Any, bucket: str) -> str:
    """Put the first object again, in parts: other ETag, same content."""
    for key in keys_of(client, bucket)[:1]:
        held = client.get_object(Bucket=bucket, Key=key)
        kept = {name: held[name] for name in KEPT if held.get(name)}
        upload = client.create_multipart_upload(Bucket=bucket, Key=key, **kept)["UploadId"]
        asked = {"Bucket": bucket, "Key": key, "UploadId": upload}
        made = client.upload_part(**asked, PartNumber=1, Body=held["Body"].read())
        parts = [{"PartNumber": 1, "ETag": made["ETag"]}]
        client.complete_multipart_upload(**asked, MultipartUpload={"Parts": parts})
        return key
    return ""


def _lose_metadata(client: Any, bucket: str) -> str:
    for key in keys_of(client, bucket):
        held = client.get_object(Bucket=bucket, Key=key)
        if held["Metadata"]:
            _put_as(client, bucket, key, held, Metadata={})
            return key
    return ""


def _flip(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


BUCKET_INJURIES = (
    BucketInjury(name="object lost", make=_lose(1)),
    BucketInjury(name="half of the objects lost", make=_lose(12)),
    BucketInjury(name="all objects lost", make=_lose(None)),
    BucketInjury(name="object not expected", make=_add),
    BucketInjury(name="object under another key", make=_rename),
    BucketInjury(name="two objects exchanged", make=_exchange),
    BucketInjury(name="bit flipped", make=_changed(_flip)),
    BucketInjury(name="content cut short", make=_changed(lambda content: content[:-1])),
    BucketInjury(name="content emptied", make=_changed(lambda _: b"")),
    BucketInjury(
        name="bit flipped under a KMS key", make=_changed(_flip, ServerSideEncryption="aws:kms")
    ),
    BucketInjury(name="user metadata lost", make=_lose_metadata, caught_by="metadata"),
    BucketInjury(
        name="content type changed",
        make=_changed(bytes, ContentType="application/octet-stream"),
        caught_by="metadata",
    ),
)
"""Injuries of what a bucket holds."""

BUCKET_CHANGES = (
    BucketInjury(
        name="put again under a KMS key",
        make=_changed(bytes, ServerSideEncryption="aws:kms"),
        caught_by="",
    ),
    BucketInjury(name="put again in parts", make=_in_parts, caught_by=""),
)
"""What changes an ETag or what it means, and no content: no injury."""
