"""What advice saved: the lines that it acts on, as the bill had them then and has them now.

Method: a line is followed over the settled days after the last report with the advice. Its cost
now is that of the days since all lines that ended have no charge, of at least a week, so that
every weekday counts; of the last week where none ended. The saving is what the lines cost less
than then. What the resource is charged by meters that it was not charged by then (gp3 in place of
gp2) is taken off. Each line is credited to one recommendation alone.

Assumption: what a line costs less is due to the advice. A change of price or of use is taken for
it too. Failure mode: what takes a resource's place under another id is not seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from opslib.analysis.savings.charges import MONTH_DAYS
from opslib.money import EXACT, ZERO, divide, total
from opslib.tables.savings import Spend

__all__ = ["SETTLED_DAYS", "Credit", "DailyBill", "PastLine", "credit_lines", "make_daily_bill"]

SETTLED_DAYS = 7
"""Settled days after a report from which on the bill is taken to tell: each weekday once."""

ByDay = Mapping[date, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastLine:
    """A line of the bill as a report had it.

    Args:
        account: 12 digits.
        resource: ResourceId of the bill.
        meter: usage type.
        cost: a month.
        acted: whether the recommendation acts on it.
        charged: whether one resource was charged by it.
    """

    account: str
    resource: str
    meter: str
    cost: Decimal
    acted: bool = True
    charged: bool = True

    @property
    def key(self) -> tuple[str, str, str]:
        """Return which line of the bill it is."""
        return (self.account, self.resource, self.meter)


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyBill:
    """What some resources cost by day.

    Args:
        costs: account and ResourceId to meter to the effective cost of each day with a charge.
        days: account to its days with any charge, in order.
    """

    costs: Mapping[tuple[str, str], Mapping[str, ByDay]]
    days: Mapping[str, tuple[date, ...]]


def make_daily_bill(spend: Spend, lines: Iterable[PastLine]) -> DailyBill | None:
    """Return what the resources of ``lines`` cost; None where the bill tells no resources."""
    if spend.resources is None:
        return None
    held = list(lines)
    wanted = {line.resource for line in held}
    told = spend.resources[spend.resources["SubAccountId"].isin({line.account for line in held})]
    days: dict[str, list[date]] = defaultdict(list)
    once = told[["SubAccountId", "ChargePeriodStart"]].drop_duplicates()
    for account, day in zip(once["SubAccountId"], once["ChargePeriodStart"], strict=True):
        days[account].append(day)
    rows = told[told["ResourceId"].isin(wanted)]
    names = ("SubAccountId", "ResourceId", "SkuMeter", "ChargePeriodStart", "EffectiveCost")
    costs: dict[tuple[str, str], dict[str, dict[date, Decimal]]] = {}
    for account, resource, meter, day, cost in zip(*(rows[n] for n in names), strict=True):
        by_day = costs.setdefault((account, resource), {}).setdefault(meter, {})
        by_day[day] = EXACT.add(by_day.get(day, ZERO), cost)
    return DailyBill(costs=costs, days={name: tuple(sorted(held)) for name, held in days.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What the bill shows of a recommendation.

    Args:
        monthly: what its lines cost less than then, a month; never less than nothing.
        so_far: the same, added up over the days of the bill after the report.
        since: first of the days that ``monthly`` is told from.
        ended: whether no line that it acts on is charged any more.
    """

    monthly: Decimal
    so_far: Decimal
    since: date
    ended: bool


def credit_lines(lines: Sequence[PastLine], bill: DailyBill, reported: date) -> Credit | None:
    """Return what lines saved since a report; None where the bill has too few settled days.

    Args:
        lines: of one account: those acted on, whose saving is nobody else's, and what else their
            resources were charged by then.
        bill: by day.
        reported: the day that the last report with the recommendation speaks of.
    """
    acted = [line for line in lines if line.acted]
    after = [day for day in bill.days.get(acted[0].account, ()) if day > reported]
    quiet = [_quiet(_by_day(bill, line), after) for line in acted]
    if len(after) < SETTLED_DAYS or all(0 < len(days) < SETTLED_DAYS for days in quiet):
        return None
    ended = [days for days in quiet if len(days) >= SETTLED_DAYS]
    window = min(ended, key=len) if ended else after[-SETTLED_DAYS:]
    now = [_by_day(bill, line) for line in acted]
    now += _new_charges(bill, acted, {line.key for line in lines})
    before = total(line.cost for line in acted)
    saved = EXACT.subtract(before, _monthly(_sum(now, window), len(window)))
    spent = EXACT.subtract(_share(before, len(after)), _sum(now, after))
    return Credit(
        monthly=max(saved, ZERO),
        so_far=max(spent, ZERO),
        since=window[0],
        ended=len(ended) == len(acted),
    )


def _by_day(bill: DailyBill, line: PastLine) -> ByDay:
    return bill.costs.get((line.account, line.resource), {}).get(line.meter, {})


def _quiet(charged: ByDay, after: Sequence[date]) -> list[date]:
    """Return the days without a charge at the end."""
    last = max((day for day in after if charged.get(day, ZERO) > 0), default=None)
    return [day for day in after if last is None or day > last]


def _new_charges(
    bill: DailyBill, acted: Sequence[PastLine], known: Collection[tuple[str, str, str]]
) -> list[ByDay]:
    """Return what the resources are charged by meters that they were not charged by then."""
    places = dict.fromkeys((line.account, line.resource) for line in acted)
    return [
        by_day
        for place in places
        for meter, by_day in bill.costs.get(place, {}).items()
        if (*place, meter) not in known
    ]


def _sum(costs: Iterable[ByDay], days: Sequence[date]) -> Decimal:
    return total(by_day.get(day) for by_day in costs for day in days)


def _monthly(amount: Decimal, days: int) -> Decimal:
    return divide(EXACT.multiply(amount, Decimal(MONTH_DAYS)), Decimal(days))


def _share(monthly: Decimal, days: int) -> Decimal:
    return divide(EXACT.multiply(monthly, Decimal(days)), Decimal(MONTH_DAYS))
