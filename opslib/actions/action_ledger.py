"""The ledger of changes: one line for what is about to be done and one for what was done.

Lines are forced to disk before the call that they announce is made, so that a run that is killed
leaves behind what it had begun.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from opslib.tables.actions import Action

__all__ = ["ACTIONS_FILE", "ActionLedger"]

ACTIONS_FILE = "actions.jsonl"


class ActionLedger:
    """The changes of one run, in ``actions.jsonl`` of its folder.

    Args:
        folder: the run's.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / ACTIONS_FILE

    def write(self, action: Action) -> None:
        """Append a line, dated now, and wait until it is on disk."""
        dated = asdict(action) | {"at": datetime.now(UTC).isoformat(timespec="milliseconds")}
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(dated)}\n")
            file.flush()
            os.fsync(file.fileno())

    def actions(self) -> tuple[Action, ...]:
        """Return the lines so far; one that was cut off by a kill is left out."""
        return tuple(self._read())

    def _read(self) -> Iterator[Action]:
        if not self._file.exists():
            return
        for line in self._file.read_text(encoding="utf-8").splitlines():
            try:
                yield Action(**json.loads(line))
            except ValueError:
                continue
