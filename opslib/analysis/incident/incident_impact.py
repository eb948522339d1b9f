"""What an incident cost: in requests, in users' time, in the error budget.

Method: the requests and errors of the component that shows the symptom, from the earliest moment of
the onset to the latest of the recovery (the window's end where it goes on), and again from the
first moment at which a rollback rule would have fired to the rollback: what an automatic rollback
would have spared. A count of errors that was never told is not taken for no errors.
Assumption: users reach the service by the component that shows the symptom.
Fails where: they do not; name the symptom by a metric of the component that they reach.
Source: as `opslib.analysis.incident.impact`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from opslib.analysis.incident.durations import IncidentTimes
from opslib.analysis.incident.impact import (
    Impact,
    Objective,
    measure_impact,
    usual_failed_share,
)
from opslib.analysis.incident.moments import Moment
from opslib.analysis.incident.rollback import RuleReplay
from opslib.analysis.incident.series import Series
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_metrics import MetricRole
from opslib.timewindow import TimeWindow

__all__ = ["IncidentImpact", "assess_impact", "avoidable_span", "incident_span"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentImpact:
    """What an incident cost.

    Args:
        component: whose requests are counted; '' where no symptom was found.
        objective: what was promised of them.
        whole: from onset to recovery; None where it could not be counted.
        avoidable: from the first rule that would have fired to the rollback, or to the recovery
            where none is known; None where no rule would have fired before that.
        problem: why ``whole`` is None; '' where it is not.
    """

    component: str
    objective: Objective
    whole: Impact | None
    avoidable: Impact | None
    problem: str

    @property
    def budget_share(self) -> float | None:
        """Return the share of the error budget that was burned, 0 and more; None if unknown."""
        if self.whole is None:
            return None
        return self.whole.burned_minutes / self.objective.budget_minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Requests:
    """The requests of a component, those of them that failed, and what share did before."""

    asked: Series
    failed: Series
    usual_share: float
    users: float | None

    def within(self, span: TimeWindow) -> Impact:
        return measure_impact(
            self.asked,
            self.failed,
            span.start,
            span.end,
            usual_share=self.usual_share,
            requests_per_user_minute=self.users,
        )


def incident_span(times: IncidentTimes, window: TimeWindow) -> TimeWindow | None:
    """Return from onset to recovery, at the most that it may be; None without an onset."""
    if times.onset is None:
        return None
    end = times.recovery.latest if times.recovery else window.end
    return TimeWindow(start=times.onset.earliest, end=end)


def avoidable_span(
    incident: TimeWindow | None, rollback: Moment | None, replays: Iterable[RuleReplay]
) -> TimeWindow | None:
    """Return from the first rule that would have fired in an incident to its rollback.

    Args:
        incident: from onset to recovery.
        rollback: None where none is known: to the incident's end.
        replays: of the rules, from the incident's start on.
    """
    if incident is None:
        return None
    fired = [one.fired_at for one in replays if one.fired_at]
    end = rollback.earliest if rollback else incident.end
    return TimeWindow(start=min(fired), end=end) if fired and min(fired) < end else None


def assess_impact(
    parameters: IncidentParameters,
    series: Mapping[str, Series],
    component: str,
    incident: TimeWindow | None,
    avoidable: TimeWindow | None,
) -> IncidentImpact:
    """Return what the incident cost.

    Args:
        parameters: of the run.
        series: every metric, by name.
        component: that shows the symptom; '' where none was found.
        incident: from onset to recovery; None where no onset was found.
        avoidable: the part that an automatic rollback would have spared; None for none.
    """
    found = _requests(parameters, series, component, incident)
    counted = isinstance(found, _Requests)
    return IncidentImpact(
        component=component,
        objective=Objective(percent=parameters.objective_percent, days=parameters.objective_days),
        whole=found.within(incident) if isinstance(found, _Requests) and incident else None,
        avoidable=found.within(avoidable) if isinstance(found, _Requests) and avoidable else None,
        problem="" if counted else str(found),
    )


def _requests(
    parameters: IncidentParameters,
    series: Mapping[str, Series],
    component: str,
    incident: TimeWindow | None,
) -> _Requests | str:
    """Return the requests of a component, or why they cannot be counted."""
    if incident is None:
        return "no onset of a symptom was found"
    found = []
    for role in (MetricRole.REQUESTS, MetricRole.ERRORS):
        metric = parameters.of_role(role, component)
        told = series.get(metric.name) if metric else None
        if told is None or told.points.empty:
            return f"no datapoint of the {role.value} of {component} was read"
        found.append(told)
    asked, failed = found
    if asked.period != failed.period:
        return f"{asked.name} and {failed.name} were read by different periods"
    return _Requests(
        asked=asked,
        failed=failed,
        usual_share=usual_failed_share(asked, failed, incident.start) or 0.0,
        users=parameters.requests_per_user_minute,
    )
