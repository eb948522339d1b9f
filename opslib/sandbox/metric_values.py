"""How the values of the shop's metrics come about, period by period.

Requests follow a day and a week; latency follows the load a little. During an incident each
component's latency and errors go over to what `opslib.sandbox.shop_traffic` found for its fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.incident_plan import IncidentPlan
from opslib.sandbox.shop import hex_id
from opslib.sandbox.shop_metrics import MetricModel, ShopMetric
from opslib.sandbox.shop_traffic import Fault, Samples, follow_requests

__all__ = [
    "PEAK_A_MINUTE",
    "Grid",
    "Values",
    "daily_load",
    "effect_at",
    "make_grid",
    "make_values",
]

Values = npt.NDArray[np.float64]
MINUTE, HOUR, DAY = 60, 3600, 86_400
PEAK_A_MINUTE, STAGING_SHARE = 1_400.0, 0.05
SUNDAY_SHARE, SATURDAY_SHARE = 0.82, 0.86
SPREAD = {"Average": 0.6, "p50": 0.8, "Minimum": 0.3, "Maximum": 6.0}
"""Standard deviation of a latency of one request, relative; of other percentiles by rank."""
TASKS = 3.0
"""Samples that a gauge gets in a minute: one of each task."""
DAILY_RUNS = ((3.2, 32), (11.2, 26))
"""Hours of the day at which the batch job is late, and minutes that it is."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Periods, with what is the same for every metric.

    Args:
        starts: beginning of each, seconds since 1970.
        step: seconds of each.
        load: of the shop in each, as a share of its peak.
        hit: how far the incident has come in each, 0 to 1.
    """

    starts: Values
    step: int
    load: Values
    hit: Values


@dataclass(frozen=True, slots=True)
class _Requests:
    grid: Grid
    metric: ShopMetric
    asked: Values
    wander: Values
    usual: Samples
    struck: Samples
    chance: np.random.Generator


@lru_cache(maxsize=16)
def make_grid(plan: IncidentPlan, account: str, begin: float, end: float, step: int) -> Grid:
    """Return the periods of a half-open span."""
    starts = np.arange(begin, end, step)
    return Grid(starts, step, daily_load(starts), effect_at(plan, account, starts + step / 2))


def make_values(
    plan: IncidentPlan, account: str, metric: ShopMetric, statistic: str, grid: Grid
) -> Values:
    """Return the values of a metric; NaN where it reports none.

    Args:
        plan: the shop's days.
        account: production or staging.
        metric: of the shop.
        statistic: Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p95.
        grid: the periods.
    """
    if metric.model is MetricModel.DAILY:
        return _late_minutes(grid.starts)
    usual = follow_requests(Fault())[metric.component]
    # One stream for all statistics of a metric, which tell of the same requests.
    key = int(hex_id(f"{account} {metric.dimensions} {metric.component}", 8), 16)
    chance = np.random.default_rng([plan.seed, key, grid.step])
    wander = _wander(chance, len(grid.starts))
    scale = PEAK_A_MINUTE * (1.0 if account == PRODUCTION else STAGING_SHARE)
    rate = scale * grid.load * usual.per_request * grid.step / MINUTE * (1 + 0.03 * wander)
    asked = chance.poisson(rate).astype(float)
    struck = _struck(plan, metric.component)
    made = _Requests(grid, metric, asked, wander, usual, struck, chance)
    return MAKERS[metric.model](made, statistic)


def daily_load(starts: Values) -> Values:
    """Return the load of the shop as a share of its peak, by the day and the week."""
    hours = starts / HOUR % 24
    day = np.floor(starts / DAY + 3) % 7  # 1970-01-01 was a Thursday; 0 is Monday
    curve = 0.62 - 0.3 * np.cos((hours - 3.5) / 24 * 2 * np.pi)
    curve = curve + 0.12 * np.exp(-(((hours - 19.5) / 1.8) ** 2))
    weekly = np.select([day == 6, day == 5], [SUNDAY_SHARE, SATURDAY_SHARE], 1.0)  # noqa: PLR2004
    return np.asarray(curve * weekly, dtype=float)


def effect_at(plan: IncidentPlan, account: str, at: Values) -> Values:
    """Return how far the incident has come at each moment, 0 to 1."""
    incident = plan.incident
    if incident is None or account != PRODUCTION:
        return np.zeros(len(at))
    onset, ramp = incident.onset.timestamp(), incident.ramp.total_seconds()
    back, gone = incident.rolled_back_at.timestamp(), incident.recovered_at.timestamp()
    return np.clip((at - onset) / ramp, 0, 1) * np.clip((gone - at) / (gone - back), 0, 1)


def _wander(chance: np.random.Generator, count: int) -> Values:
    """Return noise of about one that changes within an hour of minutes rather than at once."""
    knots = chance.standard_normal(count // 60 + 2)
    return np.interp(np.arange(count) / 60, np.arange(len(knots)), knots)


@cache
def _struck(plan: IncidentPlan, component: str) -> Samples:
    """Return what a component sees while the incident is at its worst."""
    incident = plan.incident
    if incident is None:
        return follow_requests(Fault())[component]
    fault = Fault(incident.component, incident.latency_factor, incident.error_share)
    return follow_requests(fault)[component]


def _of_requests(made: _Requests, statistic: str) -> Values:
    if statistic == "Sum":
        return made.asked * made.metric.factor
    flat = np.full(len(made.asked), made.metric.factor)
    return made.asked if statistic == "SampleCount" else flat


def _of_errors(made: _Requests, statistic: str) -> Values:
    says_zero = made.metric.says_zero
    usual = 0.0 if "Throttle" in made.metric.name else made.usual.error_rate
    extra = made.struck.error_rate - made.usual.error_rate
    rate = np.clip(usual + extra * made.grid.hit, 0, 1)
    failed = made.chance.binomial(made.asked.astype(int), rate).astype(float)
    if not says_zero:
        failed = np.where(failed == 0, np.nan, failed)
    if statistic == "Sum":
        return failed
    if statistic == "SampleCount":
        return made.asked if says_zero else failed
    return failed / np.maximum(made.asked, 1) if says_zero else failed * 0 + 1


def _of_latency(made: _Requests, statistic: str) -> Values:
    asked, grid = made.asked, made.grid
    if statistic == "SampleCount":
        return np.where(asked == 0, np.nan, asked)
    told = "Average" if statistic == "Sum" else statistic
    level = made.usual.latency_ms(told)
    worse = made.struck.latency_ms(told) / level - 1
    noise = _spread(told) / np.sqrt(np.maximum(asked, 1))
    noise = noise * made.chance.standard_normal(len(asked))
    values = level * (1 + worse * grid.hit) * (0.94 + 0.1 * grid.load) * np.maximum(1 + noise, 0.3)
    values = values * made.metric.factor * (asked if statistic == "Sum" else 1)
    return np.where(asked == 0, np.nan, values)


def _spread(statistic: str) -> float:
    """Return the standard deviation of a quantile's estimate from one request, relative."""
    if statistic in SPREAD:
        return SPREAD[statistic]
    rank = float(statistic.removeprefix("p")) / 100
    return float(0.5 * np.sqrt(rank * (1 - rank)) / max(1 - rank, 0.002) ** 0.9)


