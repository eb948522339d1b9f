"""All classes of injury that a drill makes."""

from __future__ import annotations

from opslib.actions.object_injuries import OBJECT_INJURIES
from opslib.actions.row_injuries import ROW_INJURIES
from opslib.actions.table_injuries import TABLE_INJURIES

__all__ = ["INJURIES"]

INJURIES = (*ROW_INJURIES, *TABLE_INJURIES, *OBJECT_INJURIES)
