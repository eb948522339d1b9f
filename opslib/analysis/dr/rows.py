"""The verdict on one resource's backups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from opslib.analysis.dr.problem import Problem
from opslib.findings import Verdict
from opslib.wording import printable

__all__ = ["ResourcePosture"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePosture:
    """How one resource is backed up.

    Args:
        account, region, arn, type, name, engine: which resource.
        label: how sentences name it.
        verdict: pass, fail or inconclusive.
        problems: what is not as it should be.
        doubts: what could not be told, in words.
        plans: names of the plans that select it; None where that was not read.
        recovery_points: how many there are in its own region that one could restore from, without
            continuous ones; None where some may be missing.
        newest_point_arn, newest_point_at: the newest of them; '' and None where there is none.
        backed_up_at: when it was last backed up, continuous backups counted; None for never.
        retention_days: how long that one is kept; None for ever, or where there is none.
        newest_copy_at: when the newest copy in another region was made; None for never.
        copy_regions: regions with copies.
        pitr, pitr_days, pitr_latest: whether point-in-time recovery is on, how far back it is to
            reach, and up to when it does.
        replicas: regions that a bucket is replicated to.
        replica_of: bucket or database whose replica it is, '' for none.
    """

    account: str
    region: str
    arn: str
    type: str
    name: str
    engine: str
    label: str
    verdict: Verdict
    problems: tuple[Problem, ...]
    doubts: tuple[str, ...]
    plans: tuple[str, ...] | None
    recovery_points: int | None
    newest_point_arn: str
    newest_point_at: datetime | None
    backed_up_at: datetime | None
    retention_days: float | None
    newest_copy_at: datetime | None
    copy_regions: tuple[str, ...]
    pitr: bool | None
    pitr_days: float | None
    pitr_latest: datetime | None
    replicas: tuple[str, ...]
    replica_of: str

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why the verdict is no pass; what it passes by, where it is one."""
        told = (*(problem.reason for problem in self.problems), *self.doubts)
        return told or (self._passed_by(),)

    def _passed_by(self) -> str:
        if self.replica_of:
            return f"is the replica of {printable(self.replica_of)}"
        if self.replicas and not self.plans:
            return f"keeps versions, replicated to {', '.join(self.replicas)}"
        return "is backed up, kept and copied as it should be"
