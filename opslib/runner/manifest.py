"""``run.json``: what a run was, so that somebody else can trust its report later.

It is written when the run begins, with the status ``running``, and again when it ends.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import re
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import opslib
from opslib.redaction import redact_text

__all__ = [
    "Manifest",
    "RunStatus",
    "changed_files",
    "finish_time",
    "hash_files",
    "package_versions",
    "read_commit",
    "read_manifest",
    "write_manifest",
]

MANIFEST = "run.json"
SCHEMA_VERSION = "1.0"


class RunStatus(StrEnum):
    """How far a run came."""

    RUNNING = "running"
    PUBLISHED = "published"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One run.

    Args:
        notebook: its name in the catalog.
        question: what it answers.
        environment: name of the parameter folder.
        parameters: all of them, as plain values; secrets only by reference.
        started: UTC, ISO 8601.
        status: how far it came.
        finished: UTC, ISO 8601; empty while it runs.
        seconds: how long it took, by a monotonic clock.
        exit_code: what ``opslib run`` ended with.
        window: start and end of what the report speaks of; None where the notebook has none.
        coverage: what was asked for and what came back.
        ledger: calls to AWS, by service and operation.
        commit: commit of the project folder, with ``-dirty`` for local changes.
        packages: version of each package that opslib stands on.
        files: path to size in bytes and SHA-256, of every file but this one.
        run_id: what everything that the run made in AWS bore; '' where it made nothing.
        schema_version: of this file.
    """

    notebook: str
    question: str
    environment: str
    parameters: dict[str, Any]
    started: str
    status: RunStatus = RunStatus.RUNNING
    finished: str = ""
    seconds: float = 0.0
    exit_code: int | None = None
    window: dict[str, str | None] = field(default_factory=dict)
    coverage: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    opslib_version: str = opslib.__version__
    python_version: str = platform.python_version()
    commit: str = ""
    packages: dict[str, str] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    run_id: str = ""
    schema_version: str = SCHEMA_VERSION

    @property
    def started_at(self) -> datetime:
        """Return when the run began."""
        return datetime.fromisoformat(self.started)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``run.json`` in one step; what looks like a secret is redacted."""
    text = redact_text(json.dumps(asdict(manifest), indent=1, default=str))
    unfinished = folder / f".{MANIFEST}"
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a run; fields of later versions are left out.

    Raises:
        FileNotFoundError, ValueError, TypeError: there is none, or it is not one.
    """
    written = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    known = {each.name for each in fields(Manifest)}
    kept = {name: value for name, value in written.items() if name in known}
    return Manifest(**{**kept, "status": RunStatus(kept["status"])})


def finish_time(started: datetime, seconds: float) -> str:
    """Return the end of a run as ISO text."""
    return (started + timedelta(seconds=seconds)).astimezone(UTC).isoformat(timespec="seconds")


def hash_files(folder: Path) -> dict[str, dict[str, Any]]:
    """Return size and SHA-256 of every file in ``folder`` but the manifest, by relative path."""
    return {
        str(path.relative_to(folder)): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {MANIFEST, f".{MANIFEST}"}
    }


def changed_files(folder: Path, manifest: Manifest) -> list[str]:
    """Return the files that are gone, changed or new since the manifest was written."""
    now = hash_files(folder)
    names = sorted(now.keys() | manifest.files.keys())
    return [name for name in names if now.get(name) != manifest.files.get(name)]


def package_versions() -> dict[str, str]:
    """Return the installed version of each package that opslib requires."""
    return dict(sorted(_required_versions()))


def _required_versions() -> Iterator[tuple[str, str]]:
    for requirement in importlib.metadata.requires("opslib") or []:
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        if "extra ==" not in requirement:
            yield name, importlib.metadata.version(name)


def read_commit(root: Path) -> str:
    """Return the commit that ``root`` is at, or '' outside git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        described = subprocess.run(  # noqa: S603  a constant command
            command, cwd=root, capture_output=True, text=True, check=False, timeout=5
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return ""
    return described.stdout.strip()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
