"""One resource that holds data, with all that the tables tell about its backups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from opslib.analysis.dr.jobs import JobLine
from opslib.analysis.dr.plan_rules import PlanRule
from opslib.analysis.dr.points import RecoveryPoint
from opslib.wording import printable

__all__ = ["Subject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A resource and the evidence about its backups, as of one moment.

    Args:
        account, region, arn, type, name, engine: which resource.
        plans: names of the plans that select it; None where that cannot be told.
        rules: the rules of those plans, as far as they are known.
        points: recovery points in its own account and region that one could restore from, without
            continuous ones, newest first.
        copies: the same in other regions.
        kept: every recovery point of it that has not expired.
        copied_at: when the newest copy in another region was made; None for never.
        backup_jobs, copy_jobs: its jobs up to the moment, newest first.
        pitr: whether point-in-time recovery is on; None where that was not read or is not a thing
            of its service.
        pitr_days: how far back it is to reach; None where it is off or was not told.
        pitr_latest: up to when; None where it is off or was not told.
        versioning: of a bucket.
        replicas: other known regions to which a bucket is replicated whole.
        strays: buckets that it is replicated to and that were not read.
        replica_of: name of what it is the replica of, a bucket or a database, '' for none.
        continued_at: when its continuous backup was last seen to be written; None for none.
        blind_to_points, blind_to_copies, blind_to_jobs, blind_to_copy_jobs: whether some of these
            could not be read.
        blind_to_replication: whether a bucket's replication or versioning could not be read.
    """

    account: str
    region: str
    arn: str
    type: str
    name: str
    engine: str
    plans: tuple[str, ...] | None
    rules: tuple[PlanRule, ...]
    points: tuple[RecoveryPoint, ...]
    copies: tuple[RecoveryPoint, ...]
    kept: tuple[RecoveryPoint, ...]
    copied_at: datetime | None
    backup_jobs: tuple[JobLine, ...]
    copy_jobs: tuple[JobLine, ...]
    pitr: bool | None
    pitr_days: float | None
    pitr_latest: datetime | None
    versioning: str
    replicas: tuple[str, ...]
    strays: tuple[str, ...]
    replica_of: str
    continued_at: datetime | None
    blind_to_points: bool
    blind_to_copies: bool
    blind_to_jobs: bool
    blind_to_copy_jobs: bool
    blind_to_replication: bool

    @property
    def label(self) -> str:
        """Return how sentences name it."""
        where = f" of {printable(self.account)}" if self.account else ""
        return f"{printable(self.type)} {printable(self.name)}{where}"

    @property
    def backed_up_at(self) -> datetime | None:
        """Return the moment of the newest backup in its own region; None for none."""
        newest = self.points[0].created if self.points else None
        return max((t for t in (newest, self.continued_at) if t is not None), default=None)

    @property
    def is_replicated(self) -> bool:
        """Say whether another region holds every version of a bucket's objects."""
        return self.versioning == "Enabled" and bool(self.replicas)
