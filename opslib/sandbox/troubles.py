"""The troubles of scenario ``troubled``: five changes, each in a meter of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from opslib.sandbox.billing import BillPlan, make_bill
from opslib.sandbox.estate import FRESH, LARGE, PRODUCTION, Resource, Template
from opslib.sandbox.resource_ids import billed_id
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["plan_troubles"]

LATEST_START = 3
SMALLEST, LARGEST = 0.02, 0.06
"""Effect of each trouble on the period's cost, as a share of it."""


def plan_troubles(
    plan: BillPlan,
    days: tuple[date, ...],
    week: Sequence[date],
    chance: np.random.Generator,
    seed: int,
) -> tuple[BillPlan, tuple[PlantedTruth, ...]]:
    """Return ``plan`` with the troubles in it, and what they are.

    Args:
        plan: the estate without troubles.
        days: the days of the bill.
        week: the report's days; every trouble begins on one of the first three.
        chance: draws what, where, when and how much.
        seed: of the bill, to know what the estate costs without them.
    """
    quiet = _within(make_bill(plan, days, seed), week)
    costs = quiet.groupby("meter")["effective"].sum()
    total = float(sum(quiet["effective"]))
    single = [t for t in LARGE if t.count == 1 and _share(costs, t, total) >= SMALLEST * 1.8]
    several = [t for t in LARGE if t.count > 1 and _share(costs, t, total) >= SMALLEST * 1.8]
    gone, untagged = _pick(single, 2, chance)
    several = [template for template in several if not template.covered]
    price, use, host = _pick(several, 3, chance)
    starts = [week[int(chance.integers(LATEST_START))] for _ in range(5)]
    plan, truth_price = _plant_price(plan, price, starts[0], week, costs, total, chance)
    plan, truth_use = _plant_use(plan, use, starts[1], week, costs, total, chance)
    plan, truth_new = _plant_new(plan, host, starts[2], week, total, chance)
    plan, truth_gone = _plant_gone(plan, gone, starts[3])
    plan, truth_untagged = _plant_untagged(plan, untagged, starts[4])
    planted = (truth_price, truth_use, truth_new, truth_gone, truth_untagged)
    bill = make_bill(plan, days, seed)
    return plan, tuple(_with_amount(truth, bill, week) for truth in planted)


def _within(bill: pd.DataFrame, days: Sequence[date]) -> pd.DataFrame:
    return bill[bill["day"].isin(days)]


def _pick(templates: Sequence[Template], count: int, chance: np.random.Generator) -> list[Template]:
    places = chance.choice(len(templates), size=count, replace=False)
    return [templates[int(place)] for place in places]


def _share(costs: pd.Series, template: Template, total: float) -> float:
    return float(costs.get(template.meter, Decimal(0))) / total


def _active(day: date, week: Sequence[date]) -> float:
    return ((week[-1] - day).days + 1) / len(week)


def _target(chance: np.random.Generator, most: float = LARGEST) -> float:
    return float(chance.uniform(SMALLEST, most))


def _subject(template: Template) -> dict[str, str]:
    return {"ServiceName": template.service, "SkuMeter": template.meter}


def _claim(kind: str, **subject: str) -> Claim:
    return Claim(kind=f"cost.{kind}", subject=subject)


def _plant_price(
    plan: BillPlan,
    template: Template,
    day: date,
    week: Sequence[date],
    costs: pd.Series,
    total: float,
    chance: np.random.Generator,
) -> tuple[BillPlan, PlantedTruth]:
    base = float(costs[template.meter]) * _active(day, week)
    factor = 1 + max(0.3, min(0.8, _target(chance) * total / base))
    factors = {**plan.price_factors, template.meter: (day, Decimal(repr(round(factor, 3))))}
    claim = _claim("price_change", **_subject(template))
    truth = PlantedTruth(name="price_change", by_export=claim, by_cost_explorer=(claim,))
    return replace(plan, price_factors=factors), truth


