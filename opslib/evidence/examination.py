"""One run looked at by itself: its signature, its files, its schema, what was said of it after."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from opslib.errors import EvidenceError
from opslib.evidence.after import HOLD, RELEASE, SIGNOFF, TOMBSTONE, Afterword, read_after
from opslib.evidence.envelope import open_envelope
from opslib.evidence.files import ENVELOPE, MANIFEST
from opslib.evidence.manifest import Manifest, RunStatus, changed_files, manifest_of
from opslib.evidence.statement import Statement, parse_statement
from opslib.findings import FindingsDocument

if TYPE_CHECKING:
    from securesystemslib.signer import Key

__all__ = ["Examined", "examine_run", "signed_after"]

FINDINGS = "findings.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a run shows by itself.

    Args:
        folder: where it is.
        manifest: what was signed, or what stands there unsigned; None where it cannot be read.
        sha256: of what was signed; '' where no signature holds.
        pruned: a tombstone that holds says that its files were deleted.
        problems: what is not as it was signed.
        notes: what else is worth knowing.
    """

    folder: Path
    manifest: Manifest | None = None
    sha256: str = ""
    pruned: bool = False
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def examine_run(folder: Path, keys: Sequence[Key], *, deep: bool = True) -> Examined:
    """Return what a run shows by itself.

    Args:
        folder: of the run.
        keys: public keys that the caller trusts.
        deep: look at its files too, and at what was said of it after.
    """
    try:
        written = (folder / MANIFEST).read_bytes()
    except OSError as error:
        return Examined(folder=folder, problems=(f"{MANIFEST}: {error.strerror}",))
    try:
        manifest = manifest_of(parse_statement(_signed(folder, written, keys) or written))
    except EvidenceError as error:
        return Examined(folder=folder, problems=(error.what,))
    if not (folder / ENVELOPE).exists():
        return _without_signature(folder, manifest, deep=deep)
    sha256 = hashlib.sha256(written).hexdigest()
    after = read_after(folder) if deep else []
    held = [(each, signed_after(each, sha256, keys)) for each in after]
    pruned = any(told is not None and told.predicateType == TOMBSTONE for _, told in held)
    problems = [f"{each.file.name} does not hold" for each, told in held if told is None]
    return Examined(
        folder=folder,
        manifest=manifest,
        sha256=sha256,
        pruned=pruned,
        problems=(
            *_state_problems(manifest),
            *(_file_problems(folder, manifest, pruned=pruned) if deep else ()),
            *problems,
        ),
        notes=(*_manifest_notes(manifest), *_after_notes(held)),
    )


def _signed(folder: Path, written: bytes, keys: Sequence[Key]) -> bytes | None:
    """Return what was signed; None where there is no envelope.

    Raises:
        EvidenceError: the signature does not hold, or ``run.json`` is not what was signed.
    """
    try:
        envelope = (folder / ENVELOPE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EvidenceError(f"{ENVELOPE}: {error.strerror}") from None
    try:
        payload = open_envelope(envelope, keys)
    except EvidenceError as error:
        raise EvidenceError(f"{ENVELOPE}: {error.what}") from None
    if payload != written:
        raise EvidenceError(f"{MANIFEST} is not what was signed")
    return payload


def _without_signature(folder: Path, manifest: Manifest, *, deep: bool) -> Examined:
    problems = [f"{ENVELOPE} is missing"] if manifest.chain is not None else []
    if deep:
        problems += _file_problems(folder, manifest, pruned=False)
    reason = (manifest.unsigned,) if manifest.unsigned else ()
    notes = (*reason, *_manifest_notes(manifest))
    return Examined(folder=folder, manifest=manifest, problems=tuple(problems), notes=notes)


def _state_problems(manifest: Manifest) -> Iterator[str]:
    if manifest.status is RunStatus.RUNNING:
        yield "it was signed before it ended"
    if manifest.chain is None:
        yield "it was signed without a place in a chain"


def _file_problems(folder: Path, manifest: Manifest, *, pruned: bool) -> list[str]:
    """Return what is wrong with the files; of a pruned run they may be gone, and nothing else."""
    try:
        changed = changed_files(folder, manifest)
    except OSError as error:
        return [f"{error.filename}: {error.strerror}"]
    found = [
        _file_problem(folder, name, manifest)
        for name in changed
        if not (pruned and name in manifest.files and not (folder / name).exists())
    ]
    return found or list(_findings_problems(folder))


def _file_problem(folder: Path, name: str, manifest: Manifest) -> str:
    path = folder / name
    if path.is_symlink():
        return f"{name} is a link"
    if not path.exists():
        return f"{name} was removed"
    return f"{name} was changed" if name in manifest.files else f"{name} was added"


def _findings_problems(folder: Path) -> Iterator[str]:
    """Look at findings.json by its schema; a failed run, or a pruned one, may have none."""
    file = folder / FINDINGS
    if not file.exists():
        return
    try:
        _findings().validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        yield f"{FINDINGS} is not of its schema: {'.'.join(map(str, first['loc']))}"


@cache
def _findings() -> TypeAdapter[FindingsDocument]:
    return TypeAdapter(FindingsDocument)


def signed_after(each: Afterword, sha256: str, keys: Sequence[Key]) -> Statement | None:
    """Return a statement on a run; None where it is of another run, or no key of ours signed it.

    Args:
        each: as it was found.
        sha256: of the run's ``run.json``.
        keys: public keys that are trusted.
    """
    try:
        statement = parse_statement(open_envelope(each.file.read_bytes(), keys))
    except (OSError, EvidenceError):
        return None
    return statement if [s.digest.sha256 for s in statement.subject] == [sha256] else None


def _manifest_notes(manifest: Manifest) -> Iterator[str]:
    if manifest.status is RunStatus.FAILED:
        yield "a failed run"
    if manifest.chain is not None and manifest.chain.after == "reports":
        yield "appended while the head of its chain was missing"


def _after_notes(held: Sequence[tuple[Afterword, Statement | None]]) -> Iterator[str]:
    statements = [told for _, told in held if told is not None and told.predicateType in NOTES]
    for told in sorted(statements, key=lambda one: str(one.predicate.get("at", ""))):
        words, name = NOTES[told.predicateType]
        yield f"{words} {_said(told.predicate, name)}"


NOTES = {
    SIGNOFF: ("sign-off in the name of", "by"),
    HOLD: ("held:", "reason"),
    RELEASE: ("released", "at"),
    TOMBSTONE: ("pruned", "at"),
}


def _said(predicate: dict[str, Any], name: str) -> str:
    note = f" ({predicate['note']})" if predicate.get("note") else ""
    when = f" on {predicate['at']}" if predicate.get("at") and name != "at" else ""
    return f"{predicate.get(name, '')}{when}{note}"
