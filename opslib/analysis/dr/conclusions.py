"""The answers of a drill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult, worst_verdict
from opslib.analysis.dr.controls import conclude_controls
from opslib.analysis.dr.drill import Drill, DrillPlan, Outcome, RestoredStates
from opslib.analysis.dr.liveness import LivenessResult
from opslib.analysis.dr.questions import CAN_BE_RESTORED, IN_TIME, LOST_LITTLE, NOTICED, WHOLE
from opslib.analysis.dr.recovery_time import assess_recovery_time
from opslib.coverage import Coverage, gaps
from opslib.findings import Conclusion, Verdict
from opslib.wording import count, visible

__all__ = [
    "can_be_restored",
    "gap_reasons",
    "is_recovered_in_time",
    "is_whole",
    "lost_little",
    "would_be_noticed",
]

DATABASE_TABLES = (
    "baseline: ",
    "restored: ",
    "source: ",
    "restore: ",
    "heartbeat of restored",
    "transactions on ",
)


def gap_reasons(coverage: Sequence[Coverage]) -> tuple[str, ...]:
    """Return what keeps the data from being judged: reads of either side that left a gap."""
    return tuple(
        f"{line.table}: {line.status.words}{f', {line.detail}' if line.detail else ''}"
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
            because=(visible(drill.restore.message),),
        )
    open_checks = [check for check in checks if check.verdict is Verdict.INCONCLUSIVE]
    because = (*reasons, *(visible(check.sentence) for check in open_checks))
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
    drill: Drill,
    rto_minutes: float | None,
    warm_up: CheckResult | None,
    reasons: tuple[str, ...],
) -> Conclusion:
    """Answer whether the recovery met its target: whole, and as fast as its source.

    Args:
        drill: what was done.
        rto_minutes: the target.
        warm_up: whether the copy was as fast as its source in the end.
        reasons: what could not be read.
    """
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
            because=(visible(drill.restore.message),),
        )
    message = drill.restore.message
    because = (visible(message),) if message else reasons
    told = assess_recovery_time(drill.restore.stages, rto_minutes, because)
    if told.verdict is Verdict.PASS and warm_up and warm_up.verdict is not Verdict.PASS:
        slow = (visible(warm_up.sentence),)
        return replace(told, verdict=Verdict.INCONCLUSIVE, because=slow)
    return told


def lost_little(liveness: LivenessResult | None, reasons: tuple[str, ...]) -> Conclusion:
    """Answer whether no more was lost than the RPO allows."""
    if liveness is None:
        return Conclusion(
            question=LOST_LITTLE,
            verdict=Verdict.INCONCLUSIVE,
            sentence="It cannot be told: no copy was asked for its newest row.",
            because=reasons,
        )
    check = liveness.freshness.checks[1]
    inconclusive = check.verdict is Verdict.INCONCLUSIVE
    return Conclusion(
        question=LOST_LITTLE,
        verdict=check.verdict,
        sentence="It cannot be told." if inconclusive else visible(check.sentence),
        because=(visible(check.sentence),) if inconclusive else (),
    )


def can_be_restored(plan: DrillPlan) -> Conclusion:
    """Answer whether a drill could be made: of a plan, in which nothing is restored."""
    if plan.order is None:
        unseen = plan.source.empty or plan.is_unseen
        return Conclusion(
            question=CAN_BE_RESTORED,
            verdict=Verdict.INCONCLUSIVE if unseen else Verdict.FAIL,
            sentence="It cannot be told." if unseen else "No.",
            because=(visible(plan.blocked),),
        )
    assert plan.choice is not None
    return Conclusion(
        question=CAN_BE_RESTORED,
        verdict=Verdict.PASS,
        sentence=f"Yes, {plan.order.source} could be; this is a plan, and nothing was restored. "
        f"{plan.choice.because}",
    )
