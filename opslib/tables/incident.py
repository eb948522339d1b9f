"""What was read of an incident."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from opslib.tables.alarms import ALARMS

__all__ = ["IncidentTables", "LogTables"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTables:
    """What logs say of errors.

    Args:
        errors: columns of `opslib.tables.log_errors.LOG_ERRORS`.
        lines: columns of `ERROR_LINES` there, sampled.
        patterns: columns of `LOG_PATTERNS` there.
    """

    errors: pd.DataFrame
    lines: pd.DataFrame
    patterns: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTables:
    """The tables of an incident.

    Args:
        events: of each source, columns of `opslib.tables.timeline.EVENTS`.
        series, datapoints: columns of `opslib.tables.metrics.METRIC_SERIES` and `METRIC_VALUES`.
        alarms: columns of `opslib.tables.alarms.ALARMS`; empty where they were not asked for.
        calls: columns of `opslib.tables.service_graph.CALL_COUNTS`.
        trail: columns of `opslib.tables.cloudtrail.CLOUDTRAIL_EVENTS`; None where it was not
            asked for.
        history: columns of `opslib.tables.change_history.CHANGE_HISTORY`; None likewise.
        operations: whether each operation of the trail reads, as the service models say.
        logs: what they say; None where they were not asked for.
    """

    events: tuple[pd.DataFrame, ...]
    series: pd.DataFrame
    datapoints: pd.DataFrame
    calls: pd.DataFrame
    alarms: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ALARMS.columns)))
    trail: pd.DataFrame | None = None
    history: pd.DataFrame | None = None
    operations: pd.DataFrame = field(default_factory=pd.DataFrame)
    logs: LogTables | None = None
