"""How limits, their units and the times to them are said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from opslib.analysis.capacity.quota_names import quota_words
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.time_to_limit import TimeToLimit
from opslib.analysis.forecast import Backtest, was_surprised
from opslib.tables.capacity import CapacityService
from opslib.wording import count, printable
from opslib.wording import day as write_day

__all__ = [
    "days_left",
    "distinct_words",
    "interval_words",
    "lead_words",
    "limit_words",
    "placed_words",
    "share_words",
    "surprise_words",
    "unit_words",
]

UNITS = {
    "count": "",
    "none": "",
    "percent": "%",
    "kilobytes": "kB",
    "megabytes": "MB",
    "gigabytes": "GB",
    "terabytes": "TB",
}
"""What people write for units of Service Quotas and CloudWatch; others are written as they are."""


def limit_words(limit: LimitForecast) -> str:
    """Return what a limit is called: that of which resource."""
    if limit.service == CapacityService.QUOTA:
        return quota_words(limit.quota_of, limit.limit)
    return f"{printable(limit.limit)} of {printable(limit.name)}"


def placed_words(limit: LimitForecast) -> str:
    """Return what a limit is called, with its account and region."""
    return _with(limit, limit.account, limit.region)


def distinct_words(
    limits: Sequence[LimitForecast], *, placed: bool = False
) -> dict[LimitForecast, str]:
    """Return what each is called: with as much of its place as tells it from the others.

    Namesakes of one account and region have their kind of resource added, else their identifier.

    Args:
        limits: that are shown together.
        placed: tell account and region of each.
    """
    names = [placed_words(limit) if placed else limit_words(limit) for limit in limits]
    for parts in (
        ("account", "region"),
        ("service", "account", "region"),
        ("resource", "account", "region"),
    ):
        held = Counter(names)
        longer = [_with(limit, *(getattr(limit, part) for part in parts)) for limit in limits]
        names = [more if held[name] > 1 else name for name, more in zip(names, longer, strict=True)]
    return dict(zip(limits, names, strict=True))


def _with(limit: LimitForecast, *parts: str) -> str:
    where = ", ".join(printable(part) for part in parts if part)
    return f"{limit_words(limit)} ({where})" if where else limit_words(limit)


def unit_words(limit: LimitForecast) -> str:
    """Return the unit as people write it; '' for a plain number."""
    return UNITS.get(limit.unit.lower(), printable(limit.unit))


def share_words(limit: LimitForecast) -> str:
    """Return how much of a limit the week's peak was."""
    if limit.used_percent is None:
        return "not measured lately"
    used, unit = f"{limit.used_percent:.0f} %", unit_words(limit)
    if unit == "%" and limit.value == 100:  # noqa: PLR2004  per cent of per cent
        return used
    return f"{used} of {limit.value:,.6g} {unit}".rstrip()


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


def surprise_words(backtest: Backtest) -> str:
    """Return that earlier forecasts were surprised, and what today's width would have held; or ''.

    An interval that failed before a trend began says that such a trend may begin again.
    """
    if not was_surprised(backtest):
        return ""
    then, now = backtest.coverage[0.8], backtest.held_now[0.8]
    return (
        f"earlier forecasts did not foresee it: their 80 % intervals held {then:.0%} of the days; "
        f"as wide as today's is, {now:.0%}"
    )


def _span(limit: LimitForecast, first: int | None, last: int | None) -> str:
    begin, end = limit.day(first), limit.day(last)
    if begin is None:
        return f"not within {limit.horizon_days} days"
    if end is None:
        return f"{write_day(begin)} or later"
    return write_day(begin) if begin == end else f"{write_day(begin)} to {write_day(end)}"
