"""What was achieved, held against RTO and RPO: the gap, and whose it is.

Method: the measured figure against the target; equal is held.
Assumption: both figures are measured, not estimated.
Fails where: the figure is of one resource and the target of a service with several.
Source: NIST SP 800-34 Rev. 1, 3.2.1 (recovery time and recovery point objectives).
"""

from __future__ import annotations

from dataclasses import dataclass

from opslib.analysis.dr.questions import IN_TIME, LOST_LITTLE
from opslib.errors import ParameterError
from opslib.findings import Conclusion, Finding, Severity, Verdict

__all__ = ["Measured", "RecoveryTargets", "TargetsMet", "assess_targets"]

HOUR = 60
MUCH = 2
"""From how many times the target on a gap is critical."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryTargets:
    """What was promised.

    Args:
        rto_minutes: longest that restoring may take; None where nothing was agreed.
        rpo_minutes: most that may be lost, as time; None where nothing was agreed.
        owner: who answers for a gap; '' where nobody is named.

    Raises:
        ParameterError: a target that is not above zero.
    """

    rto_minutes: float | None
    rpo_minutes: float | None
    owner: str = ""

    def __post_init__(self) -> None:
        for name in ("rto_minutes", "rpo_minutes"):
            target = getattr(self, name)
            if target is not None and target <= 0:
                raise ParameterError(f"{name} is not above zero", where=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One figure of the drill.

    Args:
        minutes: the figure; None where it was not measured.
        because: why not.
        evidence: tables that show it.
    """

    minutes: float | None
    because: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsMet:
    """The answers about RTO and RPO, in this order, and the gaps as findings."""

    conclusions: tuple[Conclusion, Conclusion]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Objective:
    kind: str
    name: str
    question: str
    action: str


RTO = _Objective(
    kind="dr.rto_missed",
    name="RTO",
    question=IN_TIME,
    action="Shorten the longest phase, or agree on another RTO.",
)
RPO = _Objective(
    kind="dr.rpo_missed",
    name="RPO",
    question=LOST_LITTLE,
    action="Back up more often, or restore to a later moment, or agree on another RPO.",
)


def assess_targets(
    targets: RecoveryTargets, took: Measured, lost: Measured, resource: str
) -> TargetsMet:
    """Hold what a drill measured against the targets.

    Args:
        targets: what was promised, and whose a gap is.
        took: how long restoring took, to the moment that it could be used.
        lost: how much before the wanted moment the data ends.
        resource: ARN or name of what was restored.
    """
    judged = (
        (RTO, took, targets.rto_minutes),
        (RPO, lost, targets.rpo_minutes),
    )
    rto, rpo = (_conclude(*one) for one in judged)
    gaps = [
        _gap(objective, measured, measured.minutes, target, targets.owner, resource)
        for objective, measured, target in judged
        if measured.minutes is not None and target is not None and measured.minutes > target
    ]
    return TargetsMet(conclusions=(rto, rpo), findings=tuple(gaps))


def _conclude(objective: _Objective, measured: Measured, target: float | None) -> Conclusion:
    because = []
    if measured.minutes is None:
        because.append(measured.because or "it was not measured")
    if target is None:
        because.append(f"no {objective.name} is agreed")
    if measured.minutes is None or target is None:
        found = "" if measured.minutes is None else f": {_span(measured.minutes)}"
        return Conclusion(
            question=objective.question,
            verdict=Verdict.INCONCLUSIVE,
            sentence=f"It cannot be told{found}.",
            because=tuple(because),
        )
    held = measured.minutes <= target
    sentence = f"{_span(measured.minutes)}, against an {objective.name} of {_span(target)}."
    return Conclusion(
        question=objective.question,
        verdict=Verdict.PASS if held else Verdict.FAIL,
        sentence=f"{'Yes' if held else 'No'}: {sentence}",
    )


def _gap(
    objective: _Objective,
    measured: Measured,
    minutes: float,
    target: float,
    owner: str,
    resource: str,
) -> Finding:
    return Finding(
        kind=objective.kind,
        subject={"Resource": resource},
        severity=Severity.CRITICAL if minutes >= MUCH * target else Severity.HIGH,
        sentence=f"The {objective.name} of {_span(target)} was missed by "
        f"{_span(minutes - target)}: it was {_span(minutes)}.",
        action=objective.action,
        owner=owner,
        evidence=measured.evidence,
    )


def _span(minutes: float) -> str:
    """Write a span: minutes up to two hours, then hours.

    >>> _span(12.34), _span(150)
    ('12.3 minutes', '2.5 hours')
    """
    return f"{minutes:.1f} minutes" if minutes < 2 * HOUR else f"{minutes / HOUR:.1f} hours"
