"""What was spent: the period against those before it, and the month so far."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from opslib.analysis.cost.daily import daily_totals
from opslib.analysis.cost.periods import Periods
from opslib.money import EXACT, divide, total
from opslib.tables.costs import Bill
from opslib.timewindow import TimeWindow, midnight

__all__ = ["Comparison", "DayTotal", "Totals", "measure_totals"]

MEAN_OF = 4
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The period's total against another figure.

    Args:
        against: what it is compared with.
        amount: that figure; None where the bill does not reach back far enough.
        change: the period's total minus it.
        share: change divided by it, as a fraction; None where it is zero or unknown.
    """

    against: str
    amount: Decimal | None
    change: Decimal | None
    share: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotal:
    """One day's cost beside the mean of the same weekday in the four weeks before.

    Args:
        day: the UTC day.
        cost: its cost so far.
        weekday_mean: mean of the same weekday; None where fewer than four are covered.
        settled: whether AWS is done with it.
    """

    day: date
    cost: Decimal
    weekday_mean: Decimal | None
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What was spent.

    Args:
        amount: cost of the period.
        comparisons: against the period before, the mean of four periods, and the same weekdays.
        days: every day read, in order.
        unsettled: cost so far of the days after the period.
        month_settled: cost of the settled days of the current month.
        month_unsettled: cost so far of its unsettled days.
        last_month: cost of the month before; None where the bill does not cover it.
    """

    amount: Decimal
    comparisons: tuple[Comparison, ...]
    days: tuple[DayTotal, ...]
    unsettled: Decimal
    month_settled: Decimal
    month_unsettled: Decimal
    last_month: Decimal | None


def measure_totals(bill: Bill, periods: Periods, missing: Collection[date], column: str) -> Totals:
    """Return what was spent in the period and the month, and what that compares to.

    Args:
        bill: the bill.
        periods: the report's days.
        missing: days that the bill has no charge of; a figure that would need one is None.
        column: BilledCost or EffectiveCost.
    """
    by_day = daily_totals(bill.charges, periods.days, column)
    known = {
        day: by_day[day]
        for day in periods.settled_days
        if bill.first_day is not None and day >= bill.first_day and day not in missing
    }
    days = tuple(_day_total(day, by_day[day], known, periods) for day in periods.days)
    month = [day for day in periods.days if day >= periods.month]
    return Totals(
        amount=total(by_day[day] for day in periods.current.days),
        comparisons=_compare(days, known, periods),
        days=days,
        unsettled=total(by_day[day] for day in periods.unsettled),
        month_settled=total(by_day[day] for day in month if day not in periods.unsettled),
        month_unsettled=total(by_day[day] for day in month if day in periods.unsettled),
        last_month=_sum_known(_last_month(periods), known),
    )


def _compare(
    days: tuple[DayTotal, ...], known: Mapping[date, Decimal], periods: Periods
) -> tuple[Comparison, ...]:
    """Hold the period against others, each of which must be known to the day."""
    current = _sum_known(periods.current.days, known)
    nearest = [_sum_known(period.days, known) for period in periods.earlier[:MEAN_OF]]
    wanted = set(periods.current.days)
    weekdays = [day.weekday_mean for day in days if day.day in wanted]
    return (
        _comparison(f"the {periods.label} before", current, nearest[0]),
        _comparison(
            f"mean of the four {_plural(periods.label)} before",
            current,
            _mean(nearest) if len(nearest) == MEAN_OF else None,
        ),
        _comparison(
            "the same weekdays of the four weeks before",
            current,
            total(weekdays) if None not in weekdays else None,
        ),
    )


def _sum_known(days: Iterable[date], known: Mapping[date, Decimal]) -> Decimal | None:
    """Return the sum of ``days``, or None where one of them is not known."""
    costs = [known.get(day) for day in days]
    return None if None in costs else total(costs)


def _mean(amounts: Sequence[Decimal | None]) -> Decimal | None:
    return None if None in amounts else divide(total(amounts), Decimal(len(amounts)))


def _plural(label: str) -> str:
    return label + "s" if label in {"week", "month"} else f"periods of {label}"


def _comparison(against: str, amount: Decimal | None, other: Decimal | None) -> Comparison:
    if amount is None or other is None:
        return Comparison(against=against, amount=other, change=None, share=None)
    change = EXACT.subtract(amount, other)
    return Comparison(
        against=against,
        amount=other,
        change=change,
        share=divide(change, other) if other > 0 else None,
    )


def _day_total(
    day: date, cost: Decimal, known: Mapping[date, Decimal], periods: Periods
) -> DayTotal:
    earlier = [known.get(day - WEEK * weeks) for weeks in range(1, MEAN_OF + 1)]
    return DayTotal(
        day=day,
        cost=cost,
        weekday_mean=_mean(earlier),
        settled=day not in periods.unsettled,
    )


def _last_month(periods: Periods) -> tuple[date, ...]:
    last = midnight(periods.month)
    first = midnight((periods.month - timedelta(days=1)).replace(day=1))
    return TimeWindow(start=first, end=last).days
