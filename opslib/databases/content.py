"""Reading what tables hold: exact counts and digests, several pages of them at once."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import pandas as pd
import psycopg

from opslib.databases.postgres import Database, connect
from opslib.databases.row_digests import TableLayout, digest_query, planned_layouts, row_query
from opslib.databases.statements import Statements
from opslib.databases.unreadable import Unreadable, noted
from opslib.tables.database_state import TableName, TablePlan
from opslib.tables.databases import BUCKET_DIGESTS, TABLE_FACTS, WRITTEN_ROWS
from opslib.tables.schema import check_table

__all__ = ["read_content", "read_content_on", "read_rows", "read_rows_on"]

PAGES_A_PART = 16_384
"""128 MiB: large enough that a connection is busy, small enough to share a table."""
ROWS_A_BUCKET = 64
MOST_BUCKETS = 4_096
"""More of them no longer fit into a processor's cache: 65,536 take 1.7 times as long."""
FIRST_PAGE, LAST_PAGE = "(0,0)", "(4294967295,0)"


@dataclass(frozen=True, slots=True)
class _Part:
    layout: TableLayout
    buckets: int
    first: str
    end: str


@dataclass(frozen=True, slots=True)
class _Sum:
    name: TableName
    seconds: float
    rows: list[Any]


def read_content(
    database: Database,
    algorithm: str,
    plans: Mapping[TableName, TablePlan] | None,
    snapshot: str,
    unreadable: Unreadable | None = None,
    statements: Statements | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count and digest every table, over as many connections as the limits allow.

    Args:
        database: which one.
        algorithm: ``record`` or ``text``; see `opslib.databases.row_digests`.
        plans: of tables that are to be comparable with what was read before; buckets are chosen
            by size, and the key as it is, where a table is not named.
        snapshot: name of an exported one, whose moment is read.
        unreadable: takes the tables that the server cannot read; None raises at the first.
        statements: takes what is asked.

    Returns:
        Columns of `TABLE_FACTS`, and of `BUCKET_DIGESTS`; both without tables that could not be
        read whole.

    Raises:
        ReadError: the database cannot be reached, or refuses or cancels a statement.
    """
    chosen, asked = dict(plans or {}), statements or Statements()
    with connect(database, snapshot=snapshot) as connection:
        layouts = planned_layouts(connection, chosen, asked)
    left = _queue_of(layouts, chosen)
    workers = max(1, min(database.limits.connections, left.qsize()))

    def work() -> list[_Sum]:
        with connect(database, snapshot=snapshot) as connection:
            return _work_off(connection, left, algorithm, unreadable, asked)

    with ThreadPoolExecutor(workers) as pool:
        done = [future.result() for future in [pool.submit(work) for _ in range(workers)]]
    sums = [part for worker in done for part in worker]
    return _as_frames(_whole(layouts, unreadable), chosen, sums)


def read_content_on(
    connection: psycopg.Connection[Any],
    algorithm: str,
    plans: Mapping[TableName, TablePlan] | None,
    unreadable: Unreadable | None = None,
    statements: Statements | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count and digest every table on one connection; as `read_content`."""
    chosen, asked = dict(plans or {}), statements or Statements()
    layouts = planned_layouts(connection, chosen, asked)
    sums = _work_off(connection, _queue_of(layouts, chosen), algorithm, unreadable, asked)
    return _as_frames(_whole(layouts, unreadable), chosen, sums)


def read_rows(
    database: Database,
    algorithm: str,
    wanted: Mapping[TableName, Sequence[int]],
    plans: Mapping[TableName, TablePlan],
    statements: Statements | None = None,
) -> pd.DataFrame:
    """Read key, digest and writer of the rows of some buckets; columns of `WRITTEN_ROWS`.

    Args:
        database: which one.
        algorithm: that the buckets were made by.
        wanted: table to the buckets whose rows are read; a table that is not there has none.
        plans: that the buckets were made by; a table of no plan has no rows to be compared with.
        statements: takes what is asked.
    """
    with connect(database) as connection:
        return read_rows_on(connection, algorithm, wanted, plans, statements)


def read_rows_on(
    connection: psycopg.Connection[Any],
    algorithm: str,
    wanted: Mapping[TableName, Sequence[int]],
    plans: Mapping[TableName, TablePlan],
    statements: Statements | None = None,
) -> pd.DataFrame:
    """Read key, digest and writer of rows on one connection; as `read_rows`."""
    rows: list[tuple[Any, ...]] = []
    asked = statements or Statements()
    planned = planned_layouts(connection, plans, asked) if wanted else []
    layouts = {layout.name: layout for layout in planned}
    for name in sorted(wanted.keys() & layouts.keys() & plans.keys()):
        query, given = row_query(layouts[name], algorithm, plans[name][0], wanted[name])
        found = asked.execute(connection, query, "content", ".".join(name), given)
        rows += [(*name, *row) for row in found]
    frame = pd.DataFrame(rows, columns=list(WRITTEN_ROWS.columns))
    return check_table(frame, WRITTEN_ROWS, "rows")


def _queue_of(
    layouts: Sequence[TableLayout], chosen: Mapping[TableName, TablePlan]
) -> SimpleQueue[_Part]:
    left: SimpleQueue[_Part] = SimpleQueue()
    for layout in sorted(layouts, key=lambda layout: -layout.pages):
        for part in _parts_of(layout, chosen):
            left.put(part)
    return left


def _work_off(
    connection: psycopg.Connection[Any],
    left: SimpleQueue[_Part],
    algorithm: str,
    unreadable: Unreadable | None,
    statements: Statements,
) -> list[_Sum]:
    done = []
    for part in _taken(left):
        began, subject = time.monotonic(), ".".join(part.layout.name)
        query = digest_query(part.layout, algorithm, part.buckets, (part.first, part.end))
        whole = digest_query(part.layout, algorithm, part.buckets, (FIRST_PAGE, LAST_PAGE))
        with noted(unreadable, connection, "content", part.layout.name):
            rows = statements.execute(connection, query, "content", subject, whole=whole)
            done.append(_Sum(part.layout.name, time.monotonic() - began, rows))
    return done


def _whole(layouts: Sequence[TableLayout], unreadable: Unreadable | None) -> list[TableLayout]:
    """Return the tables of which every part was read."""
    lost = unreadable.names("content") if unreadable else set()
    return [layout for layout in layouts if layout.name not in lost]


def _as_frames(
    layouts: Sequence[TableLayout], chosen: Mapping[TableName, TablePlan], done: Sequence[_Sum]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add the parts of every table of ``layouts`` up."""
    sums: dict[TableName, dict[int, tuple[int, int]]] = defaultdict(dict)
    seconds: dict[TableName, float] = defaultdict(float)
    names = {layout.name for layout in layouts}
    for part in (part for part in done if part.name in names):
        seconds[part.name] += part.seconds
        held = sums[part.name]
        for bucket, rows, digest in part.rows:
            before = held.get(bucket, (0, 0))
            held[bucket] = (before[0] + rows, before[1] + int(digest))
    facts = [
        (
            *layout.name,
            sum(rows for rows, _ in sums[layout.name].values()),
            _buckets_of(layout, chosen),
            json.dumps(layout.key, ensure_ascii=False),
            seconds[layout.name],
        )
        for layout in layouts
    ]
    digests = [
        (*name, bucket, rows, str(digest))
        for name, found in sorted(sums.items())
        for bucket, (rows, digest) in sorted(found.items())
    ]
    tables = pd.DataFrame(facts, columns=list(TABLE_FACTS.columns))
    buckets = pd.DataFrame(digests, columns=list(BUCKET_DIGESTS.columns))
    return (
        check_table(tables, TABLE_FACTS, "tables"),
        check_table(buckets, BUCKET_DIGESTS, "digests"),
    )


def _buckets_of(layout: TableLayout, chosen: Mapping[TableName, TablePlan]) -> int:
    if layout.name in chosen:
        return chosen[layout.name][0]
    rows = layout.rows if layout.rows >= 0 else layout.pages * ROWS_A_BUCKET
    wanted = max(16, min(MOST_BUCKETS, rows // ROWS_A_BUCKET))
    return 1 << (wanted.bit_length() - 1)


def _parts_of(layout: TableLayout, chosen: Mapping[TableName, TablePlan]) -> list[_Part]:
    buckets = _buckets_of(layout, chosen)
    starts = [f"({page},0)" for page in range(0, max(1, layout.pages), PAGES_A_PART)]
    return [
        _Part(layout, buckets, start, end)
        for start, end in zip(starts, [*starts[1:], LAST_PAGE], strict=True)
    ]


def _taken(left: SimpleQueue[_Part]) -> Iterator[_Part]:
    """Yield parts until none is left; several threads take from one queue."""
    while True:
        try:
            yield left.get_nowait()
        except Empty:
            return
