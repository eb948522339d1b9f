"""What a report recommends, and what it looked at and does not.

Amounts are a month of 30 days, in the currency of the bill.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from opslib.analysis.savings.estate import Thing
from opslib.money import total

__all__ = ["Basis", "LineSaving", "Reason", "Recommendation", "Rejection"]


class Basis(StrEnum):
    """Where a cost is known from."""

    BILL = "bill"
    ESTIMATE = "estimate"


class Reason(StrEnum):
    """Why an option is rejected."""

    IN_USE = "in use"
    TOO_YOUNG = "too young"
    UNKNOWN = "not known"
    VOLATILE = "too volatile"
    COVERED = "already covered"
    TOO_SMALL = "saves too little"
    COUNTED = "counted elsewhere"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSaving:
    """What is saved of one line of the bill.

    Args:
        resource: ResourceId of the bill; the resource's own id where cost is estimated.
        meter: usage type.
        account: whose line it is.
        cost: of the line, a month.
        saving: of it, from zero to ``cost``.

    Raises:
        ValueError: a saving that is negative or more than the cost.
    """

    resource: str
    meter: str
    account: str
    cost: Decimal
    saving: Decimal

    def __post_init__(self) -> None:
        if not 0 <= self.saving <= self.cost:
            raise ValueError(f"{self.saving} of {self.cost} cannot be saved: {self.resource}")

    @property
    def key(self) -> tuple[str, str, str]:
        """Return which line of the bill it is."""
        return (self.account, self.resource, self.meter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """One thing to do.

    Args:
        kind: such as ``unattached_volume``.
        thing: what it is about.
        lines: the lines of the bill that it acts on, each once.
        basis: where their cost is known from.
        sentence: why, with the figures it follows from; without the saving.
        action: what to do, one imperative sentence.
        evidence: names of the report's tables.
        id: identity over the history of runs: kind, account, region and resource, hashed.
    """

    kind: str
    thing: Thing
    lines: tuple[LineSaving, ...]
    basis: Basis
    sentence: str
    action: str
    evidence: tuple[str, ...] = ("recommendations", "recommendation_lines")
    id: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", _identity(self.kind, self.thing))

    @property
    def cost(self) -> Decimal:
        """Return what it acts on, a month."""
        return total(line.cost for line in self.lines)

    @property
    def saving(self) -> Decimal:
        """Return what it saves by itself, a month."""
        return total(line.saving for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One option that was looked at and is not recommended.

    Args:
        kind: as of `Recommendation`.
        thing: what it is about.
        reason: why not, in a word.
        sentence: why not, with the figures it follows from.
        saving: what it would save, a month; None where that is not known.
    """

    kind: str
    thing: Thing
    reason: Reason
    sentence: str
    saving: Decimal | None = None

    @property
    def id(self) -> str:
        """Return the identity that it would have as a recommendation."""
        return _identity(self.kind, self.thing)


def _identity(kind: str, thing: Thing) -> str:
    told = json.dumps([kind, thing.account_id, thing.region, thing.id])
    return hashlib.sha256(told.encode()).hexdigest()[:12]
