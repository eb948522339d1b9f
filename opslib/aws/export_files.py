"""The files of a bill export: found in S3 or in a folder, and brought here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.aws.faults import aws_faults
from opslib.aws.file_cache import FileCache
from opslib.aws.reads import Reads
from opslib.errors import NotFound, ParameterError

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["ExportFile", "list_export_files", "local_copy"]

FILE_ENDINGS = (".parquet", ".csv", ".csv.gz")
PERIOD_IN_PATH = re.compile(
    r"^(?P<root>.*?)(?P<period>BILLING_PERIOD=\d{4}-\d{2}|\d{8}-\d{8})/(?:(?P<version>[^/]+)/)?[^/]+$"
)
"""An export's folder of a billing period, and below it one for each version, where it keeps all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """One file of an export, as evidence names it.

    Args:
        uri: ``s3://bucket/key`` or a path.
        bytes: its size.
        version: S3 version or ETag; the modification time of a local file.
    """

    uri: str
    bytes: int
    version: str


def list_export_files(reads: Reads, account: Account | None, path: str) -> list[ExportFile]:
    """Return the export's files under ``path``, in order of name; an S3 prefix may hold none.

    Raises:
        ParameterError: ``path`` does not exist, or is a folder that holds no such file.
    """
    if path.startswith("s3://"):
        bucket, _, prefix = path.removeprefix("s3://").partition("/")
        try:
            listed = list(_list_s3(reads, account, bucket, prefix))
        except NotFound as error:
            raise ParameterError(error.what, where=path, remedy=error.remedy) from error
    else:
        listed = list(_list_folder(Path(path).expanduser()))
    return _check_versions(sorted(listed, key=lambda file: file.uri))


def _list_folder(place: Path) -> Iterable[ExportFile]:
    found = [place] if place.is_file() else place.rglob("*")
    files = [file for file in found if file.name.endswith(FILE_ENDINGS) and file.is_file()]
    if not files:
        raise ParameterError(
            f"no {', '.join(FILE_ENDINGS)} file there",
            where=str(place),
            remedy="Set path to the folder of the export, or to one of its files.",
        )
    for file in files:
        facts = file.stat()
        yield ExportFile(uri=str(file), bytes=facts.st_size, version=str(int(facts.st_mtime)))


def _check_versions(files: list[ExportFile]) -> list[ExportFile]:
    """Refuse several exports, or several versions of a period: charges would be counted twice."""
    found = [match for file in files if (match := PERIOD_IN_PATH.match(file.uri))]
    roots = sorted({match["root"] for match in found})
    if len(roots) > 1:
        raise ParameterError(
            f"several exports are there: {', '.join(roots[:3])} (they would be added up)",
            where="path",
            remedy="Point path at one of them.",
        )
    versions: dict[str, set[str]] = {}
    for match in found:
        name = match["version"] or "directly in its folder"
        versions.setdefault(match["period"], set()).add(name)
    for period, names in versions.items():
        if len(names) > 1:
            raise ParameterError(
                f"period {period} is there in more than one version: {', '.join(sorted(names))} "
                "(two versions would be counted twice)",
                where="path",
                remedy="Point path at one version, or let the report overwrite existing files.",
            )
    return files


def _list_s3(
    reads: Reads, account: Account | None, bucket: str, prefix: str
) -> Iterable[ExportFile]:
    client = reads.connection.client("s3", account=account)
    if prefix and not prefix.endswith(("/", *FILE_ENDINGS)):
        prefix += "/"  # or folders that only begin alike would be listed too
    with aws_faults(f"s3:ListBucket s3://{bucket}/{prefix}"):
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                if item["Key"].endswith(FILE_ENDINGS):
                    yield ExportFile(
                        uri=f"s3://{bucket}/{item['Key']}",
                        bytes=item["Size"],
                        version=item["ETag"].strip('"'),
                    )


def local_copy(reads: Reads, account: Account | None, file: ExportFile) -> Path:
    """Return the file on this machine, fetched from S3 once for every version."""
    if not file.uri.startswith("s3://"):
        return Path(file.uri)
    bucket, _, key = file.uri.removeprefix("s3://").partition("/")
    client = reads.connection.client("s3", account=account)

    def download(target: Path) -> None:
        with aws_faults(f"s3:GetObject {file.uri}"):
            client.download_file(bucket, key, str(target))

    return FileCache.of_user().fetch(f"{file.uri}@{file.version}", Path(key).name, download)
