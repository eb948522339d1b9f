"""The whole drill, put as findings and conclusions: one call from what was read to a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.conclusions import (
    can_be_restored,
    gap_reasons,
    is_recovered_in_time,
    is_whole,
    lost_little,
    would_be_noticed,
)
from opslib.analysis.dr.configuration import compare_configuration
from opslib.analysis.dr.control_mapping import map_controls
from opslib.analysis.dr.copies import validate_copies
from opslib.analysis.dr.drill import Drill, DrillPlan, RestoredStates
from opslib.analysis.dr.liveness import LivenessResult, assess_liveness
from opslib.analysis.dr.recovery_posture import RecoveryPosture, assess_recovery_posture
from opslib.analysis.dr.recovery_time import recovered_after
from opslib.analysis.dr.restore_findings import (
    describe_configuration,
    describe_failed_restore,
    describe_failures,
    describe_missed_targets,
    describe_misses,
)
from opslib.analysis.dr.restore_time import RestoreTime, estimate_restore_minutes
from opslib.analysis.dr.validation import validate_restore
from opslib.coverage import Coverage
from opslib.findings import (
    Conclusion,
    ControlEvidence,
    Finding,
    FindingsDocument,
    Headline,
    Verdict,
)
from opslib.parameters.decisions import decide_findings
from opslib.parameters.dr import DrParameters, Mode
from opslib.tables.recovery import RecoveryTables

__all__ = ["DrReport", "analyse_drill"]

FILES = {"in_time": ["tables/stages.csv"], "lost_little": ["tables/checks.csv"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrReport:
    """Everything that the drill shows.

    Args:
        parameters: the notebook's.
        posture: how ready the team is, apart from this restore.
        drill: what was planned, done and read.
        liveness: how fresh the copy is and how it serves; None where it was not asked.
        checks: one result a check, in the order they were made.
        copy_checks: the same of tables, buckets and folders.
        expected: how long the restore was likely to take, by those before it.
        configuration: columns of `opslib.tables.database_servers.CONFIGURATION`.
        findings: most urgent first.
        conclusions: the answers.
        headlines: figures of the first screen.
        coverage: what was and was not seen.
        controls: what the drill has to say for the controls of auditors.
    """

    parameters: DrParameters
    posture: RecoveryPosture
    drill: Drill
    liveness: LivenessResult | None
    checks: tuple[CheckResult, ...]
    copy_checks: tuple[CheckResult, ...]
    expected: RestoreTime
    configuration: pd.DataFrame
    findings: tuple[Finding, ...]
    conclusions: tuple[Conclusion, ...]
    headlines: tuple[Headline, ...]
    coverage: tuple[Coverage, ...]
    controls: tuple[ControlEvidence, ...]

    def document(self) -> FindingsDocument:
        """Return what machines read of it."""
        return FindingsDocument(
            notebook=self.parameters.notebook,
            environment=self.parameters.environment,
            as_of=self.parameters.as_of,
            window_start=None,
            window_end=None,
            headlines=self.headlines,
            conclusions=self.conclusions,
            findings=self.findings,
            coverage=self.coverage,
            controls=self.controls,
        )


def analyse_drill(
    parameters: DrParameters,
    tables: RecoveryTables,
    drill: Drill,
    coverage: Sequence[Coverage],
) -> DrReport:
    """Answer what a drill asks.

    Whether it came back whole and in time, whether a loss would have been noticed, and whether
    everything is backed up; or, for a plan, whether a drill could be made.

    Args:
        parameters: the notebook's.
        tables: what is backed up, and what has been restored before.
        drill: what was planned, done and read.
        coverage: of all reads.
    """
    order = drill.plan.order if drill.restore else None
    recovered_to = order.restores_to if order else parameters.restored_to
    liveness = None
    if drill.liveness is not None:
        liveness = assess_liveness(parameters, drill.liveness, recovered_to)
    checks = (*_validate(drill.states, recovered_to), *(liveness.of_content if liveness else ()))
    configuration = compare_configuration(drill.plan.source, drill.restored_server, order)
    of_drill = [
        *describe_failed_restore(parameters, drill.restore),
        *describe_misses(parameters, drill.controls),
        *describe_failures(parameters, checks),
        *describe_configuration(parameters, configuration),
    ]
    copies = validate_copies(drill.copies)
    answers = _conclusions(parameters, drill, checks, liveness, coverage)
    if copies.conclusion is not None:
        answers = (*answers, copies.conclusion)
    gaps_found = describe_missed_targets(parameters, answers)
    source = drill.plan.source
    posture = assess_recovery_posture(
        parameters,
        tables,
        coverage,
        "" if source.empty else str(source.iloc[0]["Arn"]),
        answers[0].verdict if parameters.mode is not Mode.PLAN else Verdict.INCONCLUSIVE,
    )
    findings = sorted(
        [*of_drill, *copies.findings, *gaps_found, *posture.findings],
        key=lambda f: -f.severity.rank,
    )
    conclusions = (*answers, *posture.conclusions)
    expected = estimate_restore_minutes(
        tables.restore_jobs,
        "" if source.empty else str(source.iloc[0]["Arn"]),
        "Aurora" if parameters.source_kind == "cluster" else "RDS",
        _size_of(drill.plan, tables.backups.points),
        parameters.as_of,
    )
    return DrReport(
        parameters=parameters,
        posture=posture,
        drill=drill,
        liveness=liveness,
        checks=checks,
        copy_checks=copies.checks,
        expected=expected,
        configuration=configuration,
        findings=decide_findings(findings, parameters),
        conclusions=conclusions,
        headlines=_headlines(drill, checks, liveness),
        coverage=tuple(coverage),
        controls=map_controls(conclusions, findings, files=FILES),
    )


def _size_of(plan: DrillPlan, points: pd.DataFrame) -> float | None:
    """Return the size of the recovery point in bytes; None where AWS does not tell it."""
    if plan.choice is None or plan.choice.point is None:
        return None
    mine = points[points["RecoveryPointArn"] == plan.choice.point.arn]["SizeBytes"].dropna()
    return None if mine.empty else float(mine.iloc[0])


def _conclusions(
    parameters: DrParameters,
    drill: Drill,
    checks: Sequence[CheckResult],
    liveness: LivenessResult | None,
    coverage: Sequence[Coverage],
) -> tuple[Conclusion, ...]:
    if parameters.mode is Mode.PLAN:
        return (can_be_restored(drill.plan),)
    blocked = (drill.plan.blocked,) if drill.plan.blocked else ()
    reasons = (*blocked, *gap_reasons(coverage))
    whole = is_whole(drill, checks, reasons)
    noticed = would_be_noticed(drill.controls, reasons)
    lost = lost_little(liveness, reasons)
    if parameters.mode is Mode.VALIDATE_EXISTING:
        return whole, noticed, lost
    warm = liveness.warm_up if liveness else None
    in_time = is_recovered_in_time(drill, parameters.rto_minutes, warm, reasons)
    return whole, noticed, in_time, lost


def _validate(states: RestoredStates, restored_to: datetime | None) -> tuple[CheckResult, ...]:
    baseline, restored, rows = states.baseline, states.restored, states.restored_rows
    if baseline is None or restored is None or rows is None:
        return ()
    unchecked = "" if restored.corruptions is not None else "amcheck did not run"
    return tuple(
        validate_restore(
            baseline,
            restored,
            rows,
            states.now,
            states.now_rows,
            unchecked=unchecked,
            restored_to=restored_to,
            changes=states.changes,
        )
    )


def _headlines(
    drill: Drill, checks: Sequence[CheckResult], liveness: LivenessResult | None
) -> tuple[Headline, ...]:
    failed = sum(check.verdict is Verdict.FAIL for check in checks)
    restored, controls = drill.states.restored, drill.controls
    caught = None if controls is None else int((controls["Outcome"] == "caught").sum())
    rows = None if restored is None else int(restored.tables["Rows"].sum())
    figures = (
        ("checks_failed", "Checks failed", failed if checks else None, "checks"),
        ("rows_compared", "Rows compared", rows, "rows"),
        ("injuries_caught", "Injuries caught", caught, "injuries"),
        ("recovered_seconds", "Recovered after", recovered_after(drill), "seconds"),
        ("lost_seconds", "Data lost", _lost(liveness), "seconds"),
    )
    return tuple(
        Headline(
            name=name, label=label, amount=None if value is None else Decimal(value), unit=unit
        )
        for name, label, value, unit in figures
    )


def _lost(liveness: LivenessResult | None) -> Decimal | None:
    lost = liveness.freshness.lost_seconds if liveness else None
    return None if lost is None else round(lost.high, 1)
