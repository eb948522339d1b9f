"""What brought the changes of a bill about: the calls that somebody made some hours before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from opslib.sandbox.api_calls import ApiCall, Principal
from opslib.sandbox.billing import BillPlan
from opslib.sandbox.commitments import Purchase
from opslib.sandbox.estate import EAST, PAYER, TINY, Resource
from opslib.sandbox.resource_calls import call_on
from opslib.sandbox.shop_people import PEOPLE, TERRAFORM_APPLY, person
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = [
    "Act",
    "Cause",
    "acts_of",
    "draw_actor",
    "make_causes",
    "midnight",
    "purchase_call",
    "with_causes",
]

EARLIEST, LATEST = 20.0, 1.0
"""Hours between a call and the day whose charges it raised."""
APART = timedelta(seconds=3)
BY_TERRAFORM = 0.4
PLACED = {"cost_anomaly", "earlier_step"}
"""Truths that name their place themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What was done to a resource, and from which day on the bill tells.

    Args:
        truth: name of the truth that it brought about.
        resource: that it was done to.
        deed: created, altered or deleted.
        day: the first that is charged differently.
    """

    truth: str
    resource: Resource
    deed: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """An act and its call."""

    act: Act
    call: ApiCall


def acts_of(plan: BillPlan) -> tuple[Act, ...]:
    """Return what somebody did: to every resource whose use changed, that is new or gone.

    A volume too small to speak of is nobody's act, and a price is AWS's.
    """
    return tuple(_acts(plan))


def _acts(plan: BillPlan) -> Iterator[Act]:
    for resource in plan.resources:
        changed = plan.use_factors.get(resource.template.meter)
        if resource.last_day:
            gone = resource.last_day + timedelta(days=1)
            yield Act(truth="gone_resource", resource=resource, deed="deleted", day=gone)
        elif resource.first_day and resource.template is not TINY:
            day = resource.first_day
            yield Act(truth="new_resource", resource=resource, deed="created", day=day)
        elif changed:
            yield Act(truth="quantity_change", resource=resource, deed="altered", day=changed[0])
        for burst in (burst for burst in plan.bursts if burst.meets(resource)):
            name = "cost_anomaly" if burst.last else "earlier_step"
            yield Act(truth=name, resource=resource, deed="altered", day=burst.first)


def make_causes(acts: Sequence[Act], chance: np.random.Generator) -> tuple[Cause, ...]:
    """Return the call of each act; those of one change in one place come in one go."""
    causes: list[Cause] = []
    begun: dict[tuple[str, str, str], tuple[datetime, Principal]] = {}
    for act in acts:
        place = (act.truth, act.resource.account, act.resource.region)
        if place not in begun:
            hours = float(chance.uniform(LATEST, EARLIEST))
            begun[place] = (midnight(act.day) - timedelta(hours=hours), draw_actor(chance))
        at, who = begun[place]
        begun[place] = (at + APART, who)
        causes.append(Cause(act=act, call=call_on(act.resource, act.deed, at, who)))
    return tuple(causes)


def purchase_call(purchase: Purchase, chance: np.random.Generator) -> ApiCall:
    """Return the call that bought a Savings Plan."""
    hours = float(chance.uniform(LATEST, EARLIEST))
    return ApiCall(
        at=(midnight(purchase.first) - timedelta(hours=hours)).replace(microsecond=0),
        account=PAYER,
        region=EAST,
        principal=person(PEOPLE[int(chance.integers(len(PEOPLE)))]),
        source="savingsplans",
        name="CreateSavingsPlan",
        parameters={"commitment": str(purchase.hourly)},
        response={"savingsPlanId": purchase.arn.rpartition("/")[2]},
    )


def midnight(day: date) -> datetime:
    """Return the first moment of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def draw_actor(chance: np.random.Generator) -> Principal:
    """Return Terraform, or somebody."""
    if chance.random() < BY_TERRAFORM:
        return TERRAFORM_APPLY
    return person(PEOPLE[int(chance.integers(len(PEOPLE)))])


def with_causes(
    truths: Sequence[PlantedTruth],
    causes: Sequence[Cause],
    plan: BillPlan,
    purchases: Sequence[ApiCall],
) -> tuple[PlantedTruth, ...]:
    """Return truths with the calls that caused them, and the unusual places that follow.

    Args:
        truths: what was planted.
        causes: what was done to resources.
        plan: the estate with it.
        purchases: calls that bought what nothing uses.
    """
    told = []
    for truth in truths:
        own = [cause for cause in causes if cause.act.truth == truth.name]
        called = purchases if truth.name == "commitment_use" else [cause.call for cause in own]
        places = [cause.act.resource for cause in own if truth.name not in PLACED]
        if truth.name == "price_change":
            places = [one for one in plan.resources if one.template.meter in plan.price_factors]
        follows = dict.fromkeys((one.template.service, one.account) for one in places)
        claims = (_unusual(service, account) for service, account in follows)
        told.append(
            replace(
                truth,
                causes=tuple(call.event_id for call in called),
                follows=(*truth.follows, *claims),
            )
        )
    return tuple(told)


def _unusual(service: str, account: str) -> Claim:
    """Return the claim that a service was unusual in an account, wherever and since whenever."""
    subject = {"ServiceName": service, "SubAccountId": account}
    return Claim(kind="cost.anomaly", subject=subject)
