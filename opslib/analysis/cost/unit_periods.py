"""A unit's periods, and what the change from one to the next is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from opslib.analysis.cost.unit_days import UnitDay, price_of
from opslib.money import EXACT, divide, total
from opslib.timewindow import TimeWindow

__all__ = ["UnitChange", "UnitPeriod", "explain_change", "measure_period"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPeriod:
    """A period of a unit: sums over the days of which both money and count are known.

    Args:
        window: its days.
        cost: their money.
        count: their count.
        known_days: how many of them are known.
        price: cost of ``per`` units; None where a day is not known, since days differ, or nothing
            was counted.
    """

    window: TimeWindow
    cost: Decimal
    count: Decimal
    known_days: int
    price: Decimal | None

    @property
    def is_whole(self) -> bool:
        """Say whether it may be compared."""
        return self.price is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChange:
    """The change of a unit's cost against the period before, in two parts that sum to it.

    Args:
        before, after: cost of ``per`` units.
        spend: the part by more or less money.
        volume: the part by fewer or more units that share it.
        extra: money of the period beyond what its count would have cost at the price before.
    """

    before: Decimal
    after: Decimal
    spend: Decimal
    volume: Decimal
    extra: Decimal

    @property
    def amount(self) -> Decimal:
        """Return the change."""
        return EXACT.subtract(self.after, self.before)


def measure_period(window: TimeWindow, by_day: Mapping[date, UnitDay], per: int) -> UnitPeriod:
    """Return the sums of a period over its known days.

    Args:
        window: the period.
        by_day: what is known of each day.
        per: how many units the price is of.
    """
    known = [by_day[day] for day in window.days if day in by_day and by_day[day].is_known]
    cost, counted = total(day.cost for day in known), total(day.count for day in known)
    return UnitPeriod(
        window=window,
        cost=cost,
        count=counted,
        known_days=len(known),
        price=price_of(cost, counted, per) if len(known) == len(window.days) else None,
    )


def explain_change(before: UnitPeriod, after: UnitPeriod, per: int) -> UnitChange:
    """Return the change between two whole periods in two parts that sum to it.

    Each is the mean over both orders in which cost and count could have changed.

    Source: Shapley, "A value for n-person games" (1953): of two factors, the mean of changing
    either one first. What twelve decimals leave over is in the part by volume.
    """
    assert before.price is not None
    assert after.price is not None
    counts = EXACT.add(before.count, after.count)
    shared = EXACT.multiply(EXACT.multiply(before.count, after.count), Decimal(2))
    more = EXACT.subtract(after.cost, before.cost)
    spend = divide(EXACT.multiply(EXACT.multiply(more, counts), Decimal(per)), shared)
    amount = EXACT.subtract(after.price, before.price)
    at_old_price = divide(EXACT.multiply(before.cost, after.count), before.count)
    return UnitChange(
        before=before.price,
        after=after.price,
        spend=spend,
        volume=EXACT.subtract(amount, spend),
        extra=EXACT.subtract(after.cost, at_old_price),
    )
