"""Since when a meter's change shows, and whether it lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pandas as pd

from opslib.analysis.cost.change import FEWEST_DAYS, Change, ChangeKind, monthly_cost
from opslib.analysis.cost.daily import sum_of
from opslib.money import EXACT, ZERO, divide
from opslib.tables.costs import Bill
from opslib.timewindow import TimeWindow

__all__ = ["date_change"]

ELSEWHERE = Decimal("0.1")


def date_change(bill: Bill, change: Change, periods: Sequence[TimeWindow], column: str) -> Change:
    """Return ``change`` with the day from which half of its largest daily effect shows.

    Each day is held against the day one period length before, which for weeks is the same
    weekday. Where every day since then moved the same way, the change lasts: it is then measured
    over those days alone, and told by the month. Where all but a tenth of it is of one day, it is
    dated to that day; otherwise it has no date. A charge without a quantity comes when it comes.
    """
    rows = _rows_of(bill, change)
    pairs = list(zip(periods[0].days, periods[1].days, strict=False))
    daily = _daily_measure(rows, change.kind, column)
    deviations = [EXACT.subtract(daily.get(d, ZERO), daily.get(r, ZERO)) for d, r in pairs]
    largest = max((abs(value) for value in deviations), default=ZERO)
    if not largest:
        return change
    place = next(n for n, value in enumerate(deviations) if abs(value) * 2 >= largest)
    since = deviations[place:]
    if all(value * change.amount > 0 for value in since) and len(since) >= FEWEST_DAYS:
        return _lasting(change, rows, pairs[place:], column)
    alone = sum(map(abs, deviations)) - largest <= largest * ELSEWHERE
    day = pairs[max(range(len(pairs)), key=lambda n: abs(deviations[n]))][0]
    return replace(change, lasts=False, first_day=day if alone else None)


def _lasting(
    change: Change, rows: pd.DataFrame, pairs: Sequence[tuple[date, date]], column: str
) -> Change:
    before, after = change.before, change.after
    if before is not None and change.kind is not ChangeKind.CHARGE:
        before = _measure(rows, {reference for _, reference in pairs}, change.kind, column)
        after = _measure(rows, {day for day, _ in pairs}, change.kind, column)
    is_charge = change.kind is ChangeKind.CHARGE
    return replace(
        change,
        before=before,
        after=after,
        first_day=pairs[0][0],
        monthly=None if is_charge else monthly_cost(change.amount, len(pairs)),
    )


def _rows_of(bill: Bill, change: Change) -> pd.DataFrame:
    return bill.meters[
        (bill.meters["ServiceName"] == change.service)
        & (bill.meters["SkuMeter"] == change.meter)
        & (bill.meters["PricingUnit"] == change.unit)
    ]


def _measure(rows: pd.DataFrame, days: set[date], kind: ChangeKind, column: str) -> Decimal:
    """Return unit price, or quantity, of some days together."""
    chosen = rows[rows["ChargePeriodStart"].isin(days)]
    quantity = sum_of(chosen, "PricingQuantity")
    if kind is ChangeKind.QUANTITY:
        return quantity
    return divide(sum_of(chosen, column), quantity) if quantity else ZERO


def _daily_measure(rows: pd.DataFrame, kind: ChangeKind, column: str) -> Mapping[date, Decimal]:
    """Return the unit price of each day for a price change, the cost of each day otherwise."""
    days, costs, quantities = rows["ChargePeriodStart"], rows[column], rows["PricingQuantity"]
    if kind is not ChangeKind.PRICE:
        return dict(zip(days, costs, strict=True))
    priced = zip(days, costs, quantities, strict=True)
    return {day: divide(cost, quantity) for day, cost, quantity in priced if quantity}
