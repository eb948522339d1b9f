"""How much higher the coming peak may be than the recorded one, by resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from opslib.analysis.capacity.demand.models import DemandModel
from opslib.analysis.capacity.demand.traffic import TrafficNeed
from opslib.analysis.capacity.walls.known_events import follows_load
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast

__all__ = ["COMING_DAYS", "peak_growth", "planned_growth"]

COMING_DAYS = 30
"""Days ahead that the loss of a zone is judged for: until the next monthly report."""
RECORDED_DAYS = 63
"""Days whose recorded peak is compared: those known by five minutes."""
LEVEL = 0.8
"""The upper end of this interval is the P90."""


def peak_growth(limits: Iterable[LimitForecast], days: int) -> Mapping[str, float]:
    """Return, by resource, the forecast P90 peak of the coming days over the recorded one.

    Of several limits that follow the load the one that grows most tells. A resource without an
    honest forecast has none: nothing is said of its growth.

    Args:
        limits: as forecast.
        days: ahead that are looked at.
    """
    growth: dict[str, float] = {}
    for limit in limits:
        if limit.forecast is None or limit.peaks is None or not follows_load(limit.change):
            continue
        recorded = float(np.nanmax(limit.peaks.values[-RECORDED_DAYS:], initial=0.0))
        if recorded > 0:
            coming = float(limit.forecast.intervals[LEVEL][1][:days].max())
            factor = max(1.0, coming / recorded)
            growth[limit.resource] = max(growth.get(limit.resource, 1.0), factor)
    return growth


def planned_growth(
    growth: Mapping[str, float], needs: Iterable[TrafficNeed], models: Iterable[DemandModel]
) -> Mapping[str, float]:
    """Return the growth, or what the traffic plans multiply the highest load by where that is more.

    Args:
        growth: of `peak_growth`.
        needs: of the plans.
        models: for the highest load that was seen.
    """
    seen = {model.resource: model.most_seen for model in models if model.most_seen}
    planned = dict(growth)
    for need in needs:
        if need.resource in seen:
            factor = need.requests_a_second / seen[need.resource]
            planned[need.resource] = max(planned.get(need.resource, 1.0), factor)
    return planned
