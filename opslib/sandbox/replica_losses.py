"""What the replicas of scenario ``troubled`` lack: the newest of one object, which one by seed."""

from __future__ import annotations

from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["OBJECTS", "is_deleted", "lost_object", "plant_replica_loss"]

OBJECTS = 30
"""How many a bucket holds, by number."""


def is_deleted(number: int) -> bool:
    """Say whether an object is deleted at the source in the end."""
    return number % 10 == 9  # noqa: PLR2004


def lost_object(seed: int) -> int:
    """Return the object whose newest version failed to replicate; none that is deleted."""
    kept = [number for number in range(OBJECTS) if not is_deleted(number)]
    return kept[seed % len(kept)]


def plant_replica_loss() -> PlantedTruth:
    """Return the truth that a validation of the replica of ``acme-uploads`` must tell."""
    claim = Claim(kind="dr.replica_content", subject={"Replica": "acme-uploads-replica"})
    return PlantedTruth(name="failed_replication", part="copies", claim=claim)
