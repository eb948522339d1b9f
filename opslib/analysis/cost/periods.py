"""Which days a cost report is about, and which it may be compared with.

A day is settled once ``settle_hours`` have passed since its end; until then AWS may restate it.
The report's period is the latest whole one of settled days, so that consecutive weekly reports
cover every day exactly once, and none compares a figure that is still moving.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from opslib.parameters.cost import CostParameters
from opslib.timewindow import ONE_DAY, TimeWindow, midnight

__all__ = ["Periods", "plan_periods"]

MOST_EARLIER = 60
FEWEST_MONTHS = 9
"""Earlier months that a monthly report reads at least, however short its history is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """The days of one report.

    Args:
        current: the period reported, whole settled days.
        earlier: the periods before it, nearest first, as far as history is asked for.
        unsettled: complete days after the period that may still be restated, in order.
        days: every day to read, in order: history, period and unsettled days.
        month: first day of the month that ``as_of`` lies in.
        month_end: first day of the next month.
        open_month: first day of an ended month that is not closed yet; None when all are.
        label: ``week``, ``month`` or ``10 days``.
    """

    current: TimeWindow
    earlier: tuple[TimeWindow, ...]
    unsettled: tuple[date, ...]
    days: tuple[date, ...]
    month: date
    month_end: date
    open_month: date | None
    label: str

    @property
    def spoken(self) -> str:
        """Return what a sentence calls the period: this week, these 10 days."""
        return f"{'these' if self.label.endswith('days') else 'this'} {self.label}"

    @property
    def before(self) -> TimeWindow:
        """Return the period that the current one is compared with."""
        return self.earlier[0]

    @property
    def settled_days(self) -> tuple[date, ...]:
        """Return the days read that are settled, in order."""
        return tuple(day for day in self.days if day not in self.unsettled)


def plan_periods(parameters: CostParameters) -> Periods:
    """Return the days of the report that ``parameters`` ask for.

    Args:
        parameters: as_of, period, history_days, settle_hours, month_close_days.
    """
    as_of = parameters.as_of
    today = midnight(as_of)
    settled_end = midnight(as_of - parameters.settle_time)
    current = _current(parameters.period, settled_end)
    first = current.start - timedelta(days=parameters.history_days)
    earlier = _earlier(parameters.period, current, first)
    start = min(first, earlier[-1].start)
    unsettled = _days(max(current.end, settled_end), today)
    month = as_of.date().replace(day=1)
    return Periods(
        current=current,
        earlier=earlier,
        unsettled=unsettled,
        days=_days(start, max(today, current.end)),
        month=month,
        month_end=_next_month(month),
        open_month=_open_month(as_of, parameters.month_close_days),
        label=_label(parameters.period),
    )


def _current(period: str, settled_end: datetime) -> TimeWindow:
    if period == "month":
        end = midnight(settled_end.date().replace(day=1))
        return TimeWindow(start=midnight((end - ONE_DAY).date().replace(day=1)), end=end)
    return TimeWindow(start=settled_end - timedelta(days=_length(period)), end=settled_end)


def _earlier(period: str, current: TimeWindow, first: datetime) -> tuple[TimeWindow, ...]:
    """Return the earlier periods that begin at or after ``first``; at least one, or nine months."""
    fewest = FEWEST_MONTHS if period == "month" else 1
    periods: list[TimeWindow] = []
    nearest = current
    while len(periods) < MOST_EARLIER:
        nearest = _previous(period, nearest)
        if len(periods) >= fewest and nearest.start < first:
            break
        periods.append(nearest)
    return tuple(periods)


def _previous(period: str, window: TimeWindow) -> TimeWindow:
    if period != "month":
        return window.before()
    start = midnight((window.start - ONE_DAY).date().replace(day=1))
    return TimeWindow(start=start, end=window.start)


def _length(period: str) -> int:
    return 7 if period == "week" else int(period.removesuffix("d"))


def _label(period: str) -> str:
    return period if period in {"week", "month"} else f"{_length(period)} days"


def _days(start: datetime, end: datetime) -> tuple[date, ...]:
    return TimeWindow(start=start, end=end).days if end > start else ()


def _next_month(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _open_month(as_of: datetime, close_days: int) -> date | None:
    month = as_of.date().replace(day=1)
    closed = midnight(month) + timedelta(days=close_days)
    return (month - ONE_DAY).replace(day=1) if as_of < closed else None
