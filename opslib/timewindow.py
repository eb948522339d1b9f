"""Spans of time: aware, UTC, half-open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from opslib.errors import ParameterError

__all__ = ["TimeWindow", "midnight"]

ONE_DAY = timedelta(days=1)


def midnight(moment: datetime | date) -> datetime:
    """Return the UTC midnight that begins the day of ``moment``."""
    day = moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment
    return datetime.combine(day, time.min, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """A span ``[start, end)`` of aware times, kept in UTC.

    Raises:
        ParameterError: a naive time, or an end that is not after its start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            moment = getattr(self, name)
            if moment.tzinfo is None:
                raise ParameterError(
                    f"{name} has no time zone: {moment.isoformat()}",
                    where=f"window {name}",
                    remedy="Write it with an offset, such as 2026-03-02T06:00:00Z.",
                )
            object.__setattr__(self, name, moment.astimezone(UTC))
        if self.end <= self.start:
            raise ParameterError(
                f"the window ends at {self.end.isoformat()}, not after its start",
                where=f"window start {self.start.isoformat()}",
                remedy="Give an end after the start.",
            )

    @classmethod
    def of_days(cls, first: date, last: date) -> TimeWindow:
        """Return the window from the start of ``first`` to the end of ``last``."""
        return cls(start=midnight(first), end=midnight(last) + ONE_DAY)

    @property
    def duration(self) -> timedelta:
        """Return how long the window is."""
        return self.end - self.start

    @property
    def days(self) -> tuple[date, ...]:
        """Return the UTC days that the window touches, in order."""
        return tuple(self._days())

    @property
    def last_day(self) -> date:
        """Return the last UTC day that the window touches."""
        return (self.end - timedelta(microseconds=1)).date()

    def _days(self) -> Iterator[date]:
        day = self.start.date()
        while midnight(day) < self.end:
            yield day
            day += ONE_DAY

    def shifted(self, by: timedelta) -> TimeWindow:
        """Return the same span moved by ``by``."""
        return TimeWindow(start=self.start + by, end=self.end + by)

    def before(self, periods: int = 1) -> TimeWindow:
        """Return the window of equal length that lies ``periods`` lengths earlier."""
        return self.shifted(-self.duration * periods)

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d} to {self.last_day:%Y-%m-%d}"
