"""All that an incident's report says, from its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from opslib.analysis.incident.changes import ChangeSuspect, rank_changes
from opslib.analysis.incident.clock_skew import ClockSkew, estimate_skew
from opslib.analysis.incident.cloudtrail import classify_events
from opslib.analysis.incident.component_inputs import calls_between, component_metrics
from opslib.analysis.incident.component_suspects import ComponentRanking
from opslib.analysis.incident.component_suspects import Symptom as ComponentSymptom
from opslib.analysis.incident.default_rules import rules_of
from opslib.analysis.incident.durations import IncidentTimes
from opslib.analysis.incident.moments import Moment
from opslib.analysis.incident.onset import Direction, Symptom, SymptomState, find_symptom
from opslib.analysis.incident.onset import Moment as FoundMoment
from opslib.analysis.incident.rank_components import rank_components
from opslib.analysis.incident.response import (
    find_acknowledgement,
    find_detection,
    find_rollback,
)
from opslib.analysis.incident.rollback import RuleReplay, replay_rule
from opslib.analysis.incident.series import Series, series_by_name
from opslib.analysis.incident.signals import Signal, rank_signals
from opslib.analysis.incident.timeline import Annotations, merge_events
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_file import IncidentFile
from opslib.parameters.incident_metrics import IncidentMetric, MetricRole
from opslib.tables.component_metrics import ComponentMetric
from opslib.tables.incident import IncidentTables
from opslib.timewindow import TimeWindow

__all__ = ["IncidentAnalysis", "analyse_incident"]

WORSE = {
    MetricRole.LATENCY: Direction.RISE,
    MetricRole.ERRORS: Direction.RISE,
    MetricRole.AVAILABILITY: Direction.FALL,
}
SYMPTOMS = {
    MetricRole.LATENCY: ComponentMetric.LATENCY,
    MetricRole.ERRORS: ComponentMetric.AVAILABILITY,
    MetricRole.AVAILABILITY: ComponentMetric.AVAILABILITY,
}
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
        symptom_metric: that shows the incident; None where parameters name none.
        symptom: what it shows; None likewise.
        shown: what each metric of latency, errors or availability shows, by name.
        times: of the incident.
        rollback: when the change was taken back; None where nothing shows it.
        replays: of the rules.
        signals: the earliest first.
        components: to suspect; None where no symptom was found to explain.
        changes: to suspect before the onset, the first first; None where they were not read.
    """

    window: TimeWindow
    file: IncidentFile | None
    timeline: pd.DataFrame
    skews: tuple[ClockSkew, ...]
    series: Mapping[str, Series]
    symptom_metric: IncidentMetric | None
    symptom: Symptom | None
    shown: Mapping[str, Symptom]
    times: IncidentTimes
    rollback: Moment | None
    replays: tuple[RuleReplay, ...]
    signals: tuple[Signal, ...]
    components: ComponentRanking | None
    changes: tuple[ChangeSuspect, ...] | None


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
    shown = _shown(parameters, series, window)
    metric = parameters.symptom_metric
    symptom = shown.get(metric.name) if metric else None
    onset = _moment(symptom.onset if symptom else None, metric)
    recovery = _moment(symptom.recovery if symptom else None, metric)
    changes = _changes(tables, window, onset)
    suspects = [(s.operation, _resource(timeline, s.event_id)) for s in changes or ()]
    rollback = find_rollback(timeline, onset, suspects, file)
    detection = find_detection(timeline, onset, file)
    times = IncidentTimes(
        onset=onset,
        detection=detection,
        acknowledgement=find_acknowledgement(timeline, detection, file),
        mitigation=rollback,
        recovery=recovery,
    )
    replays = tuple(replay_rule(rule, series, window) for rule in rules_of(parameters))
    return IncidentAnalysis(
        window=window,
        file=file,
        timeline=timeline,
        skews=estimate_skew(tables.events),
        series=series,
        symptom_metric=metric,
        symptom=symptom,
        shown=shown,
        times=times,
        rollback=rollback,
        replays=replays,
        signals=rank_signals(timeline, replays, onset, _metric_onsets(shown)),
        components=_components(parameters, tables, series, window, symptom),
        changes=changes,
    )


def _shown(
    parameters: IncidentParameters, series: Mapping[str, Series], window: TimeWindow
) -> dict[str, Symptom]:
    return {
        metric.name: find_symptom(series[metric.name].points, window, direction=WORSE[metric.role])
        for metric in parameters.metrics
        if metric.role in WORSE and metric.name in series
    }


def _moment(found: FoundMoment | None, metric: IncidentMetric | None) -> Moment | None:
    if found is None or metric is None:
        return None
    return Moment(earliest=found.low, latest=found.high, by=f"metric {metric.name}")


def _metric_onsets(shown: Mapping[str, Symptom]) -> list[tuple[str, datetime]]:
    return [(name, found.onset.high) for name, found in shown.items() if found.onset is not None]


def _changes(
    tables: IncidentTables, window: TimeWindow, onset: Moment | None
) -> tuple[ChangeSuspect, ...] | None:
    """Return the changes before the onset, or all of the window where there is none."""
    if tables.trail is None or tables.history is None:
        return None
    events = classify_events(tables.trail, tables.operations)
    until = onset.latest if onset else window.end
    before = events[events["EventTime"] <= until]
    at = onset.earliest if onset else None
    return rank_changes(before, tables.history, onset=at, most=MOST_SUSPECTS)


def _resource(timeline: pd.DataFrame, event_id: str) -> str:
    told = timeline[timeline["References"].str.contains(f"cloudtrail:{event_id}", regex=False)]
    return "" if told.empty else str(told.iloc[0]["Resource"])


def _components(
    parameters: IncidentParameters,
    tables: IncidentTables,
    series: Mapping[str, Series],
    window: TimeWindow,
    symptom: Symptom | None,
) -> ComponentRanking | None:
    metric = parameters.symptom_metric
    told = symptom is not None and symptom.state in {SymptomState.RECOVERED, SymptomState.ONGOING}
    if metric is None or symptom is None or not told or metric.role not in SYMPTOMS:
        return None
    measured = component_metrics(parameters.metrics, series)
    started = symptom.onset.at if symptom.onset else window.start
    ended = symptom.recovery.at if symptom.recovery else window.end
    step = series[metric.name].period
    begin = max(window.start, started - 10 * step)
    inside = (measured["Timestamp"] >= begin) & (measured["Timestamp"] < ended)
    return rank_components(
        measured[inside],
        measured[measured["Timestamp"] < window.start],
        calls_between(tables.calls),
        ComponentSymptom(component=metric.component, metric=SYMPTOMS[metric.role], onset=started),
    )
