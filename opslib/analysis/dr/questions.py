"""The questions that a drill answers: what its conclusions are known by."""

from __future__ import annotations

__all__ = [
    "BACKED_UP",
    "CAN_BE_RESTORED",
    "COPIES_WHOLE",
    "DRILLED",
    "IN_TIME",
    "LOST_LITTLE",
    "NOTICED",
    "QUESTIONS",
    "REBUILDABLE",
    "WHOLE",
]

WHOLE = "Did the restore bring back what was there?"
NOTICED = "Would a loss have been noticed?"
COPIES_WHOLE = "Are the tables, buckets and folders whole?"
CAN_BE_RESTORED = "Could it be restored now?"
IN_TIME = "Was it back within the RTO?"
LOST_LITTLE = "Was no more lost than the RPO allows?"
BACKED_UP = "Is everything backed up as it should be?"
REBUILDABLE = "Could the infrastructure be rebuilt from its Terraform state?"
DRILLED = "Is restoring drilled often enough?"

QUESTIONS = {
    "whole": WHOLE,
    "noticed": NOTICED,
    "in_time": IN_TIME,
    "lost_little": LOST_LITTLE,
    "backed_up": BACKED_UP,
    "rebuildable": REBUILDABLE,
    "drilled": DRILLED,
}
"""Each question by a key that stays when its words change."""
