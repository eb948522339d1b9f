"""What was spent: the period against those before it, and the month so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from opslib.analysis.cost.daily import daily_totals
from opslib.analysis.cost.periods import Periods
from opslib.money import ZERO, divide, total
from opslib.tables.costs import Bill
from opslib.timewindow import TimeWindow

__all__ = ["Comparison", "DayTotal", "Totals", "covered_periods", "measure_totals"]

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
        missing_days: days of the period and the one before without a single charge.
    """

    amount: Decimal
    comparisons: tuple[Comparison, ...]
    days: tuple[DayTotal, ...]
    unsettled: Decimal
    month_settled: Decimal
    month_unsettled: Decimal
    last_month: Decimal | None
    missing_days: tuple[date, ...]


def covered_periods(bill: Bill, periods: Periods) -> tuple[TimeWindow, ...]:
    """Return the current period and the earlier ones that the bill covers whole."""
    if bill.first_day is None:
        return (periods.current,)
    first = bill.first_day
    earlier = [period for period in periods.earlier if period.start.date() >= first]
    return (periods.current, *earlier)


def measure_totals(bill: Bill, periods: Periods, column: str) -> Totals:
    """Return what was spent in the period and the month, and what that compares to.

    Args:
        bill: the bill.
        periods: the report's days.
        column: BilledCost or EffectiveCost.
    """
    by_day = daily_totals(bill.meters, periods.days, column)
    charged = set(bill.meters["ChargePeriodStart"])
    covered = covered_periods(bill, periods)
    sums = [total(by_day.get(day, ZERO) for day in period.days) for period in covered]
    days = tuple(_day_total(day, by_day, bill, periods) for day in periods.days)
    compared = [day for period in covered[:2] for day in period.days]
    month = [day for day in periods.days if day >= periods.month]
    return Totals(
        amount=sums[0],
        comparisons=_compare(sums, days, periods),
        days=days,
        unsettled=total(by_day[day] for day in periods.unsettled),
        month_settled=total(by_day[day] for day in month if day not in periods.unsettled),
        month_unsettled=total(by_day[day] for day in month if day in periods.unsettled),
        last_month=_last_month(by_day, bill, periods),
        missing_days=tuple(sorted(day for day in compared if day not in charged)),
    )


def _compare(
    sums: list[Decimal], days: tuple[DayTotal, ...], periods: Periods
) -> tuple[Comparison, ...]:
    before = sums[1] if len(sums) > 1 else None
    mean = divide(total(sums[1 : MEAN_OF + 1]), Decimal(MEAN_OF)) if len(sums) > MEAN_OF else None
    wanted = set(periods.current.days)
    weekdays = [day.weekday_mean for day in days if day.day in wanted]
    known = weekdays and all(amount is not None for amount in weekdays)
    return (
        _comparison(f"the {periods.label} before", sums[0], before),
        _comparison(f"mean of the four {_plural(periods.label)} before", sums[0], mean),
        _comparison(
            "the same weekdays of the four weeks before",
            sums[0],
            total(weekdays) if known else None,
        ),
    )


def _plural(label: str) -> str:
    return label + "s" if label in {"week", "month"} else f"periods of {label}"


def _comparison(against: str, amount: Decimal, other: Decimal | None) -> Comparison:
    if other is None:
        return Comparison(against=against, amount=None, change=None, share=None)
    change = amount - other
    return Comparison(
        against=against,
        amount=other,
        change=change,
        share=divide(change, other) if other > 0 else None,
    )


def _day_total(day: date, by_day: dict[date, Decimal], bill: Bill, periods: Periods) -> DayTotal:
    earlier = [day - WEEK * weeks for weeks in range(1, MEAN_OF + 1)]
    first = bill.first_day
    known = first is not None and all(d in by_day and d >= first for d in earlier)
    mean = divide(total(by_day[d] for d in earlier), Decimal(MEAN_OF)) if known else None
    return DayTotal(
        day=day,
        cost=by_day[day],
        weekday_mean=mean,
        settled=day not in periods.unsettled,
    )


def _last_month(by_day: dict[date, Decimal], bill: Bill, periods: Periods) -> Decimal | None:
    last = periods.month - timedelta(days=1)
    first = last.replace(day=1)
    if bill.first_day is None or bill.first_day > first or first not in by_day:
        return None
    return total(cost for day, cost in by_day.items() if first <= day <= last)
