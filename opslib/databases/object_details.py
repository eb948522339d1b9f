"""What S3 keeps beside one version of an object, and the bytes of it where they must be read."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from opslib.aws.faults import aws_faults
from opslib.aws.places import Place
from opslib.errors import CredentialsError, ReadError, Unreachable

__all__ = ["Detail", "look_at"]

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
    checksums: str = ""
    sha256: str = ""
    metadata: str = ""
    replication_status: str = ""
    problem: str = ""

    def is_proven(self, version: dict[str, Any]) -> bool:
        """Say whether the content is known without reading it: by MD5 or by a whole checksum."""
        kept = json.loads(self.checksums or "{}")
        by_checksum = len(kept) > 1 and kept["Type"] == "FULL_OBJECT"
        etag = str(version["ETag"]).strip('"')
        return by_checksum or (self.encryption in PLAIN and bool(MD5.match(etag)))

    def read_bytes(self, place: Place, bucket: str, key: str, version: str) -> None:
        """Read the content and keep its SHA-256; a refusal is kept as the problem."""
        digest = hashlib.sha256()
        try:
            body = place.call("s3", "GetObject", **_named(bucket, key, version))["Body"]
            with aws_faults(f"{place.label} s3:GetObject {bucket}"), body:
                for chunk in body.iter_chunks(CHUNK):
                    digest.update(chunk)
        except FATAL:
            raise
        except ReadError as error:
            self.problem = error.what
        else:
            self.sha256 = digest.hexdigest()


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
    return Detail(
        is_looked_at=True,
        encryption=_encryption(head),
        checksums=_checksums(head),
        metadata=_metadata(head, tags),
        replication_status=head.get("ReplicationStatus", ""),
    )


def _named(bucket: str, key: str, version: str) -> dict[str, Any]:
    named = {"Bucket": bucket, "Key": key}
    return named if version == "null" else {**named, "VersionId": version}


def _encryption(head: dict[str, Any]) -> str:
    return "SSE-C" if head.get("SSECustomerAlgorithm") else head.get("ServerSideEncryption", "")


def _checksums(head: dict[str, Any]) -> str:
    named = {name.removeprefix("Checksum"): head[name] for name in head if name[:8] == "Checksum"}
    if set(named) <= {"Type"}:
        return ""
    # A checksum of checksums of parts ends with their number.
    composite = any("-" in str(value) for name, value in named.items() if name != "Type")
    named.setdefault("Type", "COMPOSITE" if composite else "FULL_OBJECT")
    return json.dumps(named, sort_keys=True)


def _tags(place: Place, asked: dict[str, Any], head: dict[str, Any]) -> list[dict[str, str]]:
    if not head.get("TagCount"):
        return []
    found = place.call("s3", "GetObjectTagging", **asked)["TagSet"]
    return sorted(found, key=lambda tag: str(tag["Key"]))


def _metadata(head: dict[str, Any], tags: list[dict[str, str]]) -> str:
    told = {name: head[name] for name in METADATA if head.get(name)}
    text = json.dumps([told, tags], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
