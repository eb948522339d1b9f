"""How much higher the coming month's peak may be than the recorded one, by resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from opslib.analysis.capacity.walls.known_events import follows_load
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast

__all__ = ["COMING_DAYS", "peak_growth"]

COMING_DAYS = 30
RECORDED_DAYS = 63
"""Days whose recorded peak is compared: those known by five minutes."""
LEVEL = 0.8
"""The upper end of this interval is the P90."""


def peak_growth(limits: Iterable[LimitForecast]) -> Mapping[str, float]:
    """Return, by resource, the forecast P90 peak of the coming 30 days over the recorded one.

    Of several limits that follow the load the one that grows most tells. A resource without an
    honest forecast has none: nothing is said of its growth.

    Args:
        limits: as forecast.
    """
    growth: dict[str, float] = {}
    for limit in limits:
        if limit.forecast is None or limit.peaks is None or not follows_load(limit.change):
            continue
        recorded = float(np.nanmax(limit.peaks.values[-RECORDED_DAYS:], initial=0.0))
        if recorded > 0:
            coming = float(limit.forecast.intervals[LEVEL][1][:COMING_DAYS].max())
            factor = max(1.0, coming / recorded)
            growth[limit.resource] = max(growth.get(limit.resource, 1.0), factor)
    return growth
