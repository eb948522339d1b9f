"""Resources that came or went in a place whose own noise hides them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly, DayCost, Place
from opslib.analysis.cost.change import Change, ChangeKind
from opslib.analysis.cost.completeness import covered_periods
from opslib.analysis.cost.daily import daily_totals
from opslib.analysis.cost.periods import Periods
from opslib.analysis.cost.things import find_things
from opslib.estimate import Estimate
from opslib.money import ZERO, divide, total
from opslib.tables.costs import Bill
from opslib.tables.resource_names import region_of_arn

__all__ = ["find_appearances"]

NEAR = timedelta(days=1)
FEWEST_PERIODS = 2
OF_RESOURCES = {ChangeKind.NEW_RESOURCE, ChangeKind.GONE_RESOURCE}


def find_appearances(
    bill: Bill,
    periods: Periods,
    missing: Collection[date],
    column: str,
    floor: Decimal,
    known: Sequence[CostAnomaly],
) -> list[CostAnomaly]:
    """Return new and gone resources, as `find_things` judges them, that no anomaly shows.

    Args:
        bill: the bill; nothing is found where it does not know resources.
        periods: the report's days.
        missing: days that the bill has no charge of; nothing is gone where the period lacks some.
        column: BilledCost or EffectiveCost.
        floor: smallest amount worth naming.
        known: anomalies of places.
    """
    covered = covered_periods(bill, periods, missing)
    if bill.resources is None or len(covered) < FEWEST_PERIODS:
        return []
    whole = not any(day in missing for day in periods.current.days)
    things = find_things(bill, covered, column, floor)
    return [
        _anomaly(bill, one, one.first_day, periods, column)
        for one in things
        if one.kind in OF_RESOURCES
        and one.first_day is not None
        and (one.amount > 0 or whole)
        and not any(_shows(anomaly, one, one.first_day) for anomaly in known)
    ]


def _shows(anomaly: CostAnomaly, thing: Change, first_day: date) -> bool:
    accounts = {part.account for part in anomaly.parts}
    return (
        anomaly.place.service == thing.service
        and anomaly.rises == (thing.amount > 0)
        and ("" in accounts or thing.account in accounts)
        and anomaly.first_day - NEAR <= first_day <= anomaly.last_day + NEAR
    )


def _anomaly(
    bill: Bill, thing: Change, first_day: date, periods: Periods, column: str
) -> CostAnomaly:
    """Return a resource's own days: nothing was expected of a new one, of a gone one its past."""
    assert bill.resources is not None
    rows = bill.resources[
        (bill.resources["ResourceId"] == thing.resource)
        & (bill.resources["ServiceName"] == thing.service)
        & (bill.resources["SubAccountId"] == thing.account)
        & (bill.resources["SkuMeter"] == thing.meter)
    ]
    last = periods.current.last_day
    days = [day for day in periods.settled_days if day <= last]
    costs = daily_totals(rows, days, column)
    usual = ZERO
    if thing.amount < 0:
        before = periods.before.days
        usual = divide(total(costs.get(day) for day in before), Decimal(len(before)))
    place = Place(
        service=thing.service, account=thing.account, region=region_of_arn(thing.resource)
    )
    return CostAnomaly(
        place=place,
        parts=(place,),
        first_day=first_day,
        last_day=max(last, first_day),
        rises=thing.amount > 0,
        lasts=True,
        days=tuple(
            DayCost(day=day, actual=costs[day], expected=Estimate.exact(usual)) for day in days
        ),
    )
