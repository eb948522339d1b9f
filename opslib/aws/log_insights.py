"""CloudWatch Logs Insights: start a query, wait for it, fetch its rows.

Source: Amazon CloudWatch Logs API Reference, StartQuery and GetQueryResults: 50 log groups and
10,000 rows a query. AWS charges by the bytes that a query scans (CloudWatch pricing); a query that
is started cannot be made cheaper, so that a limit holds between queries.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from opslib.aws.places import Place
from opslib.errors import ReadError
from opslib.timewindow import TimeWindow

__all__ = ["MOST_GROUPS", "MOST_ROWS", "Answer", "fetch_rows", "moment_of", "start_query"]

MOST_GROUPS, MOST_ROWS = 50, 10_000
MOST_WAIT_SECONDS = 600.0
FIRST_WAIT, LONGEST_WAIT = 0.2, 2.0
USD_A_GB = Decimal("0.005")
"""CloudWatch pricing, Logs Insights queries in us-east-1: USD a GB of data scanned."""
BYTES_A_GB = 10**9
GOING_ON = {"Scheduled", "Running", "Unknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a query came to.

    Args:
        rows: fields by name, as text.
        scanned_bytes: what AWS charges for.
    """

    rows: list[dict[str, str]]
    scanned_bytes: int


def start_query(
    place: Place, groups: Sequence[str], query: str, window: TimeWindow, limit: int = MOST_ROWS
) -> str:
    """Start a query over ``window`` and return its id.

    Raises:
        ReadError: what AWS refuses, a malformed query among it.
    """
    started = place.call(
        "logs",
        "StartQuery",
        logGroupNames=list(groups),
        startTime=int(window.start.timestamp()),
        endTime=int(window.end.timestamp()) - 1,  # inclusive, to the second
        queryString=query,
        limit=limit,
    )
    return str(started["queryId"])


def wait_for_query(
    place: Place, query_id: str, wait: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """Return the answer of GetQueryResults once the query has ended.

    Raises:
        ReadError: it failed, was cancelled, or goes on after ten minutes.
    """
    pause, waited = FIRST_WAIT, 0.0
    while True:
        answer: dict[str, Any] = place.call("logs", "GetQueryResults", queryId=query_id)
        if answer["status"] not in GOING_ON:
            break
        if waited >= MOST_WAIT_SECONDS:
            raise ReadError(
                f"a query goes on after {waited:.0f} seconds",
                where=f"{place.label} {place.region} logs:GetQueryResults".strip(),
                remedy="Ask for a shorter window or fewer log groups.",
            )
        wait(pause)
        waited, pause = waited + pause, min(pause * 1.5, LONGEST_WAIT)
    if answer["status"] != "Complete":
        raise ReadError(
            f"a query ended as {answer['status']}",
            where=f"{place.label} {place.region} logs:GetQueryResults".strip(),
        )
    return answer


def fetch_rows(place: Place, query_id: str, wait: Callable[[float], None] = time.sleep) -> Answer:
    """Wait for a query and return its rows; what it scanned goes into the ledger.

    Raises:
        ReadError: as `wait_for_query`.
    """
    answer = wait_for_query(place, query_id, wait)
    scanned = int(answer.get("statistics", {}).get("bytesScanned", 0))
    place.charge("logs", "StartQuery", USD_A_GB * scanned / BYTES_A_GB)
    rows = [
        {field["field"]: field.get("value", "") for field in row if "field" in field}
        for row in answer.get("results", [])
    ]
    return Answer(rows=rows, scanned_bytes=scanned)


def moment_of(text: str) -> datetime:
    """Return the moment that Insights writes as ``2026-03-01 12:00:00.000``, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
