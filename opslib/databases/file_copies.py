"""Reading a folder and its restored copy for a validation, and baselines of folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from opslib.aws.places import Place
from opslib.aws.reads import Reads
from opslib.databases.files import FileLimits, Progress, read_tree
from opslib.databases.recorded_stores import Recorder
from opslib.errors import ParameterError
from opslib.tables.baseline import write_baseline
from opslib.tables.store_states import FileCopyStates, TreeState

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["capture_file_baseline", "read_file_validation"]


def capture_file_baseline(
    root: Path,
    folder: Path,
    limits: FileLimits | None = None,
    progress: Progress | None = None,
) -> TreeState:
    """Read a folder as it is now and keep its manifest, to hold later restores against.

    Args:
        root: what is read, such as where a file system is mounted.
        folder: that the manifest is written to; must not exist, and not lie within ``root``.
        limits: of what is read.
        progress: is told how many files and bytes were read so far.

    Raises:
        ReadError: ``root`` cannot be read; nothing is written then.
        ParameterError: ``folder`` exists, or lies within ``root``.
    """
    if folder.exists():
        raise ParameterError("there is something already", where=str(folder))
    if folder.resolve().is_relative_to(root.resolve()):
        raise ParameterError("the baseline would lie within what it is of", where=str(folder))
    state = read_tree(root, limits or FileLimits(), progress)
    write_baseline(state, folder, of=str(root))
    return state


def read_file_validation(
    reads: Reads,
    account: Account | None,
    source: Path | None,
    restored: Path,
    baseline: str,
    *,
    limits: FileLimits | None = None,
    progress: Progress | None = None,
) -> FileCopyStates:
    """Read a folder's baseline, the folder restored from it, and the folder as it is now.

    Args:
        reads: the run's context; what it recorded is not read again.
        account: whose bucket holds the baseline, where that is in S3.
        source: the folder that was backed up; None where it is gone, or not mounted here.
        restored: what came back.
        baseline: folder or ``s3://bucket/prefix`` that `capture_file_baseline` wrote.
        limits: of what is read of each.
        progress: is told how many files and bytes of a folder were read so far.
    """
    place, chosen = Place(reads, account, ""), limits or FileLimits()
    recorder = Recorder(place, f"folder {restored.name}")

    def read(root: Path) -> tuple[TreeState, tuple[()]]:
        return read_tree(root, chosen, progress), ()

    before = recorder.recall(baseline, "baseline", "", TreeState)
    copy = recorder.record("restored", TreeState, lambda: read(restored), path=str(restored))
    now = None
    if source is not None:
        now = recorder.record("source", TreeState, lambda: read(source), path=str(source))
    return FileCopyStates(
        source=str(source or ""),
        restored=str(restored),
        baseline=before,
        copy=copy,
        now=now,
        unread=tuple(recorder.unread),
    )
