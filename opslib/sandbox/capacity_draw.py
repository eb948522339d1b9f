"""What is drawn of a scenario's capacity: which walls, sizes, services and quotas, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from opslib.sandbox.capacity_estate import (
    CACHE,
    CPU_IDLE,
    SERVICES,
)
from opslib.sandbox.capacity_growth import DAY, Growth, GrowthKind
from opslib.sandbox.capacity_instances import (
    instances_of,
)
from opslib.sandbox.capacity_loads import CONCURRENT, VCPUS
from opslib.sandbox.capacity_plan import CapacityPlan, Crowd, Wall, WallKind
from opslib.sandbox.capacity_walls import build_wall
from opslib.sandbox.estate import PRODUCTION

__all__ = ["LONGEST_AHEAD_DAYS", "draw_plan"]

SOONEST, LATEST, LONGEST_AHEAD_DAYS = 18, 50, 85
LATER = 1.55
"""How much farther than the first wall the next ones are, at the least."""
FRAIL = ("ranking", "profile", "ledger-api")
CROWDED = ("basket", "pricing")
RECOVERED = ("L-1216C47A", "L-3032A538", "L-B99A9384")
CANDIDATES: dict[WallKind, tuple[str, ...]] = {
    WallKind.ECS_TASKS: ("storefront", *CROWDED),
    WallKind.AURORA_ACU: ("orders",),
    WallKind.RDS_STORAGE: ("ledger", "catalog"),
    WallKind.RDS_CONNECTIONS: ("ledger", "catalog"),
    WallKind.DYNAMODB_READ: ("carts", "inventory"),
    WallKind.LAMBDA_CONCURRENCY: (CONCURRENT,),
    WallKind.EC2_VCPU: (VCPUS,),
    WallKind.CACHE_MEMORY: (CACHE,),
}
OVERLOAD = 1.2
"""Load of a crowd relative to what all tasks of the maximum carry at full use."""


def draw_plan(seed: int, epoch: datetime, stream: int, *, is_planted: bool) -> CapacityPlan:
    """Return the plan of a seed.

    Args:
        seed: moves everything.
        epoch: the moment that the account lives in.
        stream: of chance.
        is_planted: whether anything is wrong.
    """
    if not is_planted:
        return CapacityPlan(seed=seed, epoch=epoch)
    chance = np.random.default_rng([seed, stream])
    crowded = _one_of(CROWDED, chance)
    walls = _draw_walls(seed, epoch, crowded, chance)
    plain = [each.id for each in instances_of(PRODUCTION) if each.has_agent]
    sized = chance.choice(len(plain), size=2, replace=False)
    return CapacityPlan(
        seed=seed,
        epoch=epoch,
        walls=walls,
        oversized=plain[int(sized[0])],
        undersized=plain[int(sized[1])],
        frail=_one_of(FRAIL, chance),
        crowded=crowded,
        crowds=_draw_crowds(crowded, epoch, chance),
        short_quota=_one_of(RECOVERED, chance),
    )


def _one_of(names: Sequence[str], chance: np.random.Generator) -> str:
    return names[int(chance.integers(len(names)))]


def _draw_walls(
    seed: int, epoch: datetime, crowded: str, chance: np.random.Generator
) -> tuple[Wall, ...]:
    """Return the first wall, and one or two that are farther; each of a resource of its own."""
    kinds = [list(WallKind)[int(n)] for n in chance.permutation(len(WallKind))]
    count = int(chance.integers(2, 4))
    walls: list[Wall] = []
    taken = {crowded}
    for kind in kinds:
        names = [name for name in CANDIDATES[kind] if name not in taken]
        if not names or len(walls) == count:
            continue
        name, growth = _one_of(names, chance), _draw_growth(chance)
        if walls:
            first = (walls[0].at - epoch).total_seconds() / DAY
            day = int(chance.integers(int(np.ceil(first * LATER)), LONGEST_AHEAD_DAYS))
        else:
            day = int(chance.integers(SOONEST, LATEST))
        wall = build_wall(kind, name, growth, day, seed, epoch)
        if not walls or wall.at - epoch >= (walls[0].at - epoch) * 1.5:
            walls.append(wall)
            taken.add(name)
    return tuple(sorted(walls, key=lambda wall: wall.at))


def _draw_growth(chance: np.random.Generator) -> Growth:
    if chance.random() < 0.5:  # noqa: PLR2004
        return Growth(GrowthKind.COMPOUND, float(chance.uniform(0.005, 0.008)))
    since = float(chance.integers(120, 200))
    return Growth(GrowthKind.LINEAR, float(chance.uniform(0.55, 0.75)) / since, since)


def _draw_crowds(name: str, epoch: datetime, chance: np.random.Generator) -> tuple[Crowd, ...]:
    """Return two times at which more came than the service's maximum carries at its target."""
    spec = next(each for each in SERVICES if each.name == name)
    a_percent = spec.requests_a_task / (spec.target - CPU_IDLE)
    borne = spec.most * a_percent * (100 - CPU_IDLE)
    factor = OVERLOAD * borne / (spec.peak * spec.requests_a_task)
    crowds = []
    for days in chance.choice(np.arange(30, 56), size=2, replace=False):
        noon = epoch.timestamp() // DAY * DAY - float(days) * DAY + DAY / 2
        begin = noon + 300 * int(chance.integers(96))
        crowds.append(Crowd(begin, begin + 300 * int(chance.integers(9, 15)), factor))
    return tuple(sorted(crowds, key=lambda crowd: crowd.begin))
