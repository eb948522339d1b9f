"""Shared costs, spread over the values of a tag so that everything sums to the total."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from opslib.analysis.cost.daily import sum_by, sum_of, within
from opslib.money import EXACT, ZERO, split_exactly, total
from opslib.parameters.cost import SharedCost, SharedCostSplit
from opslib.tables.costs import TAG_VALUE, Bill
from opslib.timewindow import TimeWindow

__all__ = ["Allocation", "AllocationRow", "allocate_shared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRow:
    """What one value of the tag costs, before and after the shared cost is spread."""

    value: str
    direct: Decimal
    shared: Decimal

    @property
    def full(self) -> Decimal:
        """Return direct and shared cost together."""
        return EXACT.add(self.direct, self.shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """One rule's outcome.

    Args:
        rule: its name.
        tag_key: the tag whose values receive the cost.
        rows: by value; their ``full`` sums to ``taggable``.
        shared: what was spread.
        untaggable: tax, credits and fees of the period, which the rule does not spread.
        because: why nothing was spread; empty where it was.
    """

    rule: str
    tag_key: str
    rows: tuple[AllocationRow, ...]
    shared: Decimal
    untaggable: Decimal
    because: str = ""

    @property
    def taggable(self) -> Decimal:
        """Return the spend that was divided among the rows."""
        return total(row.full for row in self.rows)


def allocate_shared(bill: Bill, rule: SharedCost, window: TimeWindow, column: str) -> Allocation:
    """Spread the shared cost of one rule over the values of its tag.

    Args:
        bill: a bill that was read by the rule's tag.
        rule: what is shared and how it is split.
        window: the period.
        column: BilledCost or EffectiveCost.

    Returns:
        Rows that sum to the taggable spend of the period exactly. Where no value is left to
        receive the shared cost, it stays where it was and ``because`` says so.
    """
    costs = within(bill.tags[rule.tag_key], window)
    whole = sum_of(within(bill.charges, window), column)
    direct: dict[str, Decimal] = {}
    shared = ZERO
    for (value, service), amount in sum_by(costs, [TAG_VALUE, "ServiceName"], column).items():
        if value in rule.tag_values or service in rule.services:
            shared = EXACT.add(shared, amount)
        else:
            direct[value] = EXACT.add(direct.get(value, ZERO), amount)
    weights = _weights(rule, direct)
    untaggable = EXACT.subtract(whole, sum_of(costs, column))
    if not weights:
        rows = [*direct.items(), ("shared", shared)]
        return Allocation(
            rule=rule.name,
            tag_key=rule.tag_key,
            rows=tuple(AllocationRow(value=v, direct=amount, shared=ZERO) for v, amount in rows),
            shared=ZERO,
            untaggable=untaggable,
            because="no value of the tag is left to receive the shared cost",
        )
    parts = split_exactly(shared, weights)
    values = sorted(direct.keys() | parts.keys())
    return Allocation(
        rule=rule.name,
        tag_key=rule.tag_key,
        rows=tuple(
            AllocationRow(value=v, direct=direct.get(v, ZERO), shared=parts.get(v, ZERO))
            for v in values
        ),
        shared=shared,
        untaggable=untaggable,
    )


def _weights(rule: SharedCost, direct: dict[str, Decimal]) -> dict[str, Decimal]:
    if rule.split is SharedCostSplit.FIXED:
        return dict(rule.weights)
    receivers = {value: max(amount, ZERO) for value, amount in direct.items()}
    if rule.split is SharedCostSplit.EVEN:
        return dict.fromkeys(receivers, Decimal(1))
    return receivers if total(receivers.values()) > 0 else {}
