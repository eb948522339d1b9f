"""What appeared and what disappeared, as changes: resources first, then meters without them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from opslib.analysis.cost.change import Change, ChangeKind, monthly_cost
from opslib.analysis.cost.presence import Presence, find_gone, find_new, follow_presence
from opslib.analysis.cost.variance import METER_KEYS
from opslib.money import EXACT, ZERO
from opslib.tables.costs import Bill, Breakdown
from opslib.timewindow import TimeWindow

__all__ = ["find_things"]


def find_things(
    bill: Bill, periods: Sequence[TimeWindow], column: str, floor: Decimal
) -> list[Change]:
    """Return resources that appeared or disappeared, then meters that did without them.

    Args:
        bill: the bill.
        periods: current first, then the earlier ones, nearest first.
        column: BilledCost or EffectiveCost.
        floor: smallest amount worth naming.
    """
    changes: list[Change] = []
    if bill.resources is not None:
        resources = follow_presence(bill.resources, Breakdown.RESOURCE.columns, periods, column)
        kinds = (ChangeKind.NEW_RESOURCE, ChangeKind.GONE_RESOURCE)
        back = _charged_later(bill.resources, Breakdown.RESOURCE.columns, periods[0], column)
        changes += _name_things(resources, periods, floor, kinds, back)
    known = {(change.service, change.meter, change.unit) for change in changes}
    meters = follow_presence(bill.meters, METER_KEYS, periods, column)
    counted = [thing for thing in meters if thing.identity not in known and thing.identity[2]]
    kinds = (ChangeKind.NEW_METER, ChangeKind.GONE_METER)
    back = _charged_later(bill.meters, METER_KEYS, periods[0], column)
    return [*changes, *_name_things(counted, periods, floor, kinds, back)]


def _charged_later(
    costs: pd.DataFrame, keys: Sequence[str], current: TimeWindow, column: str
) -> set[tuple[str, ...]]:
    """Return what is charged on the unsettled days after the period: it is not gone."""
    later = costs[costs["ChargePeriodStart"] > current.last_day]
    rows = zip(*(later[key] for key in keys), later[column], strict=True)
    return {tuple(names) for *names, amount in rows if amount}


def _name_things(
    things: Sequence[Presence],
    periods: Sequence[TimeWindow],
    floor: Decimal,
    kinds: tuple[ChangeKind, ChangeKind],
    back: set[tuple[str, ...]],
) -> Iterable[Change]:
    for thing in find_new(things, periods, floor):
        yield _new(thing, kinds[0], periods[0])
    for thing in find_gone(things, periods, floor):
        if thing.identity not in back:
            yield _gone(thing, kinds[1], periods[1])


def _new(thing: Presence, kind: ChangeKind, current: TimeWindow) -> Change:
    first = thing.days[0]
    since = (current.last_day - first).days + 1
    lasts = sum(day in current.days for day in thing.days) == since
    monthly = monthly_cost(thing.costs[0], since) if lasts else None
    return _change(thing, kind, first, monthly)


def _gone(thing: Presence, kind: ChangeKind, before: TimeWindow) -> Change:
    charged = sum(day in before.days for day in thing.days)
    saved = monthly_cost(thing.costs[1], charged)
    monthly = None if saved is None else EXACT.subtract(ZERO, saved)
    return _change(thing, kind, thing.days[-1] + timedelta(days=1), monthly)


def _change(thing: Presence, kind: ChangeKind, first_day: date, monthly: Decimal | None) -> Change:
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
        monthly=monthly,
    )
