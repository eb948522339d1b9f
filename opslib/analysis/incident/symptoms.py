"""What the metrics show: which of them left the usual, and which one is the symptom.

Method: latency and availability as they are, errors as a share of their component's requests, since
a count follows the traffic. The symptom is what parameters name; else, of the metrics that left the
usual, the one with the most evidence beyond what it needed, of a component that nobody calls before
one that somebody does: what users see comes first. Where the incident's file names services, it is
one of theirs.
Assumption: components are named alike in metrics and in the call graph.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from opslib.analysis.incident.onset import Direction, Symptom, find_symptom
from opslib.analysis.incident.series import Series, share_of
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_metrics import IncidentMetric, MetricRole
from opslib.timewindow import TimeWindow

__all__ = ["ShownMetric", "choose_symptom", "find_symptoms"]

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
    requests = parameters.of_role(MetricRole.REQUESTS, metric.component)
    if metric.role is MetricRole.ERRORS and requests is not None and requests.name in series:
        points = PERCENT * share_of(series[metric.name], series[requests.name])
        name, unit = f"{metric.name} of {requests.name}", "percent"
    found = find_symptom(points, window, direction=WORSE[metric.role])
    return ShownMetric(metric=metric, name=name, unit=unit, points=points, symptom=found)


def choose_symptom(
    shown: Collection[ShownMetric],
    named: str,
    called: Collection[str],
    services: Collection[str] = (),
) -> ShownMetric | None:
    """Return the symptom; None where no metric left the usual, or none was looked at.

    Args:
        shown: all that was looked at.
        named: name of the metric that parameters name as the symptom; '' for none.
        called: components that another one calls.
        services: components, one of which shows it; none for any of them.
    """
    if named:
        return next((one for one in shown if one.metric.name == named), None)
    left = [
        one
        for one in shown
        if one.symptom.onset is not None and (not services or one.metric.component in services)
    ]
    return max(
        left,
        key=lambda one: (
            one.metric.component not in called,
            one.symptom.evidence - one.symptom.needed,
            one.name,
        ),
        default=None,
    )
