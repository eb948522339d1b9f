"""Where a metric is silent: the parts of the window without datapoints.

Method: a run of periods without a datapoint is a gap where it is longer than any run before the
window, so that a metric which is reported only where there is something to count is not taken for
a silent one; the readers tell gaps in coverage by the same rule.
Fails where: what was read before the window is shorter than the metric's usual silence.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from opslib.timewindow import TimeWindow

__all__ = ["find_metric_gaps"]


def find_metric_gaps(
    points: pd.Series, period: timedelta, window: TimeWindow
) -> tuple[TimeWindow, ...]:
    """Return the parts of ``window`` that lack more datapoints in a row than ever before it.

    Args:
        points: values by the beginning (UTC) of each period, the time before the window included.
        period: between two values; zero where none is kept, and all of the window is a gap.
        window: of the incident.
    """
    times: Any = points.index  # of times: its stubs know no comparison with one
    before = times[times < window.start]
    inside = times[(times >= window.start) & (times < window.end)]
    if period <= timedelta(0) or inside.empty:
        return (window,)
    first = before[0].to_pydatetime() if len(before) else window.start
    earlier = _silences(before, period, first, window.start)
    usual = max((end - start for start, end in earlier), default=timedelta(0))
    return tuple(
        TimeWindow(start=start, end=end)
        for start, end in _silences(inside, period, window.start, window.end)
        if end - start > usual
    )


def _silences(
    there: Any, period: timedelta, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Return from when to when periods are missing, whole ones only."""
    since: Any = pd.DatetimeIndex([start]).append(there + period)
    until = there.append(pd.DatetimeIndex([end]))
    long = until - since >= period
    return list(zip(since[long].to_pydatetime(), until[long].to_pydatetime(), strict=True))