def _of_gauge(made: _Requests, statistic: str) -> Values:
    metric = made.metric
    samples = TASKS * made.grid.step / MINUTE
    if statistic == "SampleCount":
        return np.full(len(made.asked), samples)
    slower = made.struck.latency_ms("Average") / made.usual.latency_ms("Average") - 1
    load = made.grid.load * (1 + 0.05 * made.wander)
    level = metric.idle + (metric.factor - metric.idle) * load
    level = level * (1 + metric.strain * slower * made.grid.hit)
    noise = 0.0 if metric.idle == metric.factor else 0.03
    wide = {"Minimum": 1 - noise, "Maximum": 1 + noise}.get(statistic, 1.0)
    values = level * (1 + noise * made.chance.standard_normal(len(load))) * wide
    return np.minimum(values, metric.most) * (samples if statistic == "Sum" else 1)


def _late_minutes(starts: Values) -> Values:
    """Return the minutes that the batch job's report takes: long twice a day."""
    hours = starts / HOUR % 24
    day = np.floor(starts / DAY)
    made = 12 + 2 * np.sin(starts / 977)
    for hour, minutes in DAILY_RUNS:
        late = hour + (day * 7 % 5) / 30
        made = np.where((hours >= late) & (hours < late + minutes / 60), 44.0, made)
    return np.asarray(made, dtype=float)


MAKERS = {
    MetricModel.REQUESTS: _of_requests,
    MetricModel.ERRORS: _of_errors,
    MetricModel.LATENCY: _of_latency,
    MetricModel.GAUGE: _of_gauge,
}
