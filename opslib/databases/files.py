"""Reading what a folder holds, such as a mounted file system: a manifest with SHA-256 of each file.

Symbolic links are read and never followed; pipes, sockets and devices are listed and never opened.
Names leave it as hashes only.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pandas as pd

from opslib.errors import AccessDenied, NotFound, ReadError
from opslib.tables.schema import check_table
from opslib.tables.store_states import TreeState
from opslib.tables.stores import TREE_ENTRIES

__all__ = ["FileLimits", "Progress", "read_tree"]

CHUNK = 1 << 20
OPEN_AT_ONCE = 64
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
KINDS = (
    (stat.S_ISREG, "file"),
    (stat.S_ISDIR, "directory"),
    (stat.S_ISLNK, "symlink"),
    (stat.S_ISFIFO, "fifo"),
    (stat.S_ISSOCK, "socket"),
)
Progress = Callable[[int, int], None]
"""Is told the number of files and of bytes that were read so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLimits:
    """How much of a folder is read.

    Args:
        threads: files at once.
        bytes_limit: most bytes of one file that are read; a larger one is listed as unread.
    """

    threads: int = 4
    bytes_limit: int | None = None


class _Reader:
    """Reads files in threads, a bounded number open, and tells how far it is."""

    def __init__(self, limits: FileLimits, progress: Progress | None) -> None:
        self.pool = ThreadPoolExecutor(limits.threads)
        self._limits = limits
        self._progress = progress
        self._slots = threading.Semaphore(OPEN_AT_ONCE)
        self._lock = threading.Lock()
        self._files = self._bytes = 0

    def content_of(self, name: str, folder: int) -> Callable[[], tuple[str, str]]:
        """Begin to read a file; return how to ask for its SHA-256, and for what was wrong."""
        self._slots.acquire()
        try:
            # Without following: it may have become a link, or a pipe, since it was listed.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            opened = os.open(name, flags, dir_fd=folder)
        except OSError as error:
            self._slots.release()
            problem = _said(error)
            return lambda: ("", problem)
        return self.pool.submit(self._read, opened).result

    def _read(self, opened: int) -> tuple[str, str]:
        try:
            before = os.fstat(opened)
            limit = self._limits.bytes_limit
            if limit is not None and before.st_size > limit:
                return "", f"larger than {limit:,} bytes"
            digest = self._hashed(opened)
            after = os.fstat(opened)
        except OSError as error:
            return "", _said(error)
        finally:
            os.close(opened)
            self._slots.release()
        changed = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
        return ("", "changed while it was read") if changed else (digest, "")

    def _hashed(self, opened: int) -> str:
        digest, size = hashlib.sha256(), 0
        while chunk := os.read(opened, CHUNK):
            digest.update(chunk)
            size += len(chunk)
        with self._lock:
            self._files, self._bytes = self._files + 1, self._bytes + size
            if self._progress is not None:
                self._progress(self._files, self._bytes)
        return digest.hexdigest()


def read_tree(root: Path, limits: FileLimits, progress: Progress | None = None) -> TreeState:
    """List every entry under a folder, and hash every file.

    Args:
        root: the folder; itself not listed.
        limits: of what is read.
        progress: is told how far it is, from several threads, one at a time.

    Raises:
        NotFound, AccessDenied, ReadError: the folder itself cannot be read.
    """
    began = time.monotonic()
    _check_root(root)
    reader = _Reader(limits, progress)
    with reader.pool:
        found = list(_walk(root, reader))
        rows = [(*facts, *content()) for facts, content in found]
    frame = pd.DataFrame(sorted(rows), columns=list(TREE_ENTRIES.columns))
    newest = max(frame["ModifiedSecond"], default=None)
    return TreeState(
        captured_at=None if newest is None else datetime.fromtimestamp(int(newest), UTC),
        seconds=time.monotonic() - began,
        entries=check_table(frame, TREE_ENTRIES, "entries"),
        captured_until=datetime.now(UTC),
    )


def _check_root(root: Path) -> None:
    try:
        with os.scandir(root) as entries:
            next(entries, None)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound("there is no such folder", where=str(root), remedy="Mount it.") from None
    except PermissionError:
        raise AccessDenied(
            "the folder may not be read", where=str(root), remedy="Run as who may."
        ) from None
    except OSError as error:
        raise ReadError(_said(error), where=str(root)) from None


Entry = tuple[tuple[Any, ...], Callable[[], tuple[str, str]]]


def _walk(root: Path, reader: _Reader) -> Iterator[Entry]:
    """Yield the entries of every folder; one that cannot be read says so in its own row."""
    problems: dict[str, str] = {}
    left = [""]
    base = os.open(root, FOLDER)
    try:
        while left:
            path = left.pop()
            try:
                folder = _open_below(base, path)
            except OSError as error:
                problems[path] = _said(error)
                continue
            try:
                for name in sorted(os.listdir(folder)):  # noqa: PTH208  by descriptor
                    inner = f"{path}/{name}" if path else name
                    facts, content = _entry(inner, name, folder, reader)
                    if facts[1] == "directory":
                        left.append(inner)
                        content = partial(_problem_of, problems, inner)
                    yield facts, content
            except OSError as error:
                problems[path] = _said(error)
            finally:
                os.close(folder)
    finally:
        os.close(base)


def _problem_of(problems: dict[str, str], path: str) -> tuple[str, str]:
    return "", problems.get(path, "")


def _open_below(base: int, path: str) -> int:
    """Open a folder name by name, so that none that has become a link leads out."""
    opened = os.open(".", FOLDER, dir_fd=base)
    for name in path.split("/") if path else ():
        try:
            following = os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=opened)
        finally:
            os.close(opened)
        opened = following
    return opened


def _entry(path: str, name: str, folder: int, reader: _Reader) -> Entry:
    try:
        about = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        return _unread(path, _said(error))
    kind = next((word for is_kind, word in KINDS if is_kind(about.st_mode)), "device")
    facts = (
        _hash(path),
        kind,
        about.st_size if kind == "file" else 0,
        f"{stat.S_IMODE(about.st_mode):04o}",
        f"{about.st_uid}:{about.st_gid}",
        int(about.st_mtime_ns // 1_000_000_000),
    )
    if kind == "file":
        return facts, reader.content_of(name, folder)
    if kind == "symlink":
        target = os.fsencode(os.readlink(name, dir_fd=folder))
        return facts, lambda: (hashlib.sha256(target).hexdigest(), "")
    return facts, lambda: ("", "")


def _unread(path: str, problem: str) -> Entry:
    return (_hash(path), "unread", 0, "", "", 0), lambda: ("", problem)


def _hash(path: str) -> str:
    return blake2b(os.fsencode(path), digest_size=16, person=b"path").hexdigest()


def _said(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)
