"""What the errors in logs come to: patterns a minute, and the first line of each as an event.

Method: within a slice of the window, a log group's errors of a minute are shared out over patterns
as its sampled lines are. Assumption: the first lines of a slice speak for all of it. Failure mode:
a pattern that only comes late in a slice of many errors is not sampled there.
Kinds: a pattern that came up within the window is a symptom, any other is context. It came up where
its rate since it was first seen makes it unlikely that there was none before: below 5% for any of
the ``k`` patterns of its log group, that is with ln(k / 0.05) lines or more to be expected.
Source: Hanley and Lippman-Hand, If Nothing Goes Wrong, Is Everything All Right? (JAMA 1983), for
one pattern (the rule of three); Bonferroni's correction for several.
"""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from opslib.aws.log_slices import line_slices
from opslib.tables.event_rows import Event, events_frame
from opslib.tables.log_errors import LOG_PATTERNS
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import count, printable

__all__ = ["MOST_PATTERNS", "log_error_events", "patterns_by_minute"]

GROUP = ["Account", "Region", "LogGroup"]
MOST_PATTERNS = 50
"""Of a log group; its rarer ones are told together."""
OTHERS, UNSAMPLED = "(other patterns)", "(not sampled)"
CHANCE = 0.05


def patterns_by_minute(
    errors: pd.DataFrame, lines: pd.DataFrame, window: TimeWindow
) -> pd.DataFrame:
    """Return about how many errors of each pattern there were a minute; columns of `LOG_PATTERNS`.

    A minute's patterns add up to its errors; those of a slice without a line are told as such.

    Args:
        errors: columns of `LOG_ERRORS`.
        lines: columns of `ERROR_LINES`, of the same window.
        window: that both were read over.
    """
    columns = list(LOG_PATTERNS.columns)
    if errors.empty:
        return pd.DataFrame(columns=columns)
    starts = pd.DatetimeIndex([part.start for part in line_slices(window)])
    sampled = _few_patterns(lines).assign(Slice=_slice_of(lines["At"], starts))
    keys = [*GROUP, "Slice"]
    share = sampled.groupby(keys)["Pattern"].value_counts(normalize=True).rename("Share")
    counted = errors.assign(Slice=_slice_of(errors["At"], starts))
    merged = counted.merge(share.reset_index(), how="left", on=keys)
    merged = merged.fillna({"Pattern": UNSAMPLED, "Share": 1.0})
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
    events = [
        _event(pattern.sort_values(["At", "Reference"]), window, group["Pattern"].nunique())
        for _, group in _few_patterns(lines).groupby(GROUP, sort=True)
        for _, pattern in group.groupby("Pattern", sort=True)
    ]
    return events_frame(events)


def _event(pattern: pd.DataFrame, window: TimeWindow, patterns: int) -> Event:
    first = pattern.to_dict("records")[0]
    group, said = str(first["LogGroup"]), str(first["Pattern"])
    name = f"{first['Account']}:{first['Region']}:{group}:{said}"
    lines, at = count(len(pattern), "sampled line"), first["At"].to_pydatetime()
    return Event(
        at=at,
        resolution_seconds=0.001,
        source="logs",
        kind=EventKind.SYMPTOM
        if _came_up(at, len(pattern), window, patterns)
        else EventKind.CONTEXT,
        action="error",
        resource=group,
        service="logs",
        account=str(first["Account"]),
        region=str(first["Region"]),
        summary=f"{printable(group)}, first of {lines} like it: {first['Line']}",
        reference=str(first["Reference"]) or hashlib.sha256(name.encode()).hexdigest()[:16],
    )


def _came_up(first: datetime, lines: int, window: TimeWindow, patterns: int) -> bool:
    """Say whether so many lines since ``first`` make it unlikely that none before was chance."""
    before, since = first - window.start, window.end - first
    enough = math.log(patterns / CHANCE)
    return since > timedelta(0) and (lines - 1) * before / since >= enough
