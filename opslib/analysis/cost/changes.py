"""The changes that matter: larger than the account's own habits, each named once.

A change is named when it is worth somebody's time (`floor`: the parameters' smallest amount or
share) and larger than changes of its kind usually are (`usual_size`). Resources that appeared
or disappeared are named first; what they account for is taken out of their meter before that
is judged, so that no money is named twice.

Failure modes: with fewer than four earlier periods nothing is known to be usual, and every change
above the floor is named; a change that grows by less than the usual size a period is not named
(the forecast and the trend chart show it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

import pandas as pd

from opslib.analysis.cost.presence import Presence, find_gone, find_new, follow_presence
from opslib.analysis.cost.usual import usual_size
from opslib.analysis.cost.variance import (
    METER_KEYS,
    Effect,
    MeterVariance,
    Variance,
    explain_change,
    measure_use,
    same_resource_prices,
)
from opslib.money import ZERO, divide, total
from opslib.tables.costs import Bill, Breakdown
from opslib.timewindow import TimeWindow

__all__ = ["Change", "ChangeKind", "Changes", "find_changes"]

Meter = tuple[str, ...]


class ChangeKind(StrEnum):
    """What sort of change it is; the last part of a finding's kind."""

    PRICE = "price_change"
    QUANTITY = "quantity_change"
    NEW_RESOURCE = "new_resource"
    GONE_RESOURCE = "gone_resource"
    NEW_METER = "new_meter"
    GONE_METER = "gone_meter"
    CHARGE = "charge_change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change that matters.

    Args:
        kind: what sort.
        service, meter, unit: FOCUS ServiceName, SkuMeter and PricingUnit.
        resource, account: FOCUS ResourceId and SubAccountId; empty where not known.
        amount: its effect on the period's cost, signed.
        before, after: unit price for a price change, quantity for a quantity change, else cost.
        first_day: first day on which it shows; None where it cannot be told.
    """

    kind: ChangeKind
    service: str
    meter: str
    unit: str
    amount: Decimal
    before: Decimal
    after: Decimal
    resource: str = ""
    account: str = ""
    first_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed in the current period.

    Args:
        found: the changes that matter, largest first.
        variance: all of the change and its parts, against the period before.
        floor: smallest amount that was named.
        earlier_periods: how many earlier changes told what is usual.
    """

    found: tuple[Change, ...]
    variance: Variance
    floor: Decimal
    earlier_periods: int


def find_changes(bill: Bill, periods: Sequence[TimeWindow], column: str, floor: Decimal) -> Changes:
    """Return the changes that matter between the first two of ``periods``.

    Args:
        bill: the bill.
        periods: current first, then the earlier ones that the bill covers, nearest first; two
            at least.
        column: BilledCost or EffectiveCost.
        floor: smallest amount worth naming, in the bill's currency.
    """
    uses = measure_use(bill.meters, periods, column)
    variances = [explain_change(earlier, later) for later, earlier in pairwise(uses)]
    things = _find_things(bill, periods, column, floor)
    mixed = _mixed_prices(bill, variances[0], column)
    accounted = _accounted(things)
    used = {key: accounted.get(key, ZERO) - mixed.get(key, ZERO) for key in {*accounted, *mixed}}
    in_meters = [
        *_judge_meters(variances, _price_of, ChangeKind.PRICE, floor, mixed),
        *_judge_meters(variances, _use_of, ChangeKind.QUANTITY, floor, used),
        *_judge_meters(variances, _other_of, ChangeKind.CHARGE, floor, {}),
    ]
    dated = [_with_first_day(bill, change, periods, column) for change in in_meters]
    found = sorted([*things, *dated], key=lambda change: (-abs(change.amount), change.meter))
    return Changes(
        found=tuple(found),
        variance=variances[0],
        floor=floor,
        earlier_periods=len(variances) - 1,
    )


def _find_things(
    bill: Bill, periods: Sequence[TimeWindow], column: str, floor: Decimal
) -> list[Change]:
    """Return resources that appeared or disappeared, then meters that did without them."""
    changes: list[Change] = []
    if bill.resources is not None:
        resources = follow_presence(bill.resources, Breakdown.RESOURCE.columns, periods, column)
        changes += _name_things(resources, periods, floor, of_resources=True)
    known = {(change.service, change.meter, change.unit) for change in changes}
    meters = follow_presence(bill.meters, METER_KEYS, periods, column)
    counted = [thing for thing in meters if thing.identity not in known and thing.identity[2]]
    return [*changes, *_name_things(counted, periods, floor, of_resources=False)]


