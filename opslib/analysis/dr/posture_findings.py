"""The posture of the backups, put as findings and as an answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from opslib.analysis.dr.blind import TABLES, reasons_of
from opslib.analysis.dr.job_checks import failed_jobs_problem
from opslib.analysis.dr.jobs import JobLine, list_jobs
from opslib.analysis.dr.problem import Problem
from opslib.analysis.dr.questions import BACKED_UP
from opslib.analysis.dr.rows import ResourcePosture
from opslib.analysis.dr.targets import BackupTargets
from opslib.coverage import Coverage
from opslib.findings import Conclusion, Finding, Severity, Verdict
from opslib.tables.backups import BackupTables
from opslib.wording import count, join, printable

__all__ = ["conclude", "describe_rows", "describe_strangers", "rank"]


def describe_rows(rows: Iterable[ResourcePosture]) -> list[Finding]:
    """Put each problem of each resource as a finding."""
    return [
        _finding(problem, row.label, row.account, row.region, row.arn, row.type)
        for row in rows
        for problem in row.problems
    ]


def _finding(
    problem: Problem, label: str, account: str, region: str, arn: str, kind: str
) -> Finding:
    return Finding(
        kind=f"dr.{problem.kind}",
        subject={"Account": account, "Region": region, "ResourceArn": arn, "ResourceType": kind},
        severity=problem.severity,
        sentence=f"{label} {problem.reason}.",
        action=problem.action,
        evidence=problem.evidence,
        first_day=problem.since.date().isoformat() if problem.since else "",
    )


def describe_strangers(
    tables: BackupTables, known: Collection[str], targets: BackupTargets, as_of: datetime
) -> list[Finding]:
    """Put failed jobs of resources that are in no table of stores, of kinds that are not read.

    Args:
        tables: what was read.
        known: ARNs that the rows, or the exemptions, speak of.
        targets: how far back to look, and what is exempt.
        as_of: the report's moment.
    """
    findings = []
    for what, frame in (("backup", tables.backup_jobs), ("copy", tables.copy_jobs)):
        jobs: dict[str, list[JobLine]] = defaultdict(list)
        for job in list_jobs(frame, as_of):
            if job.resource not in known and not targets.exempts(job.resource):
                jobs[job.resource].append(job)
        for arn, its_jobs in sorted(jobs.items()):
            problem = failed_jobs_problem(what, its_jobs, targets, as_of)
            if problem is not None:
                job = its_jobs[0]
                label = f"{printable(job.type)} {printable(arn)}"
                findings.append(_finding(problem, label, job.account, job.region, arn, job.type))
    return findings


def rank(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with the most urgent first, in an order that does not change."""
    return tuple(sorted(findings, key=lambda f: (-f.severity.rank, f.kind, f.sentence, f.id)))


def conclude(
    rows: Sequence[ResourcePosture],
    findings: Sequence[Finding],
    coverage: Sequence[Coverage],
    exempt: int,
) -> Conclusion:
    """Answer the question: a fail by what was seen stays one, whatever was not."""
    doubtful = [row for row in rows if row.verdict is Verdict.INCONCLUSIVE]
    because = (
        *reasons_of(coverage),
        *_unasked(coverage),
        *_doubts(doubtful),
        *(() if rows else ("nothing that holds data was found",)),
    )
    failing = [row for row in rows if row.verdict is Verdict.FAIL]
    if any(finding.severity.rank >= Severity.MEDIUM.rank for finding in findings):
        sentence = f"No: {len(failing)} of {count(len(rows), 'resource')} failed, with "
        verdict, sentence = Verdict.FAIL, f"{sentence}{_tally(findings)}."
    elif because:
        verdict = Verdict.INCONCLUSIVE
        sure = len(rows) - len(doubtful)
        told = f" for all: {sure} of {count(len(rows), 'resource')} passed" if rows else ""
        sentence = f"It cannot be told{told}."
    else:
        verdict, sentence = Verdict.PASS, f"Yes, all of {count(len(rows), 'resource')}."
    if exempt:
        sentence = f"{sentence[:-1]}; {exempt} exempt by the parameters."
    return Conclusion(question=BACKED_UP, verdict=verdict, sentence=sentence, because=because)


def _doubts(rows: Iterable[ResourcePosture]) -> list[str]:
    """Return each doubt once, with the resources that it is about, or how many."""
    about: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for doubt in row.doubts:
            about[doubt].append(row.label)
    return [
        f"{labels[0] if len(labels) == 1 else count(len(labels), 'resource')}: {doubt}"
        for doubt, labels in about.items()
    ]


def _unasked(coverage: Sequence[Coverage]) -> tuple[str, ...]:
    """Return the tables that no read speaks of at all: what nobody asked for is not fine."""
    asked = {line.table for line in coverage}
    vaults = any(line.table == "backup vaults" and line.rows for line in coverage)
    needed = [name for name in TABLES if name != "recovery points" or vaults]
    return tuple(f"{name}: not asked for" for name in needed if name not in asked)


def _tally(findings: Sequence[Finding]) -> str:
    kinds = Counter(f.kind for f in findings if f.severity.rank >= Severity.MEDIUM.rank)
    parts = [
        f"{number} {kind.removeprefix('dr.').replace('_', ' ')}" for kind, number in kinds.items()
    ]
    return join(parts)
