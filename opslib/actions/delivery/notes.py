"""What is noted of a delivery: that it is about to be made, and what became of it.

The note that it begins is on disk before anything is sent. Where a process is killed after it, the
next one sees that something may have arrived.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from opslib.actions.action_ledger import ActionLedger
from opslib.parameters.delivery import DeliveryTarget
from opslib.tables.actions import Action

__all__ = ["DeliveryNotes", "LedgerNotes", "Note", "Outcome", "held_folder"]

OPERATIONS = {"s3": "s3:PutObject", "sns": "sns:Publish", "slack": "slack:post"}


class Outcome(StrEnum):
    """How far a delivery came."""

    BEGUN = "begun"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note on one target.

    Args:
        outcome: how far it came.
        at: when, aware UTC.
        detail: why it failed, or why it is not known.
    """

    outcome: Outcome
    at: datetime
    detail: str = ""


class DeliveryNotes(Protocol):
    """The notes on what is delivered once: on a run, or on a report that is missing."""

    @property
    def folder(self) -> Path:
        """Return where they are kept; who holds it may deliver."""

    def read(self, target: DeliveryTarget) -> list[Note]:
        """Return the notes on a target, in their order."""

    def write(self, target: DeliveryTarget, note: Note) -> None:
        """Keep a note; it is on disk when this returns."""


class LedgerNotes:
    """Notes in a ledger of changes, for what has no run of its own.

    Args:
        folder: where the ledger is; made if need be.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._ledger = ActionLedger(folder)

    def read(self, target: DeliveryTarget) -> list[Note]:
        """Return the notes on a target, in their order."""
        return [
            Note(outcome=Outcome(one.outcome), at=one.moment, detail=one.detail)
            for one in self._ledger.actions()
            if (one.identifier, one.account) == (target.address, target.name)
        ]

    def write(self, target: DeliveryTarget, note: Note) -> None:
        """Append a note."""
        self._ledger.write(
            Action(
                operation=OPERATIONS[target.kind],
                kind="delivery",
                identifier=target.address,
                outcome=note.outcome.value,
                account=target.name,
                region="",
                detail=note.detail,
            )
        )


@contextmanager
def held_folder(folder: Path) -> Iterator[None]:
    """Keep every other process from delivering what is noted in ``folder``; wait for one that is.

    The system lets go of it when the process ends, however that comes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
