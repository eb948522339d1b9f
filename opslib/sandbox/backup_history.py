"""What AWS Backup has done of late: jobs, recovery points and copies, dated from the epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from opslib.sandbox.backups import (
    BACKUP_REGION,
    COPY_REGION,
    SCHEDULE_HOUR,
    DataStore,
)

__all__ = ["BackupHistory", "Job", "Point", "tell_history"]

HISTORY_DAYS = 35
CONTINUOUS_DAYS = 20
GIB = 2**30
DENIED = "Insufficient privileges to perform this action."
NO_KEY = "The destination key is disabled."


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A recovery point: a backup, or its copy in the other region."""

    store: DataStore
    region: str
    arn: str
    created: datetime
    completed: datetime
    size_bytes: int
    is_copy: bool = False
    is_continuous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A backup or copy job; ``point`` is what it made, None where it failed.

    Args:
        source: the recovery point that a copy job copies.
    """

    store: DataStore
    id: str
    state: str
    message: str
    created: datetime
    completed: datetime
    point: Point | None
    source: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupHistory:
    """All that AWS Backup holds, newest first."""

    stores: tuple[DataStore, ...] = ()
    points: tuple[Point, ...] = ()
    backup_jobs: tuple[Job, ...] = ()
    copy_jobs: tuple[Job, ...] = ()


def tell_history(
    stores: tuple[DataStore, ...], epoch: datetime, chance: np.random.Generator
) -> BackupHistory:
    """Return what became of the backups of ``stores`` up to ``epoch``.

    Args:
        stores: what holds data, with what goes wrong.
        epoch: the moment that the account lives in.
        chance: draws when a job starts, how long it takes and how much it keeps.
    """
    points: list[Point] = []
    backups: list[Job] = []
    copies: list[Job] = []
    for store in stores:
        size = int(chance.integers(2, 400)) * GIB
        for days_ago, start in _runs(store, epoch, chance):
            job = _back_up(store, days_ago, start, size, chance)
            backups.append(job)
            if job.point is None:
                continue
            points.append(job.point)
            if store.copied:
                copy = _copy(job.point, days_ago, chance)
                copies.append(copy)
                points += [copy.point] if copy.point else []
        points += [_continuous(store, epoch, size)] if store.continuous else []
    kept = [p for p in points if p.created > epoch - timedelta(days=p.store.retention_days)]
    return BackupHistory(
        stores=stores,
        points=tuple(sorted(kept, key=lambda p: (p.created, p.arn), reverse=True)),
        backup_jobs=_newest_first(backups),
        copy_jobs=_newest_first(copies),
    )


def _newest_first(jobs: list[Job]) -> tuple[Job, ...]:
    return tuple(sorted(jobs, key=lambda job: (job.created, job.id), reverse=True))


def _runs(
    store: DataStore, epoch: datetime, chance: np.random.Generator
) -> Iterator[tuple[int, datetime]]:
    """Yield how many days ago, and when, each backup of a store began."""
    scheduled = epoch.replace(hour=SCHEDULE_HOUR, minute=0, second=0, microsecond=0)
    if scheduled > epoch:
        scheduled -= timedelta(days=1)
    for days_ago in range(store.newest_days, HISTORY_DAYS if store.planned else 0):
        late = timedelta(seconds=int(chance.integers(60, 2400)))
        yield days_ago, scheduled - timedelta(days=days_ago) + late


def _back_up(
    store: DataStore, days_ago: int, start: datetime, size: int, chance: np.random.Generator
) -> Job:
    done = start + timedelta(seconds=int(chance.integers(240, 1500)))
    identity = _identity(store, "backup", start)
    failed = days_ago in store.failed_backups
    point = Point(
        store=store,
        region=BACKUP_REGION,
        arn=_point_arn(store, BACKUP_REGION, f"job-{identity}"),
        created=start,
        completed=done,
        size_bytes=size,
    )
    return Job(
        store=store,
        id=identity.upper(),
        state="FAILED" if failed else "COMPLETED",
        message=DENIED if failed else "",
        created=start,
        completed=done,
        point=None if failed else point,
    )


def _copy(source: Point, days_ago: int, chance: np.random.Generator) -> Job:
    start = source.completed + timedelta(seconds=int(chance.integers(30, 300)))
    done = start + timedelta(seconds=int(chance.integers(300, 1800)))
    identity = _identity(source.store, "copy", start)
    failed = days_ago in source.store.failed_copies
    point = Point(
        store=source.store,
        region=COPY_REGION,
        arn=_point_arn(source.store, COPY_REGION, f"copyjob-{identity}"),
        created=start,
        completed=done,
        size_bytes=source.size_bytes,
        is_copy=True,
    )
    return Job(
        store=source.store,
        id=identity.upper(),
        state="FAILED" if failed else "COMPLETED",
        message=NO_KEY if failed else "",
        created=start,
        completed=done,
        point=None if failed else point,
        source=source,
    )


def _continuous(store: DataStore, epoch: datetime, size: int) -> Point:
    """Return the one recovery point that a continuous backup goes on with since it began."""
    began = epoch - timedelta(days=CONTINUOUS_DAYS)
    name = f"continuous:{store.name}-{_identity(store, 'continuous', began)[:8]}"
    return Point(
        store=store,
        region=BACKUP_REGION,
        arn=f"arn:aws:backup:{BACKUP_REGION}:{store.account}:recovery-point:{name}",
        created=began,
        completed=began,
        size_bytes=size,
        is_continuous=True,
    )


def _identity(store: DataStore, what: str, moment: datetime) -> str:
    return str(uuid5(NAMESPACE_URL, f"{store.arn} {what} {moment.isoformat()}"))


def _point_arn(store: DataStore, region: str, job: str) -> str:
    """Return the ARN of a recovery point: RDS keeps its own as snapshots of its own."""
    if store.type in {"Aurora", "RDS"}:
        kind = "cluster-snapshot" if store.type == "Aurora" else "snapshot"
        return f"arn:aws:rds:{region}:{store.account}:{kind}:awsbackup:{job}"
    return f"arn:aws:backup:{region}:{store.account}:recovery-point:{job.partition('-')[2]}"
