"""The whole validation, put as findings and conclusions: one call from states to a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult, worst_verdict
from opslib.analysis.dr.posture import BackupPosture
from opslib.analysis.dr.validation import validate_restore
from opslib.coverage import Coverage, gaps
from opslib.findings import (
    Conclusion,
    Finding,
    FindingsDocument,
    Headline,
    Severity,
    Verdict,
)
from opslib.parameters.dr import DrParameters
from opslib.tables.database_state import DatabaseState
from opslib.wording import count, join, printable

__all__ = ["DrReport", "RestoredStates", "analyse_restore"]

DATABASE_TABLES = ("baseline: ", "restored: ", "source: ", "cluster ")

ACTIONS = {
    "content": "Find out which rows the backup lacks, and restore from another recovery point.",
    "references": "Find out which rows the backup lacks, and restore from another recovery point.",
    "sequences": "Set the sequence beyond its column before anybody writes.",
    "physical": "Restore from another recovery point: these pages cannot be trusted.",
}
DATA_CHECKS = ("content", "references", "physical")
SCHEMA_ACTION = "Find out what changed it, and make it again before this copy is put to use."


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredStates:
    """What was read of a source and of the database that was restored from it.

    Args:
        baseline: the source at, or before, the recovery point.
        restored: what came back.
        restored_rows: its rows in the buckets that differ from the baseline.
        now: the source as it is.
        now_rows: its rows in the same buckets.

    Each is None where it could not be read.
    """

    baseline: DatabaseState | None
    restored: DatabaseState | None
    restored_rows: pd.DataFrame | None
    now: DatabaseState | None
    now_rows: pd.DataFrame | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrReport:
    """Everything that the drill shows.

    Args:
        parameters: the notebook's.
        posture: how what holds data is backed up.
        baseline, restored: the states that were compared; None where one could not be read.
        checks: one result a check, in the order they were made.
        controls: columns of `opslib.tables.controls.CONTROLS`; None where they were not made.
        findings: most urgent first.
        conclusions: the answers.
        headlines: figures of the first screen.
        coverage: what was and was not seen.
    """

    parameters: DrParameters
    posture: BackupPosture
    baseline: DatabaseState | None
    restored: DatabaseState | None
    checks: tuple[CheckResult, ...]
    controls: pd.DataFrame | None
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


def analyse_restore(
    parameters: DrParameters,
    posture: BackupPosture,
    states: RestoredStates,
    controls: pd.DataFrame | None,
    coverage: Sequence[Coverage],
) -> DrReport:
    """Answer whether the restored database is whole, and whether a loss would have been noticed.

    Args:
        parameters: the notebook's.
        posture: from `opslib.analysis.dr.posture.assess_backups`.
        states: what was read of source and restored database.
        controls: what became of the injuries; None where they were not made.
        coverage: of all reads.
    """
    checks = _validate(states)
    of_restore = [*_describe_misses(parameters, controls), *_describe_failures(parameters, checks)]
    findings = sorted([*of_restore, *posture.findings], key=lambda f: -f.severity.rank)
    return DrReport(
        parameters=parameters,
        posture=posture,
        baseline=states.baseline,
        restored=states.restored,
        checks=checks,
        controls=controls,
        findings=tuple(findings),
        conclusions=(
            _is_whole(states.restored, checks, coverage),
            _would_be_noticed(controls, coverage),
            posture.conclusion,
        ),
        headlines=_headlines(states.restored, checks, controls),
        coverage=tuple(coverage),
    )


def _validate(states: RestoredStates) -> tuple[CheckResult, ...]:
    baseline, restored, rows = states.baseline, states.restored, states.restored_rows
    if baseline is None or restored is None or rows is None:
        return ()
    unchecked = "" if restored.corruptions is not None else "amcheck did not run"
    return tuple(
        validate_restore(baseline, restored, rows, states.now, states.now_rows, unchecked=unchecked)
    )


def _describe_failures(parameters: DrParameters, checks: Sequence[CheckResult]) -> list[Finding]:
    return [
        Finding(
            kind=f"dr.{check.check.replace(': ', '_').replace(' ', '_')}",
            subject={"Cluster": parameters.restored_cluster, "Object": check.subject},
            severity=Severity.CRITICAL if check.check in DATA_CHECKS else Severity.HIGH,
            sentence=printable(check.sentence),
            action=ACTIONS.get(check.check, SCHEMA_ACTION),
            evidence=("checks",),
        )
        for check in checks
        if check.verdict is Verdict.FAIL
    ]


def _describe_misses(parameters: DrParameters, controls: pd.DataFrame | None) -> list[Finding]:
    if controls is None:
        return []
    missed = controls[controls["Outcome"] == "missed"]
    return [
        Finding(
            kind="dr.missed_injury",
            subject={"Cluster": parameters.restored_cluster, "Injury": injury},
            severity=Severity.HIGH,
            sentence=f"An injury was not noticed: {injury} at {printable(place)}.",
            action="Do not rely on this drill; report the injury with the table's definition.",
            evidence=("controls",),
        )
        for injury, _, place, _ in missed.itertuples(index=False)
    ]


def _reasons(coverage: Sequence[Coverage]) -> tuple[str, ...]:
    return tuple(
        f"{line.table}: {line.status.value.replace('_', ' ')}"
        f"{f', {line.detail}' if line.detail else ''}"
        for line in gaps(coverage)
        if line.table.startswith(DATABASE_TABLES)
    )


def _is_whole(
    restored: DatabaseState | None, checks: Sequence[CheckResult], coverage: Sequence[Coverage]
) -> Conclusion:
    open_checks = [check for check in checks if check.verdict is Verdict.INCONCLUSIVE]
    failed = [check for check in checks if check.verdict is Verdict.FAIL]
    because = (*_reasons(coverage), *(printable(check.sentence) for check in open_checks))
    if not checks and not because:
        because = ("nothing could be compared",)
    verdict = worst_verdict(checks)
    if verdict is Verdict.PASS and because:
        verdict = Verdict.INCONCLUSIVE
    rows = 0 if restored is None else int(restored.tables["Rows"].sum())
    tables = 0 if restored is None else len(restored.tables)
    seen = f"{count(rows, 'row')} of {count(tables, 'table')} compared"
    sentences = {
        Verdict.PASS: f"Yes: {seen}, and every one of {count(len(checks), 'check')} passed.",
        Verdict.FAIL: f"No: {len(failed)} of {count(len(checks), 'check')} failed; {seen}.",
        Verdict.INCONCLUSIVE: "It cannot be told.",
    }
    return Conclusion(
        question="Did the restore bring back what was there?",
        verdict=verdict,
        sentence=sentences[verdict],
        because=because,
    )


def _would_be_noticed(controls: pd.DataFrame | None, coverage: Sequence[Coverage]) -> Conclusion:
    question = "Would a loss have been noticed?"
    if controls is None:
        because = _reasons(coverage) or ("no negative control was made",)
        return Conclusion(
            question=question,
            verdict=Verdict.INCONCLUSIVE,
            sentence="It cannot be told: nothing was injured to see.",
            because=because,
        )
    caught = int((controls["Outcome"] == "caught").sum())
    missed = controls[controls["Outcome"] == "missed"]["Injury"].tolist()
    if missed or not caught:
        sentence = f"Not always: {join(missed)} went unseen." if missed else "Nothing was injured."
        return Conclusion(
            question=question,
            verdict=Verdict.INCONCLUSIVE,
            sentence=sentence,
            because=("a check that misses an injury proves nothing",),
        )
    skipped = int((controls["Outcome"] == "not applicable").sum())
    without = f"; {skipped} have no place in this schema" if skipped else ""
    sentence = f"Yes: all {caught} injuries made on purpose were caught{without}."
    return Conclusion(question=question, verdict=Verdict.PASS, sentence=sentence)


def _headlines(
    restored: DatabaseState | None,
    checks: Sequence[CheckResult],
    controls: pd.DataFrame | None,
) -> tuple[Headline, ...]:
    failed = sum(check.verdict is Verdict.FAIL for check in checks)
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
