"""The manifest of an export: which files a billing period promises.

AWS writes a manifest once all files of a delivery are there, and recommends to read its list
rather than the folder: an export that shrank leaves files behind, and one that keeps its earlier
deliveries has each of them in a folder. The manifest in the period's own folder is always of the
latest delivery; the copies in the folders of the deliveries are not read.

Sources: AWS Data Exports user guide, "Understanding export delivery" (``dataFiles``: URIs, or
keys in the bucket); the same guide, CUR 1, "Manifest files" (``reportKeys``: keys in the bucket).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from opslib.aws.export_files import ExportFile, local_copy
from opslib.aws.export_layout import place_of
from opslib.errors import ReadError

if TYPE_CHECKING:
    from opslib.aws.reads import Reads
    from opslib.parameters.base import Account

__all__ = ["Manifest", "current_manifests", "parse_manifest", "read_manifest"]

LISTS = ("dataFiles", "reportKeys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a manifest says.

    Args:
        uri: where it lies.
        files: URIs, or keys, of the files that it promises; None where it could not be read.
        problem: why it could not be read.
    """

    uri: str
    files: tuple[str, ...] | None
    problem: str = ""


def current_manifests(files: Iterable[ExportFile]) -> list[ExportFile]:
    """Return the manifests that tell the latest delivery of a period, in order of name.

    Where a period has none but in folders of deliveries, it has a current one only if it is the
    only one.
    """
    by_period: dict[date | None, list[tuple[int, ExportFile]]] = {}
    for file in files:
        place = place_of(file.uri)
        depth = place.version.count("/") + 1 if place and place.version else 0
        by_period.setdefault(place.start if place else None, []).append((depth, file))
    current = []
    for found in by_period.values():
        least = min(depth for depth, _ in found)
        nearest = [file for depth, file in found if depth == least]
        if least == 0 or len(nearest) == 1:
            current += nearest
    return sorted(current, key=lambda file: file.uri)


def read_manifest(reads: Reads, account: Account | None, file: ExportFile) -> Manifest:
    """Read one manifest; what cannot be read is said in it."""
    try:
        text = local_copy(reads, account, file).read_text(encoding="utf-8-sig")
    except ReadError as error:
        return Manifest(uri=file.uri, files=None, problem=error.what)
    except (OSError, UnicodeDecodeError) as error:
        return Manifest(uri=file.uri, files=None, problem=str(error))
    return parse_manifest(file.uri, text)


def parse_manifest(uri: str, text: str) -> Manifest:
    """Return what the text of a manifest promises."""
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError):
        return Manifest(uri=uri, files=None, problem="it is no JSON")
    lists = [content[name] for name in LISTS if isinstance(content, dict) and name in content]
    if not lists:
        return Manifest(uri=uri, files=None, problem=f"it has no list {' or '.join(LISTS)}")
    (promised, *_) = lists
    if not isinstance(promised, list) or not all(isinstance(name, str) for name in promised):
        return Manifest(uri=uri, files=None, problem="its list of files is no list of names")
    return Manifest(uri=uri, files=tuple(promised))
