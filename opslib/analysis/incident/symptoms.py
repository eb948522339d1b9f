"""What the metrics show: which of them left the usual, and which one is the symptom.

Method: latency and availability as they are, errors as a share of their component's requests, since
a count follows the traffic. The symptom is what parameters name; else, of the metrics that left the
usual, the one with the most evidence beyond what it needed, of a component that nobody calls before
one that somebody does: what users see comes first.
Assumption: components are named alike in metrics and in the call graph.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import sqrt

import pandas as pd

from opslib.analysis.incident.onset import Direction, Symptom, find_symptom
from opslib.analysis.incident.series import Series, share_of
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_metrics import IncidentMetric, MetricRole
from opslib.timewindow import TimeWindow

__all__ = ["ShownMetric", "choose_symptom", "components_showing", "find_symptoms"]

WORSE = {
    MetricRole.LATENCY: Direction.RISE,
    MetricRole.ERRORS: Direction.RISE,
    MetricRole.AVAILABILITY: Direction.FALL,
}
PERCENT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMetric:
    """A metric, and what it shows.

    Args:
        metric: as parameters name it.
        name: what was looked at: the metric, or its share of requests.
        unit: of what was looked at.
        points: what was looked at, by the beginning of each period.
        symptom: what it shows.
    """

    metric: IncidentMetric
    name: str
    unit: str
    points: pd.Series
    symptom: Symptom


def find_symptoms(
    parameters: IncidentParameters, series: Mapping[str, Series], window: TimeWindow
) -> tuple[ShownMetric, ...]:
    """Look at every metric of latency, errors and availability, in the order of parameters.

    Args:
        parameters: name the metrics.
        series: what was read of them.
        window: to look at; what was read before it is its history.
    """
    return tuple(
        _shown(parameters, metric, series, window)
        for metric in parameters.metrics
        if metric.role in WORSE and metric.name in series
    )


def _shown(
    parameters: IncidentParameters,
    metric: IncidentMetric,
    series: Mapping[str, Series],
    window: TimeWindow,
) -> ShownMetric:
    name, unit, points = metric.name, metric.unit, series[metric.name].points
    asked = parameters.of_role(MetricRole.REQUESTS, metric.component)
    requests = series.get(asked.name) if asked is not None else None
    if metric.role is MetricRole.ERRORS and requests is not None:
        points = PERCENT * share_of(series[metric.name], requests)
        name, unit = f"{metric.name} of {requests.name}", "percent"
    found = find_symptom(
        points,
        window,
        direction=WORSE[metric.role],
        least_noise=_least_noise(metric.role, points, requests),
    )
    return ShownMetric(metric=metric, name=name, unit=unit, points=points, symptom=found)


def _least_noise(role: MetricRole, points: pd.Series, requests: Series | None) -> float:
    """Return the standard deviation of a count of failures, in the unit of ``points``.

    It is the count's square root (Poisson), and one where fewer are usual: a failure here and
    there is no symptom, however quiet it was before.
    """
    if role is MetricRole.LATENCY or points.empty:
        return 0.0
    if requests is None or requests.points.empty:
        return sqrt(max(float(points.mean()), 1.0)) if role is MetricRole.ERRORS else 0.0
    served = max(float(requests.points.median()), 1.0)
    share = float(points.mean()) / PERCENT
    failed = served * (share if role is MetricRole.ERRORS else 1 - share)
    return PERCENT * sqrt(max(failed, 1.0)) / served


def choose_symptom(
    shown: Collection[ShownMetric], named: str, called: Collection[str]
) -> ShownMetric | None:
    """Return the symptom; None where no metric left the usual, or none was looked at.

    Args:
        shown: all that was looked at.
        named: name of the metric that parameters name as the symptom; '' for none.
        called: components that another one calls.
    """
    if named:
        return next((one for one in shown if one.metric.name == named), None)
    left = [one for one in shown if one.symptom.onset is not None]
    return max(
        left,
        key=lambda one: (
            one.metric.component not in called,
            one.symptom.evidence - one.symptom.needed,
            one.name,
        ),
        default=None,
    )


def components_showing(
    shown: Collection[ShownMetric], symptom: ShownMetric | None
) -> frozenset[str]:
    """Return the components of which a metric was unusual while the symptom was.

    Args:
        shown: all that was looked at.
        symptom: the one that shows the incident; None for none.
    """
    if symptom is None or symptom.symptom.onset is None:
        return frozenset()
    return frozenset(
        one.metric.component
        for one in shown
        if one.symptom.onset is not None
        and _begins_before_end(one.symptom, symptom.symptom)
        and _begins_before_end(symptom.symptom, one.symptom)
    )


def _begins_before_end(first: Symptom, second: Symptom) -> bool:
    assert first.onset is not None
    return second.recovery is None or first.onset.low < second.recovery.high
