"""The shop's alarms, and when each went off: told by the values of its own metric."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache

import numpy as np

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.incident_plan import IncidentPlan
from opslib.sandbox.metric_store import read_series
from opslib.sandbox.metric_values import PEAK_A_MINUTE, Values
from opslib.sandbox.shop import REGION, SERVICES, hex_id
from opslib.sandbox.shop_metrics import ShopMetric, list_metrics
from opslib.sandbox.shop_traffic import Fault, follow_requests

__all__ = ["ON_CALL_TOPIC", "ShopAlarm", "Transition", "alarm_arn", "list_alarms", "transitions"]

ON_CALL_TOPIC = f"arn:aws:sns:{REGION}:{PRODUCTION}:on-call"
MINUTE, FIVE = 60, 300
HISTORY_DAYS, FINE_DAYS = 30, 15
SLOWER, FAILING = 1.6, 0.03
LEAST_FAILED = 6
ERRORS = "HTTPCode_Target_5XX_Count"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopAlarm:
    """An alarm on one metric, above a threshold.

    Args:
        name: of the alarm.
        metric: that it watches.
        statistic: Average, Sum, Maximum or a percentile.
        threshold: that must be exceeded.
        periods: how many in a row.
        period: seconds of each.
    """

    name: str
    metric: ShopMetric
    statistic: str
    threshold: float
    periods: int
    period: int = MINUTE

    @property
    def treats_missing(self) -> str:
        """Return what a period without data counts as."""
        return "missing" if self.metric.says_zero else "notBreaching"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """An alarm that went off, or came back.

    Args:
        at: when CloudWatch set the state.
        is_alarm: whether to ALARM; else to OK.
        values: the last ones, oldest first.
    """

    at: datetime
    is_alarm: bool
    values: tuple[float, ...]

    def reason(self, alarm: ShopAlarm) -> str:
        """Return CloudWatch's own words for it."""
        told = ", ".join(f"{value:.4g}" for value in self.values)
        was = "was" if len(self.values) == 1 else "were"
        word = "greater" if self.is_alarm else "not greater"
        return (
            f"Threshold Crossed: {len(self.values)} out of the last {len(self.values)} datapoints "
            f"[{told}] {was} {word} than the threshold ({alarm.threshold})."
        )

    def data(self, alarm: ShopAlarm) -> str:
        """Return the JSON that the alarm's history keeps of it."""
        states = ("OK", "ALARM") if self.is_alarm else ("ALARM", "OK")
        measured = {
            "version": "1.0",
            "queryDate": self.at.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "period": alarm.period,
            "recentDatapoints": list(self.values),
            "threshold": alarm.threshold,
        }
        new = {
            "stateValue": states[1],
            "stateReason": self.reason(alarm),
            "stateReasonData": measured,
        }
        old = {"stateValue": states[0], "stateReason": "Threshold Crossed"}
        return json.dumps({"version": "1.0", "oldState": old, "newState": new})


def alarm_arn(name: str) -> str:
    """Return an alarm's ARN."""
    return f"arn:aws:cloudwatch:{REGION}:{PRODUCTION}:alarm:{name}"


@cache
def list_alarms() -> tuple[ShopAlarm, ...]:
    """Return the shop's alarms, by name."""
    alarms = [
        *(alarm for service in SERVICES for alarm in _service_alarms(service)),
        ShopAlarm(
            name="orders-cpu",
            metric=_metric("CPUUtilization", "orders"),
            statistic="Average",
            threshold=80.0,
            periods=5,
        ),
        ShopAlarm(
            name="sessions-throttles",
            metric=_metric("ThrottledRequests", "sessions"),
            statistic="Sum",
            threshold=10.0,
            periods=3,
        ),
        ShopAlarm(
            name="receipt-errors",
            metric=_metric("Errors", "receipt"),
            statistic="Sum",
            threshold=8.0,
            periods=3,
        ),
        ShopAlarm(
            name="batch-reports-late",
            metric=_metric("ReportMinutes", "reports"),
            statistic="Maximum",
            threshold=30.0,
            periods=2,
            period=FIVE,
        ),
    ]
    return tuple(sorted(alarms, key=lambda alarm: alarm.name))


def _service_alarms(service: str) -> list[ShopAlarm]:
    usual = follow_requests(Fault())[service]
    slow = round(SLOWER * usual.latency_ms("p95") / 1000, 2)
    failed = max(LEAST_FAILED, round(FAILING * PEAK_A_MINUTE * usual.per_request / 2))
    return [
        ShopAlarm(
            name=f"shop-{service}-p95",
            metric=_metric("TargetResponseTime", service),
            statistic="p95",
            threshold=0.5 if service == "web" else slow,
            periods=5,
        ),
        ShopAlarm(
            name=f"shop-{service}-errors",
            metric=_metric(ERRORS, service),
            statistic="Sum",
            threshold=float(failed),
            periods=3,
        ),
    ]


def _metric(name: str, component: str) -> ShopMetric:
    return next(
        metric for metric in list_metrics() if (metric.name, metric.component) == (name, component)
    )


@lru_cache(maxsize=128)
def transitions(plan: IncidentPlan, alarm: ShopAlarm) -> tuple[Transition, ...]:
    """Return the changes of an alarm's state, oldest first: of 15 days, or 30 of slow ones."""
    if plan.is_empty:
        return ()
    days = FINE_DAYS if alarm.period < FIVE else HISTORY_DAYS
    span = (plan.epoch - timedelta(days=days), plan.epoch)
    series = read_series(plan, PRODUCTION, alarm.metric, alarm.statistic, alarm.period, span)
    starts = np.arange(span[0].timestamp(), span[1].timestamp(), alarm.period)
    starts -= starts[0] % alarm.period
    values = np.full(len(starts), np.nan if alarm.metric.says_zero else 0.0)
    values[np.searchsorted(starts, series.starts)] = series.values
    return _changes(alarm, starts[~np.isnan(values)], values[~np.isnan(values)])


def _changes(alarm: ShopAlarm, starts: Values, values: Values) -> tuple[Transition, ...]:
    """Return when so many periods in a row are above the threshold, and when no longer."""
    delay = 15 + int(hex_id(alarm.name, 4), 16) % 30
    places = np.arange(len(values))
    last_below = np.maximum.accumulate(np.where(values > alarm.threshold, -1, places))
    is_alarm = places - last_below >= alarm.periods
    made = []
    for place in np.flatnonzero(np.diff(is_alarm, prepend=False)):
        begin = place - alarm.periods + 1 if is_alarm[place] else place
        at = datetime.fromtimestamp(float(starts[place]) + alarm.period + delay, UTC)
        told = tuple(float(value) for value in values[max(begin, 0) : place + 1])
        made.append(Transition(at=at, is_alarm=bool(is_alarm[place]), values=told))
    return tuple(made)
