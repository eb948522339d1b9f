"""What a report must say of the capacity of a scenario, and which of its reads are refused."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from opslib.sandbox.capacity_draw import draw_plan
from opslib.sandbox.capacity_estate import CACHE, CACHE_NODES, FUNCTIONS
from opslib.sandbox.capacity_incident import strained_components
from opslib.sandbox.capacity_plan import CapacityPlan, Wall, WallKind
from opslib.sandbox.capacity_quotas import QUOTAS
from opslib.sandbox.estate import ACCOUNTS, PRODUCTION, STAGING
from opslib.sandbox.faults import Fault
from opslib.sandbox.incident_plan import IncidentPlan
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["CAPACITY_FAULTS", "PART", "plan_capacity"]

PART, WALL = "capacity", "capacity.wall"


def _fault(
    service: str,
    operation: str,
    account: str = PRODUCTION,
    *,
    code: str = "AccessDeniedException",
    needle: str = "",
) -> Fault:
    return Fault(service=service, operation=operation, code=code, account=account, needle=needle)


CAPACITY_FAULTS: tuple[tuple[Fault, str], ...] = (
    (_fault("service-quotas", "ListServiceQuotas"), "capacity quotas"),
    (_fault("application-autoscaling", "DescribeScalableTargets"), "capacity scaling"),
    (_fault("cloudwatch", "GetMetricData", STAGING, needle="AWS/EC2"), "capacity usage"),
    (_fault("cloudwatch", "GetMetricData", code="Throttling", needle="AWS/EBS"), "capacity usage"),
    (_fault("ec2", "DescribeInstances", code="UnauthorizedOperation"), "capacity ec2"),
    (_fault("eks", "ListClusters"), "capacity eks"),
    (_fault("lambda", "ListFunctions"), "capacity lambda"),
    (_fault("elbv2", "DescribeLoadBalancers", code="AccessDenied"), "capacity network"),
    (_fault("elasticache", "DescribeCacheClusters", code="AccessDenied"), "capacity caches"),
)
"""Reads of capacity alone that are refused, with the table whose coverage must tell."""
THROTTLED = ("Throttling",)
REFUSED = 2


def plan_capacity(
    scenario: str, incident: IncidentPlan, stream: int
) -> tuple[CapacityPlan, tuple[PlantedTruth, ...], tuple[Fault, ...]]:
    """Return the capacity, what a report must say of it, and the reads that are refused.

    Args:
        scenario: steady, troubled, denied or empty.
        incident: the days of the shop, with the seed and the epoch.
        stream: of chance.
    """
    seed, epoch = incident.seed, incident.epoch
    if scenario == "empty":
        return CapacityPlan(seed=seed, epoch=epoch, is_empty=True), (), ()
    plan = draw_plan(seed, epoch, stream, is_planted=scenario == "troubled")
    if scenario != "denied":
        return plan, (*_truths(plan), *_peaks(incident)), ()
    chance = np.random.default_rng([seed, stream, 1])
    places = chance.choice(len(CAPACITY_FAULTS), size=REFUSED, replace=False)
    refused = [CAPACITY_FAULTS[int(place)] for place in places]
    gaps = tuple(_gap(fault, table) for fault, table in refused)
    return plan, (*gaps, *_peaks(incident)), tuple(fault for fault, _ in refused)


def _peaks(incident: IncidentPlan) -> Iterator[PlantedTruth]:
    """Yield what may be said, since an incident of yesterday brought it near a limit."""
    strained = strained_components(incident)
    if strained:
        claims = (Claim(kind=WALL, subject={"Resource": name}) for name in strained)
        yield PlantedTruth(name="incident_peak", part=PART, follows=tuple(claims))


def _gap(fault: Fault, table: str) -> PlantedTruth:
    status = "throttled" if fault.code in THROTTLED else "denied"
    return PlantedTruth(
        name="denied_capacity",
        part=PART,
        coverage=(table, ACCOUNTS[fault.account], status),
    )


def _truths(plan: CapacityPlan) -> Iterator[PlantedTruth]:
    for place, wall in enumerate(plan.walls):
        yield PlantedTruth(
            name="further_wall" if place else "first_wall",
            part=PART,
            claim=_wall(wall.resource, wall.limit),
            follows=tuple(_same_wall(wall)),
            at=wall.at,
        )
    if not plan.walls:
        return
    yield _of_resource("oversized", plan.oversized)
    yield _of_resource(
        "undersized",
        plan.undersized,
        Claim(kind=WALL, subject={"Resource": plan.undersized}),
    )
    yield _of_resource("zone_loss", plan.frail)
    yield _of_resource(
        "scaling_limit",
        plan.crowded,
        Claim(kind="capacity.zone_loss", subject={"Resource": plan.crowded}),
        Claim(kind=WALL, subject={"Resource": plan.crowded}),
    )
    short = Claim(kind="capacity.recovery_quota", subject={"Quota": plan.short_quota})
    yield PlantedTruth(name="recovery_quota", part=PART, claim=short)


def _wall(resource: str, limit: str) -> Claim:
    return Claim(kind=WALL, subject={"Resource": resource, "Limit": limit})


def _of_resource(what: str, resource: str, *follows: Claim) -> PlantedTruth:
    claim = Claim(kind=f"capacity.{what}", subject={"Resource": resource})
    return PlantedTruth(name=what, part=PART, claim=claim, follows=follows)


def _same_wall(wall: Wall) -> Iterator[Claim]:
    """Yield what else is true because of a wall: other names of it, and what runs into it too."""
    if wall.kind is WallKind.CACHE_MEMORY:
        for name in (CACHE, *CACHE_NODES):
            yield _wall(name, wall.limit)
    if wall.kind is WallKind.LAMBDA_CONCURRENCY:
        for spec in FUNCTIONS:
            yield _wall(spec.name, "concurrency")
    if wall.kind in {WallKind.LAMBDA_CONCURRENCY, WallKind.EC2_VCPU}:
        (code,) = (quota.code for quota in QUOTAS if quota.name == wall.resource)
        yield Claim(kind=WALL, subject={"Resource": code})
    if wall.kind is WallKind.ECS_TASKS:
        subject = {"Resource": wall.resource}
        yield Claim(kind="capacity.scaling_limit", subject=subject)
