"""Sizes that a resource may be changed to: of its instance family, or of a Fargate task.

Sources: the EC2 user guide, key concepts of burstable performance instances (baseline utilisation
per vCPU); the ECS developer guide, task CPU and memory on Fargate; the RDS and ElastiCache user
guides, supported classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["Size", "family_sizes", "find_size", "task_size", "task_sizes"]

MANAGED = ("db.", "cache.")
TOO_SMALL_TO_MANAGE = frozenset({"nano", "micro", "small", "medium"})
"""Databases and caches begin at large but in the burstable families."""
BASELINES = {
    "nano": 5.0,
    "micro": 10.0,
    "small": 20.0,
    "medium": 20.0,
    "large": 30.0,
    "xlarge": 40.0,
    "2xlarge": 40.0,
}
T2_BASELINES = BASELINES | {"xlarge": 22.5, "2xlarge": 17.0}
TASK_MEMORY_GIB = {
    0.25: (0.5, 1.0, 2.0),
    0.5: (1.0, 2.0, 3.0, 4.0),
    1.0: tuple(float(gib) for gib in range(2, 9)),
    2.0: tuple(float(gib) for gib in range(4, 17)),
    4.0: tuple(float(gib) for gib in range(8, 31)),
    8.0: tuple(float(gib) for gib in range(16, 61, 4)),
    16.0: tuple(float(gib) for gib in range(32, 121, 8)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A size.

    Args:
        name: as AWS writes it; of a task, its vCPUs and GiB.
        vcpus, memory_gib: what it has.
        baseline_percent: utilisation that it keeps up for ever, 100 unless it is burstable.
    """

    name: str
    vcpus: float
    memory_gib: float
    baseline_percent: float = 100.0

    @property
    def order(self) -> tuple[float, float]:
        """Return what sizes of a family are ordered by."""
        return self.memory_gib, self.vcpus

    def within(self, other: Size) -> bool:
        """Say whether it has no more of anything than ``other``, and less of something."""
        fits = self.vcpus <= other.vcpus and self.memory_gib <= other.memory_gib
        return fits and self.order != other.order


def find_size(types: pd.DataFrame, name: str) -> Size | None:
    """Return the size called ``name``, an instance type or class; None where it was not read."""
    return next((size for size in family_sizes(types, name) if size.name == name), None)


def family_sizes(types: pd.DataFrame, name: str) -> tuple[Size, ...]:
    """Return the sizes of the family of an instance type or class, smallest first.

    Databases and caches have the vCPUs and memory of the instance types they are named after.
    Bare metal is left out.

    Args:
        types: columns of `INSTANCE_TYPES`.
        name: such as ``m7g.large``, ``db.r6g.xlarge`` or ``cache.t4g.micro``.
    """
    prefix = next((one for one in MANAGED if name.startswith(one)), "")
    family = name.removeprefix(prefix).partition(".")[0]
    sizes = [
        Size(
            name=f"{prefix}{row['InstanceType']}",
            vcpus=row["Vcpus"],
            memory_gib=row["MemoryGib"],
            baseline_percent=_baseline(family, row["InstanceType"].partition(".")[2]),
        )
        for row in types.to_dict("records")
        if row["InstanceType"].startswith(f"{family}.")
        and _is_offered(row["InstanceType"], managed=bool(prefix))
    ]
    return tuple(sorted(sizes, key=lambda size: size.order))


def _is_offered(name: str, *, managed: bool) -> bool:
    family, _, size = name.partition(".")
    if size.startswith("metal"):
        return False
    return not managed or _is_burstable(family) or size not in TOO_SMALL_TO_MANAGE


def _is_burstable(family: str) -> bool:
    return family[:1] == "t" and family[1:2].isdigit()


def _baseline(family: str, size: str) -> float:
    if not _is_burstable(family):
        return 100.0
    known = T2_BASELINES if family == "t2" else BASELINES
    return known.get(size, 100.0)


def task_sizes() -> tuple[Size, ...]:
    """Return the sizes that Fargate offers, smallest first by vCPUs and then by memory."""
    return tuple(
        task_size(vcpus, gib) for vcpus, choices in TASK_MEMORY_GIB.items() for gib in choices
    )


def task_size(vcpus: float, memory_gib: float) -> Size:
    """Return the size of a task."""
    return Size(name=f"{vcpus:g} vCPU, {memory_gib:g} GiB", vcpus=vcpus, memory_gib=memory_gib)
