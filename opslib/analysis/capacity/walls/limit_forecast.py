"""A limit with what was used of it and when it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.walls.time_to_limit import TimeToLimit
from opslib.analysis.forecast import Forecast
from opslib.tables.regular_series import RegularSeries

__all__ = ["LimitForecast", "recent_peaks"]

RECENT_DAYS = 7


def recent_peaks(peaks: RegularSeries | None) -> NDArray[np.float64]:
    """Return the peaks of those of the last seven days that were measured."""
    recent = peaks.values[-RECENT_DAYS:] if peaks is not None else np.empty(0)
    return recent[np.isfinite(recent)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LimitForecast:
    """A limit, what was used of it, and when it is reached.

    Args:
        resource, name, service, workload, account, region: whose limit it is.
        zones: availability zones that it runs in.
        quota_of: code of the service that a quota is of; '' where it is no quota.
        limit: its name.
        value, unit: the limit.
        change: kind of change that moves it, of `ChangeKind`.
        source: where it is known from.
        series: whose values are held against it; '' where nothing measures it.
        peaks: of each day, in ``unit``; None where nothing was measured.
        used_percent: highest peak of the last seven days, in percent of the limit; None likewise.
        forecast: of the peaks; None where there is none.
        why_not: why there is no forecast; '' where there is.
        is_momentary: AWS tells only how much of it is used at the moment.
        paths: some of the forecast's, shape (paths, days); None where there is none.
        warn, full: until the warning level and the limit; None where neither is known.
        lead_days: that its change takes.
        act_by: day by which somebody must begin; None where no date is near enough to tell.
    """

    resource: str
    name: str
    service: str
    workload: str
    account: str
    region: str
    zones: int
    quota_of: str
    limit: str
    value: float
    unit: str
    change: str
    source: str
    series: str
    peaks: RegularSeries | None
    used_percent: float | None
    forecast: Forecast | None
    why_not: str
    is_momentary: bool
    paths: NDArray[np.float32] | None
    warn: TimeToLimit | None
    full: TimeToLimit | None
    lead_days: float
    act_by: date | None

    @property
    def recent_peak(self) -> float | None:
        """Return the median peak of the days lately measured; None where none was."""
        known = recent_peaks(self.peaks)
        return float(np.median(known)) if len(known) else None

    @property
    def horizon_days(self) -> int:
        """Return how many days ahead are told: no more than its history has."""
        return len(self.forecast.mid) if self.forecast else 0

    def day(self, days: int | None) -> date | None:
        """Return the date so many days on; None where that is beyond the horizon."""
        if days is None or self.peaks is None:
            return None
        return (self.peaks.end + timedelta(days=max(0, days - 1))).date()

    @property
    def order(self) -> tuple[float, float, float, float]:
        """Return what sorts the limit that is reached first before the others."""
        if self.full is None:
            return (float("inf"), float("inf"), 0.0, -(self.used_percent or 0.0))
        return (*self.full.order, -(self.used_percent or 0.0))
