"""A relation in order, made of parts that are each in order.

Log files come about in the order of time. Their parts overlap little then, and only where they
do is anything put in order again: the rest is read as it lies. Parts that all overlap are put in
order as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import pairwise

import ibis.expr.types as ir

from opslib.tables.log_engine import LogEngine

__all__ = ["OrderedParts"]

FEWEST_ROWS = 20_000
"""A part of fewer rows is put together with others: many small tables are slow to read."""
RESOLUTION = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """A kept table and the time from its first row to just after its last."""

    table: ir.Table
    first: datetime
    end: datetime


class OrderedParts:
    """Rows gathered part by part, to be read in one order.

    Args:
        engine: keeps the parts.
        order: names of the columns; the first is a time without nulls.
    """

    def __init__(self, engine: LogEngine, order: tuple[str, ...]) -> None:
        self._engine = engine
        self._order = order
        self._parts: list[_Part] = []
        self._small: list[_Part] = []
        self._small_rows = 0
        self._merged: list[ir.Table] = []

    def add(self, rows: ir.Table) -> None:
        """Keep ``rows``, all of them or none.

        Raises:
            TableError: as `Engine.keep` does; nothing is added then.
        """
        kept = self._engine.keep(rows.order_by(*self._order))
        time = kept[self._order[0]]
        facts = self._engine.run(
            kept.aggregate(rows=kept.count(), first=time.min(), last=time.max())
        ).iloc[0]
        count = int(facts["rows"])
        if not count:
            self._engine.forget(kept)
            return
        part = _Part(table=kept, first=facts["first"], end=facts["last"] + RESOLUTION)
        if count >= FEWEST_ROWS:
            self._parts.append(part)
            return
        self._small.append(part)
        self._small_rows += count
        if self._small_rows >= FEWEST_ROWS:
            self._join_small()

    def joined(self) -> ir.Table | None:
        """Return the relation over all rows, in order; None where there are none."""
        self._join_small()
        if not self._parts:
            return None
        tables = [self._stretch(*stretch) for stretch in _stretches(self._parts)]
        return reduce(lambda one, other: one.union(other), tables)

    def forget(self) -> None:
        """Free all parts."""
        for table in [*(part.table for part in self._parts), *self._merged]:
            self._engine.forget(table)
        self._parts, self._merged = [], []

    def _join_small(self) -> None:
        small, self._small, self._small_rows = self._small, [], 0
        if not small:
            return
        together = reduce(lambda one, other: one.union(other), (part.table for part in small))
        kept = self._engine.keep(together.order_by(*self._order))
        first, end = min(part.first for part in small), max(part.end for part in small)
        self._parts.append(_Part(table=kept, first=first, end=end))
        for part in small:
            self._engine.forget(part.table)

    def _stretch(self, parts: list[_Part], first: datetime, end: datetime) -> ir.Table:
        """Return the rows of ``[first, end)``, put in order where they lie in several parts."""
        inside = [
            part.table
            if (part.first, part.end) == (first, end)
            else part.table.filter(
                (part.table[self._order[0]] >= first) & (part.table[self._order[0]] < end)
            )
            for part in parts
        ]
        if len(inside) == 1:
            return inside[0]
        together = reduce(lambda one, other: one.union(other), inside)
        self._merged.append(self._engine.keep(together.order_by(*self._order)))
        return self._merged[-1]


def _stretches(parts: list[_Part]) -> list[tuple[list[_Part], datetime, datetime]]:
    """Return the parts of each stretch of time: one alone, or several that overlap."""
    found: list[tuple[list[_Part], datetime, datetime]] = []
    cuts = sorted({moment for part in parts for moment in (part.first, part.end)})
    for first, end in pairwise(cuts):
        there = [part for part in parts if part.first <= first < part.end]
        if not there:
            continue
        last = found[-1] if found and found[-1][2] == first else None
        if last and len(last[0]) > 1 and len(there) > 1:
            more = [part for part in there if part not in last[0]]
            found[-1] = ([*last[0], *more], last[1], end)
        elif last and last[0] == there:
            found[-1] = (there, last[1], end)
        else:
            found.append((there, first, end))
    return found
