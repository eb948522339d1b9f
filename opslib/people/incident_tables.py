"""Reading all that an incident's report rests on."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta

import pandas as pd

from opslib.aws.alarms import read_alarm_events, read_alarms
from opslib.aws.change_history import read_change_history
from opslib.aws.change_history_athena import read_athena_history
from opslib.aws.cloudtrail_files import read_cloudtrail_files, read_cloudtrail_history
from opslib.aws.cloudtrail_lookup import read_cloudtrail_lookup
from opslib.aws.cloudtrail_timeline import cloudtrail_timeline
from opslib.aws.deployments import read_deployment_events, read_pipeline_events
from opslib.aws.ecs import read_ecs_events, read_stopped_task_events
from opslib.aws.event_reads import window_words
from opslib.aws.guardduty import read_guardduty_events
from opslib.aws.health import read_health_events
from opslib.aws.incident_metrics import IncidentMetrics, read_incident_metrics
from opslib.aws.log_error_events import log_error_events, patterns_by_minute
from opslib.aws.log_errors import read_error_lines, read_log_errors
from opslib.aws.lookup_estimate import estimate_lookup, probe_lookup
from opslib.aws.operations import read_operations
from opslib.aws.rds_events import read_rds_events
from opslib.aws.reads import Reads
from opslib.aws.rotations import read_rotation_events
from opslib.aws.scaling import read_group_scaling_events, read_scaling_events
from opslib.aws.service_graph import read_service_graph
from opslib.coverage import Coverage, CoverageStatus
from opslib.parameters.base import Account
from opslib.parameters.incident import IncidentParameters, IncidentSource
from opslib.people.incident_scope import IncidentScope
from opslib.people.notes import read_note_events
from opslib.people.pagerduty import read_pagerduty_events
from opslib.people.records_csv import read_csv_events
from opslib.people.slack import read_slack_events
from opslib.progress import tell
from opslib.tables.alarms import ALARMS
from opslib.tables.incident import IncidentTables, LogTables
from opslib.tables.metrics import METRIC_SERIES, METRIC_VALUES
from opslib.tables.service_graph import CALL_COUNTS
from opslib.timewindow import TimeWindow

__all__ = ["read_incident_tables"]

EventReader = Callable[[Reads, TimeWindow], pd.DataFrame]
READERS: dict[IncidentSource, tuple[EventReader, ...]] = {
    IncidentSource.ALARMS: (read_alarm_events,),
    IncidentSource.ECS: (read_ecs_events, read_stopped_task_events),
    IncidentSource.RDS: (read_rds_events,),
    IncidentSource.SCALING: (read_scaling_events, read_group_scaling_events),
    IncidentSource.DEPLOYMENTS: (read_deployment_events, read_pipeline_events),
    IncidentSource.HEALTH: (read_health_events,),
    IncidentSource.ROTATIONS: (read_rotation_events,),
    IncidentSource.GUARDDUTY: (read_guardduty_events,),
}
TABLES = {
    IncidentSource.CLOUDTRAIL: "cloudtrail events",
    IncidentSource.ALARMS: "alarms events",
    IncidentSource.METRICS: "incident metrics",
    IncidentSource.LOGS: "log errors",
    IncidentSource.ECS: "ecs events",
    IncidentSource.RDS: "rds events",
    IncidentSource.SCALING: "scaling events",
    IncidentSource.DEPLOYMENTS: "codedeploy events",
    IncidentSource.HEALTH: "health events",
    IncidentSource.ROTATIONS: "rotations events",
    IncidentSource.GUARDDUTY: "guardduty events",
    IncidentSource.SERVICE_GRAPH: "service graph",
}
"""What coverage calls the table of each source."""


def read_incident_tables(
    reads: Reads, parameters: IncidentParameters, scope: IncidentScope
) -> IncidentTables:
    """Read every source that the parameters name; what is refused is a gap of its own.

    Args:
        reads: the run's context.
        parameters: which sources.
        scope: which window.
    """
    window, asked = scope.window, set(parameters.sources)
    _note_unasked(reads, parameters, window)
    events = [
        read(reads, window)
        for source, readers in READERS.items()
        if source in asked
        for read in readers
    ]
    metrics = _metrics(reads, parameters, window)
    trail, history = _trail(reads, parameters, window)
    if trail is not None:
        labels = {account.id: account.label for account in parameters.accounts}
        events.append(cloudtrail_timeline(trail, labels))
    logs = _logs(reads, parameters, window)
    if logs is not None:
        events.append(log_error_events(logs.lines, window))
    return IncidentTables(
        events=(*events, *_people(reads, parameters, window)),
        series=metrics.series,
        datapoints=metrics.datapoints,
        alarms=read_alarms(reads)
        if IncidentSource.ALARMS in asked
        else pd.DataFrame(columns=list(ALARMS.columns)),
        calls=read_service_graph(reads, window)
        if IncidentSource.SERVICE_GRAPH in asked
        else pd.DataFrame(columns=list(CALL_COUNTS.columns)),
        trail=trail,
        history=history,
        operations=_operations(trail),
        logs=logs,
    )


def _note_unasked(reads: Reads, parameters: IncidentParameters, window: TimeWindow) -> None:
    """Leave a gap for every source that is off: nobody looked there."""
    off = dict.fromkeys(set(TABLES) - set(parameters.sources), "sources leaves it out")
    if not parameters.log_groups:
        off.setdefault(IncidentSource.LOGS, "log_groups names none")
    for source, why in sorted(off.items()):
        reads.note(
            Coverage(
                table=TABLES[source],
                asked=window_words(window),
                status=CoverageStatus.NOT_ASKED,
                detail=why,
            )
        )


def _metrics(reads: Reads, parameters: IncidentParameters, window: TimeWindow) -> IncidentMetrics:
    if IncidentSource.METRICS not in parameters.sources:
        return IncidentMetrics(
            series=pd.DataFrame(columns=list(METRIC_SERIES.columns)),
            datapoints=pd.DataFrame(columns=list(METRIC_VALUES.columns)),
        )
    days = parameters.history_days
    return read_incident_metrics(reads, parameters.metrics, window, baseline_days=days)


def _trail(
    reads: Reads, parameters: IncidentParameters, window: TimeWindow
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return the calls of the window and what was changed before, of log files or by lookup."""
    if IncidentSource.CLOUDTRAIL not in parameters.sources:
        return None, None
    account = parameters.accounts[0] if parameters.accounts else None
    if parameters.trail:
        trail = read_cloudtrail_files(reads, account, parameters.trail, window).frame
    else:
        _tell_how_long(reads, parameters, window)
        trail = read_cloudtrail_lookup(reads, window)
    return trail, _history(reads, parameters, window, account)


