"""The utilisation that scaling holds a resource at."""

from __future__ import annotations

import pandas as pd

from opslib.analysis.capacity.inventory import Inventory, ResourceDetails
from opslib.analysis.capacity.scaling.load import tracked

__all__ = ["own_target"]


def own_target(inventory: Inventory, resource: ResourceDetails) -> float | None:
    """Return the CPU in percent that a resource's own scaling holds; None where it holds none."""
    for row in inventory.scaled_by.get(resource.resource, ()):
        if tracked(str(row["Metric"])) == "cpu" and not pd.isna(row["Target"]):
            return float(row["Target"])
    return None
