"""The daily cost of every place in the bill, and what in it is no use at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from statistics import median

import numpy as np

from opslib.analysis.anomaly.views import Floats
from opslib.analysis.cost.anomalies.anomaly import Place
from opslib.analysis.cost.daily import sum_by
from opslib.money import EXACT, ZERO
from opslib.tables.costs import Bill

__all__ = [
    "Credits",
    "PlaceCosts",
    "add_up",
    "amounts_of",
    "costs_by_place",
    "credits_by_day",
    "sums_of_services",
]

CREDITS = ("Credit", "Adjustment")
"""FOCUS ChargeCategory of what is given back: credits, and corrections such as refunds."""

PlaceCosts = dict[Place, dict[date, Decimal]]
Credits = dict[str, dict[date, Decimal]]


def costs_by_place(bill: Bill, column: str) -> PlaceCosts:
    """Return the cost of each day by place, as finely as the bill tells places.

    Cost Explorer tells service and account: the region is then ''.
    """
    frame, keys = bill.accounts, ["ServiceName", "SubAccountId"]
    if bill.places is not None:
        frame, keys = bill.places, [*keys, "RegionId"]
    costs: PlaceCosts = defaultdict(dict)
    for (day, *names), cost in sum_by(frame, ["ChargePeriodStart", *keys], column).items():
        service, account, *region = names
        costs[Place(service=service, account=account, region="".join(region))][day] = cost
    return dict(costs)


def sums_of_services(costs: PlaceCosts) -> PlaceCosts:
    """Return the cost of each day of the services that are charged in several places."""
    places: dict[str, list[Place]] = defaultdict(list)
    for place in costs:
        places[place.service].append(place)
    return {
        Place(service=service): add_up(costs[place] for place in found)
        for service, found in places.items()
        if len(found) > 1
    }


def add_up(parts: Iterable[Mapping[date, Decimal]]) -> dict[date, Decimal]:
    """Return the sum of several daily costs."""
    sums: dict[date, Decimal] = {}
    for part in parts:
        for day, cost in part.items():
            sums[day] = EXACT.add(sums.get(day, ZERO), cost)
    return sums


def amounts_of(
    costs: Mapping[date, Decimal], days: Sequence[date], missing: Collection[date]
) -> Floats:
    """Return one amount a day: zero without a charge, NaN for what is not to be judged.

    Not judged are missing days, and those on which more was given back than used.
    """
    amounts = np.array([float(costs.get(day, ZERO)) for day in days])
    unknown = [day in missing for day in days]
    amounts[unknown | (amounts < 0)] = np.nan
    return amounts


def credits_by_day(bill: Bill, days: Sequence[date], column: str) -> Credits:
    """Return what was given back on each day beyond the usual, by region, '' for all together."""
    given = bill.regions[bill.regions["ChargeCategory"].isin(CREDITS)]
    by_region: Credits = defaultdict(dict)
    for (day, region), cost in sum_by(given, ["ChargePeriodStart", "RegionId"], column).items():
        by_region[region][day] = cost
    by_region[""] = add_up(by_region.values())
    return {region: _beyond_usual(costs, days) for region, costs in by_region.items()}


def _beyond_usual(costs: Mapping[date, Decimal], days: Sequence[date]) -> dict[date, Decimal]:
    usual = median(costs.get(day, ZERO) for day in days) if days else ZERO
    return {day: EXACT.subtract(cost, usual) for day, cost in costs.items()}
