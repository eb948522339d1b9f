"""Caches that nothing is asked of, and some that only look like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from opslib.sandbox.estate import EAST, LAB
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, LabMetric, PlantedResource

__all__ = ["plan_caches"]

NODE_TYPE, HOURLY = "cache.r7g.2xlarge", "0.7"
OWN_CONNECTIONS = 3.0
ALL_ZERO = {"GetTypeCmds": 0.0, "SetTypeCmds": 0.0}


def plan_caches(draw: Draw) -> Iterator[PlantedResource]:
    """Yield an idle cache where waste is planted, and what only looks idle.

    The latter: busy, one whose clients only listen, without a metric, and too young.
    """
    if draw.wasteful:
        asked = ALL_ZERO | {"CurrConnections": OWN_CONNECTIONS}
        yield from _cache(draw, "old-sessions", draw.old(), asked, draw.number(1, 2), wasted=True)
    busy = {"GetTypeCmds": float(draw.number(500, 9000)), "SetTypeCmds": 0.0}
    yield from _cache(draw, "trial-carts", draw.old(), busy | {"CurrConnections": 20.0}, 1)
    listening = ALL_ZERO | {"CurrConnections": float(draw.number(5, 40))}
    yield from _cache(draw, "listeners", draw.old(), listening, 1)
    yield from _cache(draw, "unwatched-cache", draw.old(), {}, 1)
    young = ALL_ZERO | {"CurrConnections": OWN_CONNECTIONS}
    yield from _cache(draw, "new-cache", draw.young(), young, 1, is_charged=False)


def _cache(
    draw: Draw,
    name: str,
    created: datetime,
    asked: Mapping[str, float],
    nodes: int,
    *,
    wasted: bool = False,
    is_charged: bool = True,
) -> Iterator[PlantedResource]:
    """Yield a replication group, and its nodes, which are what is charged."""
    tags = draw.tags(name)
    hours = FlatCharge(
        service="Amazon ElastiCache",
        meter=f"NodeUsage:{NODE_TYPE}",
        unit="Hrs",
        price=HOURLY,
        daily=24.0,
    )
    where = f"arn:aws:elasticache:{EAST}:{LAB}"
    yield PlantedResource(
        kind="cache",
        id=f"{where}:replicationgroup:{name}",
        created=created,
        region=EAST,
        charges=(),
        tags=tags,
        wasted="idle_cache" if wasted else "",
        saving=nodes * hours.monthly if wasted else None,
    )
    for number in range(1, nodes + 1):
        node = f"{name}-{number:03d}"
        yield PlantedResource(
            kind="cache_node",
            id=f"{where}:cluster:{node}",
            created=created,
            region=EAST,
            charges=(hours,) if is_charged else (),
            metrics=tuple(
                LabMetric(
                    namespace="AWS/ElastiCache",
                    name=metric,
                    dimensions=(("CacheClusterId", node),),
                    hourly=value,
                )
                for metric, value in asked.items()
            ),
            tags=tags,
            details={"name": node, "group": name, "type": NODE_TYPE},
        )
