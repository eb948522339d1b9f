"""All that a capacity report says, from its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opslib.analysis.capacity.alerts.history import AlertHistory, check_alerts
from opslib.analysis.capacity.demand.models import DemandModel, learn_demand
from opslib.analysis.capacity.demand.traffic import TrafficNeed, plan_traffic
from opslib.analysis.capacity.headroom.recovery_region import RecoveryQuota, check_recovery
from opslib.analysis.capacity.headroom.zone_losses import ZoneLoss, check_zone_loss, count_alone
from opslib.analysis.capacity.scaling.activities import ScalingHistory, count_activities
from opslib.analysis.capacity.scaling.proposals import ScalingProposal
from opslib.analysis.capacity.scaling.settings import propose_settings
from opslib.analysis.capacity.sizes.rightsizing import Rightsizing, rightsize
from opslib.analysis.capacity.walls.constraints import BindingConstraint, bind
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.limit_forecasts import forecast_limits
from opslib.analysis.capacity.walls.peak_growth import COMING_DAYS, peak_growth, planned_growth
from opslib.analysis.capacity.walls.quotas import UncoveredQuota, uncovered_quotas
from opslib.analysis.capacity.walls.week_ahead import WeekAhead, forecast_weeks
from opslib.coverage import Coverage
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
        demand: requests that a unit of each resource carries.
        needs: what the traffic plans come to.
        scaling: settings in force, and those to set.
        activities: what scaling did, resources whose scaling failed first.
        sizes: what is too large or too small.
        zone_losses: what the loss of a zone does to each resource, the worst first.
        alone: instances that stand by themselves, of which no zone loss is judged.
        recovery: quotas of the recovery region, the worst first.
        alerts: what each alert rule would have done.
    """

    limits: tuple[LimitForecast, ...]
    weeks: tuple[WeekAhead, ...]
    constraints: tuple[BindingConstraint, ...]
    uncovered_quotas: tuple[UncoveredQuota, ...]
    demand: tuple[DemandModel, ...]
    needs: tuple[TrafficNeed, ...]
    scaling: tuple[ScalingProposal, ...]
    activities: tuple[ScalingHistory, ...]
    sizes: tuple[Rightsizing, ...]
    zone_losses: tuple[ZoneLoss, ...]
    alone: int
    recovery: tuple[RecoveryQuota, ...]
    alerts: tuple[AlertHistory, ...]


def analyse_capacity(
    parameters: CapacityParameters, tables: CapacityTables, coverage: Sequence[Coverage] = ()
) -> CapacityAnalysis:
    """Find what runs out first, when, and what to set before.

    Args:
        parameters: of the run.
        tables: what was read.
        coverage: of what was read; what scales is not judged by its size where that was refused.
    """
    limits = forecast_limits(tables, parameters)
    measured = [(one, tables.usage[one.series]) for one in limits if one.series in tables.usage]
    demand = learn_demand(tables, parameters)
    needs = plan_traffic(demand, tables, parameters)
    sizes = rightsize(tables, parameters, coverage)
    losses = check_zone_loss(tables, parameters, peak_growth(limits, COMING_DAYS))
    ahead = planned_growth(peak_growth(limits, parameters.horizon_days), needs, demand)
    return CapacityAnalysis(
        limits=limits,
        weeks=tuple(forecast_weeks(measured, parameters)),
        constraints=bind(limits),
        uncovered_quotas=uncovered_quotas(tables.quotas),
        demand=demand,
        needs=needs,
        scaling=propose_settings(tables, parameters, demand, ahead, losses),
        activities=count_activities(tables.activities),
        sizes=sizes,
        zone_losses=losses,
        alone=count_alone(tables),
        recovery=check_recovery(tables, parameters),
        alerts=check_alerts(tables, parameters, sizes),
    )
