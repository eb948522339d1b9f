"""How many requests a second one unit of capacity carries, learned from history.

Method: a resource that runs units (tasks, instances, pods) has ``utilisation = idle + slope x
requests of a unit``; one unit carries what brings it to the target. A resource whose use is
counted itself (ACUs, connections, capacity units, concurrency) has ``use = idle + requests /
per_unit``. Both are lines through hourly means (`demand_fit`). Periods in which it was full are
left out: they do not tell what was wanted. Where the level of the residuals shifts, the days after
the last shift are used.
Assumption: the mix of requests stays what it was. Failure mode: work that comes with no request
(batches, retries) is told as idle use, or as the cost of requests when it comes at the same hours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.demand.fit import LineFit, fit_line, interval_of, last_shift
from opslib.analysis.capacity.demand.sources import LEAST_UNITS, DemandSource, find_sources
from opslib.analysis.capacity.recorded import Aligned, Recorded, align_groups
from opslib.analysis.capacity.walls.peaks import HOUR_SECONDS, hourly_means
from opslib.estimate import Estimate
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import CapacityTables
from opslib.tables.regular_series import RegularSeries
from opslib.wording import count

__all__ = ["DemandModel", "learn_demand"]

CONFIDENCE = 0.8
LONGEST_DAYS = 91
"""What a request costs drifts with the code; older days tell of other code."""
FEWEST_DAYS = 7
FEWEST_HOURS_A_DAY = 12
WEAKEST_R_SQUARED = 0.2
HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandModel:
    """What requests cost a resource.

    Args:
        resource, name, service: as in `CAPACITY_RESOURCES`.
        unit: tasks, instances, pods, or the unit of the use that is counted.
        demand: series whose sum are the requests; () where there is none.
        target_percent: utilisation that a unit is run at; None where use is counted itself.
        per_unit: requests a second that one unit carries; None where it could not be learned.
        idle_percent: utilisation without requests; None where use is counted itself.
        idle_units: units in use without requests; 0 where units are utilised by per cent. Both are
            below zero where use bends upwards, so that the line is right where it was seen.
        most_seen: most requests a second in an hour that the line rests on; beyond it is
            extrapolated.
        r_squared: share of the variance of use that requests explain.
        days: days that the line rests on.
        shifted: the cost of a request changed, and only the days since are used.
        why_not: why it could not be learned; '' where it was.
    """

    resource: str
    name: str
    service: str
    unit: str
    demand: tuple[str, ...]
    target_percent: float | None
    per_unit: Estimate | None = None
    idle_percent: float | None = None
    idle_units: float = 0.0
    most_seen: float = 0.0
    r_squared: float | None = None
    days: int = 0
    shifted: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Points:
    """Hours that a line can be put through."""

    requests: NDArray[np.float64]
    units: NDArray[np.float64]
    use: NDArray[np.float64]
    day: NDArray[np.int64]

    def since(self, day: int) -> _Points:
        kept = self.day >= day
        return _Points(
            requests=self.requests[kept],
            units=self.units[kept],
            use=self.use[kept],
            day=self.day[kept],
        )

    def fit(self) -> LineFit:
        return fit_line(self.requests, self.units, self.use, self.day)

    @property
    def days(self) -> int:
        _, hours = np.unique(self.day, return_counts=True)
        return int((hours >= FEWEST_HOURS_A_DAY).sum())


def learn_demand(tables: CapacityTables, parameters: CapacityParameters) -> tuple[DemandModel, ...]:
    """Return a model of each resource that serves requests, learned or with the reason why not.

    Args:
        tables: what was read.
        parameters: the target utilisation.
    """
    recorded = Recorded(tables)
    return tuple(
        _learn(tables, source, parameters.target_utilisation_percent)
        for source in find_sources(tables, recorded)
    )


def _learn(tables: CapacityTables, source: DemandSource, target: float) -> DemandModel:
    model = DemandModel(
        resource=source.resource,
        name=source.name,
        service=source.service,
        unit=source.unit,
        demand=source.demand,
        target_percent=target if source.is_percent else None,
        why_not=source.why_not,
    )
    if source.why_not:
        return model
    points = _points(tables, source)
    if points is None:
        return replace(model, why_not="its series are not of the same periods")
    most = float(points.requests.max()) if len(points.requests) else 0.0
    return _fit(replace(model, most_seen=most), points)


def _points(tables: CapacityTables, source: DemandSource) -> _Points | None:
    """Return the hours of the last days in which nothing was full, each of what is known of it."""
    groups = [source.demand, (source.use,), *([(source.units,)] if source.units else [])]
    fine = [[tables.usage[name].fine for name in group] for group in groups]
    coarse = [[tables.usage[name].coarse for name in group] for group in groups]
    parts = [
        _hours(together, source)
        for each in (fine, coarse)
        if (together := align_groups(each)) is not None
    ]
    if not parts:
        return None
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    requests, use, units, day = columns
    kept = day > day.max() - LONGEST_DAYS if len(day) else np.ones(0, dtype=bool)
    return _Points(
        requests=requests[kept], units=units[kept], use=use[kept], day=day[kept].astype(np.int64)
    )


def _hours(together: Aligned, source: DemandSource) -> tuple[NDArray[np.float64], ...]:
    """Return requests, use, units and the day of each hour, of the periods in which all is known.

    Use of all units is summed by the period: the product of hourly means would be another one.
    """
    requests, use, *rest = together.columns
    units = rest[0] if rest else np.ones_like(use)
    known = np.isfinite(requests) & (use < source.full) & (units >= LEAST_UNITS)
    total = use * units if source.is_percent else use
    hourly = [
        hourly_means(
            RegularSeries(
                start=together.start,
                step_seconds=together.step_seconds,
                values=np.where(known, column, np.nan),
            )
        )
        for column in (requests, total, units)
    ]
    first = hourly[0].start
    told = np.isfinite(hourly[0].values)
    hours = first.timestamp() // HOUR_SECONDS + np.flatnonzero(told).astype(np.float64)
    return *(one.values[told] for one in hourly), hours // HOURS


def _fit(model: DemandModel, points: _Points) -> DemandModel:
    if points.days < FEWEST_DAYS:
        told = f"{count(points.days, 'day')} with requests and use, {FEWEST_DAYS} are wanted"
        return replace(model, days=points.days, why_not=told)
    fit = points.fit()
    first = last_shift(fit.residuals, points.day)
    if first is not None:
        points = points.since(first)
        if points.days < FEWEST_DAYS:
            told = f"a request came to cost another amount {count(points.days, 'day')} ago"
            return replace(model, days=points.days, shifted=True, why_not=told)
        fit = points.fit()
    model = replace(model, days=points.days, r_squared=fit.r_squared, shifted=first is not None)
    return _read_off(model, fit)


def _read_off(model: DemandModel, fit: LineFit) -> DemandModel:
    """Return the model with what one unit carries, or why the line does not tell it."""
    if fit.r_squared < WEAKEST_R_SQUARED:
        told = f"requests explain only {fit.r_squared:.0%} of how its use varies"
        return replace(model, why_not=told)
    room = (model.target_percent or 1.0) - (fit.idle_draws if model.target_percent else 0.0)
    level = (model.target_percent or 1.0) - (fit.idle if model.target_percent else 0.0)
    if fit.slope <= 0 or level <= 0:
        return replace(model, why_not=_flat(model, fit))
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = room / fit.slope_draws
    tail = (1 - CONFIDENCE) / 2
    usable = np.isfinite(draws) & (draws > 0)
    if (~usable).mean() > tail / 2:
        return replace(model, why_not="its use does not surely grow with requests")
    middle = level / fit.slope
    low, high = interval_of(draws[usable], middle, fit, CONFIDENCE)
    return replace(
        model,
        per_unit=_estimate(low, middle, high),
        idle_percent=fit.idle if model.target_percent else None,
        idle_units=0.0 if model.target_percent else fit.idle,
    )


def _flat(model: DemandModel, fit: LineFit) -> str:
    if model.target_percent and fit.idle >= model.target_percent:
        return f"idle, it is at {fit.idle:.0f}% already, above the target"
    return "its use does not grow with requests"


def _estimate(low: float, middle: float, high: float) -> Estimate:
    ends = (Decimal(repr(round(end, 6))) for end in (low, middle, high))
    first, second, third = ends
    return Estimate(low=first, mid=second, high=third, confidence=CONFIDENCE)
