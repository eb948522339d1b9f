"""How demand grows over months: not at all, by the same amount, or by the same share a day."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

__all__ = ["FLAT", "Growth", "GrowthKind"]

DAY = 86_400
Values = npt.NDArray[np.float64]


class GrowthKind(StrEnum):
    """How demand grows."""

    FLAT = "flat"
    LINEAR = "linear"
    COMPOUND = "compound"


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth, as a share of the level at the epoch.

    Args:
        kind: how.
        a_day: what a day adds, as a share of the level at the epoch.
        since_days: how long before the epoch it began; before that demand was flat.
    """

    kind: GrowthKind
    a_day: float = 0.0
    since_days: float = 455.0

    def factors(self, starts: Values, epoch: float) -> Values:
        """Return the level relative to the epoch's at each moment, seconds since 1970."""
        days = np.maximum((starts - epoch) / DAY, -self.since_days)
        if self.kind is GrowthKind.COMPOUND:
            return np.asarray(np.exp(self.a_day * days), dtype=float)
        if self.kind is GrowthKind.LINEAR:
            return np.asarray(1 + self.a_day * days, dtype=float)
        return np.ones(len(starts))


FLAT = Growth(GrowthKind.FLAT)
