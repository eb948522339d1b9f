"""What the bill itself leaves open: days that are missing, unsettled, unclosed, untied.

A day without any charge between charged days is taken for missing, not for free: nothing may be
compared with it, and no forecast may start from it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from statistics import median

import pandas as pd

from opslib.analysis.cost.account_controls import account_gaps
from opslib.analysis.cost.daily import sum_by, sum_of, within
from opslib.analysis.cost.periods import Periods
from opslib.coverage import Coverage, CoverageStatus, gaps
from opslib.money import EXACT
from opslib.parameters.cost import CostParameters
from opslib.tables.costs import Bill
from opslib.timewindow import TimeWindow
from opslib.wording import count, day, days, join, money

__all__ = ["BILL_TABLES", "covered_periods", "missing_days", "notice_gaps"]

BILL_TABLES = ("bill", "costs by meter", "costs by account", "costs by region")
MOST_NAMED = 5
USUAL_DAYS = 28
MOST_ROUNDING = Decimal("0.01")


def missing_days(bill: Bill, periods: Periods, column: str) -> tuple[date, ...]:
    """Return the settled days that the bill lacks, in order.

    Those without a charge, from the bill's first one on and in the period; and the last one with
    charges, where nothing follows it and it has less than half of what such days had: an export
    that stopped during a day.
    """
    if bill.first_day is None:
        return ()
    by_day = sum_by(bill.charges, ["ChargePeriodStart"], column)
    charged = {day for (day,) in by_day}
    first = min(bill.first_day, periods.current.start.date())
    absent = [day for day in periods.settled_days if day >= first and day not in charged]
    cut = _day_cut_off({day: cost for (day,), cost in by_day.items()}, periods)
    return tuple(sorted({*absent, *cut}))


def _day_cut_off(by_day: Mapping[date, Decimal], periods: Periods) -> tuple[date, ...]:
    last = max(by_day)
    before = [cost for day, cost in sorted(by_day.items()) if day < last][-USUAL_DAYS:]
    if last == periods.days[-1] or last not in periods.settled_days or len(before) < USUAL_DAYS:
        return ()
    return (last,) if by_day[last] * 2 < median(before) else ()


def covered_periods(
    bill: Bill, periods: Periods, missing: Collection[date]
) -> tuple[TimeWindow, ...]:
    """Return the current period and the earlier ones that the bill covers whole.

    The current period stands alone where the one before it is not whole: there is nothing to
    hold it against.
    """
    if bill.first_day is None:
        return (periods.current,)
    first = bill.first_day
    whole = [
        period
        for period in periods.earlier
        if period.start.date() >= first and not any(day in missing for day in period.days)
    ]
    if not whole or whole[0] != periods.before:
        return (periods.current,)
    return (periods.current, *whole)


def notice_gaps(
    bill: Bill,
    periods: Periods,
    missing: Sequence[date],
    covered: Sequence[TimeWindow],
    column: str,
    parameters: CostParameters,
    coverage: Sequence[Coverage],
) -> list[Coverage]:
    """Return what the bill itself leaves open.

    Args:
        bill: the bill.
        periods: the report's days.
        missing: its days without a charge, from `missing_days`.
        covered: the periods that the bill covers.
        column: BilledCost or EffectiveCost.
        parameters: the accounts asked for.
        coverage: of the reads.
    """
    if bill.first_day is None:
        if gaps(coverage, *BILL_TABLES):
            return []
        asked = days(bill.days)
        return [_gap(asked, CoverageStatus.EMPTY, "not a single charge came back")]
    return [
        *_missing(missing, periods),
        *_unsettled(periods, parameters),
        *_short_history(periods, covered),
        *account_gaps(bill, periods, parameters),
        *_untied(bill, periods, column),
    ]


def _gap(asked: str, status: CoverageStatus, detail: str, table: str = "bill") -> Coverage:
    return Coverage(table=table, asked=asked, status=status, detail=detail)


def _missing(missing: Sequence[date], periods: Periods) -> list[Coverage]:
    """Tell days that the report is about apart from those of its history."""
    first = min(periods.before.start.date(), periods.month)
    near = [d for d in missing if d >= first]
    far = [d for d in missing if d < first]
    lines = []
    if near:
        detail = "no charge on these days, or a last one that was cut off"
        lines.append(_gap(_named(near), CoverageStatus.EMPTY, detail))
    if far:
        detail = "no charge at all on these days: no period with them is compared"
        lines.append(_gap(_named(far), CoverageStatus.PARTIAL, detail, "bill history"))
    return lines


def _named(found: Sequence[date]) -> str:
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return f"{join([day(d) for d in found[:MOST_NAMED]])}{more}"


def _unsettled(periods: Periods, parameters: CostParameters) -> list[Coverage]:
    lines = []
    if periods.unsettled:
        detail = f"may be restated until {parameters.settle_hours} hours after each day's end"
        lines.append(_gap(days(periods.unsettled), CoverageStatus.UNSETTLED, detail))
    if periods.open_month:
        detail = "the month is not closed: support fees, tax and credits may still come"
        lines.append(_gap(f"{periods.open_month:%B %Y}", CoverageStatus.UNSETTLED, detail))
    return lines


def _short_history(periods: Periods, covered: Sequence[TimeWindow]) -> list[Coverage]:
    earlier = len(covered) - 1
    if earlier >= len(periods.earlier):
        return []
    detail = f"{earlier} of {count(len(periods.earlier), 'earlier period')} can be compared with"
    asked = f"history from {day(periods.days[0])}"
    return [_gap(asked, CoverageStatus.PARTIAL, detail, "bill history")]


def _untied(bill: Bill, periods: Periods, column: str) -> list[Coverage]:
    """Return the breakdowns that do not sum to the same total as the meters."""
    meters = within(bill.meters, periods.current)
    lines = []
    for name, frame in (("account", bill.accounts), ("region", bill.regions)):
        part = within(frame, periods.current)
        if part.empty or meters.empty:
            continue
        sums = sum_of(part, column), sum_of(meters, column)
        if abs(EXACT.subtract(*sums)) > _rounding(bill, (part, meters), column):
            detail = (
                f"sums to {money(sums[0], bill.currency)}, "
                f"the meters to {money(sums[1], bill.currency)}"
            )
            table = f"costs by {name}"
            lines.append(_gap(days(periods.current.days), CoverageStatus.PARTIAL, detail, table))
    return lines


def _rounding(bill: Bill, frames: Sequence[pd.DataFrame], column: str) -> Decimal:
    """Return by how much two breakdowns may differ.

    Cost Explorer rounds every group, so each row may be off by half of its last digit; an export
    is summed here and must agree exactly.
    """
    if bill.source != "cost_explorer":
        return Decimal(0)
    amounts = [amount for frame in frames for amount in frame[column]]
    exponents = [amount.normalize().as_tuple().exponent for amount in amounts if amount]
    coarsest = min((e for e in exponents if isinstance(e, int)), default=0)
    return min(MOST_ROUNDING, Decimal(len(amounts)) / 2 * Decimal(1).scaleb(coarsest))
