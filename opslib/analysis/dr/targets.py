"""What backups should be, and when the last one should have been made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from opslib.errors import ParameterError

__all__ = ["BackupTargets", "last_due"]

HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupTargets:
    """What the backups are held against.

    Args:
        rpo_hours: most data that may be lost, in hours.
        retention_days: how long a recovery point must be kept.
        cross_region_copy: whether each needs a copy in another region.
        encryption: whether each must be encrypted.
        schedule_hour_utc: hour of the day at which a backup is due whose plan is not known.
        start_window_hours: how long after it, or after a plan's own time, a recovery point may
            take to be there; a plan's longer start window holds.
        copy_hours: how long after that its copy may take.
        job_days: how far back failed jobs are looked for.
        pitr_days: how far back point-in-time recovery must reach.
        pitr_lag_hours: how far behind now it may end.
        exempt: patterns of ARNs (``*`` and ``?``) that need no backup.

    Raises:
        ParameterError: an hour that no day has, or a span that is not positive.
    """

    rpo_hours: float = 24
    retention_days: float = 35
    cross_region_copy: bool = True
    encryption: bool = True
    schedule_hour_utc: int = 3
    start_window_hours: float = 2
    copy_hours: float = 12
    job_days: float = 7
    pitr_days: float = 7
    pitr_lag_hours: float = 6
    exempt: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.schedule_hour_utc < HOURS_A_DAY:
            raise ParameterError(
                f"no day has hour {self.schedule_hour_utc}",
                where="schedule_hour_utc",
                remedy="Give the hour in UTC, 0 to 23.",
            )
        for name in ("rpo_hours", "retention_days", "job_days"):
            if getattr(self, name) <= 0:
                raise ParameterError(f"{name} is not above zero", where=name)

    @property
    def start_window(self) -> timedelta:
        """Return how long after its hour a recovery point may take to be there."""
        return timedelta(hours=self.start_window_hours)

    @property
    def pitr_lag(self) -> timedelta:
        """Return how far behind now point-in-time recovery may end."""
        return timedelta(hours=self.pitr_lag_hours)

    @property
    def rpo(self) -> timedelta:
        """Return the most data that may be lost, as a span."""
        return timedelta(hours=self.rpo_hours)

    def exempts(self, arn: str) -> bool:
        """Say whether a resource needs no backup."""
        return any(fnmatchcase(arn, pattern) for pattern in self.exempt)


def last_due(targets: BackupTargets, as_of: datetime, after: timedelta) -> datetime:
    """Return the last scheduled start of which something is due at ``as_of``.

    Args:
        targets: holds the hour of the schedule.
        as_of: the report's moment.
        after: how long after its start it may take.

    >>> from datetime import UTC
    >>> as_of = datetime(2026, 3, 2, 4, tzinfo=UTC)
    >>> last_due(BackupTargets(), as_of, timedelta(hours=2)).isoformat()
    '2026-03-01T03:00:00+00:00'
    """
    start = as_of.replace(hour=targets.schedule_hour_utc, minute=0, second=0, microsecond=0)
    while start + after > as_of:
        start -= timedelta(days=1)
    return start
