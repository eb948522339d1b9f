"""CloudTrail log files in S3 or in a folder: found, those of other days left, and read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from opslib.aws.export_files import ExportFile, local_copy
from opslib.aws.faults import aws_faults
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import CoverageStatus
from opslib.errors import NotFound, ParameterError
from opslib.tables.change_history import CHANGE_HISTORY, HISTORY_KEYS
from opslib.tables.cloudtrail import CLOUDTRAIL_EVENTS
from opslib.tables.cloudtrail_log import EVENT_ORDER, CloudTrailLog, gather_events
from opslib.tables.log_engine import LogEngine
from opslib.timewindow import TimeWindow
from opslib.wording import count, join

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = [
    "list_cloudtrail_files",
    "may_hold",
    "read_cloudtrail_files",
    "read_cloudtrail_history",
]

FILE_ENDINGS = (".json", ".json.gz", ".gz", ".jsonl", ".ndjson")
DELIVERED = re.compile(r"_CloudTrail(?:-Insight)?_[\w-]+_(\d{8}T\d{4})Z_[^/]*$")
DAY_FOLDER = re.compile(r"/CloudTrail(?:-Insight)?/[\w-]+/(\d{4})/(?:(\d{2})/(?:(\d{2})/)?)?")
DIGESTS = "/CloudTrail-Digest/"
LATEST_DELIVERY = timedelta(days=1)
"""Files come about 5 minutes after the calls in them, which AWS does not promise."""
CLOCKS = timedelta(minutes=5)
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
        frame = engine.run(wanted.order_by(*EVENT_ORDER))
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


def list_cloudtrail_files(
    reads: Reads, account: Account | None, path: str, window: TimeWindow
) -> list[ExportFile]:
    """Return the files under ``path`` that may hold events of ``window``, in order of name.

    Raises:
        ParameterError: ``path`` does not exist, or is a folder without any file.
    """
    if path.startswith("s3://"):
        bucket, _, prefix = path.removeprefix("s3://").partition("/")
        try:
            listed = list(_list_s3(reads, account, bucket, prefix, window))
        except NotFound as error:
            raise ParameterError(error.what, where=path, remedy=error.remedy) from error
    else:
        listed = [
            file for file in _list_folder(Path(path).expanduser()) if may_hold(file.uri, window)
        ]
    return sorted(listed, key=lambda file: file.uri)


def may_hold(uri: str, window: TimeWindow) -> bool:
    """Say whether a file, or the files in a folder, may hold events of ``window``, by the name.

    CloudTrail puts the time of delivery into a file's name and its day into the folders
    (``AWSLogs/<account>/CloudTrail/<region>/yyyy/mm/dd/``); a name without either may hold any.
    """
    if DIGESTS in uri:
        return False
    first, last = _delivered(uri)
    return last >= window.start - CLOCKS and first <= window.end + LATEST_DELIVERY


def _delivered(uri: str) -> tuple[datetime, datetime]:
    """Return the earliest and the latest time that the name allows for."""
    if stamp := DELIVERED.search(uri):
        moment = datetime.strptime(stamp[1], "%Y%m%dT%H%M").replace(tzinfo=UTC)
        return moment, moment + timedelta(minutes=1)
    folder = DAY_FOLDER.search(uri)
    if not folder:
        return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    year, month, day = folder.groups()
    first = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    if day:
        return first, first + timedelta(days=1)
    if month:
        return first, first + timedelta(days=31)
    return first, first + timedelta(days=366)


def _list_folder(place: Path) -> Iterator[ExportFile]:
    found = [place] if place.is_file() else sorted(place.rglob("*"))
    files = [file for file in found if file.name.endswith(FILE_ENDINGS) and file.is_file()]
    if not files:
        raise ParameterError(
            f"no {', '.join(FILE_ENDINGS)} file there",
            where=str(place),
            remedy="Set path to the folder of the log files, or to one of them.",
        )
    for file in files:
        facts = file.stat()
        yield ExportFile(uri=str(file), bytes=facts.st_size, version=str(int(facts.st_mtime)))


def _list_s3(
    reads: Reads, account: Account | None, bucket: str, prefix: str, window: TimeWindow
) -> Iterable[ExportFile]:
    """Walk the folders below ``prefix``, those of other days left out."""
    client = reads.connection.client("s3", account=account)
    if prefix and not prefix.endswith(("/", *FILE_ENDINGS)):
        prefix += "/"  # or folders that only begin alike would be listed too
    waiting = [prefix]
    with aws_faults(f"s3:ListBucket s3://{bucket}/{prefix}"):
        while waiting:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix=waiting.pop(), Delimiter="/"
            )
            for page in pages:
                folders = [item["Prefix"] for item in page.get("CommonPrefixes", [])]
                waiting += [name for name in folders if may_hold(f"/{name}", window)]
                for item in page.get("Contents", []):
                    uri = f"s3://{bucket}/{item['Key']}"
                    if uri.endswith(FILE_ENDINGS) and may_hold(uri, window):
                        yield ExportFile(
                            uri=uri, bytes=item["Size"], version=item["ETag"].strip('"')
                        )
