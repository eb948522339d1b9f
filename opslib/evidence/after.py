"""What is said of a run after it was signed: statements of their own, in a folder beside it.

::

    reports/<date>/<environment>/<notebook>-<HHMMSS>Z/            the run, which never changes
    reports/<date>/<environment>/<notebook>-<HHMMSS>Z.after/
        delivery-1.dsse.json   signoff-1.dsse.json   hold-1.dsse.json   tombstone.dsse.json

Each names the SHA-256 of the run's ``run.json``, so that it cannot be moved to another run.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opslib.errors import EvidenceError
from opslib.evidence.envelope import payload_of, seal_payload
from opslib.evidence.files import MANIFEST
from opslib.evidence.statement import (
    Digest,
    Statement,
    Subject,
    parse_statement,
    statement_bytes,
)

if TYPE_CHECKING:
    from securesystemslib.signer import Signer

__all__ = [
    "DELIVERY",
    "HOLD",
    "RELEASE",
    "SIGNOFF",
    "TOMBSTONE",
    "Afterword",
    "after_folder",
    "read_after",
    "record_after",
]

DELIVERY = "urn:opslib:delivery:v1"
SIGNOFF = "urn:opslib:signoff:v1"
HOLD = "urn:opslib:hold:v1"
RELEASE = "urn:opslib:release:v1"
TOMBSTONE = "urn:opslib:tombstone:v1"

ENDING = ".dsse.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Afterword:
    """A statement on a run, as it was found; whether its signature holds is not said here.

    Args:
        file: where it is.
        statement: what it says; None where it cannot be read.
    """

    file: Path
    statement: Statement | None


def after_folder(run_folder: Path) -> Path:
    """Return where statements on a run are kept."""
    return run_folder.with_name(f"{run_folder.name}.after")


def record_after(
    run_folder: Path,
    predicate_type: str,
    predicate: Mapping[str, Any],
    signer: Signer | None,
) -> Path:
    """Keep a statement on a run, under the next free number; nothing is ever overwritten.

    Args:
        run_folder: of the run.
        predicate_type: such as `DELIVERY`.
        predicate: what is said, as plain values; what looks like a secret is redacted.
        signer: of the run's environment; None where that signs nothing.

    Returns:
        The file, on disk whole.

    Raises:
        EvidenceError: the run has no ``run.json``.
        OpsError: the signer refuses.
    """
    statement = Statement(
        predicateType=predicate_type, predicate=dict(predicate), subject=(_subject(run_folder),)
    )
    envelope = seal_payload(statement_bytes(statement), signer)
    folder = after_folder(run_folder)
    folder.mkdir(exist_ok=True)
    unfinished = folder / f".{os.getpid()}{ENDING}"
    unfinished.write_bytes(envelope)
    try:
        return _link(unfinished, folder, _kind(predicate_type))
    finally:
        unfinished.unlink()


def _kind(predicate_type: str) -> str:
    """Return what the files of a type begin with: its third part."""
    return predicate_type.split(":")[2]


def _subject(run_folder: Path) -> Subject:
    try:
        written = (run_folder / MANIFEST).read_bytes()
    except OSError:
        raise EvidenceError(f"there is no {MANIFEST}", where=str(run_folder)) from None
    return Subject(name=MANIFEST, digest=Digest(sha256=hashlib.sha256(written).hexdigest()))


def _link(unfinished: Path, folder: Path, kind: str) -> Path:
    """Give a whole file its name, the first that nobody else has taken."""
    number = 1
    while True:
        name = f"{kind}{ENDING}" if kind == "tombstone" else f"{kind}-{number}{ENDING}"
        try:
            os.link(unfinished, folder / name)
        except FileExistsError:
            if kind == "tombstone":
                raise EvidenceError("the run has a tombstone already", where=str(folder)) from None
            number += 1
        else:
            return folder / name


def read_after(run_folder: Path, predicate_type: str = "") -> list[Afterword]:
    """Return the statements on a run, in the order in which they were made, kind by kind.

    Args:
        run_folder: of the run.
        predicate_type: only those of this type; all, and what cannot be read, where empty.
    """
    kind = _kind(predicate_type) if predicate_type else "[!.]"
    files = after_folder(run_folder).glob(f"{kind}*{ENDING}")
    found = [_read(file) for file in sorted(files, key=_order)]
    if not predicate_type:
        return found
    return [
        each
        for each in found
        if each.statement is not None and each.statement.predicateType == predicate_type
    ]


def _order(file: Path) -> tuple[str, int]:
    kind, _, number = file.name.removesuffix(ENDING).rpartition("-")
    return kind, int(number) if number.isdecimal() else 0


def _read(file: Path) -> Afterword:
    try:
        statement = parse_statement(payload_of(file.read_bytes()))
    except (OSError, EvidenceError):
        return Afterword(file=file, statement=None)
    return Afterword(file=file, statement=statement)
