"""All classes of injury that a drill makes."""

from __future__ import annotations

from opslib.actions.object_injuries import OBJECT_INJURIES
from opslib.actions.row_injuries import ROW_INJURIES
from opslib.actions.table_injuries import TABLE_INJURIES

__all__ = ["FILE_CLASSES", "INJURIES"]

INJURIES = (*ROW_INJURIES, *TABLE_INJURIES, *OBJECT_INJURIES)

FILE_CLASSES = (
    "byte flipped in a table's file",
    "byte flipped in a TOAST table's file",
    "byte flipped in an index's file",
    "byte flipped in a sequence's file",
    "page of zeros in a table's file",
    "page of zeros in an index's file",
    "table's file cut short",
    "index's file cut short",
    "table's file missing",
    "index's file missing",
)
"""Classes that need the server's files, which no managed service gives: a drill names them and
makes none, `benchmarks/injuries.py` makes them all on copies of a server of its own."""
