"""DynamoDB tables that more capacity is provisioned for than they ever consume.

Method: a table and each index need the most that was consumed a second, on average over a minute
(over five, where CloudWatch keeps no minutes any more), at the target utilization; the rest of what
is provisioned can go. Burst capacity is not reckoned with: AWS gives it on a best effort. Where the
account pays on-demand prices, on demand is taken instead where it is cheaper.

Assumption: what is asked for stays as it was in the days of metrics. Failure mode: a hot partition
is throttled below the table's capacity; what was throttled at all is not judged.

Source: Amazon DynamoDB Developer Guide, "DynamoDB metrics and dimensions".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from opslib.analysis.savings.charges import MONTH_DAYS, Line
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import (
    Effect,
    Judging,
    Option,
    recommend,
    reject_young,
    save_share,
)
from opslib.analysis.savings.recommendation import Reason, Recommendation, Rejection
from opslib.analysis.savings.use import untold_days, use_span, use_total
from opslib.money import EXACT, ZERO, divide, total
from opslib.wording import count, join, money

__all__ = ["check_over_provisioned_tables"]

OVER = "over_provisioned_table"
PROVISIONED = "PROVISIONED"
PEAKS = {"peak": 300, "minute": 60}
"""Measures of consumed units, and the seconds that each sums up."""
LEAST_UNITS = 1
SIDES = ("Read", "Write")
METERS = tuple(f"{side}CapacityUnit" for side in SIDES)
MONTH_HOURS = Decimal(24 * MONTH_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Units:
    """Capacity units of one side of a table and its indexes.

    Args:
        given: provisioned.
        peak: most consumed a second, each part's own.
        needed: each part's peak at the target utilization; never more than it is given.
        monthly: consumed in a month.
    """

    given: int
    peak: Decimal
    needed: int
    monthly: Decimal


def check_over_provisioned_tables(judging: Judging) -> Iterator[Option]:
    """Yield provisioned tables that could do with less, and those that are not judged."""
    for table in judging.estate.of_kind("table"):
        if table.settings["billing_mode"] == PROVISIONED:
            yield _covered(table) or reject_young(OVER, table, judging) or _judge(table, judging)


def _reject(table: Thing, reason: Reason, why: str) -> Rejection:
    return Rejection(kind=OVER, thing=table, reason=reason, sentence=why)


def _covered(table: Thing) -> Rejection | None:
    scaled = table.settings.get("scaled")
    if scaled is None:
        return _reject(table, Reason.UNKNOWN, "whether its capacity is scaled was not read")
    if scaled:
        why = f"Application Auto Scaling moves {count(len(scaled), 'dimension')} of it"
        return _reject(table, Reason.COVERED, why)
    return None


def _judge(table: Thing, judging: Judging) -> Option:
    rejected = _reject_untold(table, judging) or _reject_throttled(table, judging)
    if rejected:
        return rejected
    units = {side: _units(table, side, judging) for side in SIDES}
    if all(one.needed >= one.given for one in units.values()):
        peaks = join(
            [f"{_plain(one.peak)} of {one.given:,} {s.lower()}" for s, one in units.items()]
        )
        return _reject(table, Reason.IN_USE, f"at its peak {peaks} units a second were consumed")
    return _cheaper_mode(table, units, judging) or _smaller(table, units, judging)


def _measures(table: Thing, side: str, what: str) -> list[str]:
    return [f"{side} {what} {index}".strip() for index in table.settings["parts"]]


def _reject_untold(table: Thing, judging: Judging) -> Rejection | None:
    """Return why its consumption is not known: a table that nobody asks tells none either."""
    consumed = [one for side in SIDES for one in _measures(table, side, "consumed")]
    untold = max(untold_days(judging, table, measure) for measure in consumed)
    peaks = [one for side in SIDES for one in _measures(table, side, "peak")]
    if not all(judging.estate.use_of(table, measure) for measure in peaks):
        untold = len(use_span(judging))
    if not untold:
        return None
    days = count(len(use_span(judging)), "day")
    return _reject(
        table, Reason.UNKNOWN, f"CloudWatch tells no consumed units on {untold} of {days}"
    )


def _reject_throttled(table: Thing, judging: Judging) -> Rejection | None:
    measures = [one for side in SIDES for one in _measures(table, side, "throttled")]
    throttled = use_total(judging, table, *measures)
    if not throttled:
        return None
    return _reject(table, Reason.IN_USE, f"{throttled:,.0f} requests were throttled")


def _units(table: Thing, side: str, judging: Judging) -> _Units:
    target = judging.parameters.table_utilization
    given, needed, peak, monthly = 0, 0, ZERO, ZERO
    for index, units in table.settings["parts"].items():
        consumed = judging.estate.use_of(table, f"{side} consumed {index}".strip())
        most = _peak(table, side, index, judging)
        least = divide(most, target).to_integral_value(ROUND_CEILING)
        given += units[side]
        needed += min(units[side], max(LEAST_UNITS, int(least)))
        peak += most
        whole = total(Decimal(repr(value)) for value in consumed.values())
        monthly += divide(whole * MONTH_DAYS, Decimal(max(1, len(consumed))))
    return _Units(given=given, peak=peak, needed=needed, monthly=monthly)


def _peak(table: Thing, side: str, index: str, judging: Judging) -> Decimal:
    """Return the most that was consumed a second, of all periods that are told."""
    return max(
        divide(Decimal(repr(value)), Decimal(seconds))
        for what, seconds in PEAKS.items()
        for value in judging.estate.use_of(table, f"{side} {what} {index}".strip()).values()
    )


def _cheaper_mode(
    table: Thing, units: dict[str, _Units], judging: Judging
) -> Recommendation | None:
    """Return what on demand would save; None where smaller capacity is cheaper, or a price lacks.

    What is saved of the whole is saved of each line by its share.
    """
    prices = {s: judging.charges.price(f"{s}RequestUnits", table.region) for s in SIDES}
    lines = judging.charges.of(table, *METERS)
    cost = total(line.cost for line in lines)
    if None in prices.values() or not cost:
        return None
    asked = total(
        EXACT.multiply(units[side].monthly, price or ZERO) for side, price in prices.items()
    )
    smaller = total(EXACT.subtract(line.cost, _freed(line, units)) for line in lines)
    if asked >= smaller:
        return None
    share = 1 - divide(asked, cost)
    found = recommend(
        OVER,
        table,
        judging,
        Effect(meters=METERS, saved=save_share(share)),
        sentence=f"{_said(units)}; on demand, what it is asked for would cost "
        f"{money(asked, judging.charges.currency)} a month",
        action="Change the table to on-demand capacity mode.",
    )
    return found if isinstance(found, Recommendation) else None


def _smaller(table: Thing, units: dict[str, _Units], judging: Judging) -> Option:
    """Return what provisioning less would save, of each line its own share."""
    aim = join([f"{one.needed:,} {side.lower()}" for side, one in units.items()])
    return recommend(
        OVER,
        table,
        judging,
        Effect(meters=METERS, saved=lambda line: _freed(line, units), size=_size(units)),
        sentence=_said(units),
        action=f"Provision {aim} capacity units, or let Application Auto Scaling follow what is "
        "consumed.",
    )


def _freed(line: Line, units: Mapping[str, _Units]) -> Decimal:
    """Return what of a line is not needed."""
    one = next(one for side, one in units.items() if f"{side}CapacityUnit" in line.meter)
    return EXACT.multiply(line.cost, divide(Decimal(one.given - one.needed), Decimal(one.given)))


def _said(units: Mapping[str, _Units]) -> str:
    told = [f"{one.given:,} {side.lower()}" for side, one in units.items()]
    peaks = [_plain(one.peak) for one in units.values()]
    return (
        f"{join(told)} capacity units are provisioned without scaling, of which at most "
        f"{join(peaks)} were consumed"
    )


def _plain(units: Decimal) -> str:
    return f"{units:,.1f}".removesuffix(".0")


def _size(units: Mapping[str, _Units]) -> dict[str, Decimal]:
    return {f"{side}CapacityUnit-Hrs": one.given * MONTH_HOURS for side, one in units.items()}
