"""Price effects among the same resources, which no new resource can move."""

from __future__ import annotations

import pandas as pd

from opslib.analysis.cost.daily import Sums, sum_by_period
from opslib.analysis.cost.variance import METER_KEYS
from opslib.money import EXACT, ZERO, divide
from opslib.timewindow import TimeWindow

__all__ = ["same_resource_prices"]


def same_resource_prices(
    resources: pd.DataFrame, before: TimeWindow, after: TimeWindow, column: str
) -> Sums:
    """Return the price effect per meter over the resources that were charged in both periods.

    A new resource at another rate moves the average price of its meter without any price having
    changed; among the same resources it cannot.

    Args:
        resources: costs by `opslib.tables.costs.Breakdown.RESOURCE`.
        before: the earlier period.
        after: the later period.
        column: BilledCost or EffectiveCost.

    Returns:
        Service, meter and unit to effect; absent where no resource was charged in both.
    """
    keys = (*METER_KEYS, "SubAccountId", "ResourceId")
    windows = [before, after]
    costs = sum_by_period(resources, windows, keys, column)
    quantities = sum_by_period(resources, windows, keys, "PricingQuantity")
    effects: Sums = {}
    for key in costs[0].keys() & costs[1].keys():
        old, new = quantities[0].get(key, ZERO), quantities[1].get(key, ZERO)
        if old > 0 and new > 0:
            at_old_price = divide(EXACT.multiply(costs[0][key], new), old)
            effect = EXACT.subtract(costs[1][key], at_old_price)
            effects[key[:3]] = EXACT.add(effects.get(key[:3], ZERO), effect)
    return effects
