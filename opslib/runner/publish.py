"""From a working folder to a published report in one step: half a report is never seen.

::

    reports/.running/<name>.lock     held by the run as long as it lives
    reports/.running/<name>/         what it has written so far
    reports/.failed/<date>/<environment>/<notebook>-<HHMMSS>Z/    a run that failed
    reports/<date>/<environment>/<notebook>-<HHMMSS>Z/            a published report

All on one file system, so that moving is renaming. The lock is the kernel's (flock): it is free
as soon as the run's process is gone, however it went.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

__all__ = [
    "TAKEN",
    "abandoned_folders",
    "failed_place",
    "flush_to_disk",
    "free_place",
    "published_place",
    "rename_to",
    "working_folder",
]

RUNNING = ".running"
FAILED = ".failed"
TAKEN = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR}
"""How renaming a folder fails where there is something already."""


@contextmanager
def working_folder(reports: Path, name: str) -> Iterator[Path]:
    """Make a folder for a run and hold its lock; the caller moves the folder before the end.

    A folder that is still there at the end keeps its lock's file, and the next run sweeps it.

    Args:
        reports: the folder of all reports; made if absent.
        name: what the run is called, unique together with this process's id.
    """
    running = reports / RUNNING
    running.mkdir(parents=True, exist_ok=True)
    folder = running / f"{name}-{os.getpid()}"
    lock = running / f"{folder.name}.lock"
    unlocked = running / f"{folder.name}.new"
    with unlocked.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        unlocked.rename(lock)  # locked before it bears the name that others look for
        folder.mkdir()
        try:
            yield folder
        finally:
            if not folder.exists():
                lock.unlink()


@contextmanager
def abandoned_folders(reports: Path) -> Iterator[list[Path]]:
    """Give the folders of runs whose process is gone; the caller moves them away.

    Their locks are held meanwhile, so that two runners do not sweep the same folder.
    """
    held = []
    try:
        for lock in sorted((reports / RUNNING).glob("*.lock")):
            file = _try_lock(lock)
            if file is not None:
                held.append((lock, file))
        folders = [lock.with_suffix("") for lock, _ in held]
        yield [folder for folder in folders if folder.is_dir()]
    finally:
        for lock, file in held:
            lock.unlink(missing_ok=True)
            file.close()


def _try_lock(lock: Path) -> IO[str] | None:
    try:
        file = lock.open("r+")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def published_place(reports: Path, *, notebook: str, environment: str, started: datetime) -> Path:
    """Return where the report of a run goes, by its UTC start."""
    return reports / f"{started:%Y-%m-%d}" / environment / f"{notebook}-{started:%H%M%S}Z"


def failed_place(reports: Path, *, notebook: str, environment: str, started: datetime) -> Path:
    """Return where a failed run is kept."""
    return published_place(
        reports / FAILED, notebook=notebook, environment=environment, started=started
    )


def free_place(place: Path) -> Path:
    """Return ``place``, or ``place``-2 and so on where a run is already."""
    attempt, free = 1, place
    while free.exists():
        attempt += 1
        free = place.with_name(f"{place.name}-{attempt}")
    return free


def flush_to_disk(folder: Path) -> None:
    """Have a folder, its name and all that is in it on the disk before this returns.

    A head must not outlive, when the power goes, the run that it names.
    """
    for path in (folder.parent, folder, *folder.rglob("*")):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def rename_to(folder: Path, place: Path) -> Path:
    """Rename ``folder`` to ``place``, or to ``place``-2 and so on where a run is already.

    Returns:
        Where it is now.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    attempt = 1
    while True:
        target = place if attempt == 1 else place.with_name(f"{place.name}-{attempt}")
        try:
            folder.rename(target)
        except OSError as error:
            if error.errno not in TAKEN:
                raise
            attempt += 1
        else:
            return target
