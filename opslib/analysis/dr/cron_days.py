"""The days that a cron expression of AWS's names: day of month, month, day of week, year.

Source: Amazon EventBridge User Guide, Cron expressions reference: Sunday is 1, ``L`` the last,
``W`` the weekday nearest, ``#`` the which of a month; months and days of the week have names.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

__all__ = ["CronDays", "read_days", "read_field"]

EVERY = {"*", "?"}
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIRST_YEAR, LAST_YEAR = 1970, 2199
PLAIN = re.compile(r"(?:\*|(\d{1,4})(?:-(\d{1,4}))?)(?:/([1-9]\d{0,3}))?")
OF_MONTH = re.compile(r"L|LW|([1-9]|[12]\d|3[01])W")
OF_WEEK = re.compile(r"([1-7])(?:L|#([1-5]))")
SATURDAY, SUNDAY, WEEK = 5, 6, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class CronDays:
    """Which days: those that are in every set.

    Args:
        numbers: days of the month.
        weekdays: days of the week, Sunday as 1.
        months, years: which of them.
        by_number, by_weekday: what ``L``, ``W`` and ``#`` add to the first two, as written.
    """

    numbers: frozenset[int]
    weekdays: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    by_number: tuple[str, ...] = ()
    by_weekday: tuple[str, ...] = ()

    def has(self, day: date) -> bool:
        """Say whether ``day`` is one of them."""
        return (
            day.year in self.years
            and day.month in self.months
            and (day.day in self.numbers or any(_is_that(day, p) for p in self.by_number))
            and (_weekday(day) in self.weekdays or any(_is_which(day, p) for p in self.by_weekday))
        )


def _weekday(day: date) -> int:
    return day.isoweekday() % WEEK + 1


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _is_that(day: date, part: str) -> bool:
    """Say whether ``day`` is what ``L``, ``LW`` or ``3W`` means in its month."""
    number = part.removesuffix("W")
    wanted = _length(day) if number == "L" else int(number)
    if wanted > _length(day):
        return False
    named = day.replace(day=wanted)
    return day == (_nearest_weekday(named) if part.endswith("W") else named)


def _nearest_weekday(day: date) -> date:
    """Return the weekday nearest to ``day`` that is in its month."""
    if day.weekday() == SATURDAY:
        return day.replace(day=day.day - 1 if day.day > 1 else 3)
    if day.weekday() == SUNDAY:
        return day.replace(day=day.day + 1 if day.day < _length(day) else day.day - 2)
    return day


def _is_which(day: date, part: str) -> bool:
    """Say whether ``day`` is what ``6L`` or ``3#2`` means in its month."""
    if _weekday(day) != int(part[0]):
        return False
    if part.endswith("L"):
        return day.day + WEEK > _length(day)
    return (day.day - 1) // WEEK + 1 == int(part[2])


def read_days(number: str, month: str, weekday: str, year: str) -> CronDays | None:
    """Return the days that four fields name; None where AWS would not take them."""
    if number not in EVERY and weekday not in EVERY:
        return None
    # The last day of a week is Saturday, whatever the month.
    weekday = "7" if weekday == "L" else _by_number(weekday, WEEKDAYS)
    numbers, by_number = _split(number, OF_MONTH)
    weekdays, by_weekday = _split(weekday, OF_WEEK)
    plain = (
        read_field(numbers, 1, 31) if numbers else frozenset[int](),
        read_field(weekdays, 1, WEEK) if weekdays else frozenset[int](),
        read_field(_by_number(month, MONTHS), 1, 12),
        read_field(year, FIRST_YEAR, LAST_YEAR),
    )
    if None in plain:
        return None
    sets = [one for one in plain if one is not None]
    return CronDays(
        numbers=sets[0],
        weekdays=sets[1],
        months=sets[2],
        years=sets[3],
        by_number=by_number,
        by_weekday=by_weekday,
    )


def _by_number(field: str, names: Sequence[str]) -> str:
    """Return a field with numbers, from 1, in place of names."""
    text = field.upper()
    for place, name in enumerate(names, start=1):
        text = text.replace(name, str(place))
    return text


def _split(field: str, special: re.Pattern[str]) -> tuple[str, tuple[str, ...]]:
    """Return the plain parts of a field, and those that the month decides."""
    parts = field.split(",")
    found = tuple(part for part in parts if special.fullmatch(part))
    return ",".join(part for part in parts if part not in found), found


def read_field(field: str, low: int, high: int) -> frozenset[int] | None:
    """Return the numbers that a field names; None where it names none or another's.

    >>> sorted(read_field("0/20", 0, 59))
    [0, 20, 40]
    """
    if field == "?":
        field = "*"
    named: set[int] = set()
    for part in field.split(","):
        form = PLAIN.fullmatch(part)
        if form is None:
            return None
        first, last, step = form.groups()
        start = low if first is None else int(first)
        # `5/10` goes on to the end; `5` alone does not.
        alone = first is not None and last is None and step is None
        end = start if alone else int(last or high)
        if not low <= start <= end <= high:
            return None
        named.update(range(start, end + 1, int(step or 1)))
    return frozenset(named)
