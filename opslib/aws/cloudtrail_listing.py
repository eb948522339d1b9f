"""CloudTrail log files in S3 or in a folder, those of other days left out by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.aws.export_files import ExportFile
from opslib.aws.faults import aws_faults
from opslib.aws.reads import Reads
from opslib.errors import NotFound, ParameterError
from opslib.timewindow import TimeWindow

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["list_cloudtrail_files", "may_hold"]

FILE_ENDINGS = (".json", ".json.gz", ".gz", ".jsonl", ".ndjson")
DELIVERED = re.compile(r"_CloudTrail(?:-Insight)?_[\w-]+_(\d{8}T\d{4})Z_[^/]*$")
DAY_FOLDER = re.compile(r"/CloudTrail(?:-Insight)?/[\w-]+/(\d{4})/(?:(\d{2})/(?:(\d{2})/)?)?")
DIGESTS = "/CloudTrail-Digest/"
LATEST_DELIVERY = timedelta(days=1)
"""Files come about 5 minutes after the calls in them, which AWS does not promise."""
CLOCKS = timedelta(minutes=5)


def list_cloudtrail_files(
    reads: Reads, account: Account | None, path: str, window: TimeWindow
) -> list[ExportFile]:
    """Return the files under ``path`` that may hold events of ``window``.

    They come in the order of their delivery, as far as names tell it.

    Raises:
        ParameterError: ``path`` does not exist, or is a folder without any file.
    """
    if path.startswith("s3://"):
        bucket, _, prefix = path.removeprefix("s3://").partition("/")
        if not bucket:
            raise ParameterError(
                "no bucket is named", where=path, remedy="Write it as s3://bucket/prefix."
            )
        try:
            listed = list(_list_s3(reads, account, bucket, prefix, window))
        except NotFound as error:
            raise ParameterError(error.what, where=path, remedy=error.remedy) from error
    else:
        listed = [
            file for file in _list_folder(Path(path).expanduser()) if may_hold(file.uri, window)
        ]
    return sorted(listed, key=lambda file: (_delivered(file.uri), file.uri))


def may_hold(uri: str, window: TimeWindow) -> bool:
    """Say whether a file, or the files in a folder, may hold events of ``window``, by the name.

    CloudTrail puts the time of delivery into a file's name and its day into the folders
    (``AWSLogs/<account>/CloudTrail/<region>/yyyy/mm/dd/``); a name without either may hold any.
    """
    if DIGESTS in uri:
        return False
    first, last = _delivered(uri)
    return last >= window.start - CLOCKS and first <= window.end + LATEST_DELIVERY


def _delivered(uri: str) -> tuple[datetime, datetime]:
    """Return the earliest and the latest time that the name allows for."""
    if stamp := DELIVERED.search(uri):
        moment = datetime.strptime(stamp[1], "%Y%m%dT%H%M").replace(tzinfo=UTC)
        return moment, moment + timedelta(minutes=1)
    folder = DAY_FOLDER.search(uri)
    if not folder:
        return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    year, month, day = folder.groups()
    first = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    if day:
        return first, first + timedelta(days=1)
    if month:
        return first, first + timedelta(days=31)
    return first, first + timedelta(days=366)


def _list_folder(place: Path) -> Iterator[ExportFile]:
    if not place.exists():
        raise ParameterError(
            "there is no such file or folder", where=str(place), remedy="Correct the path."
        )
    found = [place] if place.is_file() else sorted(place.rglob("*"))
    files = [file for file in found if file.name.endswith(FILE_ENDINGS) and file.is_file()]
    if not files:
        raise ParameterError(
            f"no {', '.join(FILE_ENDINGS)} file there",
            where=str(place),
            remedy="Set path to the folder of the log files, or to one of them.",
        )
    for file in files:
        facts = file.stat()
        yield ExportFile(uri=str(file), bytes=facts.st_size, version=str(int(facts.st_mtime)))


def _list_s3(
    reads: Reads, account: Account | None, bucket: str, prefix: str, window: TimeWindow
) -> Iterable[ExportFile]:
    """Walk the folders below ``prefix``, those of other days left out."""
    client = reads.connection.client("s3", account=account)
    if prefix and not prefix.endswith(("/", *FILE_ENDINGS)):
        prefix += "/"  # or folders that only begin alike would be listed too
    waiting = [prefix]
    with aws_faults(f"s3:ListBucket s3://{bucket}/{prefix}"):
        while waiting:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix=waiting.pop(), Delimiter="/"
            )
            for page in pages:
                folders = [item["Prefix"] for item in page.get("CommonPrefixes", [])]
                waiting += [name for name in folders if may_hold(f"/{name}", window)]
                for item in page.get("Contents", []):
                    uri = f"s3://{bucket}/{item['Key']}"
                    if uri.endswith(FILE_ENDINGS) and may_hold(uri, window):
                        yield ExportFile(
                            uri=uri, bytes=item["Size"], version=item["ETag"].strip('"')
                        )
