"""Whether an alert's alarms tell of a size that is too small, and what to change then.

Method: a size is too small where what is watched passes by itself what a size may come to
(`size_fit.short_at`), or where the size was judged too small and what is watched passes what the
next one is to leave free. A count that is far below its limit tells of no size, however short the
resource is of something else.
"""

from __future__ import annotations

from dataclasses import replace

from opslib.analysis.capacity.inventory import Inventory, LimitUse, ResourceDetails
from opslib.analysis.capacity.sizes.fit import Direction, short_at
from opslib.analysis.capacity.sizes.rightsizing import Rightsizing
from opslib.analysis.capacity.sizes.weekly_peaks import measure_peaks
from opslib.tables.capacity import CapacityService

__all__ = ["remedy_of_size", "short_of_size"]


def short_of_size(use: LimitUse, sized: Rightsizing | None, most: float) -> bool:
    """Return whether a resource is too small for its use of a limit.

    Args:
        use: of the limit that is watched.
        sized: what its size was judged; None where it has none of its own.
        most: percent of a dimension that may be used at its peak.
    """
    percent = use.percent()
    if use.history is None or percent is None:
        return False
    peak = measure_peaks(replace(use.history, values=percent))
    if peak is None:
        return False
    is_under = sized is not None and sized.direction is Direction.UNDER
    return peak.busy > (most if is_under else short_at(use.limit, most))


def remedy_of_size(
    inventory: Inventory, resource: ResourceDetails, sized: Rightsizing | None
) -> str:
    """Return what to change of a resource that is too small.

    Args:
        inventory: what was read.
        resource: that is too small.
        sized: what its size was judged; None where it has none of its own.
    """
    if sized is not None and sized.direction is Direction.UNDER:
        to = sized.proposed or "another family"
        return f"change {sized.current} to {to}, or spread its load"
    is_serverless = resource.service == CapacityService.AURORA and resource.settings.get("max")
    if is_serverless or inventory.scaled_by.get(resource.resource):
        return "raise the maximum of its scaling"
    return "give it a larger size, or spread its load"
