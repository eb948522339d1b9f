"""What befell the bill: its unusual days, and the calls behind them among all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from opslib.sandbox.api_calls import ApiCall
from opslib.sandbox.billing import BillPlan, span
from opslib.sandbox.cost_causes import acts_of, make_causes, purchase_call, with_causes
from opslib.sandbox.cost_decoys import decoys_of, ordinary_writes
from opslib.sandbox.daily_troubles import plan_daily_troubles
from opslib.sandbox.truths import PlantedTruth

__all__ = ["CostHistory", "plan_cost_history"]

RECORDED = timedelta(days=56)
"""How long before the report's week ordinary writes are recorded."""
DAYS, ACTING, IDLY = 0, 1, 2
"""Streams of chance, so that none moves with another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostHistory:
    """What befell the bill.

    Args:
        plan: what the bill is made from.
        calls: CloudTrail's, of every account and region, in no order.
        truths: what was planted.
    """

    plan: BillPlan
    calls: tuple[ApiCall, ...]
    truths: tuple[PlantedTruth, ...]


def plan_cost_history(
    plan: BillPlan,
    truths: Sequence[PlantedTruth],
    days: tuple[date, ...],
    week: Sequence[date],
    entropy: Sequence[int],
) -> CostHistory:
    """Return what befell a bill, unusual days added to its troubles.

    Args:
        plan: the estate and its troubles.
        truths: what these are; none of a quiet account, which stays quiet.
        days: the days of the bill.
        week: the report's days.
        entropy: of the streams of chance; the bill's seed first.
    """
    if truths:
        chance = np.random.default_rng([*entropy, DAYS])
        plan, more = plan_daily_troubles(plan, days, week, chance, entropy[0])
        truths = (*truths, *more)
    acting = np.random.default_rng([*entropy, ACTING])
    causes = make_causes(acts_of(plan), acting)
    purchases = tuple(purchase_call(purchase, acting) for purchase in plan.purchases)
    decoys = decoys_of(causes, plan.resources, acting)
    spared = frozenset(cause.act.resource.id for cause in causes)
    recorded = span(week[0] - RECORDED, week[-1] - timedelta(days=1))
    idly = np.random.default_rng([*entropy, IDLY])
    writes = ordinary_writes(plan.resources, spared, recorded, idly)
    return CostHistory(
        plan=plan,
        calls=(*(cause.call for cause in causes), *purchases, *decoys, *writes),
        truths=with_causes(truths, causes, plan, purchases),
    )
