"""What a scenario plants in the capacity of the estate: walls, sizes, settings, quotas."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from opslib.sandbox.capacity_growth import Growth

__all__ = ["CapacityPlan", "Crowd", "Wall", "WallKind"]


class WallKind(StrEnum):
    """Limits that a scenario may let usage grow into."""

    ECS_TASKS = "ecs tasks"
    AURORA_ACU = "aurora acu"
    RDS_STORAGE = "rds storage"
    RDS_CONNECTIONS = "rds connections"
    DYNAMODB_READ = "dynamodb read"
    LAMBDA_CONCURRENCY = "lambda concurrency"
    EC2_VCPU = "ec2 vcpu"
    CACHE_MEMORY = "cache memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """A limit that usage grows into.

    Args:
        kind: which limit.
        resource: name of what has it.
        limit: its name.
        growth: of the usage.
        level: usage at the peak of a weekday at the epoch, in the unit of the limit.
        at: the first five minutes whose usage is at the limit.
    """

    kind: WallKind
    resource: str
    limit: str
    growth: Growth
    level: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Crowd:
    """Minutes in which far more came than usual.

    Args:
        begin, end: of it, seconds since 1970.
        factor: demand relative to the peak of a weekday.
    """

    begin: float
    end: float
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CapacityPlan:
    """The capacity of the estate as a scenario tells it.

    Args:
        seed: moves everything.
        epoch: the moment that the account lives in.
        is_empty: whether there is nothing at all.
        walls: limits that are reached, the first one first.
        oversized, undersized: ids of EC2 instances; empty for none.
        frail: ECS service that does not survive the loss of a zone; empty for none.
        crowded: ECS service whose maximum was reached; empty for none.
        crowds: when it was.
        short_quota: code of the quota that is too small in the recovery region; empty for none.
    """

    seed: int
    epoch: datetime
    is_empty: bool = False
    walls: tuple[Wall, ...] = field(default=())
    oversized: str = ""
    undersized: str = ""
    frail: str = ""
    crowded: str = ""
    crowds: tuple[Crowd, ...] = field(default=())
    short_quota: str = ""

    def wall(self, kind: WallKind, resource: str) -> Wall | None:
        """Return the wall of a kind that a resource runs into, if it does."""
        return next((w for w in self.walls if (w.kind, w.resource) == (kind, resource)), None)
