"""What the resources of an anomaly's place cost before it and during it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.daily import sum_by
from opslib.money import EXACT, ZERO, divide
from opslib.tables.costs import Bill
from opslib.tables.resource_names import resource_name

__all__ = ["ResourceMove", "resource_moves"]

BEFORE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceMove:
    """One resource's own cost.

    Args:
        resource: FOCUS ResourceId.
        before: mean cost a day in the week before the anomaly.
        after: mean cost a day in the anomaly.
        share: its part of the anomaly's impact, 1 for all; negative where it went the other way.
    """

    resource: str
    before: Decimal
    after: Decimal
    share: float


def resource_moves(bill: Bill, anomaly: CostAnomaly, column: str) -> Mapping[str, ResourceMove]:
    """Return what each resource of the anomaly's service and accounts cost, by its short name.

    Empty where the bill does not know resources. The week before is compared with the episode, so
    that both hold all weekdays where it lasts.
    """
    if bill.resources is None or not anomaly.impact.mid:
        return {}
    rows = bill.resources[bill.resources["ServiceName"] == anomaly.place.service]
    accounts = {part.account for part in anomaly.parts}
    if "" not in accounts:
        rows = rows[rows["SubAccountId"].isin(accounts)]
    during = [day.day for day in anomaly.episode]
    past = [
        day.day for day in anomaly.days if anomaly.first_day - BEFORE <= day.day < anomaly.first_day
    ]
    before, after = (_daily_means(rows, days, column) for days in (past, during))
    moved = {}
    for resource in sorted({*before, *after}):
        change = EXACT.subtract(after.get(resource, ZERO), before.get(resource, ZERO))
        whole = EXACT.multiply(change, Decimal(len(during)))
        moved[resource_name(resource).casefold()] = ResourceMove(
            resource=resource,
            before=before.get(resource, ZERO),
            after=after.get(resource, ZERO),
            share=float(divide(whole, anomaly.impact.mid)),
        )
    return moved


def _daily_means(rows: pd.DataFrame, days: Collection[date], column: str) -> dict[str, Decimal]:
    if not days:
        return {}
    chosen = rows[rows["ChargePeriodStart"].isin(days)]
    sums = sum_by(chosen, ["ResourceId"], column)
    return {str(resource): divide(cost, Decimal(len(days))) for (resource,), cost in sums.items()}
