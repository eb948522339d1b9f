"""Unusual days of scenario ``troubled``: a burst of one day, and a step of weeks ago.

Each is of one resource, in a service that nothing else befell, so that what
`opslib.sandbox.troubles` planted stays as it is. In some accounts a Savings Plan is bought that
nothing uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from opslib.sandbox.billing import COLUMNS, BillPlan, Burst, make_bill, resource_rows
from opslib.sandbox.commitments import HOURS, METER, SERVICE, Purchase, plan_purchase
from opslib.sandbox.estate import LARGE, PAYER, Resource
from opslib.sandbox.resource_calls import calls_of
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["anomaly_claim", "plan_daily_troubles"]

SMALLEST, LARGEST = 0.02, 0.05
"""What each adds to a week's cost, as a share of it."""
EARLIEST_STEP, LATEST_STEP = 49, 21
"""Days between the step and the report's week."""
STEADY = 0.01
"""Noise of a kind whose use does not burst."""
LATEST_PURCHASE = 3
"""A Savings Plan is bought for one of so many days, the week's first."""
PURCHASES = 0.5
"""Share of accounts that buy a Savings Plan which nothing uses."""


def plan_daily_troubles(
    plan: BillPlan,
    days: tuple[date, ...],
    week: Sequence[date],
    chance: np.random.Generator,
    seed: int,
) -> tuple[BillPlan, tuple[PlantedTruth, ...]]:
    """Return ``plan`` with the unusual days in it, and what they are.

    Args:
        plan: the estate and its other troubles.
        days: the days of the bill.
        week: the report's days.
        chance: draws what, when and how much.
        seed: of the bill, to know what the estate costs without them.
    """
    bill = make_bill(plan, days, seed)
    total = float(sum(_of_days(bill, week)["effective"]))
    burst_of, step_of = _pick(plan, chance)
    begins = (
        # Of the last day nobody could say that the burst is over.
        week[int(chance.integers(len(week) - 1))],
        week[0] - timedelta(days=int(chance.integers(LATEST_STEP, EARLIEST_STEP))),
    )
    extra = [float(chance.uniform(SMALLEST, LARGEST)) * total for _ in range(2)]
    usual, before = (_costs(one, plan, days, seed) for one in (burst_of, step_of))
    burst = _burst(burst_of, usual, len(days), extra[0], (begins[0], begins[0]))
    step = _burst(step_of, before, len(days), extra[1] / len(week), (begins[1], None))
    troubled = replace(plan, bursts=(burst, step))
    truths = (
        _burst_truth(burst_of, burst, usual, _costs(burst_of, troubled, days, seed)),
        PlantedTruth(name="earlier_step", known=anomaly_claim(step_of, step.first)),
    )
    if chance.random() >= PURCHASES:
        return troubled, truths
    purchase = plan_purchase(bill, week[int(chance.integers(LATEST_PURCHASE))], chance)
    troubled = replace(troubled, purchases=(purchase,))
    return troubled, (*truths, _purchase_truth(purchase, week))


def anomaly_claim(resource: Resource, first_day: date | None = None, **others: str) -> Claim:
    """Return the claim that a place was unusual: the service, account and region of a resource."""
    place = {
        "ServiceName": resource.template.service,
        "SubAccountId": resource.account,
        "RegionId": resource.region,
    }
    dated = {"FirstDay": str(first_day)} if first_day else {}
    return Claim(kind="cost.anomaly", subject=place | dated | others)


def _of_days(bill: pd.DataFrame, days: Sequence[date]) -> pd.DataFrame:
    return bill[bill["day"].isin(days)]


def _pick(plan: BillPlan, chance: np.random.Generator) -> tuple[Resource, Resource]:
    """Return two resources of kinds whose use varies, of services that nothing befell."""
    meters = {*plan.price_factors, *plan.use_factors}
    befallen = {
        resource.template.service
        for resource in plan.resources
        if resource.template.meter in meters
        or resource.first_day
        or resource.last_day
        or resource.untagged_from
    }
    large = [
        resource
        for resource in plan.resources
        if resource.template in LARGE
        and resource.template.noise > STEADY
        and not resource.template.covered
        and resource.template.service not in befallen
        and calls_of(resource)
    ]
    first = large[int(chance.integers(len(large)))]
    others = [one for one in large if one.template.service != first.template.service]
    return first, others[int(chance.integers(len(others)))]


def _costs(resource: Resource, plan: BillPlan, days: tuple[date, ...], seed: int) -> Decimal:
    """Return what a resource costs in all."""
    rows = pd.DataFrame(resource_rows(resource, plan, days, seed), columns=list(COLUMNS))
    return sum(rows["effective"], Decimal(0))


def _burst(
    resource: Resource, cost: Decimal, days: int, extra: float, span: tuple[date, date | None]
) -> Burst:
    """Return the burst that adds ``extra`` to what a resource costs on a day."""
    factor = 1 + extra * days / float(cost)
    return Burst(
        resource=resource.id,
        meter=resource.template.meter,
        first=span[0],
        last=span[1],
        factor=round(factor, 3),
    )


def _burst_truth(resource: Resource, burst: Burst, before: Decimal, after: Decimal) -> PlantedTruth:
    claim = anomaly_claim(resource, burst.first)
    by_service = {key: value for key, value in claim.subject.items() if key != "RegionId"}
    template = resource.template
    meter = {"ServiceName": template.service, "SkuMeter": template.meter}
    return PlantedTruth(
        name="cost_anomaly",
        by_export=claim,
        by_cost_explorer=(replace(claim, subject=by_service),),
        amount=after - before,
        follows=(Claim(kind="cost.quantity_change", subject=meter),),
    )


def _purchase_truth(purchase: Purchase, week: Sequence[date]) -> PlantedTruth:
    """Return that a commitment is not used, which is a new charge too."""
    claim = Claim(kind="cost.commitment_use", subject={"Commitment": "savings_plans"})
    charge = {"ServiceName": SERVICE}
    unpaid = sum(day < purchase.first for day in week)
    return PlantedTruth(
        name="commitment_use",
        by_export=claim,
        by_cost_explorer=(claim,),
        amount=purchase.hourly * HOURS * (len(week) - unpaid),
        follows=(
            Claim(kind="cost.new_meter", subject=charge | {"SkuMeter": METER}),
            Claim(kind="cost.new_resource", subject=charge),
            Claim(kind="cost.anomaly", subject=charge | {"SubAccountId": PAYER}),
        ),
    )
