"""Where and when to look for the changes before an anomaly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.parameters.cost import CostParameters
from opslib.tables.cost_anomalies import CauseWindow
from opslib.timewindow import ONE_DAY, TimeWindow, midnight

__all__ = ["cause_window", "plan_cause_windows"]


def cause_window(anomaly: CostAnomaly, hours: int) -> TimeWindow:
    """Return the hours before an anomaly's first day, and that day: charges tell no hour."""
    first = midnight(anomaly.first_day)
    return TimeWindow(start=first - timedelta(hours=hours), end=first + ONE_DAY)


def plan_cause_windows(
    anomalies: Sequence[CostAnomaly], parameters: CostParameters
) -> tuple[CauseWindow, ...]:
    """Return the hours to read for the causes of ``anomalies``, overlapping ones as one.

    Args:
        anomalies: the most important first.
        parameters: ``cause_hours``, and ``as_of``, after which nothing is asked for.
    """
    windows: dict[tuple[str, str], list[TimeWindow]] = defaultdict(list)
    for anomaly in anomalies:
        wanted = cause_window(anomaly, parameters.cause_hours)
        window = TimeWindow(start=wanted.start, end=min(wanted.end, parameters.as_of))
        for part in dict.fromkeys((one.account, one.region) for one in anomaly.parts):
            windows[part].append(window)
    return tuple(
        CauseWindow(account=account, region=region, window=window)
        for (account, region), found in windows.items()
        for window in _merged(found)
    )


def _merged(windows: Iterable[TimeWindow]) -> list[TimeWindow]:
    merged: list[TimeWindow] = []
    for window in sorted(windows, key=lambda one: one.start):
        if merged and window.start <= merged[-1].end:
            end = max(merged[-1].end, window.end)
            merged[-1] = TimeWindow(start=merged[-1].start, end=end)
        else:
            merged.append(window)
    return merged
