"""What the account holds in a scenario, and what of it must be told."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from opslib.sandbox.estate import LAB
from opslib.sandbox.savings.addresses import plan_addresses
from opslib.sandbox.savings.balancers import plan_balancers
from opslib.sandbox.savings.buckets import plan_buckets
from opslib.sandbox.savings.caches import plan_caches
from opslib.sandbox.savings.databases import plan_databases
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.dynamodb import plan_tables
from opslib.sandbox.savings.gateways import plan_gateways
from opslib.sandbox.savings.log_groups import plan_log_groups
from opslib.sandbox.savings.planted import LabPlan, PlantedResource
from opslib.sandbox.savings.servers import plan_servers
from opslib.sandbox.savings.settled import plan_settled
from opslib.sandbox.savings.sizes import plan_databases_of_size, plan_instances_of_size
from opslib.sandbox.savings.snapshots import plan_snapshots
from opslib.sandbox.savings.spot_groups import plan_spot_groups
from opslib.sandbox.savings.trails import plan_trails
from opslib.sandbox.savings.volumes import plan_volumes
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["FOLLOWED", "PART", "plan_lab"]

PART = "savings"
FOLLOWED = "savings follow-through"
"""Part of what a report can tell that has earlier ones to go on with."""
PLANNERS = (
    plan_volumes,
    plan_addresses,
    plan_snapshots,
    plan_servers,
    plan_balancers,
    plan_gateways,
    plan_log_groups,
    plan_trails,
    plan_databases,
    plan_caches,
    plan_buckets,
    plan_tables,
    plan_spot_groups,
    plan_settled,
    plan_instances_of_size,
    plan_databases_of_size,
)
"""Each draws from a stream of its own, so that none moves with another."""


def plan_lab(
    name: str, entropy: tuple[int, ...], epoch: datetime
) -> tuple[LabPlan, tuple[PlantedTruth, ...]]:
    """Return the account of a scenario, and what was planted in it.

    Waste is planted in ``troubled`` alone; what only looks like it is in every scenario but
    ``empty``.

    Args:
        name: of the scenario.
        entropy: of the streams of chance.
        epoch: the moment that the account lives in.
    """
    if name == "empty":
        return LabPlan(), ()
    planted: list[PlantedResource] = []
    for number, plan in enumerate(PLANNERS):
        chance = np.random.default_rng([*entropy, number])
        planted += plan(Draw(chance=chance, epoch=epoch, wasteful=name == "troubled"))
    told = [*map(_wasted, planted), *map(_taken, planted)]
    return LabPlan(resources=tuple(planted)), tuple(truth for truth in told if truth)


def _wasted(planted: PlantedResource) -> PlantedTruth | None:
    claim = Claim(kind=f"savings.{planted.wasted}", subject=_subject(planted))
    truth = PlantedTruth(name=planted.wasted, part=PART, claim=claim, amount=planted.saving)
    return truth if planted.wasted else None


def _taken(planted: PlantedResource) -> PlantedTruth | None:
    claim = Claim(kind="savings.advice_taken", subject=_subject(planted))
    truth = PlantedTruth(name="advice_taken", part=FOLLOWED, claim=claim, amount=planted.saving)
    return truth if planted.taken else None


def _subject(planted: PlantedResource) -> dict[str, str]:
    return {"ResourceId": planted.id, "SubAccountId": LAB, "RegionId": planted.region}
