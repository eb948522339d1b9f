"""A metric at equal steps of time: what forecasts and capacity are computed of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

__all__ = ["RegularSeries"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegularSeries:
    """Values of consecutive periods.

    Args:
        start: beginning of the first period, aware UTC.
        step_seconds: length of every period.
        values: one a period, oldest first; NaN where there is no datapoint.
    """

    start: datetime
    step_seconds: int
    values: NDArray[np.float64]

    @property
    def end(self) -> datetime:
        """Return the end of the last period."""
        return self.start + timedelta(seconds=self.step_seconds * len(self.values))
