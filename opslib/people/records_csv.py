"""A list of what people did, as CSV: time, who, what, and optionally kind, resource and service.

Times have their offset, or a zone is named for all of them. A time without seconds is known to the
minute; one in the hour that clocks repeat is known to that hour.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from opslib.aws.event_reads import Told
from opslib.aws.reads import Reads
from opslib.coverage import CoverageStatus
from opslib.errors import ParameterError
from opslib.people.recorded_files import RecordedFile, read_people_events
from opslib.tables.event_rows import Event
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import printable

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_csv_events"]

WANTED = ("time", "who", "what")
KINDS = {kind.value: kind for kind in EventKind}
MOST_LINES_NAMED = 5
COLONS_WITH_SECONDS = 2


def read_csv_events(
    reads: Reads, path: str, window: TimeWindow, *, zone: str = "", account: Account | None = None
) -> pd.DataFrame:
    """Read the rows of a CSV file, or of those in a folder; columns of `EVENTS`.

    Args:
        reads: the context of the run.
        path: the file, here or in S3.
        window: rows outside of it are left out.
        zone: of times without an offset, such as ``Europe/Berlin``; empty refuses them.
        account: whose bucket it is.

    Raises:
        ParameterError: a time without an offset where no zone is named, with its line; a column
            that is missing; a zone that does not exist.
    """
    known = _zone(zone)

    def tell(files: list[RecordedFile]) -> Told:
        told = Told()
        for file in files:
            _tell_file(told, file, known)
        return told

    return read_people_events(
        reads, "csv", path, window, tell, account=account, suffixes=(".csv",), zone=zone
    )


def _zone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ParameterError(
            f"there is no time zone {name!r}", where="zone", remedy="Write it as Europe/Berlin."
        ) from None


def _tell_file(told: Told, file: RecordedFile, zone: ZoneInfo | None) -> None:
    reader = csv.DictReader(io.StringIO(file.text, newline=""), restval="")
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or []]
    missing = [name for name in WANTED if name not in reader.fieldnames]
    if missing:
        raise ParameterError(
            f"columns are missing: {', '.join(missing)}",
            where=f"{file.uri}:1",
            remedy="Name the columns time, who and what in the first line.",
        )
    broken: list[int] = []
    try:
        for row in reader:
            event = _event(file, row, reader.line_num, zone)
            if event is None:
                broken.append(reader.line_num)
            else:
                told.events.append(event)
    except csv.Error:
        broken.append(reader.line_num)
    if broken:
        lines = ", ".join(str(line) for line in broken[:MOST_LINES_NAMED])
        told.lacks(
            CoverageStatus.PARTIAL,
            f"{printable(file.name)}: {len(broken)} rows without a time that can be read "
            f"(line {lines}{', ...' if len(broken) > MOST_LINES_NAMED else ''})",
        )


def _event(
    file: RecordedFile, row: dict[str, str], line: int, zone: ZoneInfo | None
) -> Event | None:
    """Return the event of a row; None where its time cannot be read."""
    text = (row["time"] or "").strip()
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    if told.tzinfo is None and zone is None:
        raise ParameterError(
            f"time {text!r} has no offset",
            where=f"{file.uri}:{line}",
            remedy="Write it as 2026-03-01T12:00:00+01:00, or name the zone of all of them.",
        )
    at, resolution = _placed(told, text, zone)
    kind = (row.get("kind") or "").strip().lower()
    return Event(
        at=at,
        resolution_seconds=resolution,
        source="csv",
        kind=KINDS.get(kind, EventKind.CONTEXT),
        actor=(row["who"] or "").strip(),
        action="record",
        resource=(row.get("resource") or "").strip(),
        service=(row.get("service") or "").strip(),
        summary=(row["what"] or "").strip(),
        reference=f"{file.name}:{line}",
    )


def _placed(told: datetime, text: str, zone: ZoneInfo | None) -> tuple[datetime, float]:
    """Return the moment in UTC, and how well it is known."""
    clock = text.replace(" ", "T").partition("T")[2].split("+")[0].split("-")[0]
    resolution = 1.0 if clock.count(":") >= COLONS_WITH_SECONDS else 60.0
    if told.tzinfo is not None:
        return told.astimezone(UTC), resolution
    first = told.replace(tzinfo=zone, fold=0).astimezone(UTC)
    again = told.replace(tzinfo=zone, fold=1).astimezone(UTC)
    repeated = max((again - first).total_seconds(), 0.0)
    return first, resolution + repeated
