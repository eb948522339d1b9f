"""``run.json``: what a run was, so that somebody else can trust its report later.

It is an in-toto Statement: its subjects are the files of the run, its predicate is what was run.
It is written when the run begins, with the status ``running``, and again when it ends; then its
bytes are the payload of ``run.dsse.json``, the signed envelope beside it.
"""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

import opslib
from opslib.errors import EvidenceError
from opslib.evidence.files import ENVELOPE, MANIFEST, hash_files, odd_files
from opslib.evidence.statement import (
    Digest,
    Statement,
    Subject,
    parse_statement,
    statement_bytes,
)

__all__ = [
    "RUN",
    "ChainLink",
    "Manifest",
    "RunStatus",
    "changed_files",
    "manifest_of",
    "read_manifest",
    "write_manifest",
]

RUN = "urn:opslib:run:v1"
SCHEMA_VERSION = "2.0"


class RunStatus(StrEnum):
    """How far a run came."""

    RUNNING = "running"
    PUBLISHED = "published"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """A run's place among the signed runs of its notebook in its environment.

    Args:
        number: 1 for the first, failed runs counted too.
        previous: SHA-256 of the ``run.json`` before it; '' for the first.
        after: what told the run before it: ``head``, the ``reports`` alone where the head was
            lost, or ``nothing``.
        place: the run's folder, below the folder of all reports.
    """

    number: int
    previous: str
    after: str
    place: str


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
        lock_sha256: of ``requirements.lock``; '' where there is none.
        packages: version of each package that opslib stands on.
        identity: account and ARN that AWS knew the caller by, or the ``problem``.
        endpoints: hosts that answered in AWS's place, by ``AWS_ENDPOINT_URL`` and its like.
        files: path to size in bytes and SHA-256, of every file but this one.
        assets: scripts that its page shares with others: path below ``reports/`` to SHA-256.
        run_id: what everything that the run made in AWS bore; '' where it made nothing.
        keyid: of the key that it is to be signed with; '' where its environment signs nothing.
        unsigned: why it bears no signature all the same; '' where it does.
        chain: its place among signed runs; None where it is not signed.
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
    lock_sha256: str = ""
    packages: dict[str, str] = field(default_factory=dict)
    identity: dict[str, str] = field(default_factory=dict)
    endpoints: list[str] = field(default_factory=list)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    assets: dict[str, str] = field(default_factory=dict)
    run_id: str = ""
    keyid: str = ""
    unsigned: str = ""
    chain: ChainLink | None = None
    schema_version: str = SCHEMA_VERSION

    @property
    def started_at(self) -> datetime:
        """Return when the run began."""
        return datetime.fromisoformat(self.started)


def write_manifest(folder: Path, manifest: Manifest) -> bytes:
    """Write ``run.json`` in one step, and return its bytes; what looks like a secret is redacted.

    An envelope that is there already is of what stood there before, and goes.
    """
    predicate = {name: value for name, value in asdict(manifest).items() if name != "files"}
    subjects = tuple(_subject(name, entry) for name, entry in manifest.files.items())
    statement = Statement(predicateType=RUN, predicate=predicate, subject=subjects)
    written = statement_bytes(statement)
    unfinished = folder / f".{MANIFEST}"
    unfinished.write_bytes(written)
    (folder / ENVELOPE).unlink(missing_ok=True)
    unfinished.replace(folder / MANIFEST)
    return written


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a run; fields of later versions are left out.

    Raises:
        FileNotFoundError: there is none.
        EvidenceError: it is not one.
    """
    return manifest_of(parse_statement((folder / MANIFEST).read_bytes()))


def manifest_of(statement: Statement) -> Manifest:
    """Return the manifest that a statement is.

    Raises:
        EvidenceError: it speaks of something else.
    """
    if statement.predicateType != RUN:
        raise EvidenceError(f"it is no statement on a run: {statement.predicateType}")
    files = {
        subject.name: {
            "bytes": subject.annotations.get("bytes", 0),
            "sha256": subject.digest.sha256,
        }
        for subject in statement.subject
    }
    try:
        return _adapter().validate_python({**statement.predicate, "files": files})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise EvidenceError(f"{MANIFEST} is not of schema {SCHEMA_VERSION}: {place}") from None


def changed_files(folder: Path, manifest: Manifest) -> list[str]:
    """Return the files that are gone, changed or new since the manifest was written."""
    now, then = hash_files(folder), manifest.files
    changed = {name for name in now.keys() | then.keys() if now.get(name) != then.get(name)}
    return sorted(changed | set(odd_files(folder)))


def _subject(name: str, entry: dict[str, Any]) -> Subject:
    return Subject(
        name=name,
        digest=Digest(sha256=entry["sha256"]),
        annotations={"bytes": entry["bytes"]},
    )


@cache
def _adapter() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)
