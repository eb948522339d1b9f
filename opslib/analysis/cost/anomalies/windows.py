"""Where and when to look for the changes before an anomaly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.parameters.cost import CostParameters
from opslib.tables.cost_anomalies import CauseWindow
from opslib.timewindow import ONE_DAY, TimeWindow, midnight

__all__ = ["cause_window", "later_window", "plan_cause_windows"]


def cause_window(anomaly: CostAnomaly, hours: int) -> TimeWindow:
    """Return the hours before an anomaly's first day, and that day: charges tell no hour."""
    first = midnight(anomaly.first_day)
    return TimeWindow(start=first - timedelta(hours=hours), end=first + ONE_DAY)


def later_window(anomaly: CostAnomaly) -> TimeWindow:
    """Return the days on which an anomaly went on: what was added then may have made it larger."""
    first = midnight(anomaly.first_day) + ONE_DAY
    return TimeWindow(start=first, end=max(midnight(anomaly.last_day), first) + ONE_DAY)


def plan_cause_windows(
    anomalies: Sequence[CostAnomaly], parameters: CostParameters
) -> tuple[CauseWindow, ...]:
    """Return the hours to read for the causes of ``anomalies``, overlapping ones as one.

    First those before each, then the days on which they went on.

    Args:
        anomalies: the most important first.
        parameters: ``cause_hours``, and ``as_of``, after which nothing is asked for.
    """
    before = [(one, cause_window(one, parameters.cause_hours)) for one in anomalies]
    later = [(one, later_window(one)) for one in anomalies if one.last_day > one.first_day]
    return (*_by_place(before, parameters), *_by_place(later, parameters))


def _by_place(
    wanted: Iterable[tuple[CostAnomaly, TimeWindow]], parameters: CostParameters
) -> Iterator[CauseWindow]:
    windows: dict[tuple[str, str], list[TimeWindow]] = defaultdict(list)
    for anomaly, window in wanted:
        if window.start >= parameters.as_of:
            continue
        known = TimeWindow(start=window.start, end=min(window.end, parameters.as_of))
        for place in dict.fromkeys((part.account, part.region) for part in anomaly.parts):
            windows[place].append(known)
    for (account, region), found in windows.items():
        for merged in _merged(found):
            yield CauseWindow(account=account, region=region, window=merged)


def _merged(windows: Iterable[TimeWindow]) -> list[TimeWindow]:
    merged: list[TimeWindow] = []
    for window in sorted(windows, key=lambda one: one.start):
        if merged and window.start <= merged[-1].end:
            end = max(merged[-1].end, window.end)
            merged[-1] = TimeWindow(start=merged[-1].start, end=end)
        else:
            merged.append(window)
    return merged
