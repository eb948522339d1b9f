"""CloudTrail log files read: the events of a window, and the changes of the past, counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from opslib.aws.cloudtrail_listing import list_cloudtrail_files
from opslib.aws.export_files import local_copy
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import CoverageStatus
from opslib.tables.change_history import CHANGE_HISTORY, HISTORY_KEYS
from opslib.tables.cloudtrail import CLOUDTRAIL_EVENTS
from opslib.tables.cloudtrail_log import CloudTrailLog, gather_events
from opslib.tables.log_engine import LogEngine
from opslib.timewindow import TimeWindow
from opslib.wording import count, join

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = [
    "read_cloudtrail_files",
    "read_cloudtrail_history",
]

MOST_NAMED = 3


def read_cloudtrail_files(
    reads: Reads,
    account: Account | None,
    path: str,
    window: TimeWindow,
    *,
    reading: bool = False,
) -> Fetched:
    """Read the events of ``window`` from log files.

    Args:
        reads: the run's context.
        account: the account whose bucket is read; None for the credentials' own.
        path: ``s3://bucket/prefix``, a folder or one file.
        window: which events.
        reading: keep calls that are recorded to only read.

    Returns:
        `CLOUDTRAIL_EVENTS`; partial where a file could not be read whole, empty without events.
        Its notes name the files.

    Raises:
        ParameterError: nothing is at ``path``.
    """
    request = ReadRequest(
        table="cloudtrail events",
        asked=f"events of {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} in {path}",
        schema=CLOUDTRAIL_EVENTS,
        arguments=_arguments(path, window) | {"reading": reading},
    )

    def rows(engine: LogEngine, log: CloudTrailLog) -> pd.DataFrame:
        wanted = log.events if reading else log.events.filter(_may_change(log.events))
        frame = engine.run(wanted)
        return frame.assign(EventTime=frame["EventTime"].dt.tz_localize(UTC))

    return reads.read(request, lambda: _fetch(reads, account, path, window, rows))


def read_cloudtrail_history(
    reads: Reads, account: Account | None, path: str, window: TimeWindow
) -> Fetched:
    """Read what was changed in ``window``, counted, from log files.

    Args and errors as for `read_cloudtrail_files`.

    Returns:
        `CHANGE_HISTORY`; its coverage says of how many days it is.
    """
    request = ReadRequest(
        table="change history",
        asked=f"changes of {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} in {path}",
        schema=CHANGE_HISTORY,
        arguments=_arguments(path, window),
    )

    def rows(engine: LogEngine, log: CloudTrailLog) -> pd.DataFrame:
        changes = log.events.filter(_may_change(log.events))
        hours = changes.mutate(Hour=changes["EventTime"].truncate("h"))
        counted = hours.group_by(["Hour", *HISTORY_KEYS]).aggregate(Events=ibis._.count())
        frame = engine.run(counted.order_by("Hour", *HISTORY_KEYS))
        return frame.assign(
            Hour=frame["Hour"].dt.tz_localize(UTC), Events=frame["Events"].astype(object)
        )

    return reads.read(request, lambda: _fetch(reads, account, path, window, rows))


def _arguments(path: str, window: TimeWindow) -> dict[str, Any]:
    return {"path": path, "start": window.start.isoformat(), "end": window.end.isoformat()}


def _may_change(events: ir.Table) -> ir.BooleanValue:
    return events["ReadOnly"].fill_null("") != "true"


def _fetch(
    reads: Reads,
    account: Account | None,
    path: str,
    window: TimeWindow,
    rows: Callable[[LogEngine, CloudTrailLog], pd.DataFrame],
) -> Fetched:
    files = list_cloudtrail_files(reads, account, path, window)
    local = {local_copy(reads, account, file): file for file in files}
    with LogEngine() as engine:
        log = gather_events(engine, list(local), window)
        frame = rows(engine, log)
        span = engine.run(
            log.events.aggregate(
                first=log.events["EventTime"].min(), last=log.events["EventTime"].max()
            )
        )
    lost = {local[place].uri: what for place, what in log.losses.items()}
    strange = [local[place].uri for place in log.passed_over]
    notes = {
        "files": [asdict(file) for file in files],
        "events": log.rows,
        "repeated": log.repeated,
        "losses": lost,
        "passed_over": strange,
        "first": _written(span["first"].iloc[0]),
        "last": _written(span["last"].iloc[0]),
    }
    status = CoverageStatus.PARTIAL if lost else CoverageStatus.COMPLETE
    if not log.rows:
        status = CoverageStatus.FAILED if lost else CoverageStatus.EMPTY
    return Fetched(frame=frame, status=status, detail=_detail(notes), notes=notes)


def _written(moment: Any) -> str:
    return "" if pd.isna(moment) else f"{moment.isoformat()}Z"


def _detail(notes: dict[str, Any]) -> str:
    """Return what is missing from the files, in words; empty where nothing is."""
    if not notes["files"]:
        return "no file there is of the window, by its name or its folder's"
    said = []
    if not notes["events"]:
        said.append(f"no event of the window in {count(len(notes['files']), 'file')}")
    if lost := notes["losses"]:
        named = [f"{Path(uri).name} ({what})" for uri, what in sorted(lost.items())]
        said.append(f"{count(len(lost), 'file')} not read whole: {_some(named)}")
    if strange := notes["passed_over"]:
        named = [Path(uri).name for uri in strange]
        said.append(f"{count(len(strange), 'file')} without CloudTrail events: {_some(named)}")
    if notes["repeated"]:
        said.append(f"{count(notes['repeated'], 'repeated event')} left out")
    return "; ".join(said)


def _some(named: list[str]) -> str:
    more = len(named) - MOST_NAMED
    return join(named[:MOST_NAMED] + ([f"{more:,} more"] if more > 0 else []))
