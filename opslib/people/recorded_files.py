"""Files that people recorded an incident in: here, or in S3 and brought here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.event_reads import Told, window_words
from opslib.aws.faults import aws_faults
from opslib.aws.file_cache import FileCache
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.errors import NotFound, ReadError
from opslib.named_file import find_named
from opslib.tables.timeline import EVENTS
from opslib.timewindow import TimeWindow

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["RecordedFile", "read_people_events"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFile:
    """One file.

    Args:
        name: its path below the one that was named, or its own name.
        uri: as it was named.
        content: all of it.
    """

    name: str
    uri: str
    content: bytes

    @property
    def text(self) -> str:
        """Return it as text; bytes that are not UTF-8 are shown as such."""
        return self.content.decode("utf-8-sig", errors="replace")


def read_people_events(
    reads: Reads,
    source: str,
    path: str,
    window: TimeWindow,
    tell: Callable[[list[RecordedFile]], Told],
    *,
    account: Account | None = None,
    suffixes: tuple[str, ...] = (),
    **arguments: Any,
) -> pd.DataFrame:
    """Read what people recorded at ``path``; columns of `EVENTS`.

    Args:
        reads: the context of the run; a replay needs no file.
        source: what the table calls it.
        path: a file or a folder, here or as ``s3://bucket/key``.
        window: events outside of it are left out.
        tell: turns files into events.
        account: whose bucket it is.
        suffixes: of a folder's files that are read.
        arguments: what the answer depends on, beside path and window.

    Raises:
        ParameterError: from ``tell``, for what a person must correct.
    """

    def fetch() -> Fetched:
        files = list(_files(reads, account, path, suffixes))
        fetched = tell(files).fetched(window)
        notes = {"files": [_facts(file) for file in files]}
        return Fetched(
            frame=fetched.frame, status=fetched.status, detail=fetched.detail, notes=notes
        )

    request = ReadRequest(
        table=f"{source} events",
        asked=f"{path}, {window_words(window)}",
        schema=EVENTS,
        account=account.label if account else "",
        arguments={"path": path, "start": window.start, "end": window.end, **arguments},
    )
    return reads.read(request, fetch).frame


def _facts(file: RecordedFile) -> dict[str, Any]:
    digest = hashlib.sha256(file.content).hexdigest()
    return {"uri": file.uri, "bytes": len(file.content), "sha256": digest}


def _files(
    reads: Reads, account: Account | None, path: str, suffixes: tuple[str, ...]
) -> Iterator[RecordedFile]:
    if path.startswith("s3://"):
        yield from _from_s3(reads, account, path, suffixes)
        return
    place = find_named(path)
    if not place.exists():
        raise NotFound("there is no such file", where=path, remedy="Correct the path.")
    below = [file for file in sorted(place.rglob("*")) if file.name.endswith(suffixes)]
    found = [file for file in (below if place.is_dir() else [place]) if file.is_file()]
    if not found:
        raise NotFound(
            f"no {' or '.join(suffixes) or 'file'} is in it", where=path, remedy="Correct the path."
        )
    for file in found:
        name = file.name if file == place else file.relative_to(place).as_posix()
        yield RecordedFile(name=name, uri=str(file), content=_content(file))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}", where=str(file)) from error


def _from_s3(
    reads: Reads, account: Account | None, path: str, suffixes: tuple[str, ...]
) -> Iterator[RecordedFile]:
    bucket, _, key = path.removeprefix("s3://").partition("/")
    client = reads.connection.client("s3", account=account)
    found = list(_listed(client, bucket, key, suffixes))
    if not found:
        raise NotFound("there is no such file", where=path, remedy="Correct the path.")
    for name, version in found:
        uri = f"s3://{bucket}/{name}"

        def download(target: Path, name: str = name, uri: str = uri) -> None:
            with aws_faults(f"s3:GetObject {uri}"):
                client.download_file(bucket, name, str(target))

        cached = FileCache.of_user().fetch(f"{uri}@{version}", Path(name).name, download)
        below = Path(name).name if name == key else name.removeprefix(key).lstrip("/")
        yield RecordedFile(name=below, uri=uri, content=cached.read_bytes())


def _listed(
    client: Any, bucket: str, key: str, suffixes: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield the file named ``key``, or those below it as a folder, with their versions."""
    with aws_faults(f"s3:ListBucket s3://{bucket}/{key}"):
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key):
            for item in page.get("Contents", []):
                name = item["Key"]
                below = name.startswith(f"{key.rstrip('/')}/") if key else True
                if name == key or (below and name.endswith(suffixes)):
                    yield name, item["ETag"].strip('"')
