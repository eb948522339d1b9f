"""What people say of a run after it: that they stand for it, that it is to be kept, or not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.errors import EvidenceError, ParameterError
from opslib.evidence.after import HOLD, RELEASE, SIGNOFF, after_folder, read_after, record_after
from opslib.evidence.chain import Sealer
from opslib.evidence.examination import examine_run, signed_after
from opslib.evidence.files import MANIFEST

if TYPE_CHECKING:
    from securesystemslib.signer import Key

__all__ = ["find_holds", "hold_run", "release_run", "sign_off"]


def sign_off(folder: Path, by: str, note: str, at: datetime, sealer: Sealer | None) -> Path:
    """Record that somebody has read a run, and stands for it.

    Args:
        folder: of the run.
        by: who; what opslib is told, and nothing that it could check.
        note: what they add; may be empty.
        at: when, aware.
        sealer: of the run's environment.

    Raises:
        ParameterError: the environment signs nothing.
        EvidenceError: the run is not what was signed.
    """
    if sealer is None:
        raise ParameterError(
            "a sign-off without a signature would say nothing",
            where=str(folder),
            remedy="Write parameters/ENVIRONMENT/signing.yaml; docs/evidence.md shows one.",
        )
    run = examine_run(folder, sealer.keys)
    if run.problems or not run.sha256:
        said = run.problems[0] if run.problems else "it is unsigned"
        raise EvidenceError(
            f"the run cannot be signed off: {said}",
            where=str(folder),
            remedy="See: opslib verify RUN --key PUBLIC.pem",
        )
    return record_after(folder, SIGNOFF, {"by": by, "note": note, "at": _text(at)}, sealer.signer)


def hold_run(folder: Path, reason: str, at: datetime, sealer: Sealer | None) -> Path:
    """Record that a run is not to be pruned, until it is released."""
    signer = sealer.signer if sealer else None
    return record_after(folder, HOLD, {"reason": reason, "at": _text(at)}, signer)


def release_run(folder: Path, at: datetime, sealer: Sealer | None) -> Path:
    """Record that a run may be pruned again.

    Raises:
        ParameterError: nothing holds it.
    """
    holds = find_holds(folder, sealer.keys if sealer else ())
    if not holds:
        raise ParameterError("nothing holds the run", where=str(folder))
    predicate = {"holds": list(holds), "at": _text(at)}
    return record_after(folder, RELEASE, predicate, sealer.signer if sealer else None)


def find_holds(folder: Path, keys: Sequence[Key]) -> tuple[str, ...]:
    """Return the names of the statements that hold a run.

    Any that looks like one holds it, whoever wrote it; only a release that one of ``keys`` signed
    ends that (any release, where the environment signs nothing and there are no keys).
    """
    names = {path.name for path in after_folder(folder).glob("hold-*.dsse.json")}
    for each in read_after(folder, RELEASE):
        told = each.statement
        if keys:
            sha256 = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
            told = signed_after(each, sha256, keys)
        if told is not None:
            names -= set(told.predicate.get("holds", ()))
    return tuple(sorted(names))


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
