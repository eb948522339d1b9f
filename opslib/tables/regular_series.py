"""A metric at equal steps: what a forecast reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

__all__ = ["RegularSeries"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegularSeries:
    """One value a period, without a hole in time.

    Args:
        start: aware UTC, the beginning of the first period.
        step_seconds: length of a period.
        values: one a period; NaN where there is no datapoint.

    Raises:
        ValueError: a start without a zone, a step that is not positive, values of several columns.
    """

    start: datetime
    step_seconds: int
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        if self.start.utcoffset() != timedelta(0):
            raise ValueError(f"the start of a series is in UTC, not {self.start.isoformat()}")
        if self.step_seconds <= 0:
            raise ValueError(f"the step of a series is positive, not {self.step_seconds} seconds")
        if self.values.ndim != 1:
            raise ValueError(f"a series has one column, not the shape {self.values.shape}")

    @property
    def end(self) -> datetime:
        """The end of the last period."""
        return self.time_of(len(self.values))

    def time_of(self, step: int) -> datetime:
        """Return the beginning of period ``step``."""
        return self.start + timedelta(seconds=step * self.step_seconds)
