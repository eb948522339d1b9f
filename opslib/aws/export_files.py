"""The files of a bill export: found in S3 or in a folder, and brought here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.aws.export_layout import MANIFEST_ENDING, place_of
from opslib.aws.faults import aws_faults
from opslib.aws.file_cache import FileCache
from opslib.aws.reads import Reads
from opslib.errors import NotFound, ParameterError

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["ExportFile", "ExportListing", "list_export_files", "local_copy"]

FILE_ENDINGS = (".parquet", ".csv", ".csv.gz")
METADATA_BESIDE = re.compile(r"^(?P<root>.*/)data/?$")
"""A path that is the ``data`` folder of an export; its manifests lie in ``metadata`` beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """One file of an export, as evidence names it.

    Args:
        uri: ``s3://bucket/key`` or a path.
        bytes: its size.
        version: S3 version or ETag; the modification time of a local file.
        modified: when it was written, such that later texts sort later; empty where unknown.
    """

    uri: str
    bytes: int
    version: str
    modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportListing:
    """What lies at the path of an export.

    Args:
        files: the data files, in order of name.
        manifests: files that are named as manifests are, in order of name.
    """

    files: tuple[ExportFile, ...]
    manifests: tuple[ExportFile, ...]


def list_export_files(reads: Reads, account: Account | None, path: str) -> ExportListing:
    """Return the export's files and manifests at ``path``; an S3 prefix may hold none.

    Of a path that ends in the ``data`` folder of an export, the manifests beside that folder are
    listed too.

    Raises:
        ParameterError: ``path`` does not exist, is a folder that holds no such file or a link that
            leads nowhere, or holds several exports.
    """
    listed = list(_list_place(reads, account, path))
    beside = METADATA_BESIDE.match(path)
    if beside and path.startswith("s3://"):
        listed += _list_place(reads, account, f"{beside['root']}metadata/")
    elif beside and Path(beside["root"], "metadata").expanduser().is_dir():
        listed += _list_folder(Path(beside["root"], "metadata").expanduser())
    listed.sort(key=lambda file: file.uri)
    files = tuple(file for file in listed if file.uri.endswith(FILE_ENDINGS))
    if not files and not path.startswith("s3://"):
        raise ParameterError(
            f"no {', '.join(FILE_ENDINGS)} file there",
            where=str(Path(path).expanduser()),
            remedy="Name the folder of the export, or one of its files.",
        )
    _check_roots(files)
    return ExportListing(
        files=files,
        manifests=tuple(file for file in listed if file.uri.endswith(MANIFEST_ENDING)),
    )


def _list_place(reads: Reads, account: Account | None, path: str) -> Iterable[ExportFile]:
    if not path.startswith("s3://"):
        return _list_folder(Path(path).expanduser())
    bucket, _, prefix = path.removeprefix("s3://").partition("/")
    try:
        return list(_list_s3(reads, account, bucket, prefix))
    except NotFound as error:
        raise ParameterError(error.what, where=path, remedy=error.remedy) from error


def _list_folder(place: Path) -> Iterable[ExportFile]:
    found = [place] if place.is_file() else place.rglob("*")
    for file in found:
        if not file.name.endswith((*FILE_ENDINGS, MANIFEST_ENDING)):
            continue
        if file.is_symlink() and not file.exists():
            raise ParameterError(
                "a link that leads nowhere",
                where=str(file),
                remedy="Bring the file there, or remove the link.",
            )
        if file.is_file():
            facts = file.stat()
            yield ExportFile(
                uri=str(file),
                bytes=facts.st_size,
                version=str(int(facts.st_mtime)),
                modified=f"{facts.st_mtime_ns:020d}",
            )


def _check_roots(files: Iterable[ExportFile]) -> None:
    """Refuse several exports: their charges would be added up."""
    roots = sorted({place.root for file in files if (place := place_of(file.uri))})
    if len(roots) > 1:
        raise ParameterError(
            f"several exports are there: {', '.join(roots[:3])} (they would be added up)",
            where="path",
            remedy="Point path at one of them.",
        )


def _list_s3(
    reads: Reads, account: Account | None, bucket: str, prefix: str
) -> Iterable[ExportFile]:
    client = reads.connection.client("s3", account=account)
    if prefix and not prefix.endswith(("/", *FILE_ENDINGS)):
        prefix += "/"  # or folders that only begin alike would be listed too
    with aws_faults(f"s3:ListBucket s3://{bucket}/{prefix}"):
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                if item["Key"].endswith((*FILE_ENDINGS, MANIFEST_ENDING)):
                    modified = item.get("LastModified")
                    yield ExportFile(
                        uri=f"s3://{bucket}/{item['Key']}",
                        bytes=item["Size"],
                        version=item["ETag"].strip('"'),
                        modified=modified.isoformat() if modified else "",
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
