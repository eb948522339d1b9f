"""The signed head of a chain: which run was the last, kept where no run is.

Runs that follow each other prove that none is missing between them. That none is missing at the
end is told by the head alone, so it lies outside ``reports/``: whoever can delete reports must not
be able to take it back.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import TypeAdapter, ValidationError

from opslib.errors import EvidenceError
from opslib.evidence.envelope import open_envelope, seal_payload
from opslib.evidence.files import MANIFEST
from opslib.evidence.statement import (
    Digest,
    Statement,
    Subject,
    parse_statement,
    statement_bytes,
)

if TYPE_CHECKING:
    from securesystemslib.signer import Key, Signer

__all__ = [
    "HEAD",
    "HEAD_ENDING",
    "Chain",
    "FileHeads",
    "Head",
    "HeadStore",
    "open_head",
    "seal_head",
]

HEAD = "urn:opslib:head:v1"
HEAD_ENDING = ".head.dsse.json"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Chain:
    """Whose signed runs follow each other: those of one notebook in one environment."""

    environment: str
    notebook: str

    def __str__(self) -> str:
        """Return it as messages call it."""
        return f"{self.environment}/{self.notebook}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last run of a chain.

    Args:
        environment: of the chain.
        notebook: of the chain.
        number: of the run in the chain.
        place: the run's folder below the folder of all reports.
        sha256: of its ``run.json``.
    """

    environment: str
    notebook: str
    number: int
    place: str
    sha256: str

    @property
    def chain(self) -> Chain:
        """Return the chain whose head it is."""
        return Chain(environment=self.environment, notebook=self.notebook)


class HeadStore(Protocol):
    """Where the heads of an environment's chains are kept."""

    def locked(self, chain: Chain) -> AbstractContextManager[None]:
        """Hold a chain, so that one run at a time is appended to it."""

    def read(self, chain: Chain) -> bytes | None:
        """Return the envelope of a chain's head; None where the chain has none."""

    def write(self, chain: Chain, envelope: bytes) -> None:
        """Put another head in place of the one that was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeads:
    """Heads in a folder: ``<folder>/<environment>/<notebook>.head.dsse.json``.

    Args:
        folder: outside ``reports/``; made as it is needed, for its owner alone.
    """

    folder: Path

    @contextmanager
    def locked(self, chain: Chain) -> Iterator[None]:
        """Hold the chain's lock, which is the kernel's: it ends with the process."""
        with _disk_faults(self.folder):
            file = self._file(chain)
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = file.with_suffix(".lock").open("w")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def read(self, chain: Chain) -> bytes | None:
        """Return the envelope of a chain's head; None where the chain has none."""
        with _disk_faults(self.folder):
            file = self._file(chain)
            return file.read_bytes() if file.exists() else None

    def write(self, chain: Chain, envelope: bytes) -> None:
        """Put another head in place, in one step, and on the disk before this returns."""
        with _disk_faults(self.folder):
            file = self._file(chain)
            unfinished = file.with_name(f".{file.name}")
            with unfinished.open("wb") as written:
                written.write(envelope)
                written.flush()
                os.fsync(written.fileno())
            unfinished.replace(file)

    def _file(self, chain: Chain) -> Path:
        return self.folder / chain.environment / f"{chain.notebook}{HEAD_ENDING}"


@contextmanager
def _disk_faults(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EvidenceError(
            f"the heads of the signed runs cannot be kept: {error.strerror or error}",
            where=str(error.filename or folder),
            remedy="Look at the folder that signing.yaml names under state.",
        ) from error


def seal_head(head: Head, signer: Signer) -> bytes:
    """Return a head as a signed envelope."""
    subject = Subject(name=f"{head.place}/{MANIFEST}", digest=Digest(sha256=head.sha256))
    statement = Statement(predicateType=HEAD, predicate=asdict(head), subject=(subject,))
    return seal_payload(statement_bytes(statement), signer)


def open_head(envelope: bytes, keys: Sequence[Key]) -> Head:
    """Return the head that one of ``keys`` signed.

    Raises:
        EvidenceError: it is none, or another key's.
    """
    statement = parse_statement(open_envelope(envelope, keys))
    if statement.predicateType != HEAD:
        raise EvidenceError(f"it is no head of a chain: {statement.predicateType}")
    try:
        return _adapter().validate_python(statement.predicate)
    except ValidationError as error:
        raise EvidenceError(f"it is no head of a chain: {error.errors()[0]['msg']}") from None


@cache
def _adapter() -> TypeAdapter[Head]:
    return TypeAdapter(Head)
