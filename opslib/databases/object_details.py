"""What S3 keeps beside one version of an object, and the bytes of it where they must be read."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from opslib.aws.faults import aws_faults
from opslib.aws.places import Place
from opslib.errors import CredentialsError, ReadError, Unreachable

__all__ = ["Detail", "look_at", "read_bytes"]

MD5 = re.compile(r"^[0-9a-f]{32}$")
PLAIN = {"", "AES256"}
"""Encryption under which an ETag may be the MD5 of the content."""
METADATA = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
    "WebsiteRedirectLocation",
)
CHUNK = 1 << 20
FATAL = (CredentialsError, Unreachable)


@dataclass(slots=True, kw_only=True)
class Detail:
    """What was learnt of one version by asking; empty until it was."""

    is_looked_at: bool = False
    encryption: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    metadata: str = ""
    replication_status: str = ""
    problem: str = ""

    @property
    def is_proven(self) -> bool:
        """Say whether a digest of the whole content is known."""
        return any("-" not in name for name in self.digests)


def look_at(place: Place, bucket: str, key: str, version: str) -> Detail:
    """Return what S3 keeps beside a version; a refusal is kept as the problem.

    Args:
        place: account and region.
        bucket: its name.
        key: of the object.
        version: its id; ``null`` for the one without.
    """
    asked = _named(bucket, key, version)
    try:
        head = place.call("s3", "HeadObject", **asked, ChecksumMode="ENABLED")
        tags = _tags(place, asked, head)
    except FATAL:
        raise
    except ReadError as error:
        return Detail(problem=error.what)
    encryption = _encryption(head)
    return Detail(
        is_looked_at=True,
        encryption=encryption,
        digests=_checksums(head) | _of_etag(head["ETag"].strip('"'), encryption),
        metadata=_metadata(head, tags),
        replication_status=head.get("ReplicationStatus", ""),
    )


def read_bytes(place: Place, bucket: str, key: str, version: str) -> tuple[dict[str, str], str]:
    """Read a version's content; return its digests, or none and why not.

    Args:
        place: account and region.
        bucket: its name.
        key: of the object.
        version: its id; ``null`` for the one without.
    """
    hashes = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    try:
        body = place.call("s3", "GetObject", **_named(bucket, key, version))["Body"]
        with aws_faults(f"{place.label} s3:GetObject {bucket}"), body:
            for chunk in body.iter_chunks(CHUNK):
                for one in hashes:
                    one.update(chunk)
    except FATAL:
        raise
    except ReadError as error:
        return {}, error.what
    return {"SHA256": hashes[0].hexdigest(), "MD5": hashes[1].hexdigest()}, ""


def _named(bucket: str, key: str, version: str) -> dict[str, Any]:
    named = {"Bucket": bucket, "Key": key}
    return named if version == "null" else {**named, "VersionId": version}


def _encryption(head: dict[str, Any]) -> str:
    return "SSE-C" if head.get("SSECustomerAlgorithm") else head.get("ServerSideEncryption", "")


def _checksums(head: dict[str, Any]) -> dict[str, str]:
    """Return the checksums that S3 keeps, in hexadecimal."""
    found = {}
    for name, value in head.items():
        if name.startswith("Checksum") and name != "ChecksumType":
            text, _, parts = str(value).partition("-")
            is_whole = head.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT" and not parts
            kind = name.removeprefix("Checksum")
            found[kind if is_whole else f"{kind}-{parts}"] = base64.b64decode(text).hex()
    return found


def _of_etag(etag: str, encryption: str) -> dict[str, str]:
    if encryption not in PLAIN:
        return {}
    if MD5.match(etag):
        return {"MD5": etag}
    digest, _, parts = etag.partition("-")
    return {f"MD5-{parts}": digest} if MD5.match(digest) else {}


def _tags(place: Place, asked: dict[str, Any], head: dict[str, Any]) -> list[dict[str, str]]:
    if not head.get("TagCount"):
        return []
    found = place.call("s3", "GetObjectTagging", **asked)["TagSet"]
    return sorted(found, key=lambda tag: str(tag["Key"]))


def _metadata(head: dict[str, Any], tags: list[dict[str, str]]) -> str:
    told = {name: head[name] for name in METADATA if head.get(name)}
    text = json.dumps([told, tags], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
