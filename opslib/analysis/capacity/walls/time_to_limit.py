"""When a limit is reached: the day on which a path of the forecast first meets it.

A forecast's joint paths are each followed to the first day at or above the level; the quantiles of
those days are what is printed. The upper end of an interval of single days would be too late: over
many days, chances add up. Assumption: the paths are as varied as the future is; the backtest of the
forecast says how often its intervals were right. Source: first passage by simulation, as in Hyndman
and Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition (2021), section 5.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["QUANTILES", "TimeToLimit", "first_days", "summarise_days"]

NEVER = np.iinfo(np.int32).max
QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToLimit:
    """Days until a level of a limit is reached, as the forecast's paths tell.

    Args:
        percent: the level, in percent of the limit.
        low, p10, p50, p90, high: days from now by which it is reached in 2.5, 10, 50, 90 and 97.5 %
            of the paths; None where that is beyond the horizon. 0: it is reached already.
        chance: share of the paths that reach it within the horizon.
    """

    percent: float
    low: int | None
    p10: int | None
    p50: int | None
    p90: int | None
    high: int | None
    chance: float

    @classmethod
    def reached(cls, percent: float) -> TimeToLimit:
        """Return that the level is reached already."""
        return cls(percent=percent, low=0, p10=0, p50=0, p90=0, high=0, chance=1.0)

    @property
    def order(self) -> tuple[float, float, float]:
        """Return what sorts the earliest first."""
        late = float(NEVER)
        p50 = late if self.p50 is None else float(self.p50)
        p10 = late if self.p10 is None else float(self.p10)
        return (p50, p10, -self.chance)


def first_days(paths: NDArray[np.float32], level: float | NDArray[np.float32]) -> NDArray[np.int32]:
    """Return, for each path, the day (1 is the first) that meets the level, or a last number.

    Args:
        paths: shape (..., days).
        level: in the unit of the paths; one, or one a day.

    Returns:
        Shape (...): a path that never does has the largest integer.
    """
    meets = paths >= level
    days = meets.argmax(axis=-1) + 1
    return np.where(meets.any(axis=-1), days, NEVER).astype(np.int32)


def summarise_days(days: NDArray[np.int32], percent: float) -> TimeToLimit:
    """Return the quantiles of first days; one is reached when so many paths have met the level."""
    ordered = np.sort(days)
    places = [min(len(ordered) - 1, int(np.ceil(share * len(ordered))) - 1) for share in QUANTILES]
    told = [None if ordered[place] == NEVER else int(ordered[place]) for place in places]
    chance = float((days < NEVER).mean())
    low, p10, p50, p90, high = told
    return TimeToLimit(
        percent=percent, low=low, p10=p10, p50=p50, p90=p90, high=high, chance=chance
    )
