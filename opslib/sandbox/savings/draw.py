"""Chance, and the names and dates that it draws, for what is planted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np

from opslib.sandbox.estate import EAST, IRELAND

__all__ = ["Draw"]

OLDEST_DAYS, YOUNGEST_OLD_DAYS, YOUNG_DAYS = 600, 60, 20
PROJECTS = ("shop", "search", "payments", "mobile")
Chosen = TypeVar("Chosen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What the seed decides.

    Args:
        chance: of one group of kinds.
        epoch: the moment that the account lives in.
        wasteful: whether waste is planted, and not decoys alone.
    """

    chance: np.random.Generator
    epoch: datetime
    wasteful: bool

    def old(self) -> datetime:
        """Return a moment long before any window of metrics."""
        return self.epoch - timedelta(
            days=int(self.chance.integers(YOUNGEST_OLD_DAYS, OLDEST_DAYS))
        )

    def young(self) -> datetime:
        """Return a moment within the window of metrics, and within the settled days."""
        return self.epoch - timedelta(days=int(self.chance.integers(6, YOUNG_DAYS)))

    def region(self) -> str:
        """Return one of two regions."""
        return str(self.chance.choice([EAST, IRELAND]))

    def hex_id(self, prefix: str) -> str:
        """Return an id such as ``vol-0a1b...``, 17 hexadecimal digits."""
        digits = "".join(f"{digit:x}" for digit in self.chance.integers(0, 16, 16))
        return f"{prefix}-0{digits}"

    def one_of(self, choices: Sequence[Chosen]) -> Chosen:
        """Return one of several."""
        return choices[int(self.chance.integers(len(choices)))]

    def number(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``."""
        return int(self.chance.integers(low, high + 1))

    def tags(self, name: str) -> dict[str, str]:
        """Return tags of a resource called ``name``."""
        return {"Name": name, "Project": self.one_of(PROJECTS), "Environment": "lab"}
