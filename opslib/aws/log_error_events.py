"""What the errors in logs come to: patterns a minute, and the first line of each as an event.

Method: within a slice of the window, a log group's errors of a minute are shared out over patterns
as its sampled lines are. Assumption: the first lines of a slice speak for all of it. Failure mode:
a pattern that only comes late in a slice of many errors is not sampled there.
Kinds: a pattern that the window begins with is context, one that comes up later is a symptom.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import pandas as pd

from opslib.aws.log_errors import slices_of
from opslib.tables.event_rows import Event, events_frame
from opslib.tables.log_errors import LOG_PATTERNS
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import count, printable

__all__ = ["MOST_PATTERNS", "log_error_events", "patterns_by_minute"]

GROUP = ["Account", "Region", "LogGroup"]
MOST_PATTERNS = 50
"""Of a log group; its rarer ones are told together."""
OTHERS = "(other patterns)"


def patterns_by_minute(
    errors: pd.DataFrame, lines: pd.DataFrame, window: TimeWindow
) -> pd.DataFrame:
    """Return about how many errors of each pattern there were a minute; columns of `LOG_PATTERNS`.

    Args:
        errors: columns of `LOG_ERRORS`.
        lines: columns of `ERROR_LINES`, of the same window.
        window: that both were read over.
    """
    columns = list(LOG_PATTERNS.columns)
    if errors.empty or lines.empty:
        return pd.DataFrame(columns=columns)
    starts = pd.DatetimeIndex([part.start for part in slices_of(window)])
    sampled = _few_patterns(lines).assign(Slice=_slice_of(lines["At"], starts))
    keys = [*GROUP, "Slice"]
    share = sampled.groupby(keys)["Pattern"].value_counts(normalize=True).rename("Share")
    counted = errors.assign(Slice=_slice_of(errors["At"], starts))
    merged = counted.merge(share.reset_index(), on=keys)
    merged["Errors"] = merged["Errors"] * merged["Share"]
    return merged[columns].sort_values(columns[:-1], ignore_index=True)


def _slice_of(moments: pd.Series[Any], starts: pd.DatetimeIndex) -> Any:
    known = pd.DatetimeIndex(pd.to_datetime(moments, utc=True))
    return starts.as_unit("us").searchsorted(known.as_unit("us"), side="right")


def _few_patterns(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the lines with the rarer patterns of a log group as one."""
    sizes = lines.groupby([*GROUP, "Pattern"]).size().rename("Size").reset_index()
    ordered = sizes.sort_values(["Size", "Pattern"], ascending=[False, True])
    kept = ordered.groupby(GROUP).head(MOST_PATTERNS)
    marked = lines.merge(kept, how="left", on=[*GROUP, "Pattern"])
    return marked.assign(Pattern=marked["Pattern"].where(marked["Size"].notna(), OTHERS))


def log_error_events(lines: pd.DataFrame, window: TimeWindow) -> pd.DataFrame:
    """Return the first sampled line of each pattern in each log group; columns of `EVENTS`.

    Args:
        lines: columns of `ERROR_LINES`.
        window: that they were read over.
    """
    if lines.empty:
        return events_frame([])
    later = next(slices_of(window)).end
    events = [
        _event(pattern.sort_values(["At", "Reference"]), len(pattern), later)
        for _, pattern in _few_patterns(lines).groupby([*GROUP, "Pattern"], sort=True)
    ]
    return events_frame(events)


def _event(pattern: pd.DataFrame, number: int, later: datetime) -> Event:
    first = pattern.to_dict("records")[0]
    group, said = str(first["LogGroup"]), str(first["Pattern"])
    name = f"{first['Account']}:{first['Region']}:{group}:{said}"
    lines, at = count(number, "sampled line"), first["At"].to_pydatetime()
    return Event(
        at=at,
        resolution_seconds=0.001,
        source="logs",
        kind=EventKind.SYMPTOM if at >= later else EventKind.CONTEXT,
        action="error",
        resource=group,
        service="logs",
        account=str(first["Account"]),
        region=str(first["Region"]),
        summary=f"{printable(group)}, first of {lines} like it: {first['Line']}",
        reference=str(first["Reference"]) or hashlib.sha256(name.encode()).hexdigest()[:16],
    )
