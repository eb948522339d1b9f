"""What is asked of each dimension of a size, from what was measured of it.

Memory of databases is known by what is free of it: what their buffers and the page cache hold
counts as used, so that it is a bound (`fit`).
Source: the RDS user guide, CloudWatch metrics (FreeableMemory).
"""

from __future__ import annotations

from dataclasses import replace

from opslib.analysis.capacity.inventory import Inventory, LimitUse, ResourceDetails
from opslib.analysis.capacity.sizes.fit import Demand, Shares
from opslib.analysis.capacity.sizes.weekly_peaks import (
    FEWEST_WEEKS,
    PeakUse,
    highest_of,
    measure_peaks,
)
from opslib.tables.capacity import CapacityService, UsageRole

__all__ = ["demands_of"]

MEMCACHED = "memcached"


def demands_of(inventory: Inventory, resource: ResourceDetails) -> list[Demand]:
    """Return what is asked of a size: of several nodes, by the one that is asked most."""
    cpu = _demand(inventory, resource, "CPU", _spread_of_cpu(resource))
    memory = _demand(inventory, resource, "memory", "memory")
    if resource.service in {CapacityService.RDS, CapacityService.AURORA}:
        connections = _demand(inventory, resource, "connections", "memory")
        memory = memory if memory.peak is not None else _bounded_memory(inventory, resource, memory)
        return [cpu, memory, connections] if connections.peak is not None else [cpu, memory]
    return [cpu, memory]


def _spread_of_cpu(resource: ResourceDetails) -> Shares:
    """Return what CPU grows with: a cache's engine has one thread, whatever the vCPUs."""
    of_engine = resource.service == CapacityService.CACHE
    return "nothing" if of_engine and resource.settings.get("engine") != MEMCACHED else "vcpus"


def _demand(inventory: Inventory, resource: ResourceDetails, name: str, shares: Shares) -> Demand:
    uses = [
        use
        for limit, use in inventory.limits(resource.resource).items()
        if limit == name or limit.startswith(f"{name} (")
    ]
    if not uses or any(use.history is None for use in uses):
        return Demand(name=name, peak=None, why_unknown=f"{name} is not reported", shares=shares)
    peaks = [_peaks(use) for use in uses]
    known = [peak for peak in peaks if peak is not None]
    if len(known) < len(peaks):
        why = f"fewer than {FEWEST_WEEKS} whole weeks of {name}"
        return Demand(name=name, peak=None, why_unknown=why, shares=shares)
    return Demand(name=name, peak=highest_of(known), shares=shares)


def _bounded_memory(inventory: Inventory, resource: ResourceDetails, unknown: Demand) -> Demand:
    """Return what is used of memory at the most; ``unknown`` where that is not known either."""
    for bound in inventory.series(resource.resource, UsageRole.BOUND):
        if bound.metric == unknown.name and bound.history is not None:
            peak = measure_peaks(bound.history)
            why = f"fewer than {FEWEST_WEEKS} whole weeks of {unknown.name}" if peak is None else ""
            return replace(unknown, peak=peak, why_unknown=why, is_bound=peak is not None)
    return unknown


def _peaks(use: LimitUse) -> PeakUse | None:
    percent = use.percent()
    if use.history is None or percent is None:
        return None
    return measure_peaks(replace(use.history, values=percent))
