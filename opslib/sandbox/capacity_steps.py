"""The steps by which scaling met the crowds: up to the maximum, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from opslib.sandbox.capacity_estate import CAPACITY_CLUSTER, SERVICES
from opslib.sandbox.capacity_load import fine_grid
from opslib.sandbox.capacity_plan import CapacityPlan
from opslib.sandbox.capacity_service_metrics import running_tasks
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.shop_history import ScalingStep

__all__ = ["crowd_steps"]

KEPT = timedelta(days=42)
"""Application Auto Scaling tells no older activities."""


def crowd_steps(plan: CapacityPlan) -> tuple[ScalingStep, ...]:
    """Return the steps to a service's maximum and from it, as far as they are kept."""
    if not plan.crowded:
        return ()
    spec = next(each for each in SERVICES if each.name == plan.crowded)
    grid = fine_grid(plan.epoch.timestamp())
    tasks = running_tasks(plan, spec, grid)
    is_most = tasks == spec.most
    steps = []
    for place in np.flatnonzero(is_most[1:] != is_most[:-1]) + 1:
        at = datetime.fromtimestamp(float(grid.starts[place]), UTC)
        if plan.epoch - at <= KEPT:
            steps.append(
                ScalingStep(
                    at=at,
                    account=PRODUCTION,
                    service=spec.name,
                    before=int(tasks[place - 1]),
                    after=int(tasks[place]),
                    cluster=CAPACITY_CLUSTER,
                )
            )
    return tuple(steps)
