"""What a unit cost on each day: of which days both its money and its count are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

import pandas as pd

from opslib.analysis.cost.daily import daily_totals
from opslib.analysis.cost.periods import Periods
from opslib.money import EXACT, divide
from opslib.parameters.unit_cost import UnitCost
from opslib.tables.costs import TAG_VALUE, Bill

__all__ = ["UnitDay", "charges_of", "measure_days", "price_of"]

LEAST_OF_USUAL = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDay:
    """A settled day.

    Args:
        day: the UTC day.
        cost: what is divided; None where the bill lacks the day.
        count: by what; None where no datapoint came, or too few hours have one.
        hours_seen: hours of the day with a datapoint.
    """

    day: date
    cost: Decimal | None
    count: Decimal | None
    hours_seen: int

    @property
    def is_known(self) -> bool:
        """Say whether the day's money and its count are both known."""
        return self.cost is not None and self.count is not None

    def price(self, per: int) -> Decimal | None:
        """Return what ``per`` cost on the day; None where that is not known."""
        if self.cost is None or self.count is None:
            return None
        return price_of(self.cost, self.count, per)


def price_of(cost: Decimal, count: Decimal, per: int) -> Decimal | None:
    """Return what ``per`` cost, to twelve decimals; None where nothing was counted."""
    return divide(EXACT.multiply(cost, Decimal(per)), count) if count > 0 else None


def charges_of(bill: Bill, unit: UnitCost) -> pd.DataFrame | None:
    """Return the charges that a unit's cost is made of; None where the bill does not tell them."""
    if unit.tag_key:
        tagged = bill.tags.get(unit.tag_key)
        charges = None if tagged is None else tagged[tagged[TAG_VALUE] == unit.tag_value]
    elif unit.services:
        named = (bill.meters, bill.accounts)
        charges = next((frame for frame in named if not frame.empty), None)
    else:
        charges = bill.charges
    if charges is None or not unit.services:
        return charges
    return charges[charges["ServiceName"].isin(unit.services)]


def measure_days(
    unit: UnitCost,
    bill: Bill,
    counts: pd.DataFrame,
    periods: Periods,
    missing: Collection[date],
    column: str,
) -> tuple[UnitDay, ...]:
    """Return every settled day, in order.

    A count is known where its day has three quarters of the hours that such weekdays usually have:
    what has no requests at night reports none, and its silent hours are then taken for zero. A day
    with fewer may lack what was counted, and one without any datapoint says nothing.

    Args:
        unit: what money is divided by.
        bill: the bill.
        counts: columns of `opslib.tables.unit_counts.UNIT_COUNTS`.
        periods: the report's days.
        missing: settled days that the bill lacks.
        column: BilledCost or EffectiveCost.
    """
    charges = charges_of(bill, unit)
    if charges is None or charges.empty or bill.first_day is None:
        costs: Mapping[date, Decimal] = {}
    else:
        known = [d for d in periods.settled_days if d >= bill.first_day and d not in missing]
        costs = daily_totals(charges, known, column)
    own = counts[counts["Unit"] == unit.name]
    counted = dict(zip(own["Day"], own["Count"], strict=True))
    hours = {day: int(seen) for day, seen in zip(own["Day"], own["HoursSeen"], strict=True)}
    usual = _usual_hours(hours)
    return tuple(
        UnitDay(
            day=day,
            cost=costs.get(day),
            count=Decimal(repr(float(counted[day])))
            if hours.get(day, 0) > 0 and hours[day] >= LEAST_OF_USUAL * usual[day.weekday()]
            else None,
            hours_seen=hours.get(day, 0),
        )
        for day in periods.settled_days
    )


def _usual_hours(hours: Mapping[date, int]) -> dict[int, float]:
    by_weekday: dict[int, list[int]] = {}
    for day, seen in hours.items():
        by_weekday.setdefault(day.weekday(), []).append(seen)
    return {weekday: median(seen) for weekday, seen in by_weekday.items()}
