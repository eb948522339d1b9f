"""All that a capacity report says, from its tables."""

from __future__ import annotations

from dataclasses import dataclass

from opslib.analysis.capacity.constraints import BindingConstraint, bind
from opslib.analysis.capacity.limit_forecast import LimitForecast
from opslib.analysis.capacity.quotas import UncoveredQuota, uncovered_quotas
from opslib.analysis.capacity.walls import forecast_limits
from opslib.analysis.capacity.week_ahead import WeekAhead, forecast_weeks
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import CapacityTables

__all__ = ["CapacityAnalysis", "analyse_capacity"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CapacityAnalysis:
    """What the tables of an estate's capacity come to.

    Args:
        limits: every limit, the one that is reached first before the others.
        weeks: what each limit's usage does in the next seven days, in the same order.
        constraints: what binds each workload, the earliest first.
        uncovered_quotas: that nothing is held against.
    """

    limits: tuple[LimitForecast, ...]
    weeks: tuple[WeekAhead, ...]
    constraints: tuple[BindingConstraint, ...]
    uncovered_quotas: tuple[UncoveredQuota, ...]


def analyse_capacity(parameters: CapacityParameters, tables: CapacityTables) -> CapacityAnalysis:
    """Find what runs out first, when, and what to set before.

    Args:
        parameters: of the run.
        tables: what was read.
    """
    limits = forecast_limits(tables, parameters)
    measured = [(one, tables.usage[one.series]) for one in limits if one.series in tables.usage]
    return CapacityAnalysis(
        limits=limits,
        weeks=tuple(forecast_weeks(measured, parameters)),
        constraints=bind(limits),
        uncovered_quotas=uncovered_quotas(tables.quotas),
    )
