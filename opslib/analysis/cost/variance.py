"""Why spending changed: price, quantity, mix, new and gone, summing to the change exactly.

Method: for a meter that is charged in both periods, with cost ``c`` and quantity ``q``,

- price effect = c1 - c0 * q1 / q0: the same quantity at the old price;
- the rest is more or less use. Among meters of one service and unit it splits into
  quantity (all of them scaled alike, the mix unchanged) and mix (shifts between them);
- calendar: where the periods differ in length (months), the old use for as many days as the new
  period has; units that are averaged over a month already (GB-Mo) have none;
- new and gone: meters charged in one period only, whole;
- other: charges without a quantity, such as tax, credits and fees.

This is the price-volume-mix analysis of management accounting. Mix is the residual of each
group, so the parts sum to the change to the last digit.

Limits: a tier or a commitment that covers a varying share moves the average price of a meter;
the price effect then shows that average, not a price list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import pandas as pd

from opslib.analysis.cost.daily import Sums, sum_by_period
from opslib.money import EXACT, ZERO, divide, total
from opslib.timewindow import TimeWindow

__all__ = [
    "METER_KEYS",
    "Effect",
    "MeterVariance",
    "PeriodUse",
    "Variance",
    "explain_change",
    "measure_use",
]

METER_KEYS = ("ServiceName", "SkuMeter", "PricingUnit")
AVERAGED_OVER_MONTH = ("Mo", "Month")


class Effect(StrEnum):
    """The parts of a change."""

    PRICE = "price"
    QUANTITY = "quantity"
    MIX = "mix"
    CALENDAR = "calendar"
    NEW = "new"
    GONE = "gone"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterVariance:
    """How one meter's cost changed between two periods.

    Args:
        service: FOCUS ServiceName.
        meter: FOCUS SkuMeter; AWS's usage type.
        unit: PricingUnit; empty where nothing is counted.
        cost_before, cost_after: cost in each period.
        quantity_before, quantity_after: quantity in each period, in ``unit``.
        effects: the parts; they sum to cost_after - cost_before.
    """

    service: str
    meter: str
    unit: str
    cost_before: Decimal
    cost_after: Decimal
    quantity_before: Decimal
    quantity_after: Decimal
    effects: dict[Effect, Decimal]

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what names the meter: service, meter and unit."""
        return self.service, self.meter, self.unit

    @property
    def change(self) -> Decimal:
        """Return the change of cost."""
        return EXACT.subtract(self.cost_after, self.cost_before)

    @property
    def usage_effect(self) -> Decimal:
        """Return the part that more or less use explains: quantity and mix together."""
        return EXACT.add(self.effects[Effect.QUANTITY], self.effects[Effect.MIX])


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """The change between two periods and its parts, per meter."""

    before: TimeWindow
    after: TimeWindow
    meters: tuple[MeterVariance, ...]

    @property
    def parts(self) -> tuple[Effect, ...]:
        """Return the parts that this change can have, in the order of their names."""
        alike = len(self.before.days) == len(self.after.days)
        return tuple(e for e in Effect if e is not Effect.CALENDAR or not alike)

    @property
    def change(self) -> Decimal:
        """Return the whole change."""
        return total(meter.change for meter in self.meters)

    def effect(self, effect: Effect) -> Decimal:
        """Return the sum of one part over all meters."""
        return total(meter.effects[effect] for meter in self.meters)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodUse:
    """Cost and quantity of every meter in one period, keyed by service, meter and unit."""

    period: TimeWindow
    costs: Sums
    quantities: Sums


def measure_use(
    meters: pd.DataFrame, periods: Sequence[TimeWindow], column: str
) -> list[PeriodUse]:
    """Return cost and quantity per meter in each of ``periods``.

    Args:
        meters: costs by `opslib.tables.costs.Breakdown.METER`.
        periods: windows that do not overlap.
        column: BilledCost or EffectiveCost.
    """
    costs = sum_by_period(meters, periods, METER_KEYS, column)
    quantities = sum_by_period(meters, periods, METER_KEYS, "PricingQuantity")
    return [
        PeriodUse(period=period, costs=cost, quantities=quantity)
        for period, cost, quantity in zip(periods, costs, quantities, strict=True)
    ]


