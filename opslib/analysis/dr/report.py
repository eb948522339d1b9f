"""The whole drill, put as findings and conclusions: one call from what was read to a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.conclusions import (
    can_be_restored,
    gap_reasons,
    is_recovered_in_time,
    is_whole,
    would_be_noticed,
)
from opslib.analysis.dr.configuration import compare_configuration
from opslib.analysis.dr.drill import Drill, RestoredStates
from opslib.analysis.dr.posture import BackupPosture
from opslib.analysis.dr.restore_findings import (
    describe_configuration,
    describe_failed_restore,
    describe_failures,
    describe_misses,
)
from opslib.analysis.dr.validation import validate_restore
from opslib.coverage import Coverage
from opslib.findings import Conclusion, Finding, FindingsDocument, Headline, Verdict
from opslib.parameters.dr import DrParameters, Mode

__all__ = ["DrReport", "analyse_drill"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrReport:
    """Everything that the drill shows.

    Args:
        parameters: the notebook's.
        posture: how what holds data is backed up.
        drill: what was planned, done and read.
        checks: one result a check, in the order they were made.
        configuration: columns of `opslib.tables.database_servers.CONFIGURATION`.
        findings: most urgent first.
        conclusions: the answers.
        headlines: figures of the first screen.
        coverage: what was and was not seen.
    """

    parameters: DrParameters
    posture: BackupPosture
    drill: Drill
    checks: tuple[CheckResult, ...]
    configuration: pd.DataFrame
    findings: tuple[Finding, ...]
    conclusions: tuple[Conclusion, ...]
    headlines: tuple[Headline, ...]
    coverage: tuple[Coverage, ...]

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
        )


def analyse_drill(
    parameters: DrParameters,
    posture: BackupPosture,
    drill: Drill,
    coverage: Sequence[Coverage],
) -> DrReport:
    """Answer what a drill asks.

    Whether it came back whole and in time, whether a loss would have been noticed, and whether
    everything is backed up; or, for a plan, whether a drill could be made.

    Args:
        parameters: the notebook's.
        posture: from `opslib.analysis.dr.posture.assess_backups`.
        drill: what was planned, done and read.
        coverage: of all reads.
    """
    checks = _validate(drill.states)
    configuration = compare_configuration(
        drill.plan.source, drill.restored_server, drill.plan.order if drill.restore else None
    )
    of_drill = [
        *describe_failed_restore(parameters, drill.restore),
        *describe_misses(parameters, drill.controls),
        *describe_failures(parameters, checks),
        *describe_configuration(parameters, configuration),
    ]
    findings = sorted([*of_drill, *posture.findings], key=lambda f: -f.severity.rank)
    return DrReport(
        parameters=parameters,
        posture=posture,
        drill=drill,
        checks=checks,
        configuration=configuration,
        findings=tuple(findings),
        conclusions=(*_conclusions(parameters, drill, checks, coverage), posture.conclusion),
        headlines=_headlines(drill, checks),
        coverage=tuple(coverage),
    )


def _conclusions(
    parameters: DrParameters,
    drill: Drill,
    checks: Sequence[CheckResult],
    coverage: Sequence[Coverage],
) -> tuple[Conclusion, ...]:
    if parameters.mode is Mode.PLAN:
        return (can_be_restored(drill.plan),)
    blocked = (drill.plan.blocked,) if drill.plan.blocked else ()
    reasons = (*blocked, *gap_reasons(coverage))
    whole = is_whole(drill, checks, reasons)
    noticed = would_be_noticed(drill.controls, reasons)
    if parameters.mode is Mode.VALIDATE_EXISTING:
        return whole, noticed
    return whole, noticed, is_recovered_in_time(drill, parameters.rto_minutes, reasons)


def _validate(states: RestoredStates) -> tuple[CheckResult, ...]:
    baseline, restored, rows = states.baseline, states.restored, states.restored_rows
    if baseline is None or restored is None or rows is None:
        return ()
    unchecked = "" if restored.corruptions is not None else "amcheck did not run"
    return tuple(
        validate_restore(baseline, restored, rows, states.now, states.now_rows, unchecked=unchecked)
    )


def _headlines(drill: Drill, checks: Sequence[CheckResult]) -> tuple[Headline, ...]:
    failed = sum(check.verdict is Verdict.FAIL for check in checks)
    restored, controls = drill.states.restored, drill.controls
    caught = None if controls is None else int((controls["Outcome"] == "caught").sum())
    rows = None if restored is None else int(restored.tables["Rows"].sum())
    figures = (
        ("checks_failed", "Checks failed", failed if checks else None, "checks"),
        ("rows_compared", "Rows compared", rows, "rows"),
        ("injuries_caught", "Injuries caught", caught, "injuries"),
    )
    return tuple(
        Headline(
            name=name, label=label, amount=None if value is None else Decimal(value), unit=unit
        )
        for name, label, value, unit in figures
    )
