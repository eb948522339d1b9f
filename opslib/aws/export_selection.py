"""Which files of an export count: those that its manifests promise, each charge once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from opslib.aws.export_files import ExportFile
from opslib.aws.export_layout import may_hold, place_of
from opslib.aws.export_manifest import Manifest
from opslib.tables.bill_controls import EXPORT_FILES, FileState

__all__ = ["ChosenFile", "select_files", "tabulate_files"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenFile:
    """A file of an export, or one that was promised, and what becomes of it.

    Args:
        uri: where it lies, or should.
        file: the file; None where it is missing, and of a manifest that is unreadable.
        start: first day of its billing period; None where its path does not tell.
        manifest: URI of the manifest that lists it; empty where none does.
        state: what becomes of it.
    """

    uri: str
    file: ExportFile | None
    start: date | None
    manifest: str
    state: FileState


def select_files(
    listed: Iterable[ExportFile], manifests: Sequence[Manifest], days: tuple[date, ...]
) -> list[ChosenFile]:
    """Return every file that may hold charges of ``days`` with what becomes of it.

    A period with a manifest counts what that lists. Without one everything in its folder counts,
    or the newest of several versions; the others are rivals, since nothing says which one is
    current. Where any manifest was read, a file outside all periods is left over.

    Args:
        listed: the data files that are there.
        manifests: the current one of each period.
        days: consecutive UTC days.
    """
    files: dict[date | None, list[ExportFile]] = {}
    for file in listed:
        if may_hold(file.uri, days):
            files.setdefault(_start(file.uri), []).append(file)
    told: dict[date | None, list[Manifest]] = {}
    for manifest in manifests:
        if may_hold(manifest.uri, days):
            told.setdefault(_start(manifest.uri), []).append(manifest)
    chosen = []
    if None not in told and any(manifest.files is not None for manifest in manifests):
        outside = files.pop(None, [])
        chosen = [_chosen(file, None, "", FileState.LEFT_OVER) for file in outside]
    for start in {**files, **told}:
        chosen += _of_period(start, files.get(start, []), told.get(start, []))
    return chosen


def _start(uri: str) -> date | None:
    place = place_of(uri)
    return place.start if place else None


def _chosen(file: ExportFile, start: date | None, manifest: str, state: FileState) -> ChosenFile:
    return ChosenFile(uri=file.uri, file=file, start=start, manifest=manifest, state=state)


def _of_period(
    start: date | None, files: Sequence[ExportFile], manifests: Sequence[Manifest]
) -> list[ChosenFile]:
    unreadable = [
        ChosenFile(uri=m.uri, file=None, start=start, manifest="", state=FileState.UNREADABLE)
        for m in manifests
        if m.files is None
    ]
    promised = {
        _tail(name, start): (name, manifest.uri)
        for manifest in manifests
        for name in manifest.files or ()
    }
    if any(manifest.files is not None for manifest in manifests):
        return [*unreadable, *_as_promised(start, files, promised)]
    return [*unreadable, *_newest_version(start, files)]


def _tail(uri: str, start: date | None) -> str:
    """Return what a file is known by: its name alone, where it lies in no period's folder."""
    place = place_of(uri) if start else None
    return place.tail if place else uri.rsplit("/", 1)[-1]


def _as_promised(
    start: date | None, files: Sequence[ExportFile], promised: Mapping[str, tuple[str, str]]
) -> list[ChosenFile]:
    chosen, versions = [], {_version(tail) for tail in promised}
    present = {_tail(file.uri, start): file for file in files}
    for tail, file in present.items():
        if tail in promised:
            chosen.append(_chosen(file, start, promised[tail][1], FileState.USED))
        else:
            old = _version(tail) not in versions
            state = FileState.SUPERSEDED if old else FileState.LEFT_OVER
            chosen.append(_chosen(file, start, "", state))
    for tail, (name, manifest) in promised.items():
        if tail not in present:
            chosen.append(
                ChosenFile(
                    uri=name, file=None, start=start, manifest=manifest, state=FileState.MISSING
                )
            )
    return chosen


def _version(tail: str) -> str:
    return tail.rpartition("/")[0]


def _newest_version(start: date | None, files: Sequence[ExportFile]) -> list[ChosenFile]:
    versions: dict[str, list[ExportFile]] = {}
    for file in files:
        versions.setdefault(_version(_tail(file.uri, start)), []).append(file)
    newest = max(
        versions,
        key=lambda name: (max(file.modified for file in versions[name]), name),
        default="",
    )
    return [
        _chosen(file, start, "", FileState.USED if name == newest else FileState.RIVAL)
        for name, group in versions.items()
        for file in group
    ]


def tabulate_files(chosen: Iterable[ChosenFile]) -> pd.DataFrame:
    """Return the files in columns of `opslib.tables.bill_controls.EXPORT_FILES`."""
    rows = [
        (
            one.uri,
            one.start,
            one.manifest,
            one.state.value,
            one.file.bytes if one.file else 0,
        )
        for one in sorted(chosen, key=lambda one: one.uri)
    ]
    return pd.DataFrame(rows, columns=list(EXPORT_FILES.columns)).astype({"BillingPeriod": object})
