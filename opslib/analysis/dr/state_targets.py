"""What the keeping of Terraform's state is held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["ENCRYPTED_SINCE", "StateTargets"]

ENCRYPTED_SINCE = datetime(2023, 1, 5, tzinfo=UTC)
"""From here on Amazon S3 encrypts every new object (Amazon S3 User Guide, default encryption)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTargets:
    """What is wanted.

    Args:
        second_copy: whether each needs a replica or a backup beside its bucket.
        lock_hours: longest that a lock may be held.
    """

    second_copy: bool = True
    lock_hours: float = 12

    @property
    def lock(self) -> timedelta:
        """Return the longest that a lock may be held, as a span."""
        return timedelta(hours=self.lock_hours)
