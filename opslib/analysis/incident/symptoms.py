"""What the metrics show: which of them left the usual, and which one is the symptom.

Method: latency and availability as they are, errors as a share of their component's requests, since
a count follows the traffic; a count without any datapoint is no share of 0, it is not known. The
symptom is what parameters name; else, of the metrics that left the usual, the one with the most
evidence beyond what it needed, of a component that nobody calls before one that somebody does: what
users see comes first. Where the incident's file names services, it is one of theirs.
Assumption: components are named alike in metrics and in the call graph.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from math import sqrt

import pandas as pd

from opslib.analysis.incident.moments import Moment
from opslib.analysis.incident.onset import Direction, Symptom, SymptomState, find_symptom
from opslib.analysis.incident.onset import Moment as FoundMoment
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
LOOKED_BACK = timedelta(hours=6)
"""Before the window, for what had begun already; three times what its level is told by."""


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

    @property
    def onset(self) -> Moment | None:
        """Return when it left the usual; None where it did not, or before the window."""
        return self._moment(self.symptom.onset)

    @property
    def recovery(self) -> Moment | None:
        """Return when it was back; None unless it was."""
        return self._moment(self.symptom.recovery)

    def _moment(self, found: FoundMoment | None) -> Moment | None:
        if found is None:
            return None
        return Moment(earliest=found.low, latest=found.high, by=self.name)


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
    if metric.role is MetricRole.ERRORS and requests is not None and not points.empty:
        points = PERCENT * share_of(series[metric.name], requests)
        name, unit = f"{metric.name} of {requests.name}", "percent"
    least_noise = _least_noise(metric.role, points, requests)
    found = _looked_at(points, window, WORSE[metric.role], least_noise)
    return ShownMetric(metric=metric, name=name, unit=unit, points=points, symptom=found)


def _looked_at(
    points: pd.Series, window: TimeWindow, worse: Direction, least_noise: float
) -> Symptom:
    """Return what a metric shows, told as before the window where it was unusual already then.

    A shift that came within the hours before spoils the level that the window is held against.
    """
    found = find_symptom(points, window, direction=worse, least_noise=least_noise)
    if found.onset is not None and found.onset.low > window.start:
        return found
    hours = TimeWindow(start=window.start - LOOKED_BACK, end=window.start)
    before = find_symptom(points, hours, direction=worse, least_noise=least_noise)
    if before.state is not SymptomState.ONGOING:
        return found
    state = found.state if found.has_left else SymptomState.ONGOING
    why = f"since before the window, {before.why}"
    return replace(found, state=state, onset=None, why=why)


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
