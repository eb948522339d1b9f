"""Whether restoring is drilled often enough.

Method: the newest drill that came to a verdict must be no older than the cadence. It may be a
report of this notebook or a restore test of AWS Backup that was validated.
Assumption: every published report is still where the runner lists it.
Fails where: drills were held by other means, or their reports were moved away. AWS keeps restore
jobs for a limited time only, so that a quarter is shown by reports rather than by them.
Source: AWS Well-Architected, Reliability pillar, REL13-BP03 (test recovery); AWS Backup developer
guide, Restore testing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.drills import Drill, list_drills
from opslib.analysis.dr.points import age, moment
from opslib.analysis.dr.questions import DRILLED
from opslib.coverage import Coverage, gaps
from opslib.findings import Conclusion, Finding, Severity, Verdict
from opslib.wording import count

__all__ = ["COVERAGE_TABLES", "CadencePosture", "assess_cadence"]

COVERAGE_TABLES = ("past runs", "restore jobs")
EVIDENCE = ("past_runs", "restore_jobs")
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class CadencePosture:
    """The answer to "Is restoring drilled often enough?", and what it rests on.

    Args:
        drills: those that came to a verdict, newest first.
        check: the answer as one check.
        findings: what is to be done about it.
        conclusion: the answer.
    """

    drills: tuple[Drill, ...]
    check: CheckResult
    findings: tuple[Finding, ...]
    conclusion: Conclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the answer is about: which resource, as of when, how often, and this very drill."""

    resource: str
    as_of: datetime
    cadence_days: float
    is_drilled_now: bool
    blind: tuple[str, ...]


def assess_cadence(
    past_runs: pd.DataFrame,
    restore_jobs: pd.DataFrame,
    coverage: Sequence[Coverage],
    as_of: datetime,
    cadence_days: float,
    *,
    resource: str = "",
    same: Mapping[str, str] | None = None,
    this_drill: Verdict = Verdict.INCONCLUSIVE,
) -> CadencePosture:
    """Hold the drills before this one against the cadence.

    Args:
        past_runs: columns of `opslib.tables.drills.PAST_RUNS`.
        restore_jobs: columns of `opslib.tables.drills.RESTORE_JOBS`.
        coverage: of the reads; where one has a gap, that no drill was seen proves nothing.
        as_of: the report's moment.
        cadence_days: most days between two drills.
        resource: ARN of what is drilled; '' for anything.
        same: parameters that a past run must share to be of the same thing.
        this_drill: what the drill of this report comes to. Where it has a verdict, a drill that
            was missed is told but is no longer urgent.
    """
    as_of = as_of.astimezone(UTC)
    drills = list_drills(past_runs, restore_jobs, as_of, resource=resource, same=same)
    asked = _Asked(
        resource=resource,
        as_of=as_of,
        cadence_days=cadence_days,
        is_drilled_now=this_drill is not Verdict.INCONCLUSIVE,
        blind=_blind(coverage),
    )
    conclusion = _conclude(drills, asked)
    findings = [*_missed(drills, conclusion, asked), *_failed(drills, this_drill, asked)]
    return CadencePosture(
        drills=drills,
        check=CheckResult(
            check="cadence",
            subject=resource,
            verdict=conclusion.verdict,
            sentence=conclusion.sentence,
            expected=f"a drill every {cadence_days:g} days",
            found=f"{moment(drills[0].at)}: {drills[0].what}" if drills else "none on record",
        ),
        findings=tuple(findings),
        conclusion=conclusion,
    )


def _blind(coverage: Sequence[Coverage]) -> tuple[str, ...]:
    asked = {line.table for line in coverage}
    missing = [f"{name}: not asked for" for name in COVERAGE_TABLES if name not in asked]
    found = gaps(coverage, *COVERAGE_TABLES)
    told = [
        f"{line.table}: {line.status.words}{f', {line.detail}' if line.detail else ''}"
        for line in found
    ]
    return tuple(dict.fromkeys([*missing, *told]))