def _history(
    reads: Reads, parameters: IncidentParameters, window: TimeWindow, account: Account | None
) -> pd.DataFrame:
    """Return what was changed before, of an Athena table, of log files or by lookup."""
    before = timedelta(days=parameters.history_days)
    past = TimeWindow(start=window.start - before, end=window.end)
    if parameters.trail_table:
        table, workgroup = parameters.trail_table, parameters.workgroup
        return read_athena_history(reads, account, table, past, workgroup=workgroup).frame
    if parameters.trail:
        return read_cloudtrail_history(reads, account, parameters.trail, past).frame
    return read_change_history(reads, window.start, days=math.ceil(parameters.history_days))


def _tell_how_long(reads: Reads, parameters: IncidentParameters, window: TimeWindow) -> None:
    """Say beforehand how long CloudTrail's lookup takes, where a probe was answered."""
    days = math.ceil(parameters.history_days)
    probes = probe_lookup(reads, window, history_days=days)
    if parameters.trail_table:
        probes = probes[probes["Part"] == "window"]
    estimate = estimate_lookup(probes, window, history_days=days)
    if estimate.places:
        tell(estimate.sentence)


def _operations(trail: pd.DataFrame | None) -> pd.DataFrame:
    if trail is None:
        return pd.DataFrame()
    called = trail[["EventSource", "EventName"]].dropna().itertuples(index=False, name=None)
    return read_operations(sorted(set(called)))


def _people(reads: Reads, parameters: IncidentParameters, window: TimeWindow) -> list[pd.DataFrame]:
    account = parameters.accounts[0] if parameters.accounts else None
    found = []
    if parameters.notes:
        found.append(read_note_events(reads, parameters.notes, window, account=account))
    if parameters.slack:
        found.append(read_slack_events(reads, parameters.slack, window, account=account))
    if parameters.pagerduty:
        found.append(read_pagerduty_events(reads, parameters.pagerduty, window, account=account))
    if parameters.log_csv:
        path, zone = parameters.log_csv, parameters.zone
        found.append(read_csv_events(reads, path, window, zone=zone, account=account))
    return found


def _logs(reads: Reads, parameters: IncidentParameters, window: TimeWindow) -> LogTables | None:
    """Return what the logs say; counts and lines each scan the same bytes, and may half of them."""
    if IncidentSource.LOGS not in parameters.sources or not parameters.log_groups:
        return None
    groups, matching = parameters.log_groups, parameters.log_filter
    half = parameters.max_scan_gb / 2
    errors = read_log_errors(reads, groups, window, matching=matching, most_gb=half)
    lines = read_error_lines(reads, groups, window, matching=matching, most_gb=half)
    patterns = patterns_by_minute(errors, lines, window)
    return LogTables(errors=errors, lines=lines, patterns=patterns)
