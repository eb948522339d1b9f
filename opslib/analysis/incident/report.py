"""All that an incident's report says, from its tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from opslib.analysis.incident.alarm_conditions import alarm_conditions
from opslib.analysis.incident.alarm_limits import AlarmLimit, limits_by_series
from opslib.analysis.incident.blast_radius import BlastRadius, measure_blast_radius
from opslib.analysis.incident.change_places import (
    ComponentPlaces,
    component_places,
    place_changes,
)
from opslib.analysis.incident.changes import ChangeSuspect, rank_changes
from opslib.analysis.incident.clock_skew import ClockSkew, estimate_skew
from opslib.analysis.incident.cloudtrail import classify_events
from opslib.analysis.incident.component_suspects import ComponentRanking
from opslib.analysis.incident.default_rules import rules_of
from opslib.analysis.incident.durations import IncidentTimes, Priority
from opslib.analysis.incident.incident_impact import (
    IncidentImpact,
    assess_impact,
    avoidable_span,
    incident_span,
)
from opslib.analysis.incident.moments import Moment
from opslib.analysis.incident.response import (
    find_acknowledgement,
    find_detection,
    find_mitigation,
    find_rollback,
)
from opslib.analysis.incident.rollback import RuleReplay, replay_rule
from opslib.analysis.incident.series import Series, series_by_name
from opslib.analysis.incident.signals import Signal, rank_signals
from opslib.analysis.incident.symptom_components import rank_for_symptom
from opslib.analysis.incident.symptoms import ShownMetric, choose_symptom, find_symptoms
from opslib.analysis.incident.timeline import Annotations, merge_events
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_file import IncidentFile
from opslib.tables.incident import IncidentTables
from opslib.timewindow import TimeWindow

__all__ = ["IncidentAnalysis", "analyse_incident"]

USUAL_PRIORITY = Priority.P2
CLOUDTRAIL = "cloudtrail"
MOST_SUSPECTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAnalysis:
    """What the tables of an incident come to.

    Args:
        window: that it is about.
        file: the incident's own; None where there is none.
        timeline: columns of `opslib.tables.timeline.TIMELINE`.
        skews: of the sources' clocks.
        series: every metric, by name.
        limits: of alarms on them, by the metric's name.
        symptom: the metric that shows the incident; None where none left the usual.
        shown: what each metric of latency, errors or availability shows.
        times: of the incident.
        rollback: when the change was taken back; None where nothing shows it.
        replays: of the rules, from the onset on where there is one.
        unreplayed: why rules of another component might have told; '' where none might.
        signals: the earliest first.
        components: to suspect; None where they cannot be ranked.
        unranked: why not; '' where they are.
        changes: to suspect before the onset, the first first; None where they were not read.
        resources: what each of these changed, by its event's id.
        impact: what it cost in requests.
        radius: what it reached.
    """

    window: TimeWindow
    file: IncidentFile | None
    timeline: pd.DataFrame
    skews: tuple[ClockSkew, ...]
    series: Mapping[str, Series]
    limits: Mapping[str, tuple[AlarmLimit, ...]]
    symptom: ShownMetric | None
    shown: tuple[ShownMetric, ...]
    times: IncidentTimes
    rollback: Moment | None
    replays: tuple[RuleReplay, ...]
    unreplayed: str
    signals: tuple[Signal, ...]
    components: ComponentRanking | None
    unranked: str
    changes: tuple[ChangeSuspect, ...] | None
    resources: Mapping[str, str]
    impact: IncidentImpact
    radius: BlastRadius

    @property
    def priority(self) -> Priority:
        """Return how urgent it is, as its file says."""
        return Priority(self.file.priority) if self.file else USUAL_PRIORITY


def analyse_incident(
    parameters: IncidentParameters,
    window: TimeWindow,
    file: IncidentFile | None,
    tables: IncidentTables,
) -> IncidentAnalysis:
    """Find what happened, what changed before it, and when it could have been known.

    Args:
        parameters: of the run.
        window: that it is about.
        file: the incident's own; None where there is none.
        tables: what was read.
    """
    said = Annotations(stars=frozenset(file.stars), notes=file.notes) if file else None
    timeline = merge_events(tables.events, said)
    series = series_by_name(tables.series, tables.datapoints)
    shown = find_symptoms(parameters, series, window)
    services = file.services if file else ()
    symptom = choose_symptom(shown, parameters.symptom, set(tables.calls["Callee"]), services)
    onset = symptom.onset if symptom else None
    known = {m.component for m in parameters.metrics} | set(tables.calls["Callee"])
    radius = measure_blast_radius(symptom, shown, known | set(tables.calls["Caller"]))
    ranking, unranked = rank_for_symptom(parameters, tables, series, window, symptom)
    showing = {one.component for one in radius.affected if onset}
    places = component_places(parameters, tables.calls, showing, ranking)
    changes = _changes(tables, window, onset, places)
    touched = _resources(timeline)
    resources = {s.event_id: touched.get(s.event_id, "") for s in changes or ()}
    suspects = [(s.operation, resources[s.event_id]) for s in changes or ()]
    rollback = find_rollback(timeline, onset, suspects, file)
    times = _times(timeline, symptom, rollback, file)
    component = symptom.metric.component if symptom else ""
    judged = TimeWindow(start=onset.earliest, end=window.end) if onset else window
    replays = tuple(replay_rule(rule, series, judged) for rule in rules_of(parameters, component))
    span = incident_span(times, window)
    avoidable = avoidable_span(span, rollback, replays)
    return IncidentAnalysis(
        window=window,
        file=file,
        timeline=timeline,
        skews=estimate_skew(tables.events),
        series=series,
        limits=limits_by_series(tables.alarms, tables.series),
        symptom=symptom,
        shown=shown,
        times=times,
        rollback=rollback,
        replays=replays,
        unreplayed=_unreplayed(parameters, tables, shown),
        signals=rank_signals(
            timeline, replays, onset, _metric_onsets(shown), alarm_conditions(tables.alarms)
        ),
        components=ranking,
        unranked=unranked,
        changes=changes,
        resources=resources,
        impact=assess_impact(parameters, series, component, span, avoidable),
        radius=radius,
    )


def _times(
    timeline: pd.DataFrame,
    symptom: ShownMetric | None,
    rollback: Moment | None,
    file: IncidentFile | None,
) -> IncidentTimes:
    onset = symptom.onset if symptom else None
    detection = find_detection(timeline, onset, file)
    return IncidentTimes(
        onset=onset,
        detection=detection,
        acknowledgement=find_acknowledgement(timeline, detection, file),
        mitigation=find_mitigation(rollback, file),
        recovery=symptom.recovery if symptom else None,
    )


def _metric_onsets(shown: Iterable[ShownMetric]) -> list[tuple[str, datetime]]:
    return [(one.name, one.onset.latest) for one in shown if one.onset is not None]


def _unreplayed(
    parameters: IncidentParameters, tables: IncidentTables, shown: Iterable[ShownMetric]
) -> str:
    """Return why the usual rules, which are those of the symptom's component, may not be all."""
    components = {one.metric.component for one in shown}
    if parameters.rules or not tables.calls.empty or len(components) <= 1:
        return ""
    return "no calls were read: users may reach another component, whose rules were not replayed"


def _changes(
    tables: IncidentTables, window: TimeWindow, onset: Moment | None, places: ComponentPlaces
) -> tuple[ChangeSuspect, ...] | None:
    """Return the changes before the onset, or all of the window where there is none."""
    if tables.trail is None or tables.history is None:
        return None
    events = classify_events(tables.trail, tables.operations)
    if onset is None:
        return rank_changes(events, tables.history, most=MOST_SUSPECTS)
    before = events[events["EventTime"] <= onset.latest]
    return rank_changes(
        before,
        tables.history,
        onset=onset.latest,
        since=window.start,
        places=place_changes(before, places),
        most=MOST_SUSPECTS,
    )


def _resources(timeline: pd.DataFrame) -> Mapping[str, str]:
    """Return what each of CloudTrail's events touched, by its id."""
    trail = f"{CLOUDTRAIL}:"
    return {
        reference.removeprefix(trail): str(resource)
        for told, resource in zip(timeline["References"], timeline["Resource"], strict=True)
        for reference in json.loads(told)
        if reference.startswith(trail)
    }
