"""The forecast of every limit: what is used of it, and when it is reached.

Each limit's daily peaks are forecast, no further than they go back, and followed to the warning
level and to the limit itself. A limit whose usage has no history, or whose history carries no
honest forecast, has no date and says why: it is not taken as far away.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.walls.known_events import day_factors, follows_load
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast, recent_peaks
from opslib.analysis.capacity.walls.peaks import daily_peaks
from opslib.analysis.capacity.walls.time_to_limit import TimeToLimit, first_days, summarise_days
from opslib.analysis.forecast import Forecast, NoForecast, forecast_series
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import CapacityService, CapacityTables
from opslib.tables.regular_series import RegularSeries

__all__ = ["forecast_limits"]

PATHS, KEPT_PATHS = 400, 200
SEED = 1
LEAST_HORIZON = 7
LATEST_DAYS = 7
"""Days without a peak after which a forecast would go on from what is no more."""


def forecast_limits(
    tables: CapacityTables, parameters: CapacityParameters
) -> tuple[LimitForecast, ...]:
    """Return the forecast of every limit, the one that is reached first before the others.

    Args:
        tables: what was read.
        parameters: horizon, levels, events, lead times.
    """
    return tuple(sorted(_forecasts(tables, parameters), key=lambda one: (one.order, one.name)))


def _forecasts(tables: CapacityTables, parameters: CapacityParameters) -> Iterator[LimitForecast]:
    limits = tables.limits.merge(tables.resources, on="Resource", how="left")
    for row in limits.to_dict("records"):
        history = tables.usage.get(str(row["Series"])) if row["Series"] else None
        peaks = daily_peaks(history, parameters.as_of) if history else None
        yield _forecast_limit(row, peaks, parameters)


def _forecast_limit(
    row: Mapping[Hashable, Any], peaks: RegularSeries | None, parameters: CapacityParameters
) -> LimitForecast:
    value, name, change = float(row["Value"]), str(row["Name"]), str(row["Change"])
    made = _forecast_peaks(peaks, name, change, parameters)
    forecast = made if isinstance(made, Forecast) else None
    momentary = _used_at_the_moment(row, value) if peaks is None else None
    used = _used_percent(peaks, value) if momentary is None else momentary
    warn, full, kept = _times(forecast, peaks, value, parameters.warn_at_percent)
    why = made.why if isinstance(made, NoForecast) else ""
    lead = float(getattr(parameters.lead_times, change))
    settings = json.loads(str(row["Settings"]))
    return LimitForecast(
        resource=str(row["Resource"]),
        name=name,
        service=str(row["Service"]),
        workload=str(row["Workload"]),
        account=str(row["Account"]),
        region=str(row["Region"]),
        zones=len(set(json.loads(str(row["Zones"])))),
        quota_of=str(settings.get("service_code", "")),
        limit=str(row["Limit"]),
        value=value,
        unit=str(row["Unit"]),
        change=change,
        source=str(row["Source"]),
        series=str(row["Series"]),
        peaks=peaks,
        used_percent=used,
        forecast=forecast,
        why_not=why if momentary is None else "AWS keeps no history of it",
        is_momentary=momentary is not None,
        paths=kept,
        warn=warn,
        full=full,
        lead_days=lead,
        act_by=_act_by(full, peaks, lead),
    )


def _used_at_the_moment(row: Mapping[Hashable, Any], value: float) -> float | None:
    """Return the percentage in use of what AWS counts but keeps no history of."""
    settings = json.loads(str(row["Settings"]))
    if "available_ips" not in settings or row["Service"] != CapacityService.SUBNET:
        return None
    return float((value - settings["available_ips"]) / value * 100)


def _forecast_peaks(
    peaks: RegularSeries | None, name: str, change: str, parameters: CapacityParameters
) -> Forecast | NoForecast:
    if peaks is None or not np.isfinite(peaks.values).any():
        return NoForecast(why="nothing was measured")
    known = np.flatnonzero(np.isfinite(peaks.values))
    silent = len(peaks.values) - 1 - int(known[-1])
    if silent > LATEST_DAYS:
        return NoForecast(why=f"nothing was measured in the last {silent} days")
    horizon = max(LEAST_HORIZON, min(parameters.horizon_days, len(peaks.values) - int(known[0])))
    factors = day_factors(
        parameters,
        name,
        peaks.start.date(),
        (len(peaks.values), horizon),
        events=follows_load(change),
    )
    return forecast_series(peaks, horizon, factors=factors)


def _used_percent(peaks: RegularSeries | None, value: float) -> float | None:
    known = recent_peaks(peaks)
    return float(known.max() / value * 100) if len(known) else None


def _times(
    forecast: Forecast | None, peaks: RegularSeries | None, value: float, warn_percent: float
) -> tuple[TimeToLimit | None, TimeToLimit | None, NDArray[np.float32] | None]:
    """Return the times to the warning level and to the limit, and some of the paths."""
    paths = forecast.paths(PATHS, SEED) if forecast else None
    recent = recent_peaks(peaks)
    times: list[TimeToLimit | None] = []
    for percent in (warn_percent, 100.0):
        if len(recent) and float(np.median(recent)) >= value * percent / 100:
            times.append(TimeToLimit.reached(percent))
        elif paths is None:
            times.append(None)
        else:
            times.append(summarise_days(first_days(paths, value * percent / 100), percent))
    return times[0], times[1], None if paths is None else _keep(paths, value)


def _keep(paths: NDArray[np.float32], value: float) -> NDArray[np.float32]:
    """Return every second path in the order in which they reach the limit, then of their peaks.

    Their quantiles are those of all, which any others would miss by chance.
    """
    order = np.lexsort((-paths.max(axis=1), first_days(paths, value)))
    step = len(paths) // KEPT_PATHS
    return paths[order[step - 1 :: step]]


def _act_by(full: TimeToLimit | None, peaks: RegularSeries | None, lead: float) -> date | None:
    """Return the day by which a change must begin to be done before one path in ten is there."""
    if full is None or full.p10 is None or peaks is None:
        return None
    reached = peaks.end + timedelta(days=max(0, full.p10 - 1))
    return (reached - timedelta(days=lead)).date()
