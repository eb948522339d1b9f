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

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from opslib.analysis.cost.change import Change, ChangeKind
from opslib.analysis.cost.dating import date_change
from opslib.analysis.cost.resource_prices import same_resource_prices
from opslib.analysis.cost.things import find_things
from opslib.analysis.cost.usual import usual_size
from opslib.analysis.cost.variance import (
    Effect,
    MeterVariance,
    Variance,
    explain_change,
    measure_use,
)
from opslib.money import EXACT, ZERO, divide, total
from opslib.tables.costs import Bill
from opslib.timewindow import TimeWindow

__all__ = ["Changes", "find_changes"]

Amounts = Mapping[tuple[str, ...], Decimal]

MIXED = 100
"""A meter's own figures are told where what else moved it is less than this part of the change."""


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


def find_changes(
    bill: Bill,
    periods: Sequence[TimeWindow],
    missing: Collection[date],
    column: str,
    floor: Decimal,
) -> Changes:
    """Return the changes that matter between the first two of ``periods``.

    Args:
        bill: the bill.
        periods: current first, then the earlier ones that the bill covers whole, nearest first;
            two at least.
        missing: days that the bill has no charge of; where the current period lacks some,
            nothing is said to have fallen.
        column: BilledCost or EffectiveCost.
        floor: smallest amount worth naming, in the bill's currency.
    """
    uses = measure_use(bill.meters, periods, column)
    variances = [explain_change(earlier, later) for later, earlier in pairwise(uses)]
    things = find_things(bill, periods, column, floor)
    mixed = _mixed_prices(bill, variances[0], column)
    used, other = _accounted(things, variances[0])
    used = {
        key: EXACT.subtract(used.get(key, ZERO), mixed.get(key, ZERO)) for key in {*used, *mixed}
    }
    in_meters = [
        *_judge_meters(variances, _price_of, ChangeKind.PRICE, floor, mixed),
        *_judge_meters(variances, _use_of, ChangeKind.QUANTITY, floor, used),
        *_judge_meters(variances, _other_of, ChangeKind.CHARGE, floor, other),
    ]
    dated = [date_change(bill, change, periods, column) for change in in_meters]
    incomplete = any(day in missing for day in periods[0].days)
    found = [change for change in (*things, *dated) if change.amount > 0 or not incomplete]
    return Changes(
        found=tuple(sorted(found, key=lambda change: (-abs(change.amount), change.meter))),
        variance=variances[0],
        floor=floor,
        earlier_periods=len(variances) - 1,
    )


def _accounted(things: Iterable[Change], variance: Variance) -> tuple[Amounts, Amounts]:
    """Return what ``things`` account for of each meter: of its use, and of its other charges."""
    meters = {meter.key: meter for meter in variance.meters}
    used: dict[tuple[str, ...], Decimal] = {}
    other: dict[tuple[str, ...], Decimal] = {}
    for change in things:
        meter = meters[change.meter_key]
        into = other if meter.effects[Effect.OTHER] else used
        into[meter.key] = total((into.get(meter.key), change.amount))
    return used, other


def _price_of(meter: MeterVariance) -> Decimal:
    return meter.effects[Effect.PRICE]


def _use_of(meter: MeterVariance) -> Decimal:
    return total((meter.usage_effect, meter.effects[Effect.NEW], meter.effects[Effect.GONE]))


def _other_of(meter: MeterVariance) -> Decimal:
    return meter.effects[Effect.OTHER]


def _mixed_prices(bill: Bill, variance: Variance, column: str) -> Amounts:
    """Return the part of each meter's price effect that came from other resources, not prices."""
    if bill.resources is None:
        return {}
    same = same_resource_prices(bill.resources, variance.before, variance.after, column)
    meters = {meter.key: meter for meter in variance.meters}
    return {
        key: EXACT.subtract(_price_of(meters[key]), effect)
        for key, effect in same.items()
        if key in meters
    }


def _judge_meters(
    variances: Sequence[Variance],
    effect: Callable[[MeterVariance], Decimal],
    kind: ChangeKind,
    floor: Decimal,
    accounted: Amounts,
) -> Iterable[Change]:
    """Yield the meters whose effect is beyond ``floor`` and beyond what is usual for them.

    ``accounted`` is what other findings, or another split, already stand for.
    """
    past = [{meter.key: effect(meter) for meter in variance.meters} for variance in variances[1:]]
    for meter in variances[0].meters:
        elsewhere = accounted.get(meter.key, ZERO)
        rest = EXACT.subtract(effect(meter), elsewhere)
        if abs(rest) < floor:
            continue
        if abs(rest) > usual_size([period.get(meter.key, ZERO) for period in past]):
            yield _meter_change(meter, kind, rest, alone=abs(elsewhere) * MIXED < abs(rest))


def _meter_change(
    meter: MeterVariance, kind: ChangeKind, amount: Decimal, *, alone: bool
) -> Change:
    before, after = _measures(meter, kind) if alone else (None, None)
    return Change(
        kind=kind,
        service=meter.service,
        meter=meter.meter,
        unit=meter.unit,
        amount=amount,
        before=before,
        after=after,
    )


def _measures(meter: MeterVariance, kind: ChangeKind) -> tuple[Decimal, Decimal]:
    """Return what a change of ``kind`` is measured by, before and after."""
    if kind is ChangeKind.PRICE:
        return (
            divide(meter.cost_before, meter.quantity_before),
            divide(meter.cost_after, meter.quantity_after),
        )
    if kind is ChangeKind.QUANTITY:
        return meter.quantity_before, meter.quantity_after
    return meter.cost_before, meter.cost_after
