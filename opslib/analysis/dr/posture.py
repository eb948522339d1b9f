"""Whether everything that holds data is backed up as it should be.

Method: each resource is held against the targets by the checks of `opslib.analysis.dr.checks`,
as of one moment; what is later is left out. It fails by any problem but a low one, passes when
every check could be made, and is inconclusive otherwise.
Assumption: a backup is due at the times of the plans that select the resource, and daily where none
is known; recovery points are all that could be restored from beside point-in-time recovery and
replicas.
Fails where: the report's moment is long past, since AWS tells only what it still keeps; a backup
that says COMPLETED may still not restore, which only a restore shows.
Source: AWS Backup developer guide; AWS Well-Architected, Reliability pillar, REL09 (back up data).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from opslib.analysis.dr.blind import BlindSpots
from opslib.analysis.dr.checks import check_subject
from opslib.analysis.dr.gather import gather_subjects
from opslib.analysis.dr.posture_findings import (
    conclude,
    describe_rows,
    describe_strangers,
    rank,
)
from opslib.analysis.dr.problem import Doubt, Problem
from opslib.analysis.dr.rows import ResourcePosture
from opslib.analysis.dr.subjects import Subject
from opslib.analysis.dr.targets import BackupTargets
from opslib.analysis.dr.vaults import describe_vaults
from opslib.coverage import Coverage
from opslib.findings import Conclusion, Finding, Severity, Verdict
from opslib.tables.backups import BackupTables

__all__ = ["BackupPosture", "assess_backups"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPosture:
    """The answer to "Is everything backed up as it should be?", and what it rests on.

    Args:
        as_of: the report's moment.
        targets: what was wanted.
        rows: one a resource, in order of account, region, kind and name.
        exempt: ARNs that need no backup by the targets, in order.
        findings: the most urgent first.
        conclusion: the answer.
    """

    as_of: datetime
    targets: BackupTargets
    rows: tuple[ResourcePosture, ...]
    exempt: tuple[str, ...]
    findings: tuple[Finding, ...]
    conclusion: Conclusion


def assess_backups(
    tables: BackupTables,
    coverage: Sequence[Coverage],
    as_of: datetime,
    targets: BackupTargets,
) -> BackupPosture:
    """Hold the backups of every resource against the targets.

    Args:
        tables: what was read.
        coverage: of the reads; a resource that rests on a gap is inconclusive, never fine.
        as_of: the report's moment, aware.
        targets: what is wanted.
    """
    as_of = as_of.astimezone(UTC)
    subjects = gather_subjects(tables, BlindSpots(coverage), as_of)
    judged = [subject for subject in subjects if not targets.exempts(subject.arn)]
    rows = tuple(_judge(subject, targets, as_of) for subject in judged)
    known = {subject.arn for subject in subjects}
    findings = rank(
        [
            *describe_rows(rows),
            *describe_strangers(tables, known, targets, as_of),
            *describe_vaults(tables.vaults, as_of),
        ]
    )
    exempt = tuple(sorted(subject.arn for subject in subjects if targets.exempts(subject.arn)))
    return BackupPosture(
        as_of=as_of,
        targets=targets,
        rows=rows,
        exempt=exempt,
        findings=findings,
        conclusion=conclude(rows, findings, coverage, len(exempt)),
    )


def _judge(subject: Subject, targets: BackupTargets, as_of: datetime) -> ResourcePosture:
    found = check_subject(subject, targets, as_of)
    problems = tuple(one for one in found if isinstance(one, Problem))
    doubts = tuple(one.reason for one in found if isinstance(one, Doubt))
    newest = subject.points[0] if subject.points else None
    failed = any(problem.severity.rank >= Severity.MEDIUM.rank for problem in problems)
    verdict = Verdict.INCONCLUSIVE if doubts else Verdict.PASS
    return ResourcePosture(
        account=subject.account,
        region=subject.region,
        arn=subject.arn,
        type=subject.type,
        name=subject.name,
        engine=subject.engine,
        label=subject.label,
        verdict=Verdict.FAIL if failed else verdict,
        problems=problems,
        doubts=doubts,
        plans=subject.plans,
        recovery_points=None if subject.blind_to_points else len(subject.points),
        newest_point_arn=newest.arn if newest else "",
        newest_point_at=newest.created if newest else None,
        backed_up_at=subject.backed_up_at,
        retention_days=newest.retention_days if newest else None,
        newest_copy_at=subject.copied_at,
        copy_regions=tuple(sorted({copy.region for copy in subject.copies})),
        pitr=subject.pitr,
        pitr_days=subject.pitr_days,
        pitr_latest=subject.pitr_latest,
        replicas=subject.replicas,
        replica_of=subject.replica_of,
    )
