"""Whether the source wrote on in rows that it has as the baseline had them.

Values do not tell: a status that was set and set back, a job that was queued and is done, look as
if the copy alone had another row. PostgreSQL keeps with each row the id of the transaction that
wrote it, and a physical copy keeps it too.

Method: a row of the copy that has no equal at the source must have been written by a transaction
of after the baseline, and before the copy's recovery ended: what has a later id was written into
the copy. A row of the source that has no equal in the copy must have been written after the
baseline, and by another transaction than the copy's. Where this holds for all rows of a unit, the
source wrote on there, and the copy is not known to be wrong.

Assumption: copy, source and baseline are of one history of transactions: their server's system
identifier is the same. A logical restore, which writes all rows anew, has another.

What it cannot see: of the transactions that began after the oldest one under way at the baseline,
which had ended by then; and what was written into the copy before its last checkpoint, where that
is not the one that ended its recovery. Either may leave a damaged row unexplained, and lets none
pass.

Source: PostgreSQL documentation, "System Columns" (xmin), "Transactions and Identifiers" and
"System Information Functions" (pg_control_system, pg_control_checkpoint).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd

from opslib.tables.database_state import DatabaseState, TableName
from opslib.tables.databases import WRITTEN_ROWS

__all__ = ["WrittenSides", "written_sides", "wrote_on"]

PLACES = {"row": "Key", "bucket": "Bucket"}
"""The column that names a unit."""

Row = tuple[str, int]
"""Digest, and id of the transaction that wrote it."""
UnitRows = Mapping[str, Mapping[str, Sequence[Row]]]
"""Unit to the keys of its rows to the rows under them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSides:
    """The rows of both sides with their writers, and which transactions came between.

    Args:
        copy: columns of `opslib.tables.databases.WRITTEN_ROWS`, of the restored database.
        source: the same of the source as it is now.
        since: id of a transaction; those before it are in the baseline.
        until: the first id that only the copy gave out; infinite where that is not known.
    """

    copy: pd.DataFrame
    source: pd.DataFrame
    since: int
    until: float


def written_sides(
    baseline: DatabaseState,
    restored: DatabaseState,
    restored_rows: pd.DataFrame,
    now: DatabaseState | None,
    now_rows: pd.DataFrame | None,
) -> WrittenSides | None:
    """Return both sides with their writers; None where these cannot be compared.

    Args are those of `opslib.analysis.dr.validation.validate_restore`. Rows may lack their
    writers, which then say nothing.
    """
    if now is None or now_rows is None or not baseline.server_id:
        return None
    if {restored.server_id, now.server_id} != {baseline.server_id}:
        return None
    columns = {*WRITTEN_ROWS.columns}
    if not (columns <= {*restored_rows.columns} and columns <= {*now_rows.columns}):
        return None
    since, ended = baseline.oldest_running, restored.checkpoint_id
    return WrittenSides(
        copy=restored_rows,
        source=now_rows,
        since=since,
        # A checkpoint of before the baseline is not the one that ended a recovery to after it.
        until=ended if ended >= since else math.inf,
    )


def wrote_on(sides: WrittenSides, table: TableName, unit: str) -> Callable[[str], bool]:
    """Return what says of a unit of a table, by its key, whether the source wrote on there.

    Args:
        sides: of the whole database.
        table: schema and name.
        unit: what a key names, ``row`` or ``bucket``.
    """

    @cache
    def rows() -> tuple[UnitRows, UnitRows]:
        return _unit_rows(sides.copy, table, unit), _unit_rows(sides.source, table, unit)

    def is_written_on(key: str) -> bool:
        copy, source = (side.get(key, {}) for side in rows())
        keys = copy.keys() | source.keys()
        return bool(keys) and all(
            _is_rewritten(sides, copy.get(one, ()), source.get(one, ())) for one in keys
        )

    return is_written_on


def _unit_rows(frame: pd.DataFrame, table: TableName, unit: str) -> UnitRows:
    mine = frame[(frame["Schema"] == table[0]) & (frame["Table"] == table[1])]
    found: dict[str, dict[str, list[Row]]] = defaultdict(dict)
    columns = (PLACES[unit], "Key", "Digest", "Transaction")
    for place, key, digest, transaction in zip(*(mine[name] for name in columns), strict=True):
        found[str(place)].setdefault(key, []).append((digest, transaction))
    return found


def _is_rewritten(sides: WrittenSides, copy: Sequence[Row], source: Sequence[Row]) -> bool:
    """Say whether transactions of after the baseline explain how the rows of one key differ."""
    mine, theirs = _writers_beyond(copy, source), _writers_beyond(source, copy)
    is_of_source = all(sides.since <= writer < sides.until for writer in mine)
    return is_of_source and all(writer >= sides.since for writer in theirs) and not mine & theirs


def _writers_beyond(rows: Sequence[Row], others: Sequence[Row]) -> set[int]:
    """Return who wrote the rows that the others lack; of equal rows the last ones."""
    beyond = Counter(digest for digest, _ in rows) - Counter(digest for digest, _ in others)
    writers: set[int] = set()
    for digest, number in beyond.items():
        held = sorted((writer for told, writer in rows if told == digest), reverse=True)
        writers.update(held[:number])
    return writers