def _plant_use(
    plan: BillPlan,
    template: Template,
    day: date,
    week: Sequence[date],
    costs: pd.Series,
    total: float,
    chance: np.random.Generator,
) -> tuple[BillPlan, PlantedTruth]:
    base = float(costs[template.meter]) * _active(day, week)
    factor = 1 + max(0.6, min(2.0, _target(chance) * total / base))
    factors = {**plan.use_factors, template.meter: (day, factor)}
    claim = _claim("quantity_change", **_subject(template))
    truth = PlantedTruth(name="quantity_change", by_export=claim, by_cost_explorer=(claim,))
    return replace(plan, use_factors=factors), truth


def _plant_new(
    plan: BillPlan,
    host: Template,
    day: date,
    week: Sequence[date],
    total: float,
    chance: np.random.Generator,
) -> tuple[BillPlan, PlantedTruth]:
    """Plant a new resource, in a meter that carries on or in one that is new itself."""
    in_new_meter = bool(chance.integers(2))
    template = FRESH[int(chance.integers(len(FRESH)))] if in_new_meter else host
    daily = template.daily * float(template.price)
    wanted = _target(chance) * total / (_active(day, week) * len(week))
    resource = Resource(
        template=template,
        id=f"{template.name}-fresh{int(chance.integers(10_000)):04d}",
        account=PRODUCTION,
        region="eu-west-1" if template.meter.startswith("EUW1-") else "us-east-1",
        environment="prod",
        project="search",
        first_day=day,
        scale=wanted / daily,
    )
    truth = PlantedTruth(
        name="new_resource",
        by_export=_claim("new_resource", ResourceId=billed_id(resource)),
        by_cost_explorer=(
            _claim("new_meter" if in_new_meter else "quantity_change", **_subject(template)),
        ),
        follows=(_claim("unit_cost", Unit="request"),),
    )
    return replace(plan, resources=(*plan.resources, resource)), truth


def _plant_gone(plan: BillPlan, template: Template, day: date) -> tuple[BillPlan, PlantedTruth]:
    (resource,) = (r for r in plan.resources if r.template is template)
    gone = replace(resource, last_day=day - timedelta(days=1))
    truth = PlantedTruth(
        name="gone_resource",
        by_export=_claim("gone_resource", ResourceId=billed_id(gone)),
        by_cost_explorer=(_claim("gone_meter", **_subject(template)),),
    )
    return replace(plan, resources=_replaced(plan, resource, gone)), truth


def _plant_untagged(plan: BillPlan, template: Template, day: date) -> tuple[BillPlan, PlantedTruth]:
    (resource,) = (r for r in plan.resources if r.template is template)
    stripped = replace(resource, untagged_from=day)
    claim = _claim("untagged_spend", ServiceName=template.service, TagKey="Project")
    truth = PlantedTruth(
        name="untagged_spend",
        by_export=claim,
        by_cost_explorer=(claim,),
        follows=(_claim("untagged_share", TagKey="Project"),),
    )
    return replace(plan, resources=_replaced(plan, resource, stripped)), truth


def _replaced(plan: BillPlan, old: Resource, new: Resource) -> tuple[Resource, ...]:
    return tuple(new if resource is old else resource for resource in plan.resources)


def _with_amount(truth: PlantedTruth, bill: pd.DataFrame, week: Sequence[date]) -> PlantedTruth:
    """Return ``truth`` with what it changes in the cost of the week against the week before."""
    assert truth.by_export is not None
    before = tuple(day - timedelta(days=7) for day in week)
    names = {"SkuMeter": "meter", "ResourceId": "resource", "ServiceName": "service"}
    rows = bill
    for name, value in truth.by_export.subject.items():
        if name in names:
            rows = rows[rows[names[name]] == value]
    if truth.name == "untagged_spend":
        rows = rows[rows["project"] == ""]
    now = sum(_within(rows, week)["effective"], Decimal(0))
    then = sum(_within(rows, before)["effective"], Decimal(0))
    return replace(truth, amount=now - then)
