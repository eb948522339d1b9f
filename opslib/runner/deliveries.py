"""What became of the delivery of a run, as the statements on it tell; the index shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opslib.evidence.after import DELIVERY, read_after

__all__ = ["RunDelivery", "read_deliveries"]

LOST = "it was begun, and nobody noted how it ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDelivery:
    """How the delivery of a run to one target ended.

    Args:
        target: its name in ``delivery.yaml``.
        outcome: ``sent``, ``failed`` or ``unknown``.
        at: when, ISO UTC.
        detail: why, where it was not sent.
    """

    target: str
    outcome: str
    at: str
    detail: str = ""


def read_deliveries(run_folder: Path) -> tuple[RunDelivery, ...]:
    """Return the last that is told of each target, by name; none where nothing was delivered.

    While a delivery goes on it is unknown, as after a process that was killed.
    """
    told: dict[str, RunDelivery] = {}
    for each in read_after(run_folder, DELIVERY):
        assert each.statement is not None
        said = {name: str(value) for name, value in each.statement.predicate.items()}
        begun = said.get("outcome") == "begun"
        told[said.get("target", "")] = RunDelivery(
            target=said.get("target", ""),
            outcome="unknown" if begun else said.get("outcome", ""),
            at=said.get("at", ""),
            detail=LOST if begun else said.get("detail", ""),
        )
    return tuple(told[name] for name in sorted(told))
