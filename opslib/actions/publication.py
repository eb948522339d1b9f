"""Publishing a run into a bucket with Object Lock: nobody changes or deletes it before its time.

Each object is put with ``If-None-Match: *``, its SHA-256 and its retention, and is read back: what
S3 tells of it (checksum, lock, encryption) must be what was asked for. The last object lists all
others; without it a run is not published. It is named after its content, so that publishing again
does nothing, or goes on where it was interrupted. Nothing is ever deleted or replaced.

Source: Amazon S3 User Guide, "Locking objects with Object Lock", "Checking object integrity",
"Conditional writes"; API Reference, PutObject (5 GB at most), HeadObject.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from opslib.actions.baseline_target import BucketTarget
from opslib.actions.changes import ChangeRefused
from opslib.actions.publication_bucket import check_bucket
from opslib.aws.connection import is_read_only
from opslib.aws.faults import aws_faults
from opslib.errors import EvidenceError, ParameterError
from opslib.wording import count

if TYPE_CHECKING:
    from opslib.aws.connection import Connection

__all__ = ["LockMode", "Publication", "Retention"]

MOST_BYTES = 5 * 1000**3


class LockMode(StrEnum):
    """Who may end a retention: with governance whoever has the right to, with compliance nobody."""

    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long objects are kept, and how firmly.

    Args:
        mode: of Object Lock.
        until: aware UTC.
    """

    mode: LockMode
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Object:
    """One object to be: its key, its SHA-256 as hex, its bytes or the file that holds them."""

    key: str
    sha256: str
    size: int
    body: Path | bytes


class Publication:
    """Puts one run below a prefix, and checks what S3 has then.

    Args:
        connection: the way to AWS.
        target: where to.
        retention: of every object.
        kms_key: ARN or alias of the key that encrypts; '' for the bucket's own way.
    """

    def __init__(
        self, connection: Connection, target: BucketTarget, retention: Retention, kms_key: str = ""
    ) -> None:
        self._target = target
        self._retention = retention
        self._kms_key = kms_key
        self._client: Any = connection.changing_client("s3", self._admit, None)
        self._encryption = ""

    def check(self) -> None:
        """Look whether the bucket is fit, and remember how it encrypts.

        Raises:
            ParameterError: it is not; with what to do.
            ReadError: S3 refuses to tell.
        """
        default = check_bucket(self._client, self._target.bucket)
        self._encryption = "aws:kms" if self._kms_key else default or "AES256"

    def plan(self, files: Sequence[tuple[str, Path]]) -> str:
        """Say what publishing would do, in words.

        Raises:
            ParameterError: a file is too large.
        """
        objects = self._objects(files)
        size = sum(each.size for each in objects)
        return (
            f"{count(len(objects), 'object')} of {size:,} bytes in all to {self._target.uri}, "
            f"encrypted by {self._encryption}, locked until {self._retention.until:%Y-%m-%d} "
            f"({self._retention.mode.value})"
        )

    def write(self, files: Sequence[tuple[str, Path]]) -> str:
        """Put what is not there yet, check all of it, and put the list of it last.

        Args:
            files: name below the prefix, and where it is; the order in which they are put.

        Returns:
            The address of the list.

        Raises:
            ParameterError: something else is there under one of the names.
            EvidenceError: S3 has not what was put.
            ReadError: S3 refuses; a note tells how far it came.
        """
        objects = self._objects(files)
        for number, each in enumerate(objects):
            try:
                self._put(each)
                self._verify(each)
            except BaseException as error:
                error.add_note(
                    f"{number} of {count(len(objects), 'object')} are in {self._target.uri}: not "
                    "published. Publish again, to go on."
                )
                raise
        return f"s3://{self._target.bucket}/{objects[-1].key}"

    def _objects(self, files: Sequence[tuple[str, Path]]) -> list[_Object]:
        """Return what is to be there, the list of all of it last."""
        objects = [self._object(name, path) for name, path in files]
        listed = {each.key: {"bytes": each.size, "sha256": each.sha256} for each in objects}
        text = json.dumps({"objects": listed}, indent=1).encode()
        digest = hashlib.sha256(text).hexdigest()
        key = f"{self._target.prefix}published-{digest[:12]}.json"
        return [*objects, _Object(key=key, sha256=digest, size=len(text), body=text)]

    def _object(self, name: str, path: Path) -> _Object:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ParameterError(
                f"{name} has {size:,} bytes: S3 takes no more than 5 GB", where=self._target.uri
            )
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return _Object(key=f"{self._target.prefix}{name}", sha256=digest, size=size, body=path)

    def _put(self, wanted: _Object) -> None:
        place = f"s3://{self._target.bucket}/{wanted.key}"
        content = wanted.body if isinstance(wanted.body, bytes) else wanted.body.read_bytes()
        with aws_faults(f"s3:PutObject {place}"):
            try:
                self._client.put_object(
                    Bucket=self._target.bucket,
                    Key=wanted.key,
                    Body=content,
                    IfNoneMatch="*",
                    ChecksumAlgorithm="SHA256",
                    ChecksumSHA256=_base64(wanted.sha256),
                    ObjectLockMode=self._retention.mode.value.upper(),
                    ObjectLockRetainUntilDate=self._retention.until,
                    **self._encrypted(),
                )
            except ClientError as error:
                # It is there: of an earlier attempt, if it is the same, as is seen next.
                if error.response["Error"]["Code"] != "PreconditionFailed":
                    raise

    def _encrypted(self) -> dict[str, str]:
        named = {"SSEKMSKeyId": self._kms_key} if self._kms_key else {}
        return {"ServerSideEncryption": self._encryption, **named}

    def _verify(self, wanted: _Object) -> None:
        """Hold what S3 tells of an object against what was asked for."""
        place = f"s3://{self._target.bucket}/{wanted.key}"
        with aws_faults(f"s3:HeadObject {place}"):
            found = self._client.head_object(
                Bucket=self._target.bucket, Key=wanted.key, ChecksumMode="ENABLED"
            )
        wrong = list(self._wrong(found, wanted))
        if wrong:
            raise EvidenceError(
                f"S3 has not what was to be published: {'; '.join(wrong)}",
                where=place,
                remedy="Publish below another prefix, and look who writes to this one.",
            )

    def _wrong(self, found: Mapping[str, Any], wanted: _Object) -> Iterator[str]:
        if found.get("ChecksumSHA256") != _base64(wanted.sha256):
            yield "its SHA-256 is another"
        if found["ContentLength"] != wanted.size:
            yield f"it has {found['ContentLength']:,} bytes and not {wanted.size:,}"
        until = found.get("ObjectLockRetainUntilDate")
        if until is None:
            yield "it is not locked, or s3:GetObjectRetention is missing to see that"
        elif until < self._retention.until:
            yield f"it is locked until {until:%Y-%m-%d %H:%M}Z only"
        elif self._retention.mode is LockMode.COMPLIANCE != found["ObjectLockMode"].lower():
            yield "its lock is one of governance"
        encryption = found.get("ServerSideEncryption", "")
        if not encryption or (self._kms_key and encryption != self._encryption):
            yield f"it is encrypted by {encryption or 'nothing'}"

    def _admit(self, operation: str, asked: Mapping[str, Any]) -> None:
        """Let only locked puts below the prefix through that cannot replace anything."""
        if is_read_only(operation):
            return
        if not (self._target.takes(operation, asked) and "ObjectLockRetainUntilDate" in asked):
            raise ChangeRefused("publishing never makes this call", where=f"s3:{operation}")


def _base64(sha256: str) -> str:
    return b64encode(bytes.fromhex(sha256)).decode()
