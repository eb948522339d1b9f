"""When a schedule of AWS's (``cron(...)`` or ``rate(...)``) is due, and how rarely it runs.

Method: a cron expression is a set of days and a set of times of day, both in its own time zone.
What is due is told in UTC; how far apart two runs are is told by the clock on the wall, so that a
day of 25 hours makes no daily schedule late.
Assumption: a time that the change to summer time leaves out is not due on that day; one that
comes twice is due the first time. When a rate began is not known, so that its due time is one
period ago at any moment.
Fails where: an expression is none of these; `parse_schedule` then returns None.
Source: Amazon EventBridge User Guide, Cron expressions reference; AWS Backup API Reference,
BackupRule (``cron(0 5 ? * * *)`` where a rule has none).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from opslib.analysis.dr.cron_days import CronDays, read_days, read_field

__all__ = ["HORIZON", "Cron", "Rate", "Schedule", "longest_gap", "parse_schedule"]

DEFAULT = "cron(0 5 ? * * *)"
FIELDS = 6
ONE_DAY = timedelta(days=1)
HORIZON = timedelta(days=400)
"""How far ahead runs are looked for."""
LOOK_BACK = 1500
RATE = re.compile(r"rate\(\s*([1-9]\d{0,5})\s+(minute|hour|day)s?\s*\)")
WRAPPED = re.compile(r"cron\((.*)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A schedule by its period alone."""

    every: timedelta

    def last_start(self, before: datetime) -> datetime:
        """Return the latest moment by which a run must have begun since, at ``before``."""
        return before - self.every


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """A schedule by the calendar.

    Args:
        zone: its time zone.
        days: on which days it runs.
        times: at which times of them, since midnight, in order.
    """

    zone: ZoneInfo
    days: CronDays
    times: tuple[timedelta, ...]

    def last_start(self, before: datetime) -> datetime | None:
        """Return the last start no later than ``before``, in UTC; None for none in four years."""
        today = before.astimezone(self.zone).date()
        for back in range(LOOK_BACK):
            for start in reversed(list(self._starts_on(today - back * ONE_DAY))):
                if start <= before:
                    return start
        return None

    def walls(self, first: date, last: date) -> Iterator[datetime]:
        """Yield its starts from ``first`` to ``last`` as the clock on the wall tells them."""
        for place in range((last - first).days + 1):
            day = first + place * ONE_DAY
            if self.days.has(day):
                yield from (datetime.combine(day, time.min) + at for at in self.times)

    def _starts_on(self, day: date) -> Iterator[datetime]:
        for wall in self.walls(day, day):
            start = wall.replace(tzinfo=self.zone).astimezone(UTC)
            if start.astimezone(self.zone).replace(tzinfo=None) == wall:
                yield start


Schedule = Cron | Rate


def parse_schedule(expression: str, timezone: str) -> Schedule | None:
    """Return the schedule that a rule has; None where it is not one that is understood.

    Args:
        expression: as AWS tells it; '' for the default.
        timezone: name in the tz database; '' for UTC.
    """
    text = " ".join((expression or DEFAULT).split())
    rate = RATE.fullmatch(text)
    if rate:
        return Rate(every=timedelta(**{f"{rate[2]}s": int(rate[1])}))
    wrapped = WRAPPED.fullmatch(text)
    fields = (wrapped[1] if wrapped else text).split()
    if len(fields) != FIELDS:
        return None
    minutes, hours = read_field(fields[0], 0, 59), read_field(fields[1], 0, 23)
    days, zone = read_days(*fields[2:]), _zone(timezone or "UTC")
    if minutes is None or hours is None or days is None or zone is None:
        return None
    times = tuple(timedelta(hours=h, minutes=m) for h in sorted(hours) for m in sorted(minutes))
    return Cron(zone=zone, days=days, times=times)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def longest_gap(schedules: Sequence[Schedule], as_of: datetime) -> timedelta:
    """Return the longest time between two starts of any of ``schedules``, from ``as_of`` on.

    The last start before ``as_of`` counts, and so does the end of `HORIZON`: where no run comes
    any more, the gap is `HORIZON` or nearly so.
    """
    rates = [schedule.every for schedule in schedules if isinstance(schedule, Rate)]
    crons = tuple(schedule for schedule in schedules if isinstance(schedule, Cron))
    sets = {*((cron,) for cron in crons), crons} if crons else set()
    return min([*rates, *(_gap_of(several, as_of) for several in sets)], default=HORIZON)


@lru_cache(maxsize=64)
def _gap_of(crons: tuple[Cron, ...], as_of: datetime) -> timedelta:
    starts = sorted({wall for cron in crons for wall in _walls_ahead(cron, as_of)})
    if not starts:
        return HORIZON
    end = datetime.combine(as_of.date() - ONE_DAY + HORIZON, time.min)
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    return max(*gaps, end - starts[-1], timedelta(0))


def _walls_ahead(cron: Cron, as_of: datetime) -> Iterator[datetime]:
    """Yield its starts from the last one on, by the clock on the wall set to that of UTC."""
    now = as_of.astimezone(cron.zone)
    ahead = now.utcoffset() or timedelta(0)
    last = cron.last_start(as_of)
    if last is not None:
        yield last.astimezone(cron.zone).replace(tzinfo=None) - ahead
    for wall in cron.walls(now.date(), now.date() + HORIZON):
        yield wall - ahead
