"""A series of baselines: the folder, or prefix of a bucket, that a scheduled capture fills."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from opslib.aws.baseline_places import BucketPlace, FolderPlace, find_place
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import CoverageStatus
from opslib.errors import (
    AccessDenied,
    CredentialsError,
    OpsError,
    ReadError,
    TableError,
    Unreachable,
)
from opslib.tables.baseline_layout import FORMAT, BaselineHead, BaselineLayout, read_head
from opslib.tables.baseline_series import BASELINE_SERIES
from opslib.wording import count, printable

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_baseline_series"]

AT_ONCE = 8
NAMED = 3
"""Folders that coverage names one by one."""


def read_baseline_series(
    reads: Reads, account: Account | None, path: str, layout: BaselineLayout, of: str
) -> pd.DataFrame | None:
    """Return the baselines that lie right under ``path``, as a table that a replay has too.

    Args:
        reads: the run's context. What is no baseline stays in its coverage.
        account: the account whose bucket is read.
        path: a folder, or ``s3://bucket/prefix``.
        layout: of the baselines.
        of: what they must be of, by name, where they tell it.

    Returns:
        Columns of `BASELINE_SERIES`; None where ``path`` is a baseline itself, where nothing
        lies in folders under it, or where S3 does not tell: who loads it then says what is wrong.
    """
    request = ReadRequest(
        table=f"series of {layout.kind} baselines",
        asked=f"what lies in {path}",
        schema=BASELINE_SERIES,
        account=account.label if account else "",
        arguments={"path": path, "kind": layout.kind, "of": of},
    )
    if reads.holds(request):
        return reads.read(request, _unasked).frame
    if reads.run.replay:
        return None
    place = find_place(reads, account, path)
    found = _folders_of(place, layout)
    return reads.read(request, lambda: _judged(place, found, layout, of)).frame if found else None


def _unasked() -> Fetched:
    raise AssertionError("what is recorded is not asked for again")


def _folders_of(
    place: FolderPlace | BucketPlace, layout: BaselineLayout
) -> dict[str, frozenset[str]]:
    """Return folder to the files in it; none where the place is a baseline, or a part of one."""
    try:
        if any(_has(place, head) for head in layout.heads):
            return {}
        files = place.files()
    except ReadError:
        return {}
    return {} if _is_partial(files, layout) else _grouped(files)


def _has(place: FolderPlace | BucketPlace, name: str) -> bool:
    """Say whether a file is there; without the right to list, S3 denies what is not there."""
    try:
        return place.has(name)
    except AccessDenied:
        return False


def _is_partial(files: Mapping[str, str], layout: BaselineLayout) -> bool:
    """Say whether these are what a baseline is made of, without the file that makes it one."""
    parts = {part for part, _ in layout.parts}
    return any(name.endswith(".parquet") and name.rpartition("/")[0] in parts for name in files)


def _grouped(files: Mapping[str, str]) -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for name in files:
        folder, _, inner = name.partition("/")
        if inner and folder:
            groups[folder].add(inner)
    return {folder: frozenset(groups[folder]) for folder in sorted(groups)}


def _judged(
    place: FolderPlace | BucketPlace,
    found: Mapping[str, frozenset[str]],
    layout: BaselineLayout,
    of: str,
) -> Fetched:
    def judge(folder: str) -> tuple[str, datetime | None, str]:
        try:
            heads = _heads_of(folder, found[folder], layout, place.text)
            return folder, _moment_of(heads, of), ""
        except (CredentialsError, Unreachable):
            raise
        except OpsError as error:
            return folder, None, error.what

    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(judge, found))
    frame = pd.DataFrame(rows, columns=list(BASELINE_SERIES.columns))
    broken = [f"{printable(name)} ({printable(problem)})" for name, _, problem in rows if problem]
    return Fetched(
        frame=frame,
        status=CoverageStatus.PARTIAL if broken else CoverageStatus.COMPLETE,
        detail=_tell(broken, len(rows)) if broken else "",
    )


def _tell(broken: list[str], number: int) -> str:
    rest = len(broken) - NAMED
    more = f" and {rest} more" if rest > 0 else ""
    return f"{len(broken)} of {count(number, 'folder')} passed over: " + (
        ", ".join(broken[:NAMED]) + more
    )


def _heads_of(
    folder: str, files: frozenset[str], layout: BaselineLayout, text: Callable[[str], str]
) -> list[BaselineHead]:
    """Return what the parts of a baseline say, all of whose files are there.

    Raises:
        TableError: it is none.
        ReadError: it cannot be read.
    """
    if layout.marker not in files:
        raise TableError(f"not written to its end: {layout.marker} is missing")
    heads = []
    for (part, kind), place in zip(layout.parts, layout.heads, strict=True):
        if place not in files:
            raise TableError(f"{place} is missing")
        head = read_head(text(f"{folder}/{place}"))
        if head.kind != kind.__name__:
            raise TableError(f"it is no baseline of a {layout.kind}: {head.kind}")
        if head.format != FORMAT:
            raise TableError(f"it is of format {head.format}")
        missing = {f"{part}/{name}" if part else name for name in head.files} - files
        if missing:
            raise TableError(f"{min(missing)} is missing")
        heads.append(head)
    return heads


def _moment_of(heads: list[BaselineHead], of: str) -> datetime:
    """Return when a baseline was captured.

    Raises:
        TableError: it does not tell, or is of something else.
    """
    told = next((head.of for head in heads if head.of), of)
    if told != of:
        raise TableError(f"it is of {told}, not of {of}")
    moment = heads[-1].moment
    if moment is None:
        raise TableError("it does not tell its moment")
    return moment