def _name_things(
    things: Sequence[Presence],
    periods: Sequence[TimeWindow],
    floor: Decimal,
    *,
    of_resources: bool,
) -> Iterable[Change]:
    kinds = (
        (ChangeKind.NEW_RESOURCE, ChangeKind.GONE_RESOURCE)
        if of_resources
        else (ChangeKind.NEW_METER, ChangeKind.GONE_METER)
    )
    for thing in find_new(things, periods, floor):
        yield _thing_change(thing, kinds[0], thing.days[0])
    for thing in find_gone(things, periods, floor):
        yield _thing_change(thing, kinds[1], thing.days[-1] + timedelta(days=1))


def _thing_change(thing: Presence, kind: ChangeKind, first_day: date) -> Change:
    service, meter, unit, *names = thing.identity
    account, resource = names or ("", "")
    return Change(
        kind=kind,
        service=service,
        meter=meter,
        unit=unit,
        account=account,
        resource=resource,
        amount=thing.change,
        before=thing.costs[1],
        after=thing.costs[0],
        first_day=first_day,
    )


def _accounted(things: Iterable[Change]) -> dict[Meter, Decimal]:
    accounted: dict[Meter, Decimal] = {}
    for change in things:
        key = (change.service, change.meter, change.unit)
        accounted[key] = total((accounted.get(key), change.amount))
    return accounted


def _price_of(meter: MeterVariance) -> Decimal:
    return meter.effects[Effect.PRICE]


def _use_of(meter: MeterVariance) -> Decimal:
    return total((meter.usage_effect, meter.effects[Effect.NEW], meter.effects[Effect.GONE]))


def _other_of(meter: MeterVariance) -> Decimal:
    return meter.effects[Effect.OTHER]


def _mixed_prices(bill: Bill, variance: Variance, column: str) -> dict[Meter, Decimal]:
    """Return the part of each meter's price effect that came from other resources, not prices."""
    if bill.resources is None:
        return {}
    same = same_resource_prices(bill.resources, variance.before, variance.after, column)
    meters = {(meter.service, meter.meter, meter.unit): meter for meter in variance.meters}
    return {key: _price_of(meters[key]) - effect for key, effect in same.items() if key in meters}


def _judge_meters(
    variances: Sequence[Variance],
    effect: Callable[[MeterVariance], Decimal],
    kind: ChangeKind,
    floor: Decimal,
    accounted: dict[Meter, Decimal],
) -> Iterable[Change]:
    """Yield the meters whose effect is beyond ``floor`` and beyond what is usual for them.

    ``accounted`` is what other findings, or another split, already stand for.
    """
    past = [
        {(meter.service, meter.meter, meter.unit): effect(meter) for meter in variance.meters}
        for variance in variances[1:]
    ]
    for meter in variances[0].meters:
        key = (meter.service, meter.meter, meter.unit)
        rest = total((effect(meter), -accounted.get(key, ZERO)))
        if abs(rest) < floor:
            continue
        if abs(rest) > usual_size([period.get(key, ZERO) for period in past]):
            yield _meter_change(meter, kind, rest)


def _meter_change(meter: MeterVariance, kind: ChangeKind, amount: Decimal) -> Change:
    before, after = meter.cost_before, meter.cost_after
    if kind is ChangeKind.PRICE:
        before = divide(meter.cost_before, meter.quantity_before)
        after = divide(meter.cost_after, meter.quantity_after)
    elif kind is ChangeKind.QUANTITY:
        before, after = meter.quantity_before, meter.quantity_after
    return Change(
        kind=kind,
        service=meter.service,
        meter=meter.meter,
        unit=meter.unit,
        amount=amount,
        before=before,
        after=after,
    )


def _with_first_day(
    bill: Bill, change: Change, periods: Sequence[TimeWindow], column: str
) -> Change:
    """Return ``change`` with the day from which half of its largest daily effect shows.

    Each day is held against the day one period length before, which for weeks is the same
    weekday.
    """
    current, before = periods[0], periods[1]
    rows = bill.meters[
        (bill.meters["ServiceName"] == change.service)
        & (bill.meters["SkuMeter"] == change.meter)
        & (bill.meters["PricingUnit"] == change.unit)
    ]
    measured = _daily_measure(rows, change.kind, column)
    deviations = {
        day: measured.get(day, ZERO) - measured.get(reference, ZERO)
        for day, reference in zip(current.days, before.days, strict=False)
    }
    largest = max((abs(value) for value in deviations.values()), default=ZERO)
    first = next((day for day, value in deviations.items() if abs(value) * 2 >= largest), None)
    return replace(change, first_day=first if largest else None)


def _daily_measure(rows: pd.DataFrame, kind: ChangeKind, column: str) -> dict[date, Decimal]:
    """Return the unit price of each day for a price change, the cost of each day otherwise."""
    days, costs, quantities = rows["ChargePeriodStart"], rows[column], rows["PricingQuantity"]
    if kind is not ChangeKind.PRICE:
        return dict(zip(days, costs, strict=True))
    priced = zip(days, costs, quantities, strict=True)
    return {day: divide(cost, quantity) for day, cost, quantity in priced if quantity}
