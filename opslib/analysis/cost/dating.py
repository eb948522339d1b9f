"""Since when a meter's change shows, and whether it lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pandas as pd

from opslib.analysis.cost.change import Change, ChangeKind, monthly_cost
from opslib.money import EXACT, ZERO, divide
from opslib.tables.costs import Bill
from opslib.timewindow import TimeWindow

__all__ = ["date_change"]


def date_change(bill: Bill, change: Change, periods: Sequence[TimeWindow], column: str) -> Change:
    """Return ``change`` with the day from which half of its largest daily effect shows.

    Each day is held against the day one period length before, which for weeks is the same
    weekday. What it comes to in a month is told where every day since then moved the same way;
    a charge without a quantity comes when it comes, and has no such rate.
    """
    deviations = _deviations(bill, change, periods[0], periods[1], column)
    largest = max((abs(value) for value in deviations.values()), default=ZERO)
    if not largest:
        return change
    first = next(day for day, value in deviations.items() if abs(value) * 2 >= largest)
    since = [value for day, value in deviations.items() if day >= first]
    lasts = all(value * change.amount > 0 for value in since)
    rate = monthly_cost(change.amount, len(since))
    return replace(
        change,
        first_day=first,
        monthly=rate if lasts and change.kind is not ChangeKind.CHARGE else None,
    )


def _deviations(
    bill: Bill, change: Change, current: TimeWindow, before: TimeWindow, column: str
) -> dict[date, Decimal]:
    rows = bill.meters[
        (bill.meters["ServiceName"] == change.service)
        & (bill.meters["SkuMeter"] == change.meter)
        & (bill.meters["PricingUnit"] == change.unit)
    ]
    measured = _daily_measure(rows, change.kind, column)
    return {
        day: EXACT.subtract(measured.get(day, ZERO), measured.get(reference, ZERO))
        for day, reference in zip(current.days, before.days, strict=False)
    }


def _daily_measure(rows: pd.DataFrame, kind: ChangeKind, column: str) -> Mapping[date, Decimal]:
    """Return the unit price of each day for a price change, the cost of each day otherwise."""
    days, costs, quantities = rows["ChargePeriodStart"], rows[column], rows["PricingQuantity"]
    if kind is not ChangeKind.PRICE:
        return dict(zip(days, costs, strict=True))
    priced = zip(days, costs, quantities, strict=True)
    return {day: divide(cost, quantity) for day, cost, quantity in priced if quantity}
