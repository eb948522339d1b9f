"""How usual changes are, counted by Athena over CloudTrail's log files where they lie."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd

from opslib.aws.athena import Answer, describe_table, fetch_rows, start_query
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import CoverageStatus
from opslib.tables.athena_table import parse_table_name
from opslib.tables.change_history import CHANGE_HISTORY, HISTORY_KEYS
from opslib.tables.cloudtrail_athena import count_changes
from opslib.timewindow import TimeWindow

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_athena_history"]


def read_athena_history(
    reads: Reads,
    account: Account | None,
    table: str,
    window: TimeWindow,
    *,
    workgroup: str = "primary",
    wait: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Read what was changed in ``window``, counted, from an Athena table.

    Args:
        reads: the run's context.
        account: the account that queries; None for the credentials' own.
        table: ``database.table`` or ``catalog.database.table``.
        window: which changes.
        workgroup: whose limits hold, and where results are kept.
        wait: what waits for the query, in seconds.

    Returns:
        `CHANGE_HISTORY`; its notes say since when there are changes and how much was scanned.

    Raises:
        ParameterError: ``table`` is no name of a table.
    """
    name = parse_table_name(table, "trail_table")
    place = Place(reads, account, reads.parameters.region)
    request = ReadRequest(
        table="change history",
        asked=f"changes of {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} in {table}",
        schema=CHANGE_HISTORY,
        account=place.label,
        region=place.region,
        arguments={
            "table": table,
            "start": window.start.isoformat(),
            "end": window.end.isoformat(),
        },
    )

    def fetch() -> Fetched:
        query = count_changes(describe_table(place, name), window)
        started = start_query(place, query, name, workgroup)
        return _counted(fetch_rows(place, started, wait), table)

    return reads.read(request, fetch)


def _counted(answer: Answer, table: str) -> Fetched:
    frame = pd.DataFrame(
        [
            (
                _hour(str(row["Hour"])),
                *(row[name] for name in HISTORY_KEYS),
                int(str(row["Events"])),
            )
            for row in answer.rows.to_pylist()
        ],
        columns=list(CHANGE_HISTORY.columns),
    ).astype({"Events": object})
    frame = frame.sort_values(["Hour", *HISTORY_KEYS], ignore_index=True)
    if frame.empty:
        detail = f"no change of these days in {table}"
        return Fetched(frame=frame, status=CoverageStatus.EMPTY, detail=detail)
    notes = {
        "first": frame["Hour"].min().isoformat(),
        "last": frame["Hour"].max().isoformat(),
        "scanned_bytes": answer.scanned_bytes,
    }
    return Fetched(frame=frame, notes=notes)


def _hour(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H").replace(tzinfo=UTC)
