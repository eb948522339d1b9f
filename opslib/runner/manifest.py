"""What a run's manifest tells of the machine and the project that it ran in."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opslib.evidence.files import hash_files
from opslib.evidence.manifest import (
    Manifest,
    RunStatus,
    changed_files,
    read_manifest,
    write_manifest,
)

__all__ = [
    "Manifest",
    "RunStatus",
    "changed_files",
    "finish_time",
    "hash_files",
    "hash_lock",
    "package_versions",
    "read_commit",
    "read_manifest",
    "write_manifest",
]

LOCK = "requirements.lock"
COMMIT = "COMMIT"
"""What `deploy/build.sh` writes into a folder that git knows nothing of."""


def finish_time(started: datetime, seconds: float) -> str:
    """Return the end of a run as ISO text."""
    return (started + timedelta(seconds=seconds)).astimezone(UTC).isoformat(timespec="seconds")


def package_versions() -> dict[str, str]:
    """Return the installed version of each package that opslib requires."""
    return dict(sorted(_required_versions()))


def _required_versions() -> Iterator[tuple[str, str]]:
    for requirement in importlib.metadata.requires("opslib") or []:
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        if "extra ==" not in requirement:
            yield name, importlib.metadata.version(name)


def read_commit(root: Path) -> str:
    """Return the commit that ``root`` was built from or is at, or '' outside git."""
    noted = root / COMMIT
    if noted.is_file():
        return noted.read_text(encoding="utf-8").strip()
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        described = subprocess.run(  # noqa: S603  a constant command
            command, cwd=root, capture_output=True, text=True, check=False, timeout=5
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return ""
    commit = described.stdout.strip()
    is_new = commit and not commit.endswith("-dirty") and _has_new_code(root)
    return f"{commit}-dirty" if is_new else commit


def _has_new_code(root: Path) -> bool:
    """Return whether there is code that was never committed; `git describe` looks past it."""
    command = [
        "git",
        "ls-files",
        "--others",
        "--exclude-standard",
        "--",
        "opslib",
        "notebooks",
        "*.py",
    ]
    try:
        listed = subprocess.run(  # noqa: S603  a constant command
            command, cwd=root, capture_output=True, text=True, check=False, timeout=5
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return True
    return bool(listed.stdout.strip())


def hash_lock(root: Path) -> str:
    """Return the SHA-256 of the lock file in ``root``, or '' where there is none."""
    lock = root / LOCK
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else ""
