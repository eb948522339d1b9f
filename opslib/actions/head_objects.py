"""Heads of signed chains in S3: ``s3://bucket/prefix/<environment>/<notebook>.head.dsse.json``.

A head is put in place of the very one that was read (``If-Match``), or where there was none
(``If-None-Match``): of two hosts that append to one chain at once, one is refused and says so.
Keep the bucket versioned, and its old versions under Object Lock: then no head can be taken back.

IAM: s3:GetObject, s3:PutObject and s3:ListBucket (without which an absent head is a denied one).

Source: Amazon S3 User Guide, "Conditional writes"; API Reference, PutObject.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from opslib.actions.changes import ChangeRefused
from opslib.aws.connection import is_read_only
from opslib.aws.faults import aws_faults
from opslib.errors import EvidenceError
from opslib.evidence.head import HEAD_ENDING, Chain

if TYPE_CHECKING:
    from opslib.aws.connection import Connection

__all__ = ["HeadObjects"]


class HeadObjects:
    """Heads below one prefix of a bucket.

    Args:
        connection: the way to AWS.
        uri: ``s3://bucket/prefix``.
        locks: a folder of this machine, which keeps its own runs apart.
    """

    def __init__(self, connection: Connection, uri: str, locks: Path) -> None:
        self._bucket, _, self._prefix = uri.removeprefix("s3://").partition("/")
        self._locks = locks
        self._etags: dict[Chain, str] = {}
        self._client: Any = connection.changing_client("s3", self._admit, None)

    @contextmanager
    def locked(self, chain: Chain) -> Iterator[None]:
        """Hold a chain among the runs of this machine."""
        folder = self._locks / chain.environment
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{chain.notebook}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def read(self, chain: Chain) -> bytes | None:
        """Return the envelope of a chain's head; None where the chain has none.

        Raises:
            ReadError: S3 refuses.
        """
        self._etags.pop(chain, None)
        key = self._key(chain)
        with aws_faults(f"s3:GetObject s3://{self._bucket}/{key}"):
            try:
                found = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchKey":
                    raise
                return None
            written: bytes = found["Body"].read()
        self._etags[chain] = found["ETag"]
        return written

    def write(self, chain: Chain, envelope: bytes) -> None:
        """Put another head in place of the one that was read.

        Raises:
            EvidenceError: somebody else has put one there meanwhile.
            ReadError: S3 refuses.
        """
        key, etag = self._key(chain), self._etags.get(chain)
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        place = f"s3://{self._bucket}/{key}"
        with aws_faults(f"s3:PutObject {place}"):
            try:
                self._client.put_object(Bucket=self._bucket, Key=key, Body=envelope, **condition)
            except ClientError as error:
                if error.response["Error"]["Code"] not in {
                    "PreconditionFailed",
                    "ConditionalRequestConflict",
                }:
                    raise
                raise EvidenceError(
                    f"another host has appended to {chain} meanwhile",
                    where=place,
                    remedy="Run one notebook of an environment on one host.",
                ) from None

    def _key(self, chain: Chain) -> str:
        return f"{self._prefix}/{chain.environment}/{chain.notebook}{HEAD_ENDING}"

    def _admit(self, operation: str, asked: Mapping[str, Any]) -> None:
        """Let only conditional puts of heads below the prefix through."""
        if is_read_only(operation):
            return
        fits = (
            operation == "PutObject"
            and asked["Bucket"] == self._bucket
            and asked["Key"].startswith(f"{self._prefix}/")
            and asked["Key"].endswith(HEAD_ENDING)
            and bool(asked.get("IfMatch") or asked.get("IfNoneMatch"))
        )
        if not fits:
            raise ChangeRefused("keeping a head never makes this call", where=f"s3:{operation}")