def _conclude(drills: Sequence[Drill], asked: _Asked) -> Conclusion:
    within = timedelta(days=asked.cadence_days)
    limit = f"{asked.cadence_days:g} days"
    if drills and asked.as_of - drills[0].at <= within:
        year = sum(asked.as_of - drill.at <= YEAR for drill in drills)
        last = f"Yes: the last was {_when(drills[0], asked)}, within {limit}"
        sentence = f"{last}; {count(year, 'drill')} in a year."
        return Conclusion(question=DRILLED, verdict=Verdict.PASS, sentence=sentence)
    seen = f"the last on record was {_when(drills[0], asked)}" if drills else "none is on record"
    if asked.blind:
        verdict, start, because = Verdict.INCONCLUSIVE, "It cannot be told", asked.blind
    elif asked.is_drilled_now and not drills:
        verdict, start = Verdict.INCONCLUSIVE, "It cannot be told yet"
        because = ("this drill is the first on record",)
    else:
        verdict, start, because = Verdict.FAIL, "No", ()
    sentence = f"{start}: {seen}, against one every {limit}."
    return Conclusion(question=DRILLED, verdict=verdict, sentence=sentence, because=because)


def _when(drill: Drill, asked: _Asked) -> str:
    return f"{age(drill.at, asked.as_of)} ago ({moment(drill.at)}, {drill.what})"


def _missed(drills: Sequence[Drill], conclusion: Conclusion, asked: _Asked) -> list[Finding]:
    """Put a drill that was missed; nothing where it cannot be told that one was."""
    if asked.blind or conclusion.verdict is Verdict.PASS:
        return []
    return [_overdue(drills[0], asked) if drills else _never(asked)]


def _overdue(last: Drill, asked: _Asked) -> Finding:
    limit = f"{asked.cadence_days:g} days"
    now = "; this one came late" if asked.is_drilled_now else ""
    return Finding(
        kind="dr.drill_overdue",
        subject=_subject(asked),
        severity=Severity.MEDIUM if asked.is_drilled_now else Severity.HIGH,
        sentence=f"The last drill was {_when(last, asked)}, against one every {limit}{now}.",
        action=_action(asked),
        evidence=EVIDENCE,
        first_day=(last.at + timedelta(days=asked.cadence_days)).date().isoformat(),
    )


def _never(asked: _Asked) -> Finding:
    limit = f"{asked.cadence_days:g} days"
    told = f"No drill is on record that came to a verdict, against one every {limit}."
    return Finding(
        kind="dr.never_drilled",
        subject=_subject(asked),
        severity=Severity.LOW if asked.is_drilled_now else Severity.HIGH,
        sentence="This drill is the first on record." if asked.is_drilled_now else told,
        action=_action(asked),
        evidence=EVIDENCE,
    )


def _action(asked: _Asked) -> str:
    if asked.is_drilled_now:
        return f"Put the next drill into the calendar, at most {asked.cadence_days:g} days on."
    return "Run a drill now, and put the next one into the calendar."


def _failed(drills: Sequence[Drill], this_drill: Verdict, asked: _Asked) -> list[Finding]:
    """Put a drill that failed and that none has made good."""
    if not drills or drills[0].verdict is not Verdict.FAIL or this_drill is Verdict.PASS:
        return []
    return [
        Finding(
            kind="dr.last_drill_failed",
            subject=_subject(asked),
            severity=Severity.HIGH,
            sentence=f"The last drill failed, {_when(drills[0], asked)}, and none passed since.",
            action="Mend what it found, and drill again.",
            evidence=EVIDENCE,
            first_day=drills[0].at.date().isoformat(),
        )
    ]


def _subject(asked: _Asked) -> dict[str, str]:
    return {"ResourceArn": asked.resource} if asked.resource else {}
