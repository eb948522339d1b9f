"""What AWS Cost Anomaly Detection finds: some of what was planted, now and then nothing real.

Source: AWS Cost Management user guide, "Detecting unusual spend with AWS Cost Anomaly Detection".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from opslib.sandbox.billing import BillPlan
from opslib.sandbox.cost_causes import acts_of
from opslib.sandbox.estate import Resource
from opslib.sandbox.shop import make_uuid

__all__ = ["AwsAnomaly", "plan_detection"]

FOUND = 0.6
"""Share of what was planted that it finds."""
FALSE = 0.3
"""Share of weeks in which it finds something that is nothing."""
FALSE_IMPACT = (15.0, 60.0)
LEARNED_AFTER = timedelta(days=10)
"""How long a new level is unusual to it."""
BEFORE = timedelta(days=14)
CENT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAnomaly:
    """One anomaly as AWS tells it, with one root cause.

    Args:
        resource: any of those whose kind, account and region it is about.
        first: its first day.
        last: its last day; None of one that goes on.
        actual: USD spent in it.
        expected: USD that it expected.
        highest: the largest difference of a day.
    """

    resource: Resource
    first: date
    last: date | None
    actual: float
    expected: float
    highest: float

    @property
    def id(self) -> str:
        """Return the anomaly's id."""
        return make_uuid(f"anomaly {self.resource.id} {self.resource.account} {self.first}")

    @property
    def impact(self) -> float:
        """Return actual minus expected spend."""
        return round(self.actual - self.expected, CENT)


def plan_detection(
    plan: BillPlan, bill: pd.DataFrame, week: Sequence[date], chance: np.random.Generator
) -> tuple[AwsAnomaly, ...]:
    """Return what AWS finds, oldest first; none in an empty bill.

    Args:
        plan: what the bill was made from.
        bill: columns of `opslib.sandbox.billing.COLUMNS`.
        week: the report's days.
        chance: draws what it misses, and what it makes up.
    """
    if bill.empty:
        return ()
    found = [
        anomaly
        for resource, first, last in _unusual(plan)
        if chance.random() < FOUND
        and (anomaly := _measured(resource, first, last, bill, week[-1])).impact > 0
    ]
    if chance.random() < FALSE:
        found.append(_made_up(plan, bill, week, chance))
    return tuple(sorted(found, key=lambda one: (one.first, one.id)))


def _unusual(plan: BillPlan) -> Iterator[tuple[Resource, date, date | None]]:
    """Yield each place in which a meter rose, with its days; once for alike resources."""
    seen = set()
    for resource in plan.resources:
        priced = plan.price_factors.get(resource.template.meter)
        if priced:
            place = (resource.template.meter, resource.account, resource.region)
            if place not in seen:
                yield resource, priced[0], None
            seen.add(place)
    for act in acts_of(plan):
        place = (act.resource.template.meter, act.resource.account, act.resource.region)
        if act.deed != "deleted" and place not in seen:
            seen.add(place)
            ends = {"earlier_step": act.day + LEARNED_AFTER, "cost_anomaly": act.day}
            yield act.resource, act.day, ends.get(act.truth)


def _measured(
    resource: Resource, first: date, last: date | None, bill: pd.DataFrame, until: date
) -> AwsAnomaly:
    daily = _daily(resource, bill)
    before = [daily.get(first - timedelta(days=n), 0.0) for n in range(1, BEFORE.days + 1)]
    usual = sum(before) / len(before)
    days = [first + timedelta(days=n) for n in range(((last or until) - first).days + 1)]
    costs = [daily.get(day, 0.0) for day in days]
    return AwsAnomaly(
        resource=resource,
        first=first,
        last=last,
        actual=round(sum(costs), CENT),
        expected=round(usual * len(days), CENT),
        highest=round(max(costs) - usual, CENT),
    )


def _daily(resource: Resource, bill: pd.DataFrame) -> dict[date, float]:
    """Return what the meter of a resource costs in its account and region, by day."""
    same = bill[
        bill["meter"].eq(resource.template.meter)
        & bill["account"].eq(resource.account)
        & bill["region"].eq(resource.region)
    ]
    daily: dict[date, float] = {}
    for day, cost in zip(same["day"], same["effective"], strict=True):
        daily[day] = daily.get(day, 0.0) + float(cost)
    return daily


def _made_up(
    plan: BillPlan, bill: pd.DataFrame, week: Sequence[date], chance: np.random.Generator
) -> AwsAnomaly:
    resource = plan.resources[int(chance.integers(len(plan.resources)))]
    day = week[int(chance.integers(len(week)))]
    actual = _daily(resource, bill).get(day, 0.0)
    impact = min(float(chance.uniform(*FALSE_IMPACT)), actual)
    return AwsAnomaly(
        resource=resource,
        first=day,
        last=day,
        actual=round(actual, CENT),
        expected=round(actual - impact, CENT),
        highest=round(impact, CENT),
    )
