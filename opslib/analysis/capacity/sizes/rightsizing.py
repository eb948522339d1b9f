"""Sizes that are larger or smaller than what was used of them needs.

Instances, databases and caches are held against the other sizes of their family, Fargate tasks
against the sizes that Fargate offers. Method, assumptions and failure modes: `size_fit` and
`weekly_peaks`. What is known neither to fit nor not to fit is told as unknown, and no money is
promised for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from opslib.analysis.capacity.inventory import Inventory, ResourceDetails
from opslib.analysis.capacity.sizes.costs import Saving, estimate_saving
from opslib.analysis.capacity.sizes.demands import demands_of
from opslib.analysis.capacity.sizes.fit import Demand, Direction, SizeFit, fit_size
from opslib.analysis.capacity.sizes.sizes import (
    Size,
    family_sizes,
    find_size,
    task_size,
    task_sizes,
)
from opslib.coverage import Coverage, gaps
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import CapacityService, CapacityTables

__all__ = ["Direction", "Rightsizing", "rightsize"]

SIZED = (
    CapacityService.EC2,
    CapacityService.RDS,
    CapacityService.AURORA,
    CapacityService.CACHE,
    CapacityService.ECS,
)
TYPE_SETTINGS = ("instance_type", "class", "node_type")
UNSIZED = frozenset({"", "db.serverless"})
MIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Rightsizing:
    """What the size of a resource is for what was used of it.

    Args:
        resource: its identity in `CAPACITY_RESOURCES`.
        name, service, account, region: as in the table.
        current: its type, class or task size.
        proposed: the size to change to; None where none is proposed.
        direction: over, under, right or unknown.
        cpu_p99_percent: of whole weeks, of the values that are there; None where unknown.
        memory_p99_percent: the same.
        memory_at_most_percent: the same of what is known as a bound only: of a database's memory,
            its caches among it.
        saving_a_month: in the currency of the bill, negative where it costs more; None where the
            bill does not tell it, or nothing is proposed.
        certain: nothing that is missing could undo the proposal.
        why: what speaks for it, or what is missing, with figures.
    """

    resource: str
    name: str
    service: str
    account: str
    region: str
    current: str
    proposed: str | None
    direction: Direction
    cpu_p99_percent: float | None
    memory_p99_percent: float | None
    memory_at_most_percent: float | None
    saving_a_month: Decimal | None
    certain: bool
    why: str


def rightsize(
    tables: CapacityTables, parameters: CapacityParameters, coverage: Iterable[Coverage] = ()
) -> tuple[Rightsizing, ...]:
    """Return what each size is for its use: what saves most first, then what is too small.

    Serverless clusters and what an Auto Scaling group makes have no size of their own to change.

    Args:
        tables: what was read.
        parameters: ``rightsizing_headroom_percent`` is what a size leaves free at its peak.
        coverage: of what was read; without scaling targets, no task's size is judged.
    """
    inventory = Inventory(tables)
    most = 100 - parameters.rightsizing_headroom_percent
    unread = frozenset((one.account, one.region) for one in gaps(coverage, "capacity scaling"))
    judged = [
        _judge(inventory, one, most, unread) for one in inventory.of(*SIZED) if _has_a_size(one)
    ]
    return tuple(sorted(judged, key=_rank))


def _rank(sized: Rightsizing) -> tuple[int, Decimal, str]:
    order = (Direction.UNDER, Direction.OVER, Direction.UNKNOWN, Direction.RIGHT)
    return order.index(sized.direction), -(sized.saving_a_month or Decimal(0)), sized.name


def _has_a_size(resource: ResourceDetails) -> bool:
    if resource.service == CapacityService.ECS:
        return "task_cpu" in resource.settings and "task_memory_mib" in resource.settings
    return _type_of(resource) not in UNSIZED and not resource.settings.get("group")


def _type_of(resource: ResourceDetails) -> str:
    named = (resource.settings.get(setting) for setting in TYPE_SETTINGS)
    return str(next((name for name in named if name), ""))


def _judge(
    inventory: Inventory, resource: ResourceDetails, most: float, unread: frozenset[tuple[str, str]]
) -> Rightsizing:
    demands = demands_of(inventory, resource)
    if resource.service == CapacityService.ECS:
        present, others, why = _task_choices(resource)
        if (resource.account, resource.region) in unread:
            present, why = None, "its scaling was not read, which may hold what is used of it"
    else:
        present, others, why = _type_choices(inventory, resource)
    if present is None:
        nameless = Size(name=_type_of(resource) or "task", vcpus=0, memory_gib=0)
        fit = SizeFit(direction=Direction.UNKNOWN, proposed=None, why=why)
        return _told(inventory, resource, nameless, demands, fit)
    held = _held_by_scaling(inventory, resource)
    others = tuple(size for size in others if _keeps(size, present, held))
    telling = [demand for demand in demands if demand.name not in held]
    return _told(inventory, resource, present, demands, fit_size(present, others, telling, most))


def _told(
    inventory: Inventory,
    resource: ResourceDetails,
    present: Size,
    demands: Sequence[Demand],
    fit: SizeFit,
) -> Rightsizing:
    saving = Saving(a_month=None, how="")
    if fit.proposed is not None:
        tables = inventory.tables
        saving = estimate_saving(tables.costs, tables.prices, resource, present, fit.proposed)
    known = [(demand, demand.peak) for demand in demands if demand.peak is not None]
    p99 = {demand.name: peak.p99 for demand, peak in known if not demand.is_bound}
    at_most = {demand.name: peak.p99 for demand, peak in known if demand.is_bound}
    return Rightsizing(
        resource=resource.resource,
        name=resource.name,
        service=resource.service,
        account=resource.account,
        region=resource.region,
        current=present.name,
        proposed=fit.proposed.name if fit.proposed else None,
        direction=fit.direction,
        cpu_p99_percent=p99.get("CPU"),
        memory_p99_percent=p99.get("memory"),
        memory_at_most_percent=at_most.get("memory"),
        saving_a_month=saving.a_month,
        certain=fit.direction is not Direction.UNKNOWN,
        why=f"{fit.why}; in money: {saving.how}" if saving.how else fit.why,
    )


def _type_choices(
    inventory: Inventory, resource: ResourceDetails
) -> tuple[Size | None, tuple[Size, ...], str]:
    name = _type_of(resource)
    present = find_size(inventory.tables.types, name)
    if present is None:
        return None, (), f"the sizes of {name}'s family were not read"
    return present, family_sizes(inventory.tables.types, name), ""


def _task_choices(resource: ResourceDetails) -> tuple[Size | None, tuple[Size, ...], str]:
    settings = resource.settings
    launched = str(settings.get("launch_type", "")).upper()
    if not launched:
        return None, (), "how its tasks are launched is not known"
    if not launched.startswith("FARGATE"):
        return None, (), "its tasks share instances, and the instances are what is paid for"
    vcpus = float(settings["task_cpu"])
    return task_size(vcpus, float(settings["task_memory_mib"]) / MIB), task_sizes(), ""


def _held_by_scaling(inventory: Inventory, resource: ResourceDetails) -> frozenset[str]:
    """Return what scaling holds at its target: with smaller tasks there would be more of them.

    Scaling by steps may follow anything.
    """
    if resource.service != CapacityService.ECS:
        return frozenset()
    metrics = [row["Metric"].casefold() for row in inventory.scaled_by.get(resource.resource, ())]
    held = {"cpu": "CPU", "memory": "memory"}
    return frozenset(
        name for word, name in held.items() if any(word in one or not one for one in metrics)
    )


def _keeps(size: Size, present: Size, held: frozenset[str]) -> bool:
    cpu = "CPU" not in held or size.vcpus == present.vcpus
    return cpu and ("memory" not in held or size.memory_gib == present.memory_gib)
