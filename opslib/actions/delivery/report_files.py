"""The files of a report, put below a prefix of a bucket: over nothing, and each with its checksum.

Every object is put with ``If-None-Match: *`` and the SHA-256 that S3 is to compute itself. One that
is there already with the same SHA-256 is this report's, so that a delivery which was cut off can be
made again, by as many processes as like: the bucket holds the same objects afterwards.

Source: Amazon S3 User Guide, "Conditional writes" and "Checking object integrity"; API Reference,
PutObject.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from opslib.actions.changes import ChangeRefused
from opslib.actions.delivery.attempts import delivery_faults
from opslib.aws.connection import is_read_only
from opslib.errors import ParameterError

if TYPE_CHECKING:
    from opslib.aws.connection import Connection

__all__ = ["ReportFiles"]

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".js": "text/javascript; charset=utf-8",
}
THERE = "PreconditionFailed"


class ReportFiles:
    """Puts files below one prefix.

    Args:
        connection: the way to AWS.
        uri: ``s3://bucket/prefix``.
    """

    def __init__(self, connection: Connection, uri: str) -> None:
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._client: Any = connection.changing_client("s3", self._admit, None, attempts=1)

    def send(self, files: Mapping[str, Path]) -> None:
        """Put every file that is not there yet, in the order given.

        Args:
            files: path below the prefix, to where it is here.

        Raises:
            ParameterError: another object has the name of one.
            ReadError: S3 refuses, or does not answer.
        """
        for name, path in files.items():
            self._put(f"{self._prefix}{name}", path.read_bytes(), CONTENT_TYPES[path.suffix])

    def _put(self, key: str, body: bytes, content_type: str) -> None:
        place = f"s3://{self._bucket}/{key}"
        checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
        with delivery_faults(f"s3:PutObject {place}"):
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=body,
                    ContentType=content_type,
                    ChecksumAlgorithm="SHA256",
                    ChecksumSHA256=checksum,
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != THERE:
                    raise
                self._check_same(key, checksum, place)

    def _check_same(self, key: str, checksum: str, place: str) -> None:
        with delivery_faults(f"s3:HeadObject {place}"):
            found = self._client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        if found.get("ChecksumSHA256") != checksum:
            raise ParameterError(
                "another object is there already, and nothing is overwritten",
                where=place,
                remedy="Look whose it is; name another prefix for these reports.",
            )

    def _admit(self, operation: str, asked: Mapping[str, Any]) -> None:
        """Let only puts below the prefix through that cannot overwrite."""
        fits = is_read_only(operation) or (
            operation == "PutObject"
            and asked["Bucket"] == self._bucket
            and asked["Key"].startswith(self._prefix)
            and asked.get("IfNoneMatch") == "*"
        )
        if not fits:
            raise ChangeRefused("a delivery never makes this call", where=f"s3:{operation}")
