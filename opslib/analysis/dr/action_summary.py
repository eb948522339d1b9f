"""What a drill made, how long it was there, and what that cost.

Method: hours from the call that made a thing to the moment it was seen to be gone, times the price
of its class on demand; RDS bills by the second with ten minutes at the least. Storage, backups and
data transfer are not counted.
Source: Amazon RDS pricing, "DB Instance hours are billed in one-second increments".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from opslib.tables.actions import Action

__all__ = ["ActionSummary", "ThingMade", "summarise_actions"]

SHORTEST_BILLED = timedelta(minutes=10)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingMade:
    """One thing that a run made.

    Args:
        kind, identifier, account, region: which one.
        operation: the call that made it.
        made_at: when that was asked for.
        gone_at: when it was seen to be gone; None while it is there.
        usd: what it cost; None where its price is not known.
        is_billed: whether it costs by the hour.
    """

    kind: str
    identifier: str
    account: str
    region: str
    operation: str
    made_at: datetime
    gone_at: datetime | None
    usd: Decimal | None
    is_billed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSummary:
    """Everything that a run made.

    Args:
        things: in the order they were made.
        refused: calls that AWS refused, with its reason.
    """

    things: tuple[ThingMade, ...]
    refused: tuple[Action, ...]

    @property
    def left(self) -> tuple[ThingMade, ...]:
        """Return what was not seen to be gone."""
        return tuple(thing for thing in self.things if thing.gone_at is None)

    @property
    def usd(self) -> Decimal | None:
        """Return what all of it cost; None where a price is not known."""
        billed = [thing.usd for thing in self.things if thing.is_billed]
        known = [usd for usd in billed if usd is not None]
        return sum(known, Decimal(0)) if len(known) == len(billed) else None


def summarise_actions(actions: Sequence[Action]) -> ActionSummary:
    """Pair what was made with what is gone.

    Args:
        actions: the ledger of a run, oldest first. A call that was begun and not answered counts
            as made: AWS may have taken it.
    """
    gone = {(a.kind, a.identifier): a.moment for a in actions if a.outcome == "gone"}
    failed = {(a.operation, a.identifier) for a in actions if a.outcome == "failed"}
    made = [
        action
        for action in actions
        if action.outcome == "begun"
        and action.creates
        and (action.operation, action.identifier) not in failed
    ]
    return ActionSummary(
        things=tuple(_thing(action, gone.get((action.kind, action.identifier))) for action in made),
        refused=tuple(action for action in actions if action.outcome == "failed"),
    )


def _thing(action: Action, gone_at: datetime | None) -> ThingMade:
    return ThingMade(
        kind=action.kind,
        identifier=action.identifier,
        account=action.account,
        region=action.region,
        operation=action.operation,
        made_at=action.moment,
        gone_at=gone_at,
        usd=_cost(action, gone_at),
        is_billed=action.kind == "instance",
    )


def _cost(action: Action, gone_at: datetime | None) -> Decimal | None:
    if action.price is None or gone_at is None:
        return None
    billed = max(gone_at - action.moment, SHORTEST_BILLED)
    return (action.price * Decimal(billed / timedelta(hours=1))).quantize(CENT)
