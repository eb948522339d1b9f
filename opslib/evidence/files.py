"""The files of a run, and their digests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["ENVELOPE", "MANIFEST", "hash_file", "hash_files", "odd_files"]

MANIFEST = "run.json"
ENVELOPE = "run.dsse.json"
OWN = {MANIFEST, ENVELOPE}
"""What tells the digests of the others cannot tell its own."""


def hash_files(folder: Path) -> dict[str, dict[str, Any]]:
    """Return size and SHA-256 of every plain file of a run but its manifest, by relative path."""
    return {name: _entry(folder / name) for name in _names(folder) if _is_plain(folder / name)}


def odd_files(folder: Path) -> list[str]:
    """Return links and whatever else is no plain file: what it leads to is not part of the run."""
    return [name for name in _names(folder) if not _is_plain(folder / name)]


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in OWN and (path.is_symlink() or not path.is_dir()):
            yield name


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _entry(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": hash_file(path)}


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
