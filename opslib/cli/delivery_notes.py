"""Notes on the delivery of a run: statements in the folder beside it, signed as the run is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.actions.delivery.notes import Note, Outcome
from opslib.errors import EvidenceError
from opslib.evidence.after import DELIVERY, after_folder, read_after, record_after
from opslib.parameters.delivery import DeliveryTarget

if TYPE_CHECKING:
    from securesystemslib.signer import Signer

__all__ = ["RunNotes"]


class RunNotes:
    """The notes on one run.

    Args:
        run_folder: of the run.
        signer: of its environment; None where that signs nothing.
    """

    def __init__(self, run_folder: Path, signer: Signer | None) -> None:
        self.folder = after_folder(run_folder)
        self._run_folder = run_folder
        self._signer = signer

    def read(self, target: DeliveryTarget) -> list[Note]:
        """Return the notes on a target, in their order.

        Raises:
            EvidenceError: one cannot be read, so that it cannot be told what was delivered.
        """
        unreadable = [each.file for each in read_after(self._run_folder) if each.statement is None]
        if unreadable:
            raise EvidenceError(
                "a statement on the run cannot be read: what was delivered is not known",
                where=str(unreadable[0]),
                remedy="Look who changed it; nothing is delivered meanwhile.",
            )
        told = [
            each.statement.predicate
            for each in read_after(self._run_folder, DELIVERY)
            if each.statement is not None
        ]
        return [
            Note(
                outcome=Outcome(said["outcome"]),
                at=datetime.fromisoformat(said["at"]),
                detail=said["detail"],
            )
            for said in told
            if (said["target"], said["to"]) == (target.name, target.address)
        ]

    def write(self, target: DeliveryTarget, note: Note) -> None:
        """Keep a note."""
        told = {
            "target": target.name,
            "kind": target.kind,
            "to": target.address,
            "outcome": note.outcome.value,
            "at": note.at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "detail": note.detail,
        }
        record_after(self._run_folder, DELIVERY, told, self._signer)
