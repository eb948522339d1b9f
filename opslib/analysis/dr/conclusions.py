"""The answers of a drill."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult, worst_verdict
from opslib.analysis.dr.controls import conclude_controls
from opslib.analysis.dr.drill import Drill, DrillPlan, Outcome, RestoredStates
from opslib.analysis.dr.recovery_time import IN_TIME, assess_recovery_time
from opslib.coverage import Coverage, gaps
from opslib.findings import Conclusion, Verdict
from opslib.wording import count, printable

__all__ = [
    "NOTICED",
    "RESTORABLE",
    "WHOLE",
    "can_be_restored",
    "gap_reasons",
    "is_recovered_in_time",
    "is_whole",
    "would_be_noticed",
]

DATABASE_TABLES = ("baseline: ", "restored: ", "source: ", "restore: ")
WHOLE = "Did the restore bring back what was there?"
NOTICED = "Would a loss have been noticed?"
RESTORABLE = "Could it be restored now?"


def gap_reasons(coverage: Sequence[Coverage]) -> tuple[str, ...]:
    """Return what keeps the data from being judged: reads of either side that left a gap."""
    return tuple(
        f"{line.table}: {line.status.value.replace('_', ' ')}"
        f"{f', {line.detail}' if line.detail else ''}"
        for line in gaps(coverage)
        if line.table.startswith(DATABASE_TABLES)
    )


def is_whole(drill: Drill, checks: Sequence[CheckResult], reasons: tuple[str, ...]) -> Conclusion:
    """Answer whether the restore brought back what was there.

    Args:
        drill: what was done and read.
        checks: what was compared.
        reasons: what could not be read.
    """
    if drill.restore is not None and drill.restore.outcome is Outcome.FAILED:
        return Conclusion(
            question=WHOLE,
            verdict=Verdict.FAIL,
            sentence="No: the restore did not complete.",
            because=(printable(drill.restore.message),),
        )
    open_checks = [check for check in checks if check.verdict is Verdict.INCONCLUSIVE]
    because = (*reasons, *(printable(check.sentence) for check in open_checks))
    if not checks and not because:
        because = ("nothing could be compared",)
    verdict = worst_verdict(checks)
    if verdict is Verdict.PASS and because:
        verdict = Verdict.INCONCLUSIVE
    return Conclusion(
        question=WHOLE,
        verdict=verdict,
        sentence=_whole_sentence(drill.states, checks, verdict),
        because=because,
    )


def _whole_sentence(states: RestoredStates, checks: Sequence[CheckResult], verdict: Verdict) -> str:
    tables = None if states.restored is None else states.restored.tables
    rows = 0 if tables is None else int(tables["Rows"].sum())
    number = 0 if tables is None else len(tables)
    seen = f"{count(rows, 'row')} of {count(number, 'table')} compared"
    failed = sum(check.verdict is Verdict.FAIL for check in checks)
    return {
        Verdict.PASS: f"Yes: {seen}, and every one of {count(len(checks), 'check')} passed.",
        Verdict.FAIL: f"No: {failed} of {count(len(checks), 'check')} failed; {seen}.",
        Verdict.INCONCLUSIVE: "It cannot be told.",
    }[verdict]


def would_be_noticed(controls: pd.DataFrame | None, reasons: tuple[str, ...]) -> Conclusion:
    """Answer whether the checks see what they should.

    Args:
        controls: columns of `opslib.tables.controls.CONTROLS`; None where none was made.
        reasons: what could not be read.
    """
    return conclude_controls(NOTICED, controls, reasons)


def is_recovered_in_time(
    drill: Drill, rto_minutes: float | None, reasons: tuple[str, ...]
) -> Conclusion:
    """Answer whether the recovery met its target."""
    assert rto_minutes is not None, "mode restore has a target"
    if drill.restore is None:
        return Conclusion(
            question=IN_TIME,
            verdict=Verdict.INCONCLUSIVE,
            sentence="It cannot be told: nothing was restored.",
            because=reasons,
        )
    if drill.restore.outcome is Outcome.FAILED:
        return Conclusion(
            question=IN_TIME,
            verdict=Verdict.FAIL,
            sentence="No: it was not recovered at all.",
            because=(printable(drill.restore.message),),
        )
    message = drill.restore.message
    because = (printable(message),) if message else reasons
    return assess_recovery_time(drill.restore.stages, rto_minutes, because)


def can_be_restored(plan: DrillPlan) -> Conclusion:
    """Answer whether a drill could be made: of a plan, in which nothing is restored."""
    if plan.order is None:
        return Conclusion(
            question=RESTORABLE,
            verdict=Verdict.INCONCLUSIVE if plan.source.empty else Verdict.FAIL,
            sentence="It cannot be told." if plan.source.empty else "No.",
            because=(printable(plan.blocked),),
        )
    assert plan.choice is not None
    return Conclusion(
        question=RESTORABLE,
        verdict=Verdict.PASS,
        sentence=f"Yes, {plan.order.source} could be; this is a plan, and nothing was restored. "
        f"{plan.choice.because}",
    )
