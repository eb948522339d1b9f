"""The bill of a scenario and what belongs to it: budgets, the calls behind it, refused reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from opslib.sandbox.api_calls import ApiCall
from opslib.sandbox.billing import BillPlan, make_bill, span
from opslib.sandbox.budgets import Budget, plan_budgets
from opslib.sandbox.cost_anomaly_detection import AwsAnomaly, plan_detection
from opslib.sandbox.cost_history import plan_cost_history
from opslib.sandbox.estate import list_resources, make_tiny_resource
from opslib.sandbox.faults import Fault, plan_anomaly_fault, plan_faults
from opslib.sandbox.savings.planted import PlantedResource
from opslib.sandbox.troubles import plan_troubles
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["CostPlan", "plan_costs"]

HISTORY = timedelta(days=150)
SETTLING = timedelta(hours=72)
COST_HISTORY = 6
"""Stream of chance of unusual days, and of what brought changes about: the bill has its own."""
DETECTION = 7
"""The same of what AWS finds unusual."""
REFUSALS = 8
"""The same of what of that is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPlan:
    """The bill of a scenario.

    Args:
        bill: rows as AWS has booked them up to the epoch, columns of `billing.COLUMNS`.
        forecast: the same to the end of the month, whole.
        calls: CloudTrail's of what is on the bill, in no order.
        anomalies: what AWS Cost Anomaly Detection says, oldest first.
        budgets: of every account.
        faults: the reads that are refused.
        truths: what was planted.
    """

    bill: pd.DataFrame
    forecast: pd.DataFrame
    calls: tuple[ApiCall, ...] = ()
    anomalies: tuple[AwsAnomaly, ...] = ()
    budgets: tuple[Budget, ...] = ()
    faults: tuple[Fault, ...] = ()
    truths: tuple[PlantedTruth, ...] = ()


def plan_costs(
    name: str, epoch: datetime, entropy: Sequence[int], planted: tuple[PlantedResource, ...]
) -> CostPlan:
    """Return the bill of a scenario; nothing of an empty one.

    Args:
        name: of the scenario.
        epoch: the moment that the account lives in.
        entropy: of the streams of chance: the seed, and the number of the scenario.
        planted: resources that are charged the same every day, which nothing befalls.
    """
    seed, today, week = entropy[0], epoch.date(), _report_week(epoch)
    days = span(today - HISTORY, _month_end(today))
    chance = np.random.default_rng(entropy)
    plan = BillPlan(resources=(*list_resources(), make_tiny_resource(week[0])))
    truths: tuple[PlantedTruth, ...] = ()
    if name == "troubled":
        plan, truths = plan_troubles(plan, days, week, chance, seed)
    history = plan_cost_history(plan, truths, days, week, [*entropy, COST_HISTORY])
    charged = replace(history.plan, planted=planted)
    restated = _restate(today, chance)
    whole = make_bill(charged, days, seed)
    if name == "empty":
        return CostPlan(bill=whole.iloc[:0], forecast=whole.iloc[:0])
    booked = make_bill(replace(charged, restated=restated), span(days[0], today), seed)
    budgets, overrun = plan_budgets(whole, booked, today, chance, overrun=name == "troubled")
    faults, denied = _refuse(chance, entropy) if name == "denied" else ((), ())
    detecting = np.random.default_rng([*entropy, DETECTION])
    return CostPlan(
        bill=booked,
        forecast=whole,
        calls=history.calls,
        anomalies=plan_detection(history.plan, whole, week, detecting),
        budgets=budgets,
        faults=faults,
        truths=(*history.truths, *overrun, *denied, _unsettled(restated, today)),
    )


def _refuse(
    chance: np.random.Generator, entropy: Sequence[int]
) -> tuple[tuple[Fault, ...], tuple[PlantedTruth, ...]]:
    """Return the reads that are refused, with the coverage that each must leave."""
    faults, denied = plan_faults(chance)
    others, unseen = plan_anomaly_fault(np.random.default_rng([*entropy, REFUSALS]))
    return (*faults, *others), (*denied, *unseen)


def _report_week(epoch: datetime) -> tuple[date, ...]:
    """Return the seven days that a weekly report of the epoch speaks of."""
    last = (epoch - SETTLING).date() - timedelta(days=1)
    return span(last - timedelta(days=6), last)


def _restate(today: date, chance: np.random.Generator) -> Mapping[date, float]:
    """Return the last days, as little as AWS has booked of them so far."""
    days = int(chance.integers(1, 4))
    shares = {
        today - timedelta(days=n): float(chance.uniform(0.3, 0.8)) for n in range(1, days + 1)
    }
    return {**shares, today: 0.2}


def _unsettled(restated: Mapping[date, float], today: date) -> PlantedTruth:
    days = tuple(sorted(day for day in restated if day != today))
    claim = Claim(kind="cost.unsettled_days", subject={})
    return PlantedTruth(
        name="unsettled_days", by_export=claim, by_cost_explorer=(claim,), days=days
    )


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
