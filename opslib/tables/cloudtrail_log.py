"""CloudTrail log files gathered into the events of a window, whatever state the files are in.

Files go through the engine in batches, so that memory follows the window and not the archive;
the events of each batch are put in order as they are kept.
The engine refuses a batch for one broken file; its files are then read one by one, and those
that are refused again are salvaged value by value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
import ibis.expr.types as ir

from opslib.errors import TableError
from opslib.tables.cloudtrail import (
    CLOUDTRAIL_EVENTS,
    EVENT_STRUCT,
    RECORD_COLUMNS,
    event_columns,
)
from opslib.tables.cloudtrail_layout import FileLayout, Layout, layout_of
from opslib.tables.cloudtrail_salvage import salvage
from opslib.tables.engine import FILE
from opslib.tables.log_engine import LARGEST_OBJECT, LogEngine
from opslib.tables.ordered_parts import OrderedParts
from opslib.timewindow import TimeWindow
from opslib.wording import count

__all__ = ["EVENT_ORDER", "CloudTrailLog", "gather_events"]

FILES_AT_ONCE = 32
EVENT_ORDER = ("EventTime", "EventId")
EVENT_KINDS = {**dict.fromkeys(CLOUDTRAIL_EVENTS.columns, "string"), "EventTime": "timestamp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudTrailLog:
    """The events of a window, and what the files did not give.

    Args:
        events: relation of the columns of `CLOUDTRAIL_EVENTS`, each event once; its rows come in
            `EVENT_ORDER`, also after a filter.
        rows: number of events.
        repeated: events that were there more than once (two trails, or overlapping exports).
        losses: file to what could not be read of it, in words.
        passed_over: files without any CloudTrail event.
    """

    events: ir.Table
    rows: int
    repeated: int
    losses: dict[Path, str]
    passed_over: tuple[Path, ...]


@dataclass(slots=True)
class _Gathering:
    engine: LogEngine
    window: TimeWindow
    places: dict[Path, int]
    parts: OrderedParts
    losses: dict[Path, str] = field(default_factory=dict)
    passed_over: list[Path] = field(default_factory=list)


def gather_events(engine: LogEngine, files: Sequence[Path], window: TimeWindow) -> CloudTrailLog:
    """Return the events of ``window`` in ``files``.

    Args:
        engine: holds the result; its memory limit bounds this too.
        files: gzipped or plain; ``{"Records": [...]}``, an array of events, an event a line,
            answers of LookupEvents. Their names do not matter; about in the order of time they
            are read faster.
        window: events before its start or from its end on are not kept.

    Raises:
        TableError: memory and disk are used up.
    """
    places = {file: place for place, file in enumerate(files)}
    gathering = _Gathering(engine, window, places, OrderedParts(engine, EVENT_ORDER))
    for layout, batch in _batches(files, gathering):
        if layout.layout is Layout.OTHER:
            for file in batch:
                _salvage(gathering, file)
        else:
            _read(gathering, batch, layout)
    events, rows, repeated = _finish(gathering)
    return CloudTrailLog(
        events=events,
        rows=rows,
        repeated=repeated,
        losses=dict(sorted(gathering.losses.items())),
        passed_over=tuple(sorted(gathering.passed_over)),
    )


def _batches(
    files: Sequence[Path], gathering: _Gathering
) -> Iterator[tuple[FileLayout, list[Path]]]:
    """Return files of one layout together, in their order; an unreadable one is noted instead."""
    found: dict[tuple[Layout, bool, bool], list[tuple[Path, int]]] = {}
    for file in files:
        try:
            seen = layout_of(file)
        except OSError as error:
            gathering.losses[file] = f"cannot be opened: {error.strerror}"
        else:
            size = seen.unpacked_bytes
            # The largest sizes the buffers: a batch of small ones needs none for a giant.
            key = (seen.layout, seen.compressed, size > LARGEST_OBJECT)
            found.setdefault(key, []).append((file, size))
    for (layout, compressed, _), members in found.items():
        for start in range(0, len(members), FILES_AT_ONCE):
            batch = members[start : start + FILES_AT_ONCE]
            largest = max(size for _, size in batch)
            alike = FileLayout(layout=layout, compressed=compressed, unpacked_bytes=largest)
            yield alike, [file for file, _ in batch]


def _read(gathering: _Gathering, files: Sequence[Path], layout: FileLayout) -> None:
    try:
        _add(gathering, files, layout)
    except TableError:
        if len(files) == 1:
            _salvage(gathering, files[0])
            return
        for file in files:
            _read(gathering, [file], layout)


def _add(
    gathering: _Gathering, files: Sequence[Path], layout: FileLayout, source: Path | None = None
) -> None:
    columns = {"Records": f"{EVENT_STRUCT}[]"}
    in_records = layout.layout is Layout.RECORDS
    relation = gathering.engine.json(
        files,
        columns if in_records else RECORD_COLUMNS,
        compressed=layout.compressed,
        largest_bytes=layout.unpacked_bytes if in_records else 0,
    )
    named = [source] if source else files
    places = ibis.literal([gathering.places[file] for file in named], type="array<int32>")
    file = places[ibis.literal([str(file.absolute()) for file in files]).index(relation[FILE])]
    # Table.unnest() would join the rows to themselves, all of them in memory.
    rows = (
        relation.select(record=relation["Records"].unnest(), file=file)
        if in_records
        else relation.mutate(file=file)
    )
    rows = rows.filter(_inside(rows["record"] if in_records else rows, gathering.window))
    record = rows["record"] if in_records else rows
    gathering.parts.add(rows.select(**event_columns(record, rows["file"])))


def _inside(record: ir.StructValue | ir.Table, window: TimeWindow) -> ir.BooleanValue:
    moment = record["eventTime"].try_cast("timestamp")
    start, end = (value.replace(tzinfo=None) for value in (window.start, window.end))
    is_event = record["eventName"].notnull() & ~record["eventSource"].startswith("aws:")
    return (moment >= ibis.literal(start)) & (moment < ibis.literal(end)) & is_event


def _salvage(gathering: _Gathering, file: Path) -> None:
    try:
        found = salvage(file)
    except (OSError, RecursionError) as error:
        gathering.losses[file] = f"cannot be read: {type(error).__name__}"
        return
    if not found.records:
        if found.lost:
            gathering.losses[file] = f"{found.lost}, nothing read"
        else:
            gathering.passed_over.append(file)
        return
    if found.lost:
        gathering.losses[file] = f"{found.lost}, {count(len(found.records), 'event')} read"
    with TemporaryDirectory(prefix="opslib-salvage-") as folder:
        lines = Path(folder) / "events.json"
        _write_lines(lines, found.records)
        layout = FileLayout(layout=Layout.EVENTS, compressed=False, unpacked_bytes=0)
        _add(gathering, [lines], layout, source=file)


def _write_lines(place: Path, records: Iterable[dict[str, object]]) -> None:
    with place.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record) + "\n" for record in records)


def _finish(gathering: _Gathering) -> tuple[ir.Table, int, int]:
    """Return the events, each once, with their number and that of the repeated ones."""
    events = gathering.parts.joined()
    if events is None:
        return ibis.memtable([], schema=EVENT_KINDS), 0, 0
    engine = gathering.engine
    counts = engine.run(
        events.aggregate(
            all=events.count(), named=events["EventId"].count(), ids=events["EventId"].nunique()
        )
    )
    rows, named, ids = (int(counts[name].iloc[0]) for name in ("all", "named", "ids"))
    repeated = named - ids
    if repeated:
        place = ibis.row_number().over(group_by=events["EventId"], order_by=events[FILE])
        once = events.filter((place == 0) | events["EventId"].isnull())
        events = engine.keep(once.order_by(*EVENT_ORDER))
        gathering.parts.forget()
    paths = ibis.literal([str(file) for file in gathering.places])
    return events.mutate(**{FILE: paths[events[FILE]]}), rows - repeated, repeated
