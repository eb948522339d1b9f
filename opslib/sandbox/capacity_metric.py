"""One metric of the estate's capacity: what it is called, and how its values come about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from opslib.sandbox.capacity_growth import Values
from opslib.sandbox.capacity_load import Grid, Load, make_load
from opslib.sandbox.capacity_plan import CapacityPlan
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.shop import REGION

__all__ = ["CapacityMetric", "Dimensions", "Recipe", "constant", "counted", "follows", "gauge"]

Dimensions = tuple[tuple[str, str], ...]
Recipe = Callable[[Grid], Values]
MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CapacityMetric:
    """One metric.

    Args:
        namespace, name, dimensions: as CloudWatch knows it.
        unit: CloudWatch's unit.
        recipe: its values on a grid: averages of a gauge, what is counted a second; NaN where
            nothing is reported.
        is_count: whether it counts, so that its Sum tells.
        each: of a count, what one sample tells.
        spread: of a gauge, how far its maximum lies from its average, relative.
        most: of a gauge, what it cannot exceed.
        samples: of a gauge, how many it gets in a minute; None: one.
        account, region: where it is.
    """

    namespace: str
    name: str
    dimensions: Dimensions
    unit: str
    recipe: Recipe
    is_count: bool = False
    each: float = 1.0
    spread: float = 0.0
    most: float = float("inf")
    samples: Recipe | None = None
    account: str = PRODUCTION
    region: str = REGION

    def values(self, grid: Grid, statistic: str) -> Values:
        """Return a statistic on a grid; NaN where nothing is reported.

        Args:
            grid: the periods.
            statistic: Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p95.
        """
        made = self.recipe(grid)
        if self.is_count:
            told = {"Sum": made * grid.step, "SampleCount": made * grid.step / self.each}
            return told.get(statistic, np.where(np.isnan(made), np.nan, self.each))
        if statistic in {"Sum", "SampleCount"}:
            each = 1.0 if self.samples is None else self.samples(grid)
            samples = np.where(np.isnan(made), np.nan, each * grid.step / MINUTE)
            return samples if statistic == "SampleCount" else made * samples
        factor = max(1 + self.spread * _place(statistic), 0.2)
        return np.asarray(np.minimum(factor * made, self.most), dtype=float)


def _place(statistic: str) -> float:
    """Return where a statistic lies between the least (-1) and the most (1)."""
    if statistic in {"Average", "Minimum", "Maximum"}:
        return {"Average": 0.0, "Minimum": -1.0, "Maximum": 1.0}[statistic]
    return float(statistic.removeprefix("p")) / 50 - 1


def follows(plan: CapacityPlan, load: Load, factor: float = 1.0, base: float = 0.0) -> Recipe:
    """Return the recipe of what follows a load in a straight line."""
    if (factor, base) == (1.0, 0.0):
        return lambda grid: make_load(load, plan.seed, grid)
    return lambda grid: base + factor * make_load(load, plan.seed, grid)


def constant(value: float) -> Recipe:
    """Return the recipe of what never changes."""
    return lambda grid: np.full(len(grid.starts), value)


def gauge(
    namespace: str,
    name: str,
    dimensions: Dimensions,
    unit: str,
    recipe: Recipe,
    *,
    spread: float = 0.0,
    samples: Recipe | None = None,
    account: str = PRODUCTION,
) -> CapacityMetric:
    """Return a metric of a state; a percentage cannot exceed 100."""
    return CapacityMetric(
        namespace=namespace,
        name=name,
        dimensions=dimensions,
        unit=unit,
        recipe=recipe,
        spread=spread,
        most=100.0 if unit == "Percent" else float("inf"),
        samples=samples,
        account=account,
    )


def counted(
    namespace: str,
    name: str,
    dimensions: Dimensions,
    recipe: Recipe,
    *,
    unit: str = "Count",
    each: float = 1.0,
    account: str = PRODUCTION,
) -> CapacityMetric:
    """Return a metric that counts; the recipe tells how many a second."""
    return CapacityMetric(
        namespace=namespace,
        name=name,
        dimensions=dimensions,
        unit=unit,
        recipe=recipe,
        is_count=True,
        each=each,
        account=account,
    )
