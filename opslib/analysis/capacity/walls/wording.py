"""How times to a limit are said."""

from __future__ import annotations

from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.time_to_limit import TimeToLimit
from opslib.wording import count, printable
from opslib.wording import day as write_day

__all__ = [
    "days_left",
    "interval_words",
    "lead_words",
    "limit_words",
    "placed_words",
    "share_words",
]


def limit_words(limit: LimitForecast) -> str:
    """Return what a limit is called: that of which resource."""
    name, what = printable(limit.name), printable(limit.limit)
    return what if limit.service == "quota" else f"{what} of {name}"


def placed_words(limit: LimitForecast) -> str:
    """Return what a limit is called, with its account and region."""
    where = ", ".join(filter(None, [printable(limit.account), limit.region]))
    return f"{limit_words(limit)} ({where})" if where else limit_words(limit)


def share_words(limit: LimitForecast) -> str:
    """Return how much of a limit the week's peak was."""
    if limit.used_percent is None:
        return "not measured lately"
    return f"{limit.used_percent:.0f} % of {limit.value:,.6g} {limit.unit}".rstrip()


def days_left(limit: LimitForecast, time: TimeToLimit) -> str:
    """Return the median of the days left."""
    if time.p50 == 0:
        return "reached"
    return f"beyond {limit.horizon_days} days" if time.p50 is None else count(time.p50, "day")


def lead_words(limit: LimitForecast) -> str:
    """Return how long its change takes."""
    return f"{limit.lead_days:g} day{'' if limit.lead_days == 1 else 's'}"


def interval_words(limit: LimitForecast, time: TimeToLimit) -> str:
    """Return the days between which a limit is reached, with dates: 80 and 95 % of the paths."""
    if time.p50 == 0:
        return "it is reached on most days already"
    eighty = _span(limit, time.p10, time.p90)
    ninety_five = _span(limit, time.low, time.high)
    return f"80 %: {eighty}; 95 %: {ninety_five}"


def _span(limit: LimitForecast, first: int | None, last: int | None) -> str:
    begin, end = limit.day(first), limit.day(last)
    if begin is None:
        return f"not within {limit.horizon_days} days"
    if end is None:
        return f"{write_day(begin)} or later"
    return write_day(begin) if begin == end else f"{write_day(begin)} to {write_day(end)}"