def explain_change(before: PeriodUse, after: PeriodUse) -> Variance:
    """Split the change of cost between two periods, per meter.

    Returns:
        One `MeterVariance` for every meter charged in either period, by service and meter.
    """
    groups: dict[tuple[str, str], list[_Pair]] = defaultdict(list)
    for key in sorted(before.costs.keys() | after.costs.keys()):
        service, meter, unit = key
        pair = _Pair(
            service=service,
            meter=meter,
            unit=unit,
            cost_before=before.costs.get(key),
            cost_after=after.costs.get(key),
            quantity_before=before.quantities.get(key, ZERO),
            quantity_after=after.quantities.get(key, ZERO),
        )
        groups[service, unit].append(pair)
    lengths = len(before.period.days), len(after.period.days)
    rows = [row for _, pairs in sorted(groups.items()) for row in _explain_group(pairs, lengths)]
    return Variance(before=before.period, after=after.period, meters=tuple(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """One meter in both periods; a cost is None where it was not charged."""

    service: str
    meter: str
    unit: str
    cost_before: Decimal | None
    cost_after: Decimal | None
    quantity_before: Decimal
    quantity_after: Decimal

    @property
    def has_price(self) -> bool:
        return self.quantity_before > 0 and self.quantity_after > 0

    @property
    def has_quantity(self) -> bool:
        return bool(self.unit) and (self.quantity_before != 0 or self.quantity_after != 0)


def _explain_group(pairs: list[_Pair], lengths: tuple[int, int]) -> Iterable[MeterVariance]:
    """Explain the meters of one service and unit, which share a mix."""
    priced = [pair for pair in pairs if pair.has_price and _in_both(pair)]
    before = total(pair.quantity_before for pair in priced)
    after = total(pair.quantity_after for pair in priced)
    for pair in pairs:
        effects = dict.fromkeys(Effect, ZERO)
        if pair in priced:
            at_old_mix = divide(EXACT.multiply(pair.cost_before or ZERO, after), before)
            _split_priced(pair, effects, lengths, None if len(priced) == 1 else at_old_mix)
        else:
            effects[_whole_effect(pair)] = _change(pair)
        yield MeterVariance(
            service=pair.service,
            meter=pair.meter,
            unit=pair.unit,
            cost_before=pair.cost_before or ZERO,
            cost_after=pair.cost_after or ZERO,
            quantity_before=pair.quantity_before,
            quantity_after=pair.quantity_after,
            effects=effects,
        )


def _in_both(pair: _Pair) -> bool:
    return pair.cost_before is not None and pair.cost_after is not None


def _change(pair: _Pair) -> Decimal:
    return EXACT.subtract(pair.cost_after or ZERO, pair.cost_before or ZERO)


def _whole_effect(pair: _Pair) -> Effect:
    if not pair.has_quantity:
        return Effect.OTHER
    if pair.cost_before is None:
        return Effect.NEW
    if pair.cost_after is None:
        return Effect.GONE
    return Effect.OTHER


def _split_priced(
    pair: _Pair,
    effects: dict[Effect, Decimal],
    lengths: tuple[int, int],
    at_old_mix: Decimal | None,
) -> None:
    """Fill in the parts of a meter that has a price in both periods.

    Args:
        pair: the meter.
        effects: where the parts go.
        lengths: days of the period before and after.
        at_old_mix: its cost had all meters of its group grown alike; None where it is alone.
    """
    cost_before = pair.cost_before or ZERO
    at_old_price = divide(EXACT.multiply(cost_before, pair.quantity_after), pair.quantity_before)
    as_long = _as_long(pair, lengths)
    effects[Effect.PRICE] = EXACT.subtract(pair.cost_after or ZERO, at_old_price)
    effects[Effect.CALENDAR] = EXACT.subtract(as_long, cost_before)
    if at_old_mix is None:
        effects[Effect.QUANTITY] = EXACT.subtract(at_old_price, as_long)
        return
    effects[Effect.QUANTITY] = EXACT.subtract(at_old_mix, as_long)
    effects[Effect.MIX] = EXACT.subtract(at_old_price, at_old_mix)


def _as_long(pair: _Pair, lengths: tuple[int, int]) -> Decimal:
    """Return the old cost for as many days as the new period has."""
    cost = pair.cost_before or ZERO
    before, after = lengths
    if before == after or pair.unit.endswith(AVERAGED_OVER_MONTH):
        return cost
    return divide(EXACT.multiply(cost, Decimal(after)), Decimal(before))
