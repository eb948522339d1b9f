"""The changes that a run makes in AWS, as its ledger tells them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

__all__ = ["Action"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One change.

    Args:
        operation: the API operation, such as ``rds:DeleteDBCluster``.
        kind: ``cluster``, ``instance`` or ``table``.
        identifier: of what is changed; it bears the run's name.
        outcome: ``begun``, ``done``, ``gone`` (a deleted thing is no longer there) or ``failed``.
        account: label of the account; empty for that of the credentials.
        region: its region.
        at: when, ISO UTC.
        usd_per_hour: what the thing costs while it is there; '' where not known.
        detail: why it failed.
    """

    operation: str
    kind: str
    identifier: str
    outcome: str
    account: str
    region: str
    at: str = ""
    usd_per_hour: str = ""
    detail: str = ""

    @property
    def creates(self) -> bool:
        """Say whether it makes something that costs."""
        return self.operation.partition(":")[2].startswith(("Restore", "StartRestore", "Create"))

    @property
    def moment(self) -> datetime:
        """Return when it was."""
        return datetime.fromisoformat(self.at)

    @property
    def price(self) -> Decimal | None:
        """Return USD an hour; None where not known."""
        return Decimal(self.usd_per_hour) if self.usd_per_hour else None
