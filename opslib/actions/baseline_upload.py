"""Writing a captured baseline into S3: never over anything, and what makes it one comes last.

Each object is put with ``If-None-Match: *`` and bears the tag ``opslib:baseline``, the moment of
the capture. Nothing is ever deleted: what a failed upload leaves is no baseline, since the marker
of its layout is missing, and readers pass it over.

Source: Amazon S3 User Guide, "Conditional writes"; API Reference, PutObject (5 GB at most). S3
answers 412 when a client repeats a put whose answer was lost: a token in the object's metadata
tells our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

from botocore.exceptions import ClientError

from opslib.actions.baseline_target import BucketTarget
from opslib.actions.changes import ChangeRefused
from opslib.aws.connection import is_read_only
from opslib.aws.faults import aws_faults
from opslib.errors import NotFound, OpsError, ParameterError
from opslib.tables.baseline_layout import BaselineLayout
from opslib.wording import count

if TYPE_CHECKING:
    from opslib.aws.connection import Connection
    from opslib.parameters.base import Account

__all__ = ["BASELINE_TAG", "BaselineUpload"]

BASELINE_TAG = "opslib:baseline"
TOKEN = "opslib-upload"  # noqa: S105  name of a piece of metadata
MOST_BYTES = 5 * 1000**3


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One file that is to be written: its key, and where it is."""

    key: str
    path: Path
    size: int


class BaselineUpload:
    """Writes one baseline below one prefix.

    Args:
        connection: the way to AWS.
        account: the account whose role writes; None for that of the credentials.
        target: where to.
        layout: of the baseline: what is written last.
        moment: of the capture.
    """

    def __init__(
        self,
        connection: Connection,
        account: Account | None,
        target: BucketTarget,
        layout: BaselineLayout,
        moment: datetime,
    ) -> None:
        self._target = target
        self._layout = layout
        self._tag = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        self._token = uuid4().hex
        self._client: Any = connection.changing_client("s3", self._admit, account)

    def check(self) -> None:
        """Look whether the bucket can be reached, and nothing lies below the prefix.

        Raises:
            ParameterError: something does.
            ReadError: S3 refuses to tell.
        """
        try:
            there = self._names()
        except NotFound:
            raise NotFound(
                f"there is no bucket {self._target.bucket}",
                where=self._target.uri,
                remedy="Check its name, or make it.",
            ) from None
        if there:
            raise ParameterError(
                "there is something already, and nothing is overwritten",
                where=self._target.uri,
                remedy="Name another prefix; {time} in it makes one for each capture.",
            )

    def plan(self, folder: Path) -> str:
        """Say what would be written of ``folder``, in words.

        Raises:
            ParameterError: a file of it is too large.
        """
        files = self._files(folder)
        size = sum(file.size for file in files)
        return f"{count(len(files), 'object')} of {size:,} bytes in all to {self._target.uri}"

    def write(self, folder: Path) -> None:
        """Write all of ``folder``, the marker last.

        Raises:
            ParameterError: an object is there already, or a file is too large.
            ReadError: S3 refuses; a note at the error tells what is left there.
        """
        written: list[str] = []
        files = self._files(folder)
        try:
            for file in files:
                self._put(file)
                written.append(file.key)
        except BaseException as error:
            error.add_note(self._left(files, written))
            raise

    def _files(self, folder: Path) -> list[_File]:
        paths = [path for path in folder.rglob("*") if path.is_file()]
        names = [path.relative_to(folder).as_posix() for path in paths]
        heads = self._layout.heads
        ordered = sorted(names, key=lambda name: (name in heads, name == heads[-1], name))
        files = [
            _File(
                key=f"{self._target.prefix}{name}",
                path=folder / name,
                size=(folder / name).stat().st_size,
            )
            for name in ordered
        ]
        large = [file for file in files if file.size > MOST_BYTES]
        if large:
            raise ParameterError(
                f"{large[0].path.name} has {large[0].size:,} bytes: S3 takes no more than 5 GB",
                where=self._target.uri,
                remedy="Lower rows_limit.",
            )
        return files

    def _put(self, file: _File) -> None:
        place = f"s3://{self._target.bucket}/{file.key}"
        with file.path.open("rb") as body, aws_faults(f"s3:PutObject {place}"):
            try:
                self._client.put_object(
                    Bucket=self._target.bucket,
                    Key=file.key,
                    Body=body,
                    IfNoneMatch="*",
                    Tagging=urlencode({BASELINE_TAG: self._tag}),
                    Metadata={TOKEN: self._token},
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "PreconditionFailed":
                    raise
                if self._is_ours(file.key):
                    return
                raise ParameterError(
                    "there is something already, and nothing is overwritten",
                    where=place,
                    remedy="Is another capture writing there? Name another prefix.",
                ) from None

    def _is_ours(self, key: str) -> bool:
        """Say whether an object that is there was put by this very upload."""
        with aws_faults(f"s3:HeadObject s3://{self._target.bucket}/{key}"):
            found = self._client.head_object(Bucket=self._target.bucket, Key=key)
        return bool(found["Metadata"].get(TOKEN) == self._token)

    def _left(self, files: list[_File], written: list[str]) -> str:
        """Return what a failed upload left, in words: what another one wrote is none of it."""
        uri, last = self._target.uri, files[len(written)].key
        try:
            left = [*written, last] if self._is_ours(last) else written
        except OpsError:
            left = written
        if not left:
            return f"nothing was written to {uri}"
        if len(left) == len(files):
            return f"the baseline in {uri} is whole all the same"
        names = ", ".join(key.removeprefix(self._target.prefix) for key in left)
        return (
            f"left in {uri}: {names}; without {self._layout.marker} it is no baseline and is "
            "passed over, and may be deleted"
        )

    def _names(self) -> list[str]:
        """Return the keys below the prefix, the first thousand at most."""
        with aws_faults(f"s3:ListObjectsV2 {self._target.uri}/"):
            found = self._client.list_objects_v2(
                Bucket=self._target.bucket, Prefix=self._target.prefix
            )
        return [one["Key"] for one in found.get("Contents") or []]

    def _admit(self, operation: str, asked: Mapping[str, Any]) -> None:
        """Let only puts below the prefix through that cannot overwrite, and bear the tag."""
        if is_read_only(operation):
            return
        tagged = asked.get("Tagging", "").startswith(urlencode({BASELINE_TAG: ""}))
        if not (self._target.takes(operation, asked) and tagged):
            raise ChangeRefused("a capture never makes this call", where=f"s3:{operation}")
