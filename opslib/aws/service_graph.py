"""AWS X-Ray's service graph: which component calls which, how often and how it went.

Source: AWS X-Ray API Reference, GetServiceGraph: at most six hours a request, over the traces of
the last 30 days; nodes refer to each other by number, within one request and over its pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pandas as pd

from opslib.aws.event_reads import Told, window_words
from opslib.aws.places import Place, read_places
from opslib.aws.reads import Fetched, Reads
from opslib.tables.event_rows import one_line
from opslib.tables.service_graph import CALL_COUNTS
from opslib.timewindow import TimeWindow

__all__ = ["read_service_graph"]

LONGEST_SPAN = timedelta(hours=6)
KEPT_DAYS = 30
CLIENT = "client"
"""X-Ray's type of whoever calls from outside."""


def read_service_graph(
    reads: Reads, window: TimeWindow, *, step: timedelta = LONGEST_SPAN
) -> pd.DataFrame:
    """Read the calls between components; columns of `CALL_COUNTS`.

    Args:
        reads: the context of the run.
        window: paged over time.
        step: how long a row's span is, at most six hours.
    """
    kept = reads.parameters.as_of - timedelta(days=KEPT_DAYS)
    step = min(step, LONGEST_SPAN)

    def fetch(place: Place) -> Fetched:
        told = Told()
        told.lacks_before(kept, window, f"X-Ray keeps traces {KEPT_DAYS} days")
        start = max(window.start, kept)
        rows: list[tuple[Any, ...]] = []
        while start < window.end:
            end = min(start + step, window.end)
            rows.extend(_calls(place, TimeWindow(start=start, end=end)))
            start = end
        gaps = told.fetched(window)
        frame = _summed(rows)
        return Fetched(frame=frame, status=gaps.status, detail=gaps.detail)

    return read_places(
        reads,
        "service graph",
        window_words(window),
        CALL_COUNTS,
        fetch,
        lambda _: {
            "start": window.start,
            "end": window.end,
            "step": step.total_seconds(),
        },
    )


def _calls(place: Place, span: TimeWindow) -> Iterator[tuple[Any, ...]]:
    pages = place.pages("xray", "GetServiceGraph", StartTime=span.start, EndTime=span.end)
    nodes = [node for page in pages for node in page.get("Services", [])]
    named = {node["ReferenceId"]: node for node in nodes}
    for node in nodes:
        for edge in node.get("Edges", []):
            callee = named.get(edge.get("ReferenceId"), {})
            yield (place.label, place.region, *_call(span, node, callee, edge))


def _call(
    span: TimeWindow, caller: dict[str, Any], callee: dict[str, Any], edge: dict[str, Any]
) -> tuple[Any, ...]:
    told = edge.get("SummaryStatistics", {})
    errors = told.get("ErrorStatistics", {})
    return (
        span.start,
        span.duration.total_seconds(),
        _name(caller),
        _name(callee),
        str(callee.get("Type") or ""),
        int(told.get("TotalCount", 0)),
        int(errors.get("TotalCount", 0)),
        int(errors.get("ThrottleCount", 0)),
        int(told.get("FaultStatistics", {}).get("TotalCount", 0)),
        float(told.get("TotalResponseTime", 0.0)),
    )


def _name(node: dict[str, Any]) -> str:
    """Return the component's name; whoever calls from outside is X-Ray's ``client``."""
    if node.get("Type") == CLIENT:
        return CLIENT
    return one_line(str(node.get("Name") or "?"))


def _summed(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Return one row a pair: a component that X-Ray tells of under two types is one."""
    frame = pd.DataFrame(rows, columns=list(CALL_COUNTS.columns))
    keys = ["Account", "Region", "At", "Caller", "Callee"]
    sums = ["Calls", "Errors", "Throttles", "Faults", "ResponseSeconds"]
    summed = frame.groupby(keys, as_index=False).agg(
        {"Seconds": "first", "CalleeType": "first"} | dict.fromkeys(sums, "sum")
    )
    return summed[list(CALL_COUNTS.columns)]
